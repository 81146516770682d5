"""The shop goes on: a seeded handful of everything that happens in a shop while it is read."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sample_store import sales
from sample_store.deliveries import deliver, move_on
from sample_store.generate.carts import ordered_cart
from sample_store.generate.history import invoiced, placed, wish
from sample_store.money import amount, cents
from sample_store.sale import Sale
from sample_store.scopes import put_everywhere
from sample_store.unseen import delete_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from sample_store.shop import Shop

_SEEN = 400
"""Orders that one moment looks at, however large the shop is."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened, counted; printed as `3 orders placed, 2 orders invoiced, ...`."""

    orders_placed: int
    orders_invoiced: int
    orders_held: int
    orders_cancelled: int
    orders_partly_shipped: int
    orders_refunded: int
    orders_deleted: int
    products_edited: int
    categories_edited: int
    deliveries_moved: int

    def __str__(self) -> str:
        counts = ((field.name, getattr(self, field.name)) for field in fields(self))
        return ", ".join(f"{count} {_words(name, count)}" for name, count in counts if count)


def _words(name: str, count: int) -> str:
    """Give the words of a field's name, its noun in the singular where it is one."""
    noun, _, rest = name.partition("_")
    one = f"{noun[:-3]}y" if noun.endswith("ies") else noun.removesuffix("s")
    return f"{one if count == 1 else noun} {rest.replace('_', ' ')}"


def live(shop: Shop, seed: int) -> Changes:
    """Let a generated shop live on for a moment of its clock.

    Orders are placed, invoiced, held, cancelled, partly shipped, refunded; a cancelled order is
    deleted without a trace; a product and a category are edited. `updated_at` moves as in docs/MAGENTO.md,
    What updated_at does not show: a partial shipment moves the items and leaves the order's own time.

    Args:
        shop: A shop made by `Shop.generate`.
        seed: The same seed does the same to the same shop.

    Returns:
        What happened.

    Raises:
        ValueError: For a shop that was not generated: there is nothing to order in it.
    """
    if not shop.offers:
        raise ValueError("Only a shop made by Shop.generate can live on")
    with shop.writing:
        return _Moment(shop, random.Random(seed)).pass_by()


class _Moment:
    def __init__(self, shop: Shop, chance: random.Random) -> None:
        self._shop = shop
        self._chance = chance
        self._now = shop.now()
        self._touched: set[int] = set()
        keys = range(1, shop.next_key("orders"))
        seen = sorted(chance.sample(keys, min(_SEEN, len(keys))))
        self._orders = [order for key in seen if (order := shop.row("orders", key)) is not None]

    def pass_by(self) -> Changes:
        """Do everything once or a few times."""
        return Changes(
            orders_deleted=self._delete(),
            orders_held=self._each(1, "new", self._hold),
            orders_cancelled=self._each(1, "new", self._cancel),
            orders_invoiced=self._each(3, "new", self._invoice),
            orders_partly_shipped=self._each(2, "processing", self._ship, _is_half_sent),
            orders_refunded=self._each(1, "complete", self._refund, _is_refundable),
            orders_placed=self._place(self._chance.randint(3, 6)),
            products_edited=self._edit_product(),
            categories_edited=self._edit_category(),
            deliveries_moved=self._deliver(),
        )

    def _each(
        self, most: int, state: str, do: Callable[[Sale], None], fits: Callable[[Sale], bool] = lambda _: True
    ) -> int:
        """Do something to a few orders of a state that fit and were left alone so far."""
        candidates = [o for o in self._orders if o["state"] == state and o["entity_id"] not in self._touched]
        self._chance.shuffle(candidates)
        fitting = (sale for sale in map(Sale.of, candidates) if fits(sale))
        chosen = list(itertools.islice(fitting, most))
        for sale in chosen:
            self._touched.add(sale.order["entity_id"])
            do(sale)
            self._save(sale)
        return len(chosen)

    def _save(self, sale: Sale) -> None:
        self._shop.put("orders", sale.document())
        self._shop.put_all("order_items", sale.rows())

    def _place(self, count: int) -> int:
        for _ in range(count):
            key, item = self._shop.next_key("orders"), self._shop.next_key("order_items")
            sale = placed(self._shop, wish(self._shop, self._chance, key, item), self._now)
            self._save(sale)
            self._shop.put("carts", ordered_cart(self._shop, sale))
            if self._shop.module:
                deliver(self._shop, sale.order)
        return count

    def _hold(self, sale: Sale) -> None:
        sales.hold(sale, self._now)

    def _cancel(self, sale: Sale) -> None:
        sales.cancel(sale, self._now)

    def _invoice(self, sale: Sale) -> None:
        quantities = sales.open_quantities(sale, "qty_invoiced")
        key = self._shop.next_key("invoices")
        document = invoiced(self._shop, sale, quantities, key, self._now)
        self._shop.put("invoices", document)
        payment = self._shop.next_key("transactions")
        self._shop.put_all("transactions", sales.transactions(sale, document, payment))

    def _ship(self, sale: Sale) -> None:
        first = next(iter(sales.open_quantities(sale, "qty_shipped")))
        key = self._shop.next_key("shipments")
        self._shop.put("shipments", sales.ship(sale, {first: 1}, key, self._now))

    def _refund(self, sale: Sale) -> None:
        first = next(iter(sales.open_quantities(sale, "qty_refunded")))
        key = self._shop.next_key("credit_memos")
        self._shop.put("credit_memos", sales.refund(sale, {first: 1}, key, self._now))

    def _delete(self) -> int:
        """Delete a cancelled order, which no sum of sales counts, with its items."""
        cancelled = [order for order in self._orders if order["state"] == "canceled"]
        if not cancelled:
            return 0
        order = self._chance.choice(cancelled)
        self._touched.add(order["entity_id"])
        delete_order(self._shop, order)
        return 1

    def _edit_product(self) -> int:
        priced = [row for row in self._shop.rows("products") if row.get("price")]
        product = self._chance.choice(priced)
        product["price"] = amount(cents(product["price"]) + self._chance.randrange(1, 500))
        product["updated_at"] = self._now
        put_everywhere(self._shop, "products", product)
        return 1

    def _deliver(self) -> int:
        if not self._shop.module:
            return 0
        return move_on(self._shop, self._chance.randrange(1, self._shop.next_key("acme_deliveries")))

    def _edit_category(self) -> int:
        category = self._chance.choice(self._shop.rows("categories")[2:])
        category["name"] = f"{category['name'].rstrip('!')}!"
        category["updated_at"] = self._now
        put_everywhere(self._shop, "categories", category)
        return 1


def _is_half_sent(sale: Sale) -> bool:
    """Whether another parcel leaves the order's state, and so its time, as they are."""
    return sum(sales.open_quantities(sale, "qty_shipped").values()) > 1


def _is_refundable(sale: Sale) -> bool:
    return bool(sales.open_quantities(sale, "qty_refunded"))
