"""The SQL of README, run on a shop's tables, against the shop's own figures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from demo.places import ROOT
from demo.postgres import Database
from sample_store import Server, Shop, serve
from tests.e2e.warehouse import Warehouse
from tests.support.in_process import discover_some, settings

pytestmark = pytest.mark.slow

STATEMENTS = re.findall(r"(?ms)^```sql\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"))
NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)

#: So that what moves no `updated_at` of a product, as being put into a category, is read in the second run.
REREAD = {"products": {"every_days": 1}}
#: What the statements name.
STREAMS = [
    "orders",
    "order_items",
    "order_addresses",
    "products",
    "product_categories",
    "attribute_options",
    "deletions",
]

Row = Mapping[str, Any]


@dataclass
class Clock:
    """The shop's clock."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Iterator[Server]:
    with serve(Shop.generate(orders=60, clock=clock)) as server:
        yield server


@pytest.fixture
def loaded(warehouse: Warehouse, server: Server, clock: Clock) -> Database:
    """The tables of a shop that was changed, in ways that `updated_at` tells of and in others, between two runs."""
    config = settings(server, reread=REREAD)
    catalog = discover_some(config, STREAMS)
    state = warehouse.load(config, catalog)
    clock.now += timedelta(days=2)
    server.shop.live()
    server.shop.unseen()
    warehouse.load(config, catalog, state)
    return warehouse.database


def test_the_sql_of_the_readme_tells_the_shops_own_figures(loaded: Database, server: Server) -> None:
    shop = server.shop
    statements = dict(zip(WANTED, STATEMENTS, strict=True))
    for name in ("delete", "delete generic", "delete children", "existing", "current"):
        execute(loaded, statements[name])

    assert keys(loaded, "orders", "entity_id") == {row["entity_id"] for row in shop.rows("orders")}
    assert keys(loaded, "order_items", "item_id") == {row["item_id"] for row in shop.rows("order_items")}
    assert keys(loaded, "order_addresses", "order_id") <= {row["entity_id"] for row in shop.rows("orders")}
    assert keys(loaded, "existing_products", "id") == {row["id"] for row in shop.rows("products")}
    current = {pair for pair in categories_in(loaded) if pair[0] in keys(loaded, "existing_products", "id")}
    assert current == categories_of(shop)

    revenue = {str(day): total for day, _, total in rows(loaded, statements["revenue"])}
    assert revenue == shop.revenue_by_day()
    ((net,),) = rows(loaded, statements["net"])
    assert net == sum(
        (money(row, "base_total_paid") - money(row, "base_total_refunded")) for row in shop.rows("orders")
    )
    assert dict(rows(loaded, statements["units"])) == units_by_sku(shop)
    colours = rows(loaded, statements["colours"])
    assert {colour: (units, revenue) for colour, units, revenue in colours} == by_colour(shop)
    assert len(colours) > 3


#: The statements in their order.
WANTED = ("delete", "delete generic", "delete children", "existing", "current", "revenue", "net", "units", "colours")


def in_schema(database: Database, statement: str) -> str:
    return statement.replace("magento.", f'"{database.schema}".')


def execute(database: Database, statement: str) -> None:
    with database.cursor() as cursor:
        cursor.execute(in_schema(database, statement).encode())


def rows(database: Database, statement: str) -> list[tuple[Any, ...]]:
    return database.query(in_schema(database, statement))


def keys(database: Database, table: str, column: str) -> set[Any]:
    return {key for (key,) in database.query(f'SELECT {column} FROM "{table}"')}


def categories_in(database: Database) -> set[tuple[int, int]]:
    found = rows(database, "SELECT product_id, category_id FROM magento.current_product_categories")
    return {(product, int(category)) for product, category in found}


def money(row: Row, field: str) -> Decimal:
    return Decimal(str(row.get(field) or 0)) * Decimal(str(row.get("base_to_global_rate") or 1))


def categories_of(shop: Shop) -> set[tuple[int, int]]:
    return {
        (product["id"], int(link["category_id"]))
        for product in shop.rows("products")
        for link in product["extension_attributes"].get("category_links") or ()
    }


def units_by_sku(shop: Shop) -> dict[str, Decimal]:
    units: dict[str, Decimal] = {}
    for item in top_items(shop):
        units[item["sku"]] = units.get(item["sku"], Decimal(0)) + Decimal(str(item["qty_ordered"]))
    return units


def top_items(shop: Shop) -> list[dict[str, Any]]:
    return [item for item in shop.rows("order_items") if not item.get("parent_item_id")]


def by_colour(shop: Shop) -> dict[str | None, tuple[Decimal, Decimal]]:
    """Units and revenue by the label of the colour of the chosen product, which is the child where there is one."""
    labels = {
        option["value"]: option["label"]
        for attribute in shop.rows("product_attributes")
        if attribute["attribute_code"] == "color"
        for option in attribute["options"]
    }
    colours = {
        product["sku"]: labels.get(str(each["value"]))
        for product in shop.rows("products")
        for each in product["custom_attributes"]
        if each["attribute_code"] == "color"
    }
    orders = {order["entity_id"]: order for order in shop.rows("orders") if order["state"] != "canceled"}
    children = {item.get("parent_item_id"): item for item in shop.rows("order_items")}
    found: dict[str | None, tuple[Decimal, Decimal]] = {}
    for item in top_items(shop):
        order = orders.get(item["order_id"])
        if order is None:
            continue
        chosen = children.get(item["item_id"], item) if item["product_type"] == "configurable" else item
        colour = colours.get(chosen["sku"])
        units, revenue = found.get(colour, (Decimal(0), Decimal(0)))
        total = Decimal(str(item["base_row_total"])) * Decimal(str(order["base_to_global_rate"]))
        found[colour] = (units + Decimal(str(item["qty_ordered"])), revenue + total)
    return found
