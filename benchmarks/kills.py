"""How soon the first record leaves, and how much is read again after a run was killed."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from random import Random

from benchmarks.costs import SHOP
from benchmarks.model import ModelShop
from benchmarks.report import Section
from benchmarks.scale import Scale
from tap_magento.reading.complete import read_completely
from tap_magento.reading.types import Batch

_PAGE_SIZE = 200
_KILLS = 10
_FASTER = 20


@dataclass(frozen=True, slots=True)
class Killed:
    """A read that was killed again and again.

    Attributes:
        first: Seconds until its first rows left.
        arrived: Rows of all pages that had arrived when it was killed, and had not left, a kill.
        in_flight: Rows of all pages that were under way then, a kill.
    """

    first: float
    arrived: float
    in_flight: float


def run(scale: Scale) -> Section:
    """Measure.

    Args:
        scale: How much to do.

    Returns:
        What was found.
    """
    rows = scale.of(quick=8_000, usual=40_000)
    page = SHOP.per_request + _PAGE_SIZE * SHOP.per_row
    found = {(order, workers): read_killed(rows, order, workers) for order in ("key", "time") for workers in (1, 4, 8)}
    slowest = max(killed.first for killed in found.values())
    most = max(killed.arrived / _PAGE_SIZE / workers for (_, workers), killed in found.items())
    return Section(
        "kills",
        f"{rows:,} orders in pages of {_PAGE_SIZE}, read by the engine alone from the model of a shop with "
        f"{SHOP.workers} PHP workers, whose page takes {page:.2f} s; killed {_KILLS} times at random places and "
        "resumed where it had come to. Pages that had arrived and waited to be emitted are read again, and those in "
        "flight: of these each worker has one, however it reads.",
        ["order", "workers", "first rows after", "had arrived, pages a kill", "in flight, pages a kill"],
        [
            [
                order,
                str(workers),
                f"{killed.first:.2f} s",
                f"{killed.arrived / _PAGE_SIZE:.1f}",
                f"{killed.in_flight / _PAGE_SIZE:.1f}",
            ]
            for (order, workers), killed in found.items()
        ],
        [
            f"The first rows leave after {slowest:.2f} s at most (wanted: two pages' time, {2 * page:.2f} s).",
            f"Arrived and read again: {most:.1f} pages a kill for each worker at most (wanted: 1).",
        ],
    )


def read_killed(rows: int, order: str, workers: int) -> Killed:
    """Read a list, killed and resumed.

    Args:
        rows: How many it has.
        order: Which of `ModelShop.ranges`.
        workers: How many workers read it.

    Returns:
        What was read again.

    Raises:
        RuntimeError: If a row is missing or doubled.
        TypeError: If something else comes than pages.
    """
    shop = ModelShop(range(1, rows + 1), range(rows), faster=_FASTER)
    rest, random = shop.ranges()[order], Random(rows)
    first: float | None = None
    emitted = arrived = in_flight = 0
    for kill in range(_KILLS + 1):
        items_left = None if kill == _KILLS else random.randint(1, 2 * rows // _KILLS // _PAGE_SIZE)
        sent, before = shop.sent_rows, emitted
        began = time.perf_counter()
        with closing(read_completely(rest, shop.source(_PAGE_SIZE, workers))) as items:  # type: ignore[type-var]
            for number, item in enumerate(items, start=1):
                if not isinstance(item, Batch):
                    raise TypeError(f"the model of a shop has only pages: {item}")
                first = first or (time.perf_counter() - began) * _FASTER
                emitted += len(item.page)
                rest = rest.beyond([item.reached])
                if number == items_left:
                    break
            now_sent, now_asked = shop.sent_rows, shop.asked_rows
        arrived += now_sent - sent - (emitted - before)
        in_flight += now_asked - now_sent
        while shop.sent_rows < shop.asked_rows:  # those that nobody waits for must not count for the next read
            time.sleep(0.01)
    if emitted != rows:
        raise RuntimeError(f"{emitted} of {rows} rows were emitted")
    return Killed(first or 0.0, arrived / _KILLS, in_flight / _KILLS)
