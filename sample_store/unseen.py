"""What happens to a shop without a trace in `updated_at`: the changes an incremental sync cannot see.

Deletions leave nothing behind, imports and restored backups bring rows of old times, and comments,
tracks, addresses, stock and bulk prices move nothing (docs/MAGENTO.md, What updated_at does not show).
"""

from __future__ import annotations

import itertools
import json
import random
from typing import TYPE_CHECKING

from sample_store import sales
from sample_store.booking import comments
from sample_store.criteria import Criteria, Filter
from sample_store.entities import BY_NAME
from sample_store.generate.history import placed, wish
from sample_store.money import amount, cents
from sample_store.sale import Sale
from sample_store.scopes import put_everywhere

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sample_store.php import Row
    from sample_store.shop import Shop

    Operation = Callable[["Shop", random.Random, str], int]
    """Does something once or a few times, at the shop's time, and tells how often."""

_LONG_AGO = "2020-02-29 12:00:00"
_OLD_CARTS = 5
_IMPORTED = 3
_DOCUMENTS = ("invoices", "shipments", "credit_memos")


def unseen(shop: Shop, seed: int, kinds: Collection[str] = ()) -> dict[str, int]:
    """Change a generated shop in ways that `updated_at` does not tell.

    Args:
        shop: A shop made by `Shop.generate`.
        seed: The same seed does the same to the same shop.
        kinds: Which of `OPERATIONS` to do; all of them if empty.

    Returns:
        How often each was done, by kind.

    Raises:
        KeyError: For a kind that there is not.
    """
    with shop.writing:
        chance = random.Random(seed)
        return {kind: OPERATIONS[kind](shop, chance, shop.now()) for kind in kinds or OPERATIONS}


def delete_order(shop: Shop, order: Row) -> None:
    """Delete an order and its items."""
    items = [("order_items", item["item_id"]) for item in order["items"]]
    _delete(shop, ("orders", order["entity_id"]), *items)


def _anything(_: Row) -> bool:
    return True


def _choose(
    shop: Shop, name: str, chance: random.Random, fits: Callable[[Row], bool] = _anything, most: int = 1
) -> list[Row]:
    """Choose a few rows that fit, looking at no more rows than it takes."""
    keys = shop.keys(name)
    rows = (shop.row(name, key) for key in chance.sample(keys, len(keys)))
    return list(itertools.islice((row for row in rows if row is not None and fits(row)), most))


def _comment(shop: Shop, chance: random.Random, now: str) -> int:
    """Comment on an order, and on one document of each kind."""
    for order in _choose(shop, "orders", chance):
        sale = Sale.of(order)
        sales.comment(sale, "Rang twice", now)
        shop.put("orders", sale.document())
    for name in _DOCUMENTS:
        for row in _choose(shop, name, chance, lambda row: not row["comments"]):
            (template,) = comments(0, "Left with the neighbour", now)
            key = row["entity_id"]
            row["comments"] = [template | {"entity_id": key, "parent_id": key}]
            shop.put(name, row)
    return 1 + len(_DOCUMENTS)


def _track(shop: Shop, chance: random.Random, now: str) -> int:
    chosen = _choose(shop, "shipments", chance, most=2)
    for shipment in chosen:
        number = max((track["entity_id"] % 10 for track in shipment["tracks"]), default=0) + 1
        shipment["tracks"].append(sales.track(shipment["order_id"], shipment["entity_id"], number, now))
        shop.put("shipments", shipment)
    return len(chosen)


def _move_house(shop: Shop, chance: random.Random, _: str) -> int:
    chosen = _choose(shop, "orders", chance, most=2)
    for order in chosen:
        order["billing_address"] |= {"street": ["1 New Street"], "postcode": f"{chance.randrange(10_000, 99_999)}"}
        shop.put("orders", order)
    return len(chosen)


def _ship_more(shop: Shop, chance: random.Random, now: str) -> int:
    """Send one piece of an order of which more remains, so that its state, and its time, stay."""
    chosen = _choose(shop, "orders", chance, _is_under_way)
    for sale in map(Sale.of, chosen):
        first = next(iter(sales.open_quantities(sale, "qty_shipped")))
        shop.put("shipments", sales.ship(sale, {first: 1}, shop.next_key("shipments"), now))
        shop.put("orders", sale.document())
        shop.put_all("order_items", sale.rows())
    return len(chosen)


def _is_under_way(order: Row) -> bool:
    """Tell whether a part of an order is sent, and so much remains that one piece more does not complete it."""
    if order["state"] != "processing":
        return False
    sale = Sale.of(order)
    is_begun = any(line["qty_shipped"] for line in sale.lines)
    return is_begun and sum(sales.open_quantities(sale, "qty_shipped").values()) > 1


def _close_transaction(shop: Shop, chance: random.Random, _: str) -> int:
    chosen = _choose(shop, "transactions", chance, lambda row: not row["is_closed"])
    for row in chosen:
        shop.put("transactions", row | {"is_closed": 1})
    return len(chosen)


def _restock(shop: Shop, chance: random.Random, _: str) -> int:
    key = 5 * chance.randrange(1, 13)
    item = shop.row("inventory_source_items", key)
    if item is None:
        return 0
    shop.put("inventory_source_items", item | {"source_item_id": key, "quantity": item["quantity"] + 25, "status": 1})
    return 1


def _reprice(shop: Shop, chance: random.Random, _: str) -> int:
    chosen = _choose(shop, "products", chance, lambda row: bool(row.get("price")), most=2)
    for product in chosen:
        put_everywhere(shop, "products", product | {"price": amount(cents(product["price"]) + 100)})
    return len(chosen)


def _remove_tier(shop: Shop, chance: random.Random, _: str) -> int:
    chosen = _choose(shop, "products", chance, lambda row: bool(row["tier_prices"]))
    for product in chosen:
        put_everywhere(shop, "products", product | {"tier_prices": product["tier_prices"][1:]})
    return len(chosen)


def _unlink(shop: Shop, chance: random.Random, now: str) -> int:
    """Take a link from a product, which moves the product: what is gone is the link alone."""
    chosen = _choose(shop, "products", chance, lambda row: bool(row["product_links"]))
    for product in chosen:
        changed = {"product_links": product["product_links"][1:], "updated_at": now}
        put_everywhere(shop, "products", product | changed)
    return len(chosen)


def _unassign(shop: Shop, chance: random.Random, now: str) -> int:
    """Take a product out of a category: the category moves, the product does not."""
    chosen = _choose(shop, "products", chance, lambda row: bool(row["extension_attributes"]["category_links"]))
    for product in chosen:
        gone, *links = product["extension_attributes"]["category_links"]
        product["extension_attributes"]["category_links"] = links
        put_everywhere(shop, "products", product)
        category = shop.row("categories", int(gone["category_id"]))
        if category is not None:
            put_everywhere(shop, "categories", category | {"updated_at": now})
    return len(chosen)


def _delete_customer(shop: Shop, chance: random.Random, _: str) -> int:
    """Delete a customer, whose orders and carts are nobody's from then on and stand still."""
    chosen = _choose(shop, "customers", chance)
    for customer in chosen:
        key = customer["id"]
        _delete(shop, ("customers", key))
        for order in _of_customer(shop, "orders", key):
            shop.put("orders", {name: value for name, value in order.items() if name != "customer_id"})
        for cart in _of_customer(shop, "carts", key):
            shop.put("carts", cart | {"customer": dict.fromkeys(("email", "firstname", "lastname"))})
    return len(chosen)


def _of_customer(shop: Shop, name: str, key: int) -> list[Row]:
    criteria = Criteria(((Filter("customer_id", "eq", str(key)),),))
    return [json.loads(body) for body in shop.tables.page(BY_NAME[name], criteria).bodies]


def _delete_order(shop: Shop, chance: random.Random, _: str) -> int:
    """Delete a cancelled order, which no sum of sales counts."""
    chosen = _choose(shop, "orders", chance, lambda row: row["state"] == "canceled")
    for order in chosen:
        delete_order(shop, order)
    return len(chosen)


def _delete_product(shop: Shop, chance: random.Random, _: str) -> int:
    """Delete a product; its rows in the sources stay until a queue is worked off."""
    chosen = _choose(shop, "products", chance, lambda row: row["type_id"] == "virtual")
    for product in chosen:
        _delete(shop, ("products", product["id"]))
    return len(chosen)


def _clean_carts(shop: Shop, _: random.Random, __: str) -> int:
    """Delete a block of the oldest carts, as the nightly clean-up does."""
    oldest = [int(key) for key in shop.keys("carts")[:_OLD_CARTS]]
    return shop.delete_range("carts", oldest[0], oldest[-1]) if oldest else 0


def _import(shop: Shop, chance: random.Random, _: str) -> int:
    """Bring in orders of another shop: new keys, old times."""
    for _number in range(_IMPORTED):
        key, item = shop.next_key("orders"), shop.next_key("order_items")
        sale = placed(shop, wish(shop, chance, key, item), _LONG_AGO)
        shop.put("orders", sale.document())
        shop.put_all("order_items", sale.rows())
    return _IMPORTED


def _restore(shop: Shop, _: random.Random, __: str) -> int:
    """Bring back what was deleted first, as it was."""
    if not shop.deleted:
        return 0
    for name, row in shop.deleted.pop(0):
        shop.put(name, row)
    return 1


def _delete(shop: Shop, *keys: tuple[str, int]) -> None:
    """Delete rows that go together, and remember them."""
    found = [(name, shop.row(name, key), key) for name, key in keys]
    shop.deleted.append([(name, row) for name, row, _ in found if row is not None])
    for name, _, key in found:
        shop.delete(name, key)


OPERATIONS: dict[str, Operation] = {
    "rows_restored": _restore,
    "comments_added": _comment,
    "tracks_added": _track,
    "addresses_edited": _move_house,
    "parts_shipped": _ship_more,
    "transactions_closed": _close_transaction,
    "stock_changed": _restock,
    "prices_changed": _reprice,
    "tier_prices_removed": _remove_tier,
    "links_removed": _unlink,
    "category_links_removed": _unassign,
    "orders_deleted": _delete_order,
    "customers_deleted": _delete_customer,
    "products_deleted": _delete_product,
    "carts_deleted": _clean_carts,
    "orders_imported": _import,
}
"""By kind what can happen, in the order in which it does."""
