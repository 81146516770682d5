"""How long the tap takes to start and to describe all its streams, without a shop."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import programs
from benchmarks.programs import TAP, Usage
from benchmarks.report import Section
from benchmarks.scale import Scale

_WANTED = 1.5
_SETTINGS = {"store_url": "https://shop.example.com", "access_token": "none", "schema_source": "bundled"}


def discover() -> tuple[Usage, int]:
    """Discover the catalog without a shop.

    Returns:
        What it took, and how many streams there are.
    """
    with TemporaryDirectory() as folder:
        config, output = Path(folder, "config.json"), Path(folder, "catalog.json")
        config.write_text(json.dumps(_SETTINGS), encoding="utf-8")
        usage = programs.run(TAP, "--config", str(config), "--discover", output=output)
        return usage, len(json.loads(output.read_bytes())["streams"])


def run(scale: Scale) -> Section:
    """Measure.

    Args:
        scale: How much to do.

    Returns:
        What was found.
    """
    taken: dict[str, list[Usage]] = {"imports alone (`--version`)": [], "`--discover`": []}
    streams = 0
    for _ in range(scale.of(quick=1, usual=9)):
        taken["imports alone (`--version`)"].append(programs.run(TAP, "--version"))
        usage, streams = discover()
        taken["`--discover`"].append(usage)
    rows = [
        (name, f"{median(each.wall for each in usages):.2f} s", f"{median(each.cpu for each in usages):.2f} s")
        for name, usages in taken.items()
    ]
    wall = median(each.wall for each in taken["`--discover`"])
    return Section(
        "startup",
        f"`--discover` of {streams} streams with `schema_source: bundled`: no shop is asked. Medians; the time of the "
        "interpreter's start is in both.",
        ("program", "time", "CPU"),
        rows,
        [f"{wall:.2f} s (wanted: under {_WANTED} s)."],
    )
