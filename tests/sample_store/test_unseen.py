"""What happens to a shop without a trace in `updated_at`, and what of it moves all the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sample_store import Shop
from sample_store.entities import BY_NAME
from sample_store.unseen import OPERATIONS
from tests.sample_store.asking import Client, Clock

Rows = dict[int, dict[str, Any]]
ALTERED = {
    "comments_added": {"orders", "invoices", "shipments", "credit_memos"},
    "tracks_added": {"shipments"},
    "addresses_edited": {"orders"},
    "parts_shipped": {"orders", "order_items", "shipments"},
    "transactions_closed": {"transactions"},
    "stock_changed": {"inventory_source_items"},
    "prices_changed": {"products"},
    "tier_prices_removed": {"products"},
    "links_removed": {"products"},
    "category_links_removed": {"products", "categories"},
    "orders_deleted": {"orders", "order_items"},
    "customers_deleted": {"customers", "orders", "carts"},
    "products_deleted": {"products"},
    "carts_deleted": {"carts"},
    "orders_imported": {"orders", "order_items"},
    "rows_restored": set(),
}
"""By kind of change the lists whose rows are others, or gone, afterwards."""
MOVED = {
    "parts_shipped": {"order_items", "shipments"},
    "links_removed": {"products"},
    "category_links_removed": {"categories"},
}
"""By kind of change the lists of which a row has a new time."""
DATED = [name for name, entity in BY_NAME.items() if entity.time_column]


@pytest.fixture
def shop(clock: Clock) -> Shop:
    return Shop.generate(orders=150, seed=4, clock=clock)


def _state(shop: Shop) -> dict[str, list[bytes]]:
    return {name: shop.tables.bodies(entity) for name, entity in BY_NAME.items()}


@pytest.mark.parametrize("kind", OPERATIONS)
def test_what_a_change_alters_and_what_it_moves(shop: Shop, clock: Clock, kind: str) -> None:
    before = _state(shop)
    clock.forward(hours=1)
    done = shop.unseen(1, kind)
    after = _state(shop)
    assert list(done) == [kind]
    assert (done[kind] > 0) == bool(ALTERED[kind])
    assert {name for name in before if before[name] != after[name]} == ALTERED[kind]
    moved = {
        name
        for name in DATED
        if any(json.loads(body).get(BY_NAME[name].time_column) == shop.now() for body in after[name])
    }
    assert moved == MOVED.get(kind, set())


def test_all_of_them_at_once_and_the_same_for_the_same_seed(clock: Clock) -> None:
    first, second = (Shop.generate(60, clock=clock) for _ in range(2))
    assert first.unseen(3).keys() == OPERATIONS.keys()
    second.unseen(3)
    assert _state(first) == _state(second)


def test_deleted_rows_come_back_as_they_were(shop: Shop) -> None:
    before = shop.rows("orders"), shop.rows("order_items")
    shop.unseen(1, "orders_deleted")
    assert len(shop.rows("orders")) == len(before[0]) - 1
    assert shop.unseen(2, "rows_restored") == {"rows_restored": 1}
    assert (shop.rows("orders"), shop.rows("order_items")) == before


def test_imported_orders_have_new_keys_and_old_times(shop: Shop) -> None:
    known = max(row["entity_id"] for row in shop.rows("orders"))
    shop.unseen(1, "orders_imported")
    new = [row for row in shop.rows("orders") if row["entity_id"] > known]
    assert {row["updated_at"] for row in new} == {"2020-02-29 12:00:00"}
    assert len(new) == 3


def test_orders_of_a_deleted_customer_are_nobodys(shop: Shop) -> None:
    owners = {row["id"] for row in shop.rows("customers")}
    for seed in range(5):
        shop.unseen(seed, "customers_deleted")
    left = {row["id"] for row in shop.rows("customers")}
    assert len(left) == len(owners) - 5
    assert {row["customer_id"] for row in shop.rows("orders") if "customer_id" in row} <= left


def test_ranges_are_deleted_at_once(shop: Shop) -> None:
    keys = [row["id"] for row in shop.rows("carts")]
    assert shop.delete_range("carts", keys[3], keys[8]) == 6
    assert [row["id"] for row in shop.rows("carts")] == keys[:3] + keys[9:]
    assert shop.delete_range("orders", 140, 10_000) == 11
    assert shop.next_key("orders") == 151


def test_another_process_changes_the_shop(client: Client) -> None:
    url = f"{client.server.url}/_store/unseen"
    done = client.session.post(f"{url}?seed=2&kind=orders_deleted&kind=carts_deleted", timeout=20).json()
    assert done == {"orders_deleted": 1, "carts_deleted": 5}
    wrong = client.session.post(f"{url}?kind=earthquake", timeout=20)
    assert (wrong.status_code, wrong.json()["message"]) == (400, "The store knows no such change: earthquake")
