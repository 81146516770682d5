"""The Airbyte source and the dlt source beside the Singer tap that they are made of: what it costs to be adapted."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.hosting import hosted
from benchmarks.prerendered import serve_prerendered
from benchmarks.programs import ROOT, SETTINGS, TAP, Usage, catalog_of
from benchmarks.programs import run as run_program
from benchmarks.report import Section
from benchmarks.rounds import Turn, in_turns
from benchmarks.scale import Scale
from benchmarks.speed import PAGE, WORKERS, megabytes, tap

SOURCE = "tap_magento.airbyte"
DLT_PYTHON = ROOT / ".venv" / "dlt" / "bin" / "python"

_TAP = "the tap"
_AIRBYTE = "source-magento"
_DLT = "dlt source"
_NORMALIZED = "dlt source, to dlt's normalized files"
# What is ours alone, without dlt's own work.
_OURS = (_AIRBYTE, _DLT)
_HEAD = ("", "rows/s of CPU", "beside the tap", "with the start", "peak memory")


def airbyte(url: str, output: Path | None = None) -> Usage:
    """Read the orders of a shop with the Airbyte source.

    Args:
        url: The shop.
        output: Where its messages go; nowhere if None.

    Returns:
        What it took, start-up included.
    """
    credentials = {"auth_method": "token", "access_token": "any"}
    config = {"store_url": url, "credentials": credentials, "max_concurrency": WORKERS, "page_size": PAGE, **SETTINGS}
    with TemporaryDirectory() as folder:
        arguments = ["read"]
        for name, content in (("config", config), ("catalog", _catalog())):
            path = Path(folder, f"{name}.json")
            path.write_text(json.dumps(content), encoding="utf-8")
            arguments += [f"--{name}", str(path)]
        return run_program(SOURCE, *arguments, output=output)


def dlt(url: str, step: str) -> Usage:
    """Take the orders of a shop from the dlt source.

    Args:
        url: The shop.
        step: How far, as `benchmarks.dlt_rows` has it.

    Returns:
        What it took, start-up included.

    Raises:
        FileNotFoundError: If dlt is not installed.
    """
    if not DLT_PYTHON.exists():
        raise FileNotFoundError("dlt is not installed: run `make dlt` first")
    return run_program("benchmarks.dlt_rows", url, step, python=DLT_PYTHON)


def run(scale: Scale) -> Section:
    """Measure.

    Args:
        scale: How much to do.

    Returns:
        What was found.
    """
    rows = scale.of(quick=1_000, usual=10_000)
    rounds = scale.of(quick=1, usual=3)
    contestants: dict[str, Callable[[str], Usage]] = {
        _AIRBYTE: airbyte,
        _DLT: partial(dlt, step="rows"),
        _NORMALIZED: partial(dlt, step="normalize"),
    }
    with hosted(serve_prerendered, 1) as (start_url, _), hosted(serve_prerendered, rows) as (url, _):
        starts, taken = (
            in_turns(
                {name: partial(contestant, place) for name, contestant in contestants.items()},
                reference=lambda place=place: tap(place, workers=WORKERS),  # type: ignore[misc]
                rounds=rounds,
            )
            for place in (start_url, url)
        )
    found = {name: Beside.of(taken[name], starts[name]) for name in contestants}
    plain = median(each.tap for each in found.values())
    return Section(
        "adapters",
        f"{rows:,} orders of 10 kB in pages of {PAGE}, ready made as for `floor`: the Airbyte source, which writes the "
        "messages of the Airbyte protocol, and the dlt source, whose rows are taken by nobody, and then by dlt, each "
        "between two runs of the Singer tap, whose streams they run. CPU is that of the program's process; start-up is "
        "left out where it does not say otherwise; that of the dlt source is mostly the import of dlt.",
        _HEAD,
        [
            [_TAP, f"{rows / plain:,.0f}", "", "", megabytes(max(each.beside.peak for each in taken[_DLT]))],
            *(
                [
                    name,
                    f"{rows / each.ours:,.0f}",
                    f"{each.more:+.0%}",
                    f"{each.more_with_start:+.0%}",
                    megabytes(max(turn.usage.peak for turn in taken[name])),
                ]
                for name, each in found.items()
            ),
        ],
        [
            *(f"{name}: {found[name].more:+.0%} CPU beside the tap (wanted: at most +10 %)." for name in _OURS),
            f"The source takes {found[_DLT].ours / found[_NORMALIZED].ours:.0%} of what it takes to normalized files.",
        ],
    )


@dataclass(frozen=True, slots=True)
class Beside:
    """What a contestant takes beside the tap.

    Attributes:
        ours: Seconds of its CPU time, without its start.
        tap: The same of the tap.
        more: What it takes more, as a share of the tap's.
        more_with_start: The same with the starts of both.
    """

    ours: float
    tap: float
    more: float
    more_with_start: float

    @classmethod
    def of(cls, turns: Sequence[Turn], starts: Sequence[Turn]) -> Beside:
        """Compare.

        Args:
            turns: The contestant's turns, each between two of the tap.
            starts: The same with a shop of one order.

        Returns:
            The medians.
        """
        our_start = median(turn.usage.cpu for turn in starts)
        tap_start = median(turn.beside.cpu for turn in starts)
        pairs = [(turn.usage.cpu - our_start, turn.beside.cpu - tap_start) for turn in turns]
        return cls(
            ours=median(ours for ours, _ in pairs),
            tap=median(plain for _, plain in pairs),
            more=median(ours / plain for ours, plain in pairs) - 1,
            more_with_start=median(turn.usage.cpu / turn.beside.cpu for turn in turns) - 1,
        )


@cache
def _catalog() -> dict[str, Any]:
    (orders,) = (each for each in catalog_of(TAP)["streams"] if each["tap_stream_id"] == "orders")
    stream = {"name": "orders", "json_schema": orders["schema"], "source_defined_primary_key": [["entity_id"]]}
    return {"streams": [{"stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append"}]}
