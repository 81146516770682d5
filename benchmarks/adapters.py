"""The Airbyte source and the dlt source beside the Singer tap that they are made of: what it costs to be adapted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
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
from benchmarks.speed import HEAD, PAGE, WORKERS, floor, floor_line, line, net, tap

SOURCE = "tap_magento.airbyte"
DLT_PYTHON = ROOT / ".venv" / "dlt" / "bin" / "python"

# Contestant to what is measured of it.
_TAP = "the tap"
_AIRBYTE = "source-magento"
_DLT = {
    "dlt source": "rows",
    "dlt source, extracted by dlt": "extract",
    "dlt source, and normalized": "normalize",
}
_OURS = (_AIRBYTE, next(iter(_DLT)))


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
    contestants: dict[str, Callable[[str], Usage]] = {
        _TAP: partial(tap, workers=WORKERS),
        _AIRBYTE: airbyte,
        **{name: partial(dlt, step=step) for name, step in _DLT.items()},
    }
    with hosted(serve_prerendered, 1) as (start_url, _), hosted(serve_prerendered, rows) as (url, _):
        started = {_start(name): partial(contestant, start_url) for name, contestant in contestants.items()}
        whole = {name: partial(contestant, url) for name, contestant in contestants.items()}
        taken = in_turns(started | whole, reference=lambda: floor(rows), rounds=scale.of(quick=1, usual=3))
    turns = {name: net(taken[name], taken[_start(name)]) for name in contestants}
    return Section(
        "adapters",
        f"{rows:,} orders of 10 kB in pages of {PAGE}, ready made as for `floor`: the Singer tap, and beside it the "
        "Airbyte source, which writes the messages of the Airbyte protocol, and the dlt source, whose rows are taken "
        "as Python objects by nobody, and then by dlt. Each runs the same streams. Start-up is left out, but for the "
        "second figures below.",
        HEAD,
        [floor_line(rows, [turn for each in turns.values() for turn in each])]
        + [line(name, rows, each) for name, each in turns.items()],
        [
            f"{name}: {_more(turns[_TAP], turns[name]):+.0%} CPU beside the tap for the rows alone (wanted: at most "
            f"+10 %), {_more(taken[_TAP], taken[name]):+.0%} with the start."
            for name in _OURS
        ]
        + [_told_of_dlt(turns)],
    )


def _start(name: str) -> str:
    return f"{name}, start"


def _more(plain: Sequence[Turn], ours: Sequence[Turn]) -> float:
    return median(b.usage.cpu / a.usage.cpu for a, b in zip(plain, ours, strict=True)) - 1


def _told_of_dlt(turns: Mapping[str, Sequence[Turn]]) -> str:
    taken = [median(turn.usage.cpu for turn in turns[name]) for name in _DLT]
    shares = [part / taken[-1] for part in (taken[0], taken[1] - taken[0], taken[2] - taken[1])]
    return (
        f"Of what it takes from the shop to dlt's normalized files the source takes {shares[0]:.0%}, dlt's extraction "
        f"{shares[1]:.0%} and its normalization {shares[2]:.0%}."
    )


@cache
def _catalog() -> dict[str, Any]:
    (orders,) = (each for each in catalog_of(TAP)["streams"] if each["tap_stream_id"] == "orders")
    stream = {"name": "orders", "json_schema": orders["schema"], "source_defined_primary_key": [["entity_id"]]}
    return {"streams": [{"stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append"}]}
