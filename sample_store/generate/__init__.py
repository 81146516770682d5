"""A believable shop from a seed: people, things, and half a year of orders."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from sample_store.deliveries import deliver
from sample_store.generate.catalog import add_catalog
from sample_store.generate.history import History
from sample_store.generate.many import Further
from sample_store.generate.people import add_customers
from sample_store.generate.rules import add_rules
from sample_store.generate.settings import add_settings
from sample_store.generate.stores import add_stores

__all__ = ["Further", "generate"]

if TYPE_CHECKING:
    from sample_store.shop import Shop

_FEWEST_CUSTOMERS = 20


def generate(shop: Shop, orders: int, seed: int, further: Further) -> None:
    """Fill an empty shop.

    Args:
        shop: The shop; its clock dates everything.
        orders: How many orders.
        seed: What decides.
        further: Product attributes beyond the believable ones.
    """
    chance = random.Random(seed)
    now = shop.clock()

    def at(days: float) -> str:
        return shop.write_time(now - timedelta(days=days))

    add_stores(shop)
    add_settings(shop, at)
    add_rules(shop, at)
    shop.offers = tuple(add_catalog(shop, chance, at, further))
    shop.customers = tuple(add_customers(shop, chance, at, max(_FEWEST_CUSTOMERS, orders // 5)))
    History(shop, chance, at).write(orders)
    if shop.module:
        for order in shop.rows("orders"):
            deliver(shop, order)
