"""The sample store in a process of its own, with many orders that are alike but for key and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from multiprocessing.connection import Connection

from benchmarks.costs import SHOP, Work
from sample_store import ServerOptions, Shop, serve
from sample_store.entities import BY_NAME
from sample_store.tables import Record

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in the store.

    Attributes:
        bytes: About how long an order is.
        keys: The orders' keys, ascending.
        seconds: When each was last changed, in seconds after `begin`, ascending.
        begin: A moment, in UTC.
    """

    bytes: int
    keys: Sequence[int]
    seconds: Sequence[int]
    begin: datetime


def until_lately(size: int, keys: Sequence[int], seconds: Sequence[int]) -> Contents:
    """Make orders of which the last one changed an hour ago.

    Args:
        size: Bytes of each.
        keys: Their keys, ascending.
        seconds: When each was last changed, in seconds after some moment, ascending.

    Returns:
        The contents.
    """
    now = datetime.now(timezone.utc).replace(microsecond=0)
    return Contents(size, keys, seconds, now - _HOUR - timedelta(seconds=seconds[-1]))


def evenly(rows: int, size: int) -> Contents:
    """Make orders without gaps, one changed every ten seconds.

    Args:
        rows: How many.
        size: Bytes of each.

    Returns:
        The contents.
    """
    return until_lately(size, range(1, rows + 1), range(0, 10 * rows, 10))


def serve_store(line: Connection, contents: Contents, options: ServerOptions, costs: ServerOptions = SHOP) -> None:
    """Serve the store.

    Args:
        line: To it go the address and a token; then, each time that True comes, the `Work` since the last time. What
            else comes ends the store.
        contents: What is in it.
        options: How it behaves.
        costs: What its work costs in that sum, whether it takes that time or not.
    """
    shop = Shop.empty()
    fill(shop, contents)
    with serve(shop, options=options) as server:
        line.send(server.url)
        line.send(shop.token())
        while line.recv():
            line.send(Work.of(server.requests, costs))
            server.clear()


def serve_shop(line: Connection, orders: int) -> None:
    """Serve a whole shop.

    Args:
        line: To it goes the address; what comes from it ends the store.
        orders: How many orders it has.
    """
    with serve(Shop.generate(orders)) as server:
        line.send(server.url)
        line.recv()


def work_done(line: Connection) -> Work:
    """Ask a store for what it has done since last asked.

    Args:
        line: The line to `serve_store`.

    Returns:
        The work.
    """
    line.send(True)  # noqa: FBT003  a word on the line
    work: Work = line.recv()
    return work


def fill(shop: Shop, contents: Contents) -> None:
    """Fill a shop.

    Args:
        shop: An empty one.
        contents: With what.
    """
    orders = BY_NAME["orders"]
    shop.bulk("orders", 0, contents.bytes, str)
    times = (shop.write_time(contents.begin + timedelta(seconds=second)) for second in contents.seconds)
    rows = zip(contents.keys, times, strict=True)
    shop.tables.put(orders, (Record(key, time, time, None) for key, time in rows))
