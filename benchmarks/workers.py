"""How much faster several workers read a slow shop, whatever its data look like."""

from __future__ import annotations

import json
import time
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
from benchmarks.model import ModelShop
from benchmarks.programs import TAP, run_tap
from benchmarks.report import Section
from benchmarks.scale import Scale
from benchmarks.store import Contents, evenly, serve_store, until_lately, work_done
from tap_magento.reading.complete import read_completely
from tap_magento.reading.types import Batch

_FEW, _MANY = 1, 8
_PAGE_SIZE = 200
_BYTES = 1_000
# The engine alone has little to do.
_MODEL_FASTER = 20
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
    rows = scale.of(quick=2_000, usual=8_000)
    works = _read_all(cases(rows))
    through_tap = [
        _Speedup(f"the tap, {name}", rows, by[_FEW].seconds, by[_MANY].seconds, by[_MANY].probes_cost / by[_MANY].cost)
        for name, by in works.items()
    ]
    sizes = [rows, *([scale.of(quick=0, usual=100_000)] if scale is not Scale.QUICK else [])]
    by_engine = [found for many in sizes for found in read_model(many)]
    slowest = min(found.times for found in by_engine)
    return Section(
        "workers",
        f"Orders in pages of {_PAGE_SIZE} from a shop with {SHOP.workers} PHP workers, whose page takes "
        f"{SHOP.per_request + _PAGE_SIZE * SHOP.per_row:.2f} s and a probe, which locates a row by its rank, "
        f"{SHOP.per_request + SHOP.per_row} s and more. By the engine alone, against a model of that shop whose time "
        f"is {_MODEL_FASTER} times faster; one worker's seconds are the sum of what its requests cost. Through the "
        f"tap, against the sample store at its own speed, from the shop's first request to its "
        "last: every run's rows were complete, in order, and its bookmark right.",
        ["", "rows", "1 worker", f"{_MANY} workers", "times as fast", "probes' share of cost"],
        [
            [
                found.name,
                f"{found.rows:,}",
                f"{found.one:.1f} s",
                f"{found.many:.1f} s",
                f"{found.times:.1f}",
                f"{found.probes:.1%}",
            ]
            for found in (*by_engine, *through_tap)
        ],
        [
            f"{_MANY} workers are at least {slowest:.1f} times as fast as one (wanted: 6.5).",
            f"Through the tap they are {min(found.times for found in through_tap):.1f} times as fast.",
            f"Probes are {max(found.probes for found in by_engine):.1%} of the shop's work (wanted: under 2 %).",
        ],
    )


@dataclass(frozen=True, slots=True)
class _Speedup:
    """A list read by one worker and by many."""

    name: str
    rows: int
    one: float
    many: float
    probes: float

    @property
    def times(self) -> float:
        return self.one / self.many


def read_model(rows: int) -> list[_Speedup]:
    """Read lists from a model of a shop, in both orders.

    Args:
        rows: Rows of each.

    Returns:
        How long it took.

    Raises:
        RuntimeError: If a row is missing or doubled.
    """
    even = range(1, rows + 1), range(0, 10 * rows, 10)
    lists: dict[str, tuple[Sequence[int], Sequence[int]]] = {
        "even": even,
        "bursty": (_bursty(rows, 1), [second // 2 for second in _bursty(rows, 2)]),
        "one second": (even[0], [0] * rows),
    }
    found = []
    for name, (keys, seconds) in lists.items():
        for order in ("key", "time"):
            alone, many = ModelShop(keys, seconds), ModelShop(keys, seconds, faster=_MODEL_FASTER)
            _read_model(alone, order, _FEW)
            began = time.perf_counter()
            _read_model(many, order, _MANY)
            took = (time.perf_counter() - began) * _MODEL_FASTER
            probes = many.probes_cost / many.cost
            found.append(_Speedup(f"the engine, {order} order, {name}", rows, alone.cost, took, probes))
    return found


def _read_model(shop: ModelShop, order: str, workers: int) -> None:
    items = read_completely(shop.ranges()[order], shop.source(_PAGE_SIZE, workers))
    keys = [cursor.key for item in items if isinstance(item, Batch) for cursor in item.page.cursors]
    if keys != list(shop.keys):
        raise RuntimeError(f"{order} order: not exactly the rows, in their order")


def _read_all(lists: Sequence[Case]) -> dict[str, dict[int, Work]]:
    """Read lists with one worker and with many."""
    # One worker is idle for nearly all of the time: side by side the lists do not disturb each other.
    with ThreadPoolExecutor(len(lists)) as side_by_side:
        alone = side_by_side.map(lambda case: read(case, _FEW), lists)
        works = {case.name: {_FEW: work} for case, work in zip(lists, alone, strict=True)}
    for case in lists:
        works[case.name][_MANY] = read(case, _MANY)
    return works


def read(case: Case, workers: int, *, times_faster: float = 1) -> Work:
    """Read a list through the tap.

    Args:
        case: The list.
        workers: How many workers read it.
        times_faster: How many times faster the shop is. The work of the tap and of the store on a page, 20 ms, is
            small beside that of the shop at its own speed alone.

    Returns:
        The shop's work.

    Raises:
        RuntimeError: If a row is missing, doubled or out of order, or the bookmark is wrong.
    """
    shop = faster(SHOP, times_faster)
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
    # A read that ends moves the bookmark to the time when it began.
    if bookmark <= last:
        raise RuntimeError(f"{case.name}: the state is {state}, the last change was at {last}")


def _bursty(rows: int, seed: int) -> list[int]:
    """Make ascending numbers: bursts of hundreds side by side, and gaps of some thousands between."""
    random = Random(seed)
    steps = (random.randint(1, 20_000) if random.random() < 1 / 300 else 1 for _ in range(rows))
    return list(accumulate(steps))
