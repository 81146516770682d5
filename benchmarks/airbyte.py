"""The Airbyte source beside the Singer tap that it is made of: what its messages cost."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.hosting import hosted
from benchmarks.prerendered import serve_prerendered
from benchmarks.programs import SETTINGS, TAP, Usage, catalog_of
from benchmarks.programs import run as run_program
from benchmarks.report import Section
from benchmarks.rounds import in_turns
from benchmarks.scale import Scale
from benchmarks.speed import HEAD, PAGE, floor, floor_line, line, net, tap

SOURCE = "tap_magento.airbyte"
_WORKERS = 4


def source(url: str, output: Path | None = None) -> Usage:
    """Read the orders of a shop with the source.

    Args:
        url: The shop.
        output: Where its messages go; nowhere if None.

    Returns:
        What it took, start-up included.
    """
    credentials = {"auth_method": "token", "access_token": "any"}
    config = {"store_url": url, "credentials": credentials, "max_concurrency": _WORKERS, "page_size": PAGE, **SETTINGS}
    with TemporaryDirectory() as folder:
        arguments = ["read"]
        for name, content in (("config", config), ("catalog", _catalog())):
            path = Path(folder, f"{name}.json")
            path.write_text(json.dumps(content), encoding="utf-8")
            arguments += [f"--{name}", str(path)]
        return run_program(SOURCE, *arguments, output=output)


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
                "start": lambda: tap(start_url, workers=_WORKERS),
                "source start": lambda: source(start_url),
                "tap": lambda: tap(url, workers=_WORKERS),
                "source": lambda: source(url),
            },
            reference=lambda: floor(rows),
            rounds=scale.of(quick=1, usual=5),
        )
    plain, ours = net(taken["tap"], taken["start"]), net(taken["source"], taken["source start"])
    whole = median(b.usage.cpu / a.usage.cpu for a, b in zip(taken["tap"], taken["source"], strict=True))
    rate = median(b.usage.cpu / a.usage.cpu for a, b in zip(plain, ours, strict=True))
    return Section(
        "airbyte",
        f"{rows:,} orders of 10 kB in pages of {PAGE}, ready made as for `floor`: the Singer tap, and the Airbyte "
        "source, which runs the same streams and writes the messages of the Airbyte protocol.",
        HEAD,
        [
            floor_line(rows, plain + ours),
            line("the tap", rows, plain),
            line("source-magento", rows, ours),
        ],
        [
            (
                f"Beside the tap's CPU time the source takes {rate - 1:+.0%} for the rows alone, {whole - 1:+.0%} with "
                "the start (wanted: at most +10 %)."
            )
        ],
    )


@cache
def _catalog() -> dict[str, Any]:
    (orders,) = (each for each in catalog_of(TAP)["streams"] if each["tap_stream_id"] == "orders")
    stream = {"name": "orders", "json_schema": orders["schema"], "source_defined_primary_key": [["entity_id"]]}
    return {"streams": [{"stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append"}]}
