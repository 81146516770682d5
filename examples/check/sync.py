"""A large shop in shards, of which one is killed, then what has changed in it since: is every row there?"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from demo.postgres import Database
from demo.truth import Row
from examples.check.engines import ENGINES
from examples.check.killing import killing
from examples.check.shares import shares_of, states_in
from examples.check.site import site_of
from examples.check.tables import count_in, remembering, table_of
from sample_store import Shop

# Lists that several shards read, one that a single shard reads, and what was deleted.
_TABLES = ("orders", "order_items", "invoices", "customers", "products", "websites")
_SELECTED = (*_TABLES, "deletions")
_KILLED = 2


def check_sync(name: str, orders: int, shards: int) -> bool:
    """Read a shop in shards, kill one, change the shop, read what changed, and compare all tables.

    Args:
        name: Of the engine.
        orders: How many orders the shop has.
        shards: How many shards read it.

    Returns:
        Whether a shard was killed, the shares are even, and every table is the shop's.
    """
    shop = Shop.generate(orders=orders)
    with site_of(shop, _SELECTED) as site, ENGINES[name](site.home, site.environment) as engine:
        with (
            killing(site.server, _KILLED, shards) as was_killed,
            _timed(f"{orders:,} orders in {shards} shards"),
        ):
            engine.first_sync(shards)
        is_right = [was_killed.is_set(), _are_even(site.home, shards), _are_all(shop, site.database)]
        with remembering(shop) as before:
            print(f"Meanwhile: {shop.live()}", flush=True)
        with _timed("What has changed since"):
            engine.update()
        with _timed("All rows compared, field by field"):
            is_right.append(_are_equal(shop, site.database, before))
    own, _, of_children, its_systems, _ = os.times()
    print(f"CPU: {own:.0f} s of the shop and the comparison, {of_children + its_systems:.0f} s of all programs")
    return all(is_right)


def _are_even(home: Path, count: int) -> bool:
    """Print what each shard has read, and tell whether that is even."""
    shares = shares_of(states_in(home / "meltano" / "meltano.db", count))
    for stream in sorted(shares):
        print(f"  {stream}, by shard: {shares[stream]}")
    return all(each.is_right for each in shares.values())


def _are_all(shop: Shop, database: Database) -> bool:
    """Print how many rows each table has, and tell whether these are all; later they are compared, which takes long."""
    counts = {name: count_in(shop, database, name) for name in _TABLES}
    print("\n".join(f"  {name}: {loaded:,} of {rows:,} rows" for name, (loaded, rows) in counts.items()), flush=True)
    return all(loaded == rows for loaded, rows in counts.values())


def _are_equal(shop: Shop, database: Database, before: Mapping[str, Sequence[Row]]) -> bool:
    """Print how each table stands, and tell whether all are the shop's."""
    are_right = []
    for name in _TABLES:
        table = table_of(shop, database, name, before.get(name, ()))
        print(f"  {table}", flush=True)
        are_right.append(table.is_right)
    return all(are_right)


@contextmanager
def _timed(what: str) -> Iterator[None]:
    """Print what is done, and then how long it took."""
    print(f"{what} ...", flush=True)
    began = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - began:.0f} s", flush=True)
