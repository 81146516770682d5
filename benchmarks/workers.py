"""How much faster several workers read a slow shop, whatever its data look like."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.costs import SHOP, Work, faster
from benchmarks.hosting import hosted
from benchmarks.programs import TAP, run_tap
from benchmarks.report import Section
from benchmarks.scale import Scale
from benchmarks.store import Contents, evenly, serve_store, until_lately, work_done

_FEW, _MANY = 1, 8
_STEPS = (_FEW, 2, 4, _MANY)
_PAGE_SIZE = 100
_BYTES = 1_000
# Faster still, and the work of the tap and of the store on a page, 10 ms, would no longer be small beside the shop's.
_FASTER = 2
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Case:
    """A list to be read.

    Attributes:
        name: What is to be known about it.
        contents: The rows.
        is_first_read: Whether they are read for the first time, which is done in key order; else in time order, from
            a bookmark of the day before on.
    """

    name: str
    contents: Contents
    is_first_read: bool

    @property
    def state(self) -> dict[str, Any] | None:
        """The tap's state before the read."""
        if self.is_first_read:
            return None
        day_before = (self.contents.begin - _DAY).isoformat()
        return {"bookmarks": {"orders": {"replication_key": "updated_at", "replication_key_value": day_before}}}


def cases(rows: int) -> list[Case]:
    """Make the lists.

    Args:
        rows: Rows of each.

    Returns:
        Even and bursty ones, and one whose rows share a second; in both orders where that makes a difference.
    """
    even = evenly(rows, _BYTES)
    bursty = until_lately(_BYTES, _bursty(rows, 1), [second // 2 for second in _bursty(rows, 2)])
    one_second = until_lately(_BYTES, even.keys, [0] * rows)
    return [
        Case("key order, even", even, is_first_read=True),
        Case("key order, bursty", bursty, is_first_read=True),
        Case("time order, even", even, is_first_read=False),
        Case("time order, bursty", bursty, is_first_read=False),
        Case("time order, one second", one_second, is_first_read=False),
    ]


def run(scale: Scale) -> Section:
    """Measure.

    Args:
        scale: How much to do.

    Returns:
        What was found.
    """
    rows = scale.of(quick=2_000, usual=24_000, full=48_000)
    works = _read_all(cases(rows), every_step=scale is Scale.FULL)
    ideal = rows * (SHOP.per_row + SHOP.per_request / _PAGE_SIZE) / _FASTER
    speedups = {name: by[_FEW].seconds / by[_MANY].seconds for name, by in works.items()}
    slowest, fastest = min(speedups.values()), max(speedups.values())
    excess = {name: by[_MANY].seconds / (ideal / _MANY) - 1 for name, by in works.items()}
    probes = [work.probes_cost / work.cost for by in works.values() for work in by.values()]
    return Section(
        "workers",
        f"{rows:,} orders of 1 kB in pages of {_PAGE_SIZE} from a shop with 8 PHP workers, whose page takes "
        f"{SHOP.per_request + _PAGE_SIZE * SHOP.per_row:.2f} s and a count {SHOP.per_request} s and more, all made "
        f"{_FASTER} times faster. The reads with one worker ran side by side, each other one alone. The seconds are "
        "those from the shop's first request to its last. The ideal is rows x cost / workers. Every run's rows were "
        "complete, in order, and its bookmark right.",
        ["", *(f"{w} worker{'s'[: w > 1]}" for w in _STEPS), "8 to 1", "over the ideal", "probes' share of cost"],
        [
            [
                name,
                *(f"{by[w].seconds:.1f} s" if w in by else "" for w in _STEPS),
                f"{speedups[name]:.1f} x",
                f"{excess[name]:+.0%}",
                f"{by[_MANY].probes_cost / by[_MANY].cost:.1%}",
            ]
            for name, by in works.items()
        ]
        + [["ideal", *(f"{ideal / w:.1f} s" for w in _STEPS), "8.0 x", "", ""]],
        [
            f"8 workers are {slowest:.1f} to {fastest:.1f} times as fast as one (wanted: 6.5).",
            f"{max(excess.values()):.0%} over the ideal at most (wanted: 15 %).",
            f"Counts are {max(probes):.1%} of the shop's work at most (wanted: under 3 %).",
        ],
    )


def _read_all(lists: Sequence[Case], *, every_step: bool) -> dict[str, dict[int, Work]]:
    """Read lists with one worker and with many; the first one, or all, also with numbers between."""
    # One worker is idle for nearly all of the time: side by side the lists do not disturb each other.
    with ThreadPoolExecutor(len(lists)) as side_by_side:
        alone = side_by_side.map(lambda case: read(case, _FEW), lists)
        works = {case.name: {_FEW: work} for case, work in zip(lists, alone, strict=True)}
    for case in lists:
        for workers in _STEPS[1:] if every_step or case is lists[0] else (_MANY,):
            works[case.name][workers] = read(case, workers)
    return works


def read(case: Case, workers: int) -> Work:
    """Read a list.

    Args:
        case: The list.
        workers: How many workers read it.

    Returns:
        The shop's work.

    Raises:
        RuntimeError: If a row is missing, doubled or out of order, or the bookmark is wrong.
    """
    shop = faster(SHOP, _FASTER)
    with hosted(serve_store, case.contents, shop, shop) as (url, line), TemporaryDirectory() as folder:
        config = {"store_url": url, "access_token": line.recv(), "max_concurrency": workers, "page_size": _PAGE_SIZE}
        output = Path(folder, "messages.jsonl")
        run_tap(TAP, config, state=case.state, output=output)
        _check(output, case)
        return work_done(line)


def _check(output: Path, case: Case) -> None:
    messages = [json.loads(text) for text in output.read_bytes().splitlines()]
    keys = [message["record"]["entity_id"] for message in messages if message["type"] == "RECORD"]
    if keys != list(case.contents.keys):
        raise RuntimeError(f"{case.name}: not exactly the rows, in their order")
    state = [message["value"] for message in messages if message["type"] == "STATE"][-1]["bookmarks"]["orders"]
    last = (case.contents.begin + timedelta(seconds=case.contents.seconds[-1])).isoformat()
    bookmark = state.get("replication_key_value", "")
    # A read in key order ends with the time when it began.
    if bookmark <= last if case.is_first_read else bookmark != last:
        raise RuntimeError(f"{case.name}: the state is {state}, the last change was at {last}")


def _bursty(rows: int, seed: int) -> list[int]:
    """Make ascending numbers: bursts of hundreds side by side, and gaps of some thousands between."""
    random = Random(seed)
    steps = (random.randint(1, 20_000) if random.random() < 1 / 300 else 1 for _ in range(rows))
    return list(accumulate(steps))
