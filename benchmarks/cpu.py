"""The tap's own speed beside the plain tap, which is what users have today, and its memory when it reads widest."""

from __future__ import annotations

from benchmarks.hosting import hosted
from benchmarks.prerendered import serve_prerendered
from benchmarks.report import Section
from benchmarks.rounds import in_turns, ratio
from benchmarks.scale import Scale
from benchmarks.speed import HEAD, floor, line, megabytes, net, plain_tap, tap

_PAGE_SIZE = 100
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
                "floor": lambda: floor(rows, _PAGE_SIZE),
                "start": lambda: tap(start_url, workers=1),
                "tap": lambda: tap(url, workers=4),
                "wide": lambda: tap(url, workers=8, page_size=_WIDE),
                "plain start": lambda: plain_tap(start_url),
                "plain": lambda: plain_tap(url),
            },
            rounds=scale.of(quick=1, usual=5),
        )
    floors = taken["floor"]
    ours, wide = net(taken["tap"], taken["start"]), net(taken["wide"], taken["start"])
    plain = net(taken["plain"], taken["plain start"])
    share = ratio([f.cpu for f in floors], [u.cpu for u in ours])
    by_cpu = ratio([p.cpu for p in plain], [u.cpu for u in ours])
    by_wall = ratio([p.wall for p in plain], [u.wall for u in ours])
    return Section(
        "cpu",
        f"{rows:,} orders of 10 kB in pages of {_PAGE_SIZE}, ready made as for `floor`, and in the same rounds a plain "
        "`RESTStream` with page numbers and the SDK's defaults, with the same schema and the same pages. All read "
        "whole orders (`keep_copies: true`).",
        HEAD,
        [
            line("floor: msgspec alone", rows, floors, floors),
            line("the tap, 4 workers", rows, ours, floors),
            line(f"the tap, 8 workers, {_WIDE} rows a page", rows, wide, floors),
            line("plain RESTStream", rows, plain, floors),
        ],
        [
            f"{share:.0%} of the floor by CPU (wanted: 55 %).",
            f"{by_cpu:.1f} times the plain stream by CPU, {by_wall:.1f} times by the clock (wanted: 3.5).",
            (
                f"Peak memory at 8 workers and pages of {_WIDE}: {megabytes(max(u.peak for u in wide))} "
                "(wanted: under 200 MB)."
            ),
        ],
    )
