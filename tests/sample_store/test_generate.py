"""What `Shop.generate` makes: rows like a real shop's, summed to the cent, the same every time."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sample_store import Shop
from sample_store.entities import BY_NAME, ENTITIES
from tests.sample_store.asking import NOW, Clock

TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


def _faults(value: Any, schema: dict[str, Any], path: str) -> list[str]:
    """Compare a value with a schema of Magento's getters: known fields, known types."""
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(isinstance(value, TYPES[kind]) for kind in kinds):
        return [f"{path}: {value!r} is none of {kinds}"]
    found: list[str] = []
    if isinstance(value, dict) and "properties" in schema:
        for name, inner in value.items():
            if name not in schema["properties"]:
                found.append(f"{path}.{name} is unknown")
                continue
            found += _faults(inner, schema["properties"][name], f"{path}.{name}")
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for inner in value:
            found += _faults(inner, schema["items"], f"{path}[]")
    return found


def _schema(folder: Path, path: str) -> dict[str, Any]:
    file = folder / "item-schemas" / f"{path.replace('/', '__')}.json"
    schema: dict[str, Any] = json.loads(file.read_text())["item"]
    return schema


@pytest.fixture
def shop(plain_shop: Shop) -> Shop:
    """No test here changes it."""
    return plain_shop


@pytest.mark.parametrize("name", [entity.name for entity in ENTITIES])
def test_rows_have_the_fields_and_types_of_magento(magento: Path, shop: Shop, name: str) -> None:
    schema = _schema(magento, BY_NAME[name].path)
    found = [fault for row in shop.rows(name) for fault in _faults(row, schema, name)]
    assert Counter(found) == {}


def test_the_same_seed_makes_the_same_shop(clock: Clock) -> None:
    first, second = (Shop.generate(30, seed=7, clock=clock) for _ in range(2))
    other = Shop.generate(30, seed=8, clock=clock)
    assert first.rows("orders") == second.rows("orders") != other.rows("orders")
    assert first.rows("products") == second.rows("products")


def test_orders_of_all_kinds(shop: Shop) -> None:
    orders = shop.rows("orders")
    assert len(orders) == 80
    assert {row["state"] for row in orders} >= {"new", "processing", "complete", "closed"}
    assert {row["store_id"] for row in orders} == {1, 2, 3}
    assert {row["base_currency_code"] for row in orders} == {"USD", "EUR"}
    assert {row["customer_is_guest"] for row in orders} == {0, 1}
    assert {row["product_type"] for row in shop.rows("order_items")} == {
        "simple",
        "configurable",
        "bundle",
        "virtual",
        "downloadable",
    }
    for name in ("invoices", "shipments", "credit_memos", "transactions", "carts"):
        assert shop.rows(name), name


def test_times_a_reader_stumbles_over(shop: Shop) -> None:
    times = Counter(row["updated_at"] for row in shop.rows("orders"))
    assert times["0000-00-00 00:00:00"] == 1
    assert sum(time > f"{NOW:%Y-%m-%d %H:%M:%S}" for time in times) == 1
    assert max(times.values()) >= 10


def test_texts_a_reader_stumbles_over(shop: Shop) -> None:
    notes = [row["customer_note"] for row in shop.rows("orders") if "customer_note" in row]
    assert any("\x01" in note and "\U0001f514" in note for note in notes)
    body = b"".join(shop.tables.bodies(BY_NAME["orders"]))
    assert body.isascii()
    assert b"\\u0001" in body
    assert b"<\\/p>" in body


def test_whole_amounts_are_ints(shop: Shop) -> None:
    for row in shop.rows("order_items"):
        for name in ("price", "row_total", "tax_amount", "base_price"):
            value = row[name]
            assert isinstance(value, int) or value != int(value)


def test_amounts_add_up_to_the_cent(shop: Shop) -> None:
    invoices: Counter[int] = Counter()
    for invoice in shop.rows("invoices"):
        invoices[invoice["order_id"]] += round(invoice["grand_total"] * 100)
    for order in shop.rows("orders"):
        lines = [item for item in order["items"] if "parent_item_id" not in item]
        subtotal = sum(Decimal(str(line["row_total"])) for line in lines)
        assert subtotal == Decimal(str(order["subtotal"]))
        parts = ("subtotal", "tax_amount", "discount_amount", "shipping_amount")
        total = sum(Decimal(str(order[name])) for name in parts)
        assert total == Decimal(str(order["grand_total"]))
        assert invoices[order["entity_id"]] == round(order.get("total_invoiced", 0) * 100)
        if order["state"] == "complete":
            assert order["total_due"] == 0


def test_refunds_add_up_to_the_cent(shop: Shop) -> None:
    refunded: dict[int, Decimal] = {}
    for memo in shop.rows("credit_memos"):
        total = Decimal(str(memo["grand_total"]))
        names = ("subtotal", "tax_amount", "discount_amount", "shipping_amount", "adjustment")
        assert total == sum(Decimal(str(memo[name])) for name in names)
        assert Decimal(str(memo["subtotal"])) == sum(Decimal(str(item["row_total"])) for item in memo["items"])
        refunded[memo["order_id"]] = refunded.get(memo["order_id"], Decimal(0)) + total
    assert any(memo["adjustment"] < 0 for memo in shop.rows("credit_memos"))
    for order in shop.rows("orders"):
        assert Decimal(str(order.get("total_refunded", 0))) == refunded.get(order["entity_id"], 0)


def test_parcels_never_hold_more_than_was_ordered(shop: Shop) -> None:
    shipped: Counter[int] = Counter()
    orders: Counter[int] = Counter(row["order_id"] for row in shop.rows("shipments"))
    for shipment in shop.rows("shipments"):
        for item in shipment["items"]:
            shipped[item["order_item_id"]] += item["qty"]
    for item in shop.rows("order_items"):
        if "parent_item_id" not in item:
            assert item["qty_shipped"] == shipped[item["item_id"]] <= item["qty_ordered"]
    assert max(orders.values()) > 1


def test_orders_paid_in_another_currency_add_up_in_both(shop: Shop, clock: Clock) -> None:
    changed = Shop.generate(orders=120, clock=clock)
    for seed in range(4):
        changed.live(seed)
    for each in (shop, changed):
        foreign = [row for row in each.rows("orders") if row["order_currency_code"] != row["base_currency_code"]]
        assert len(foreign) > 3
        for order in foreign:
            rate = order["base_to_order_rate"]
            assert rate == 17
            for row in (order, order["payment"], *order["items"]):
                for name in ("grand_total", "subtotal", "total_due", "amount_ordered", "row_total", "tax_amount"):
                    if name in row:
                        assert Decimal(str(row[name])) == rate * Decimal(str(row[f"base_{name}"])), name
            total = sum(Decimal(str(order[name])) for name in ("subtotal", "tax_amount", "discount_amount"))
            assert total + Decimal(str(order["shipping_amount"])) == Decimal(str(order["grand_total"]))


def _parent(item: dict[str, Any]) -> dict[str, Any]:
    return {"parent_item": item["parent_item"]} if "parent_item" in item else {}


def test_items_stand_in_three_places(shop: Shop) -> None:
    items = {row["item_id"]: row for row in shop.rows("order_items")}
    for order in shop.rows("orders"):
        (assignment,) = order["extension_attributes"]["shipping_assignments"]
        assert assignment["items"] == order["items"]
        for item in order["items"]:
            if order["updated_at"] == items[item["item_id"]]["updated_at"]:
                own = items[item["item_id"]]
                assert own == {name: item[name] for name in own} | _parent(own)
                assert "extension_attributes" not in own
            parent = item.get("parent_item_id")
            assert (parent is None) == ("parent_item" not in item)
            if parent is not None:
                assert item["parent_item"]["item_id"] == parent
                assert item["parent_item"]["product_type"] in {"configurable", "bundle"}


def test_revenue_is_what_the_orders_say(shop: Shop) -> None:
    days = shop.revenue_by_day()
    orders = [row for row in shop.rows("orders") if row["state"] != "canceled"]
    totals = (Decimal(str(row["base_grand_total"])) * Decimal(str(row["base_to_global_rate"])) for row in orders)
    assert sum(days.values()) == sum(totals)
    assert len({row["base_to_global_rate"] for row in orders}) > 1
    assert list(days) == sorted({row["created_at"][:10] for row in orders})


def test_rows_can_be_put_and_taken_away(clock: Clock) -> None:
    shop = Shop.empty(clock=clock)
    row = {"entity_id": 5, "updated_at": "2026-01-01 00:00:00", "created_at": "", "path": "a/ü"}
    shop.put("orders", {**row, "path": "older"})
    shop.put("orders", row)
    assert shop.rows("orders") == [row]
    assert shop.row("orders", 5) == row
    shop.delete("orders", 5)
    assert shop.rows("orders") == []
    assert shop.row("orders", 5) is None


def test_bulk_rows_are_rows(clock: Clock) -> None:
    shop = Shop.empty(clock=clock)
    shop.bulk("orders", 1000, 10_000, lambda key: f"2026-01-01 00:{key // 60:02d}:{key % 60:02d}")
    rows = shop.rows("orders")
    assert [row["entity_id"] for row in rows] == list(range(1, 1001))
    assert rows[61]["updated_at"] == "2026-01-01 00:01:02"
    sizes = [len(body) for body in shop.tables.bodies(BY_NAME["orders"])]
    assert 9000 < min(sizes) <= max(sizes) < 11_000
    shop.put("orders", {"entity_id": 3, "updated_at": "2026-02-01 00:00:00"})
    assert shop.rows("orders")[2] == {"entity_id": 3, "updated_at": "2026-02-01 00:00:00"}
