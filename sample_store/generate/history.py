"""Half a year of orders, and what became of them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from sample_store import module, sales
from sample_store.conditions import ZERO_DATE
from sample_store.generate.carts import open_cart, ordered_cart
from sample_store.generate.people import address, address_of
from sample_store.generate.stores import STORES
from sample_store.lines import Wish
from sample_store.placing import place

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from sample_store.booking import Quantities
    from sample_store.php import Row
    from sample_store.sale import Sale
    from sample_store.shop import Shop

_DAYS = 180.0
_BATCH = 500
_EVERY_NOTE = 37
_EVERY_CART = 5
_EVERY_COMMENT = 7
_NOTE = 'Bitte läuten \U0001f514\nund\twarten\x01 "danke" </p>'
_FUTURE_DAYS = -700.0
_LISTS = ("orders", "order_items", "invoices", "shipments", "credit_memos", "transactions", "carts")
_CLUSTER = (0.40, 0.55)
"""Share of the orders, from and to, that a bulk update stamped with one second.

In time order they lie across the middle, where the order of ties changes (`Tables.page`)."""


def wish(shop: Shop, chance: random.Random, key: int, first_item: int) -> Wish:
    """Think of something to order.

    Args:
        shop: The shop, for what it sells and to whom.
        chance: What decides.
        key: Id of the order to be.
        first_item: Id of its first item.

    Returns:
        The wish.
    """
    customer = chance.choice(shop.customers) if chance.random() < 0.6 else None  # noqa: PLR2004
    store = STORES[customer["store_id"] - 1] if customer else chance.choice(STORES)
    offers = chance.sample(shop.offers, chance.choice((1, 1, 2, 2, 3, 4)))
    tax = {"EUR": 19, "USD": 8.25}[store.currency]
    return Wish(
        key=key,
        first_item=first_item,
        store=store,
        address=address_of(customer) if customer else address(chance, store, 100_000 + key),
        customer=customer,
        lines=tuple((offer, chance.choice((1, 1, 1, 2, 3))) for offer in offers),
        discount=chance.choice((0, 0, 0, 10)),
        tax=chance.choice((0, tax)),
        note=None if key % _EVERY_NOTE else _NOTE,
    )


def placed(shop: Shop, asked: Wish, now: str) -> Sale:
    """Place an order as this shop does, with what its modules know of it."""
    sale = place(asked, now)
    if shop.module:
        module.extend_order(sale)
    return sale


def invoiced(shop: Shop, sale: Sale, quantities: Quantities, key: int, now: str) -> Row:
    """Make an invoice as this shop does, with what its modules know of it; see `sales.invoice`."""
    document = sales.invoice(sale, quantities, key, now)
    if shop.module:
        module.extend_invoice(document)
    return document


class History:
    """Writes the past of a shop, oldest order first.

    Args:
        shop: The shop.
        chance: What decides.
        at: Writes a time that many days ago.
    """

    def __init__(self, shop: Shop, chance: random.Random, at: Callable[[float], str]) -> None:
        self._shop = shop
        self._chance = chance
        self._at = at
        self._next_item = 1
        self._keys = {name: itertools.count(1) for name in _LISTS}
        self._rows: dict[str, list[Row]] = {name: [] for name in _LISTS}

    def write(self, count: int) -> None:
        """Let a number of orders happen."""
        stamp = self._at(_DAYS * (1 - _CLUSTER[1]) - 0.1)
        for number in range(count):
            days = _DAYS * (1 - number / count) + 0.01
            asked = wish(self._shop, self._chance, number + 1, self._next_item)
            sale = placed(self._shop, asked, self._at(days))
            self._next_item += len(sale.items)
            self._live(sale, days)
            if number % _EVERY_COMMENT == 0:
                sales.comment(sale, "Called back, all is well \u260e", self._at(days * 0.6))
            if _CLUSTER[0] <= number / count < _CLUSTER[1]:
                for row in (sale.order, *sale.items):
                    row["updated_at"] = stamp
            if number == count // 2:
                sale.order["updated_at"] = ZERO_DATE
            if number == count // 2 + 1:
                sale.order["updated_at"] = self._at(_FUTURE_DAYS)
            self._rows["orders"].append(sale.document())
            self._rows["order_items"].extend(sale.rows())
            self._rows["carts"].append(ordered_cart(self._shop, sale))
            if number % _EVERY_CART == 0:
                self._rows["carts"].append(open_cart(self._shop, number * 2 + 1, self._at(days * 0.9)))
            if number % _BATCH == _BATCH - 1:
                self._flush()
        self._flush()

    def _flush(self) -> None:
        for name, rows in self._rows.items():
            self._shop.put_all(name, rows)
            rows.clear()

    def _live(self, sale: Sale, days: float) -> None:
        """Let an order be paid, sent, sent back or forgotten, in the days since it was placed."""
        fate = self._chance.random()
        moments = (self._at(days * share) for share in (0.98, 0.9, 0.8, 0.7))
        if fate < 0.12:  # noqa: PLR2004 - left pending
            return
        if fate < 0.18:  # noqa: PLR2004
            sales.cancel(sale, next(moments))
            return
        if fate < 0.21:  # noqa: PLR2004
            sales.hold(sale, next(moments))
            return
        self._invoice(sale, partly=fate < 0.3, now=next(moments))  # noqa: PLR2004
        if fate < 0.4:  # noqa: PLR2004 - nothing sent yet
            return
        self._ship(sale, partly=fate < 0.6, now=next(moments))  # noqa: PLR2004
        if fate < 0.5:  # noqa: PLR2004 - in two parcels at least
            self._ship(sale, partly=True, now=next(moments))
        if fate > 0.9:  # noqa: PLR2004
            self._refund(sale, partly=fate < 0.95, now=next(moments))  # noqa: PLR2004

    def _invoice(self, sale: Sale, *, partly: bool, now: str) -> None:
        quantities = sales.open_quantities(sale, "qty_invoiced")
        key = next(self._keys["invoices"])
        document = invoiced(self._shop, sale, _some(quantities) if partly else quantities, key, now)
        self._rows["invoices"].append(document)
        first, _ = next(self._keys["transactions"]), next(self._keys["transactions"])
        self._rows["transactions"].extend(sales.transactions(sale, document, first))

    def _ship(self, sale: Sale, *, partly: bool, now: str) -> None:
        quantities = sales.open_quantities(sale, "qty_shipped")
        if quantities:
            key = next(self._keys["shipments"])
            chosen = _some(quantities) if partly else quantities
            self._rows["shipments"].append(sales.ship(sale, chosen, key, now))

    def _refund(self, sale: Sale, *, partly: bool, now: str) -> None:
        quantities = sales.open_quantities(sale, "qty_refunded")
        key = next(self._keys["credit_memos"])
        chosen = _some(quantities) if partly else quantities
        invoice = self._rows["invoices"][-1]["entity_id"] if key % 2 else None
        self._rows["credit_memos"].append(sales.refund(sale, chosen, key, now, invoice))


def _some(quantities: Quantities) -> Quantities:
    """Take one piece of the first item."""
    return dict.fromkeys(itertools.islice(quantities, 1), 1)
