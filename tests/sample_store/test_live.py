"""What moves when the shop lives on, as in docs/MAGENTO.md, What updated_at does not show."""

from __future__ import annotations

from typing import Any

import pytest

from sample_store import Shop
from sample_store.entities import BY_NAME
from tests.sample_store.asking import Clock

Rows = dict[int, dict[str, Any]]


def _rows(shop: Shop, name: str) -> Rows:
    key = BY_NAME[name].key_column
    return {row[key]: row for row in shop.rows(name)}


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_moment_of_the_shop(shop: Shop, clock: Clock, seed: int) -> None:
    before, items_before = _rows(shop, "orders"), _rows(shop, "order_items")
    clock.forward(hours=1)
    changes = shop.live(seed)
    after, items = _rows(shop, "orders"), _rows(shop, "order_items")
    now = shop.now()

    placed = after.keys() - before.keys()
    assert len(placed) == changes.orders_placed >= 3
    assert all(after[key]["created_at"] == after[key]["updated_at"] == now for key in placed)
    assert min(placed) > max(before)

    assert len(before.keys() - after.keys()) == changes.orders_deleted
    for key in before.keys() - after.keys():
        assert before[key]["state"] == "canceled"
        assert not [item for item in items.values() if item["order_id"] == key]

    moved: set[int] = set()
    silent: set[int] = set()
    for key in before.keys() & after.keys():
        if before[key] != after[key]:
            (moved if after[key]["updated_at"] == now else silent).add(key)
    assert len(silent) == changes.orders_partly_shipped
    assert len(moved) == (
        changes.orders_invoiced + changes.orders_held + changes.orders_cancelled + changes.orders_refunded
    )
    for key in silent:
        assert before[key]["updated_at"] == after[key]["updated_at"]
        changed = [item for item in after[key]["items"] if item["updated_at"] == now]
        assert changed
        for item in changed:
            assert items[item["item_id"]]["updated_at"] == now
            if "parent_item_id" not in item:
                sent = items_before[item["item_id"]]["qty_shipped"]
                assert items[item["item_id"]]["qty_shipped"] == sent + 1


def test_every_kind_of_change_happens(clock: Clock) -> None:
    shop = Shop.generate(orders=200, clock=clock)
    changes = shop.live(1)
    assert str(changes).count(",") == 8
    assert len(shop.rows("categories")) == len({row["id"] for row in shop.rows("categories")})


def test_the_same_seed_does_the_same(clock: Clock) -> None:
    first, second = (Shop.generate(60, clock=clock) for _ in range(2))
    assert first.live(3) == second.live(3)
    assert first.rows("orders") == second.rows("orders")


def test_sums_stay_right(shop: Shop) -> None:
    for seed in range(5):
        shop.live(seed)
    invoiced: dict[int, int] = {}
    for invoice in shop.rows("invoices"):
        cents = round(invoice["grand_total"] * 100)
        invoiced[invoice["order_id"]] = invoiced.get(invoice["order_id"], 0) + cents
    for order in shop.rows("orders"):
        paid = round(order.get("total_paid", 0) * 100)
        assert paid == invoiced.get(order["entity_id"], 0)
        assert round(order["grand_total"] * 100) == paid + round(order["total_due"] * 100)


def test_store_views_see_edits_under_names_of_their_own(shop: Shop, clock: Clock) -> None:
    clock.forward(hours=1)
    for seed in range(8):
        shop.live(seed)
    for name in ("products", "categories"):
        edited = [row for row in shop.rows(name) if row["updated_at"] == shop.now()]
        local = [shop.row(name, row["id"], "deutsch") for row in edited]
        assert all(row is not None and row["updated_at"] == shop.now() for row in local)
        assert any(row not in edited for row in local)


def test_keys_of_deleted_rows_do_not_come_back(clock: Clock) -> None:
    shop = Shop.generate(5, clock=clock)
    shop.delete("orders", 5)
    shop.live()
    keys = {row["entity_id"] for row in shop.rows("orders")}
    assert 5 not in keys
    assert 6 in keys
