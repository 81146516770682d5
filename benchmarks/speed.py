"""The taps and the floor on the same orders: one way to run each, for the benchmarks of the tap's own speed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.programs import PLAIN_TAP, TAP, Usage, run, run_tap

_MEGABYTE = 1_000_000


def floor(rows: int, page_size: int) -> Usage:
    """Decode and encode the orders with msgspec.

    Args:
        rows: How many orders.
        page_size: Orders a page.

    Returns:
        What that alone took.
    """
    with TemporaryDirectory() as folder:
        output = Path(folder, "seconds.json")
        usage = run("benchmarks.codec", str(rows), str(page_size), output=output)
        cpu, wall = json.loads(output.read_bytes())
    return replace(usage, cpu=cpu, wall=wall)


def tap(url: str, workers: int, page_size: int = 100) -> Usage:
    """Read the orders of a shop with the tap.

    Args:
        url: The shop.
        workers: Its `max_concurrency`.
        page_size: Orders a page.

    Returns:
        What it took, start-up included.
    """
    config = {"store_url": url, "access_token": "any", "max_concurrency": workers, "page_size": page_size}
    return run_tap(TAP, config)


def plain_tap(url: str, page_size: int = 100) -> Usage:
    """Read the orders of a shop with the plain tap.

    Args:
        url: The shop.
        page_size: Orders a page.

    Returns:
        What it took, start-up included.
    """
    return run_tap(PLAIN_TAP, {"store_url": url, "access_token": "any", "page_size": page_size})


def net(usages: Sequence[Usage], starts: Sequence[Usage]) -> list[Usage]:
    """Leave out what the program takes to start.

    Args:
        usages: One a round.
        starts: What it took in each round to read a single order.

    Returns:
        What remains, one a round.
    """
    start = Usage(median(s.cpu for s in starts), median(s.wall for s in starts), 0)
    return [usage.without(start) for usage in usages]


def line(name: str, rows: int, usages: Sequence[Usage], floors: Sequence[Usage]) -> list[str]:
    """Write a contestant's line of the table whose head is `HEAD`.

    Args:
        name: The contestant.
        rows: How many orders it read.
        usages: What it took, net of start-up, one a round.
        floors: What the floor took in the same rounds.

    Returns:
        The cells.
    """
    cpu, wall = [u.cpu for u in usages], [u.wall for u in usages]
    share = median(f.cpu / c for f, c in zip(floors, cpu, strict=True))
    return [
        name,
        f"{rows / median(wall):,.0f}",
        f"{rows / median(cpu):,.0f}",
        f"{share:.0%}",
        megabytes(max(u.peak for u in usages)),
    ]


def megabytes(size: int) -> str:
    """Write a size in memory."""
    return f"{size / _MEGABYTE:.0f} MB"


#: Titles of the columns that `line` fills.
HEAD = ("", "rows/s", "rows/s of CPU", "of the floor", "peak memory")
