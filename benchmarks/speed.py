"""The taps and the floor on the same orders: one way to run each, for the benchmarks of the tap's own speed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.programs import PLAIN_TAP, TAP, Usage, run, run_tap
from benchmarks.rounds import Turn, share

#: Orders a page, as the tap has it by default, ...
PAGE = 200
#: how many requests run at once where nothing else is said, ...
WORKERS = 4
#: ... and orders that the floor decodes at a time: more are slower.
FLOOR_PAGE = 100
_MEGABYTE = 1_000_000


def floor(rows: int) -> Usage:
    """Decode and encode the orders with msgspec.

    Args:
        rows: How many orders.

    Returns:
        What that alone took.
    """
    with TemporaryDirectory() as folder:
        output = Path(folder, "seconds.json")
        usage = run("benchmarks.codec", str(rows), str(FLOOR_PAGE), output=output)
        cpu, wall = json.loads(output.read_bytes())
    return replace(usage, cpu=cpu, wall=wall)


def tap(url: str, workers: int, page_size: int = PAGE) -> Usage:
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


def plain_tap(url: str, page_size: int = PAGE) -> Usage:
    """Read the orders of a shop with the plain tap.

    Args:
        url: The shop.
        page_size: Orders a page.

    Returns:
        What it took, start-up included.
    """
    return run_tap(PLAIN_TAP, {"store_url": url, "access_token": "any", "page_size": page_size})


def net(turns: Sequence[Turn], starts: Sequence[Turn]) -> list[Turn]:
    """Leave out what the program takes to start.

    Args:
        turns: One a round.
        starts: The same program's, reading a single order.

    Returns:
        What remains, one a round.
    """
    used = [start.usage for start in starts]
    start = Usage(median(s.cpu for s in used), median(s.wall for s in used), 0)
    return [replace(turn, usage=turn.usage.without(start)) for turn in turns]


def line(name: str, rows: int, turns: Sequence[Turn]) -> list[str]:
    """Write a contestant's line of the table whose head is `HEAD`.

    Args:
        name: The contestant.
        rows: How many orders it read.
        turns: Its turns beside the floor, net of start-up.

    Returns:
        The cells.
    """
    used = [turn.usage for turn in turns]
    return [
        name,
        f"{rows / median(u.wall for u in used):,.0f}",
        f"{rows / median(u.cpu for u in used):,.0f}",
        f"{share(turns):.0%}",
        megabytes(max(u.peak for u in used)),
    ]


def floor_line(rows: int, turns: Sequence[Turn]) -> list[str]:
    """Write the floor's line of that table.

    Args:
        rows: How many orders it decoded and encoded.
        turns: Turns of others beside it.

    Returns:
        The cells.
    """
    return line("floor: msgspec alone", rows, [Turn(turn.beside, turn.beside) for turn in turns])


def megabytes(size: int) -> str:
    """Write a size in memory."""
    return f"{size / _MEGABYTE:.0f} MB"


#: Titles of the columns that `line` fills.
HEAD = ("", "rows/s", "rows/s of CPU", "of the floor", "peak memory")
