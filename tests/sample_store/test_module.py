"""The third-party module: what it adds to sales and catalogue, and attributes that come later."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from sample_store import Shop
from sample_store.scopes import values_of
from tests.sample_store.asking import Client, Clock, Connect


def _own(row: dict[str, Any]) -> dict[str, Any]:
    extension = row.get("extension_attributes", {})
    return {name: value for name, value in extension.items() if name.startswith("acme_")}


def _attributes(shop: Shop, name: str = "product_attributes", view: str = "all") -> dict[str, dict[str, Any]]:
    rows = (shop.row(name, row["attribute_id"], view) or {} for row in shop.rows(name))
    return {row["attribute_code"]: row for row in rows}


def test_without_its_extensions_a_shop_is_the_same(module_shop: Shop, plain_shop: Shop) -> None:
    def added(row: dict[str, Any]) -> set[str]:
        return {"custom_attributes", *(name for name in row if name.startswith("acme_"))}

    def bare(node: Any) -> Any:
        if isinstance(node, dict):
            inner = {key: bare(value) for key, value in node.items() if key not in added(node)}
            return {key: value for key, value in inner.items() if (key, value) != ("extension_attributes", {})}
        return [bare(value) for value in node] if isinstance(node, list) else node

    for name in ("orders", "order_items", "invoices", "shipments", "carts"):
        assert bare(module_shop.rows(name)) == bare(plain_shop.rows(name))
    assert not any("acme" in code for code in _attributes(plain_shop))


def test_orders_and_items_carry_extensions_of_every_shape(module_shop: Shop) -> None:
    orders = [_own(row) for row in module_shop.rows("orders")]
    shapes = Counter((name, type(value)) for own in orders for name, value in own.items())
    assert {kind for _, kind in shapes} == {str, int, float, bool, dict, list}
    assert shapes["acme_slot", list], "an object without fields is an empty array in PHP"
    assert shapes["acme_delivery_on", str] < len(orders), "not every order has everything"
    for order in module_shop.rows("orders"):
        (assignment,) = order["extension_attributes"]["shipping_assignments"]
        assert all(_own(item) for item in order["items"])
        assert assignment["items"] == order["items"]
    for item in module_shop.rows("order_items"):
        assert set(item["extension_attributes"]) == set(_own(item))
    assert all(_own(row)["acme_ledger_id"] for row in module_shop.rows("invoices"))


def test_orders_to_come_carry_them_too(clock: Clock) -> None:
    shop = Shop.generate(30, clock=clock, module=True)
    before = {name: shop.next_key(name) for name in ("orders", "invoices")}
    clock.forward(hours=1)
    shop.live(1)
    for name, key in before.items():
        fresh = [row for row in shop.rows(name) if row["entity_id"] >= key]
        assert fresh
        assert all(_own(row) for row in fresh)


def test_there_is_an_attribute_of_every_kind_and_scope(module_shop: Shop) -> None:
    own = {code: row for code, row in _attributes(module_shop).items() if code.startswith("acme_")}
    kinds = {(row["frontend_input"], row["backend_type"]) for row in own.values()}
    assert kinds >= {
        ("price", "decimal"),
        ("weight", "decimal"),
        ("text", "int"),
        ("boolean", "int"),
        ("date", "datetime"),
        ("datetime", "datetime"),
        ("select", "int"),
        ("select", "varchar"),
        ("multiselect", "text"),
        ("text", "varchar"),
        ("textarea", "text"),
        ("media_image", "varchar"),
    }
    assert {row["scope"] for row in own.values()} == {"global", "website", "store"}
    assert all(row["is_user_defined"] for row in own.values())
    options = {row["attribute_code"]: row["options"] for row in own.values() if row["options"]}
    assert options["acme_is_vegan"] == [{"label": "Yes", "value": "1"}, {"label": "No", "value": "0"}]
    assert options["acme_allergens"][0] == {"label": " ", "value": ""}
    assert any(code.startswith("acme_") for code in _attributes(module_shop, "category_attributes"))


@pytest.mark.parametrize(
    ("rows", "attributes"), [("products", "product_attributes"), ("categories", "category_attributes")]
)
def test_every_value_has_an_attribute_and_every_one_of_the_modules_a_value(
    module_shop: Shop, rows: str, attributes: str
) -> None:
    known = _attributes(module_shop, attributes)
    used = Counter(each["attribute_code"] for row in module_shop.rows(rows) for each in row["custom_attributes"])
    assert set(used) <= set(known)
    for code in known:
        if code.startswith("acme_"):
            assert used[code] > len(module_shop.rows(rows)) / 2


def test_customers_and_their_addresses_have_attributes_too(module_shop: Shop, plain_shop: Shop) -> None:
    for path, rows in (
        ("customer", module_shop.rows("customers")),
        ("customerAddress", [home for row in module_shop.rows("customers") for home in row["addresses"]]),
    ):
        metadata = {
            row["attribute_code"]: row for row in json.loads(module_shop.documents[f"attributeMetadata/{path}"])
        }
        own = {code for code, row in metadata.items() if row["user_defined"]}
        used = Counter(each["attribute_code"] for row in rows for each in row.get("custom_attributes", ()))
        assert set(used) == own
        assert all(count < len(rows) for count in used.values())
    assert not any("custom_attributes" in row for row in plain_shop.rows("customers"))


def test_some_values_are_not_of_their_type(module_shop: Shop) -> None:
    values = [values_of(row) for row in module_shop.rows("products")]
    assert "abc" in {row.get("acme_deposit") for row in values}
    assert "12 days" in {row.get("acme_shelf_days") for row in values}
    assert "0000-00-00 00:00:00" in {row.get("acme_harvested_on") for row in values}
    assert all(isinstance(value, str) for row in values for name, value in row.items() if name.startswith("acme_"))


def test_options_have_labels_in_the_language_of_a_store_view(module_shop: Shop, connect: Connect) -> None:
    client = connect(module_shop)

    def labels(view: str, code: str) -> list[str]:
        query = "searchCriteria[filterGroups][0][filters][0][field]=attribute_code"
        query += f"&searchCriteria[filterGroups][0][filters][0][value]={code}"
        url = f"{client.server.url}/rest/{view}/V1/products/attributes?{query}"
        (row,) = client.session.get(url, headers=client.headers, timeout=20).json()["items"]
        return [option["label"] for option in row["options"]]

    assert labels("all", "acme_origin") == [" ", "Germany", "Italy", "Côte d'Ivoire"]
    assert labels("deutsch", "acme_origin") == [" ", "Deutschland", "Italien", "Elfenbeinküste"]
    assert labels("outlet", "acme_origin") == [" ", "Germany", "Italy & San Marino", "Côte d'Ivoire"]
    assert labels("deutsch", "color") == [" ", "Blau", "Grün", "Rot"]
    assert labels("deutsch", "acme_grade") == labels("all", "acme_grade")


def test_an_attribute_is_added_later(clock: Clock, connect: Connect) -> None:
    shop = Shop.generate(5, clock=clock)
    client: Client = connect(shop)
    assert client.get("products", **_having("late")).status_code == 400
    clock.forward(hours=1)
    shop.add_attribute("late", "select", scope="store", options=["One", "Zwei"])
    shop.add_attribute("later", "price", values={3: "1.500000", 4: "two"})
    late, later = (_attributes(shop)[code] for code in ("late", "later"))
    assert late["attribute_id"] + 1 == later["attribute_id"]
    assert [option["label"] for option in late["options"]] == [" ", "One", "Zwei"]
    assert (later["frontend_input"], later["backend_type"]) == ("price", "decimal")

    found = client.get("products", **_having("late")).json()["items"]
    assert len(found) == (len(shop.rows("products")) + 1) // 2
    assert {values_of(row)["late"] for row in found} == {late["options"][-1]["value"]}
    assert {row["updated_at"] for row in found} == {shop.now()}
    assert [values_of(row)["later"] for row in shop.rows("products")[2:4]] == ["1.500000", "two"]
    local = shop.row("products", 1, "deutsch")
    assert local is not None
    assert values_of(local)["late"] == late["options"][-1]["value"]
    assert local["name"].endswith("(deutsch)")
    with pytest.raises(ValueError, match="no product 999"):
        shop.add_attribute("never", values={999: "x"})


def _having(code: str) -> dict[str, object]:
    prefix = "searchCriteria[filterGroups][0][filters][0]"
    return {f"{prefix}[field]": code, f"{prefix}[conditionType]": "notnull"}


def test_a_shop_with_far_too_many_attributes(clock: Clock, connect: Connect) -> None:
    shop = Shop.generate(2, clock=clock, attributes=301, options=20_003)
    further = {code: row for code, row in _attributes(shop).items() if code.startswith("further_")}
    assert len(further) == 301
    choices = [option["value"] for row in further.values() for option in row["options"] if len(option["value"]) > 1]
    assert len(choices) == len(set(choices)) == 20_003
    used = {code for row in shop.rows("products") for code in values_of(row) if code in further}
    assert len(used) > 100
    for row in shop.rows("products"):
        for code, value in values_of(row).items():
            if code in further and further[code]["frontend_input"] in {"select", "multiselect"}:
                assert value in {option["value"] for option in further[code]["options"]}
    page = connect(shop).get("products/attributes", **{"searchCriteria[pageSize]": 400}).json()
    assert page["total_count"] == len(_attributes(shop)) > 301


def test_a_list_of_the_modules_own(module_shop: Shop, connect: Connect) -> None:
    client = connect(module_shop)
    rows = module_shop.rows("acme_deliveries")
    orders = {row["entity_id"] for row in module_shop.rows("orders")}
    assert {row["order_id"] for row in rows} <= orders
    prefix = "searchCriteria[filterGroups][0][filters][0]"
    after = {f"{prefix}[field]": "delivery_id", f"{prefix}[conditionType]": "gt", f"{prefix}[value]": 30}
    assert client.get("acme/deliveries", **after).json()["total_count"] == len(rows) - 30
    since = {
        f"{prefix}[field]": "updated_at",
        f"{prefix}[conditionType]": "gteq",
        f"{prefix}[value]": rows[20]["updated_at"],
    }
    newer = [row for row in rows if row["updated_at"] >= rows[20]["updated_at"]]
    assert client.get("acme/deliveries", **since).json()["total_count"] == len(newer)
    assert client.get("acme/deliveries/7").json() == rows[6]
    unknown = {f"{prefix}[field]": "id", f"{prefix}[value]": 3}
    assert client.get("acme/deliveries", **unknown).status_code == 500
    client.headers.clear()
    assert client.get("acme/deliveries").json()["parameters"] == {"resources": "Acme_Delivery::deliveries"}


def test_deliveries_move_on(clock: Clock) -> None:
    shop = Shop.generate(orders=20, clock=clock, module=True)
    clock.forward(hours=1)
    before = shop.rows("acme_deliveries")
    assert shop.live(2).deliveries_moved == 1
    moved = [row for row in shop.rows("acme_deliveries")[: len(before)] if row["updated_at"] == shop.now()]
    assert len(moved) == 1
    assert len(shop.rows("acme_deliveries")) > len(before)


def test_without_the_module_its_list_has_no_route(client: Client) -> None:
    for path in ("acme/deliveries", "acme/deliveries/1"):
        assert (client.get(path).status_code, client.get(path).json()["message"]) == (
            404,
            "Request does not match any route.",
        )
