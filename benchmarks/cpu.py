"""The tap's own speed beside the plain tap, which is what users have today, and its memory when it reads widest."""

from __future__ import annotations

from statistics import median

from benchmarks.hosting import hosted
from benchmarks.prerendered import serve_prerendered
from benchmarks.report import Section
from benchmarks.rounds import in_turns, share
from benchmarks.scale import Scale
from benchmarks.speed import HEAD, PAGE, floor, floor_line, line, megabytes, net, plain_tap, tap

_WIDE = 300


def run(scale: Scale) -> Section:
    """Measure.

    Args:
        scale: How much to do.

    Returns:
        What was found.
    """
    rows = scale.of(quick=2_000, usual=20_000)
    with hosted(serve_prerendered, 1) as (start_url, _), hosted(serve_prerendered, rows) as (url, _):
        taken = in_turns(
            {
                "start": lambda: tap(start_url, workers=1),
                "tap": lambda: tap(url, workers=4),
                "wide": lambda: tap(url, workers=8, page_size=_WIDE),
                "plain start": lambda: plain_tap(start_url),
                "plain": lambda: plain_tap(url),
            },
            reference=lambda: floor(rows),
            rounds=scale.of(quick=1, usual=7),
        )
    ours, wide = net(taken["tap"], taken["start"]), net(taken["wide"], taken["start"])
    plain = net(taken["plain"], taken["plain start"])
    by_cpu = median(theirs.usage.cpu / mine.usage.cpu for theirs, mine in zip(plain, ours, strict=True))
    by_wall = median(theirs.usage.wall / mine.usage.wall for theirs, mine in zip(plain, ours, strict=True))
    return Section(
        "cpu",
        f"{rows:,} orders of 10 kB in pages of {PAGE}, ready made as for `floor`, and beside it a plain "
        "`RESTStream` with page numbers and the SDK's defaults, with the same schema and the same pages. All read "
        "whole orders (`include_nested_duplicates: true`).",
        HEAD,
        [
            floor_line(rows, ours + wide + plain),
            line("the tap, 4 workers", rows, ours),
            line(f"the tap, 8 workers, {_WIDE} rows a page", rows, wide),
            line("plain RESTStream", rows, plain),
        ],
        [
            f"{share(ours):.0%} of the floor by CPU (wanted: 55 %).",
            f"{by_cpu:.1f} times the plain stream by CPU, {by_wall:.1f} times by the clock (wanted: 3.5).",
            (
                f"Peak memory at 8 workers and pages of {_WIDE}: {megabytes(max(turn.usage.peak for turn in wide))} "
                "(wanted: under 200 MB)."
            ),
        ],
    )
