"""A shop with a module of its own in the warehouse: typed columns, and a new one when the shop has a new attribute."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sample_store import Shop, serve
from tests.e2e.warehouse import Warehouse
from tests.support.in_process import discover_some, settings

pytestmark = pytest.mark.slow

FLATTENING = {
    "flattening_enabled": True,
    "flattening_max_depth": 3,
    "flattening_max_key_length": 63,
    "option_labels": True,
    "store_views": ["deutsch"],
}
STREAMS = ["products", "product_store_values", "orders", "order_items"]
#: What PostgreSQL says of the columns.
PRODUCT_COLUMNS = {
    "acme_deposit": "numeric",
    "acme_net_weight": "numeric",
    "acme_rating": "numeric",
    "acme_shelf_days": "bigint",
    "acme_is_vegan": "boolean",
    "acme_harvested_on": "date",
    "acme_restocked_at": "timestamp without time zone",
    "acme_origin": "bigint",
    "acme_grade": "text",
    "acme_allergens": "text",  # an array is a text of JSON when flattened
    "acme_batch": "text",
    "acme_story": "text",
    "acme_label_image": "text",
    "acme_finish": "bigint",
}
ORDER_COLUMNS = {
    "acme_delivery_on": "text",
    "acme_gift_wrap_fee": "numeric",
    "acme_is_express": "boolean",
    "acme_loyalty_points": "bigint",
    "acme_slot__slot_id": "bigint",
    "acme_slot__depot__latitude": "numeric",
    "acme_surcharges": "text",
    "acme_tags": "text",
}
ITEM_COLUMNS = {"acme_is_fragile": "boolean", "acme_margin": "numeric", "acme_lot__number": "text"}


def test_flattened_attributes_are_typed_columns_and_a_new_attribute_a_new_one(warehouse: Warehouse) -> None:
    shop = Shop.generate(orders=5, module=True)
    with serve(shop) as server:
        config = settings(server, **FLATTENING)
        warehouse.load(config, discover_some(config, STREAMS))
        assert columns(warehouse, "products", "custom_attributes__").items() >= PRODUCT_COLUMNS.items()
        assert columns(warehouse, "orders", "extension_attributes__").items() >= ORDER_COLUMNS.items()
        assert columns(warehouse, "order_items", "extension_attributes__").items() >= ITEM_COLUMNS.items()
        assert "custom_attributes__warmth" not in columns(warehouse, "products")

        shop.add_attribute("warmth", stored="decimal", values={6: "4.2000"})
        warehouse.load(config, discover_some(config, STREAMS))

    assert columns(warehouse, "products")["custom_attributes__warmth"] == "numeric"
    found = warehouse.database.query(
        "SELECT custom_attributes__warmth, custom_attributes__acme_deposit, custom_attributes__acme_is_vegan, "
        "custom_attributes__acme_origin, custom_attribute_labels__acme_origin FROM products WHERE id = 6"
    )
    assert found == [(Decimal("4.2"), Decimal("1.25"), False, 3001, "Germany")]
    assert sorted(warehouse.database.keys("product_store_values")) == ["id", "store_code"]
    labelled = (
        "SELECT DISTINCT v.custom_attribute_labels__acme_allergens LIKE '%Milch%' "
        "FROM product_store_values v JOIN products p USING (id, custom_attributes__acme_allergens) "
        "WHERE v.store_code = 'deutsch' AND p.custom_attribute_labels__acme_allergens LIKE '%Milk%'"
    )
    assert warehouse.database.query(labelled) == [(True,)]
    others = "SELECT count(*) FROM products WHERE custom_attributes__warmth IS NOT NULL"
    assert warehouse.database.query(others) == [(1,)]


def columns(warehouse: Warehouse, table: str, prefix: str = "") -> dict[str, str]:
    """The types of a table's columns, by what follows the prefix in their names."""
    rows = warehouse.database.query(
        "SELECT column_name, data_type FROM information_schema.columns "
        f"WHERE table_schema = '{warehouse.database.schema}' AND table_name = '{table}'"
    )
    return {name.removeprefix(prefix): type_ for name, type_ in rows if name.startswith(prefix)}
