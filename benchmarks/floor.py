"""How close the tap comes to what decoding and encoding alone take, and how much memory it needs."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchmarks.hosting import hosted
from benchmarks.prerendered import serve_prerendered
from benchmarks.programs import Usage
from benchmarks.report import Section
from benchmarks.rounds import in_turns, ratio
from benchmarks.scale import Scale
from benchmarks.speed import HEAD, floor, line, megabytes, net, tap

_PAGE_SIZE = 100
_MORE = 10  # times as many rows, for the memory


def run(scale: Scale) -> Section:
    """Measure.

    Args:
        scale: How much to do.

    Returns:
        What was found.
    """
    rows = scale.of(quick=2_000, usual=20_000)
    with (
        hosted(serve_prerendered, 1) as (start_url, _),
        hosted(serve_prerendered, rows) as (url, _),
        hosted(serve_prerendered, _MORE * rows) as (long_url, _),
    ):
        taken = in_turns(
            {
                "floor": lambda: floor(rows, _PAGE_SIZE),
                "start": lambda: tap(start_url, workers=1),
                "1 worker": lambda: tap(url, workers=1),
                "4 workers": lambda: tap(url, workers=4),
            },
            rounds=scale.of(quick=1, usual=5),
        )
        long = tap(long_url, workers=4)
    floors, starts = taken["floor"], taken["start"]
    one, four = net(taken["1 worker"], starts), net(taken["4 workers"], starts)
    shares = [ratio([f.cpu for f in floors], [u.cpu for u in usages]) for usages in (one, four)]
    return Section(
        "floor",
        f"{rows:,} orders of 10 kB in pages of {_PAGE_SIZE}, ready made by a server in a process of its own, to "
        "/dev/null; beside it the floor: decoding and encoding the same bytes with msgspec (Decimal). The orders are "
        "read whole (`keep_copies: true`), so that both do the same work; by default the tap leaves out half of their "
        "bytes. CPU is that of the tap's process, all threads and the system's part; start-up is left out.",
        HEAD,
        [
            line("floor: msgspec alone", rows, floors, floors),
            line("the tap, 1 worker", rows, one, floors),
            line("the tap, 4 workers", rows, four, floors),
            line(f"the tap, 4 workers, {_MORE * rows:,} orders", _MORE * rows, net([long], starts), [_many(floors)]),
        ],
        [
            f"{min(shares):.0%} of the floor by CPU (wanted: 40 %, later 55 %).",
            (
                f"Peak memory at {rows:,} rows {megabytes(max(u.peak for u in four))}, at {_MORE * rows:,} rows "
                f"{megabytes(long.peak)} (wanted: under 150 MB, and no higher)."
            ),
        ],
    )


def _many(floors: Sequence[Usage]) -> Usage:
    """Tell what the floor would take for as many rows as are read for the memory."""
    return Usage(_MORE * median(f.cpu for f in floors), _MORE * median(f.wall for f in floors), 0)
