"""How close the tap comes to what decoding and encoding alone take, and how much memory it needs."""

from __future__ import annotations

from benchmarks.hosting import hosted
from benchmarks.prerendered import serve_prerendered
from benchmarks.report import Section
from benchmarks.rounds import in_turns, share
from benchmarks.scale import Scale
from benchmarks.speed import FLOOR_PAGE, HEAD, PAGE, floor, floor_line, line, megabytes, net, tap

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
                "start": lambda: tap(start_url, workers=1),
                "1 worker": lambda: tap(url, workers=1),
                "4 workers": lambda: tap(url, workers=4),
            },
            reference=lambda: floor(rows),
            rounds=scale.of(quick=1, usual=7),
        )
        long = tap(long_url, workers=4)
    one, four = net(taken["1 worker"], taken["start"]), net(taken["4 workers"], taken["start"])
    return Section(
        "floor",
        f"{rows:,} orders of 10 kB in pages of {PAGE}, ready made by a server in a process of its own, to /dev/null; "
        f"beside it the floor: decoding and encoding the same bytes with msgspec (Decimal), {FLOOR_PAGE} orders at a "
        "time, which is quicker. It runs before and after each of the others. The orders are read whole "
        "(`include_nested_duplicates: true`), so that both do the same work; by default the tap leaves out half of "
        "their bytes. CPU is that of the tap's process, all threads and the system's part; start-up is left out.",
        HEAD,
        [
            floor_line(rows, one + four),
            line("the tap, 1 worker", rows, one),
            line("the tap, 4 workers", rows, four),
        ],
        [
            f"{min(share(one), share(four)):.0%} of the floor by CPU (wanted: 40 %, later 55 %).",
            (
                f"Peak memory at {rows:,} rows {megabytes(max(turn.usage.peak for turn in four))}, at "
                f"{_MORE * rows:,} rows {megabytes(long.peak)} (wanted: under 150 MB, and no higher)."
            ),
        ],
    )
