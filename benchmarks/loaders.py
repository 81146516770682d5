"""The whole pipeline, `meltano run tap-magento target-postgres`: the loader's defaults beside what is recommended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.hosting import hosted
from benchmarks.prerendered import serve_prerendered
from benchmarks.programs import Usage
from benchmarks.report import Section
from benchmarks.scale import Scale
from demo.pipeline import Pipeline
from demo.places import cluster_of
from demo.postgres import Database, running

_DEFAULTS = {"VALIDATE_RECORDS": "true", "BATCH_SIZE_ROWS": "10000", "USE_COPY": "false"}
_UNCHECKED = {"VALIDATE_RECORDS": "false", "BATCH_SIZE_ROWS": "1000", "USE_COPY": "false"}
_COPY = {**_UNCHECKED, "USE_COPY": "true"}
_DEFAULT = "the loader's defaults"
_UNCHECKED_NAME = "no validation, 1,000 rows a batch"
_RECOMMENDED = "recommended: COPY, `array_items: open`"
#: What is compared, to the tap's `array_items` and the loader's settings.
_CONTESTANTS = {
    _DEFAULT: ("described", _DEFAULTS),
    _UNCHECKED_NAME: ("described", _UNCHECKED),
    _RECOMMENDED: ("open", _COPY),
}


@dataclass(frozen=True, slots=True)
class _Contestant:
    """A pipeline's settings, run against any shop.

    Attributes:
        home: A folder for the runs' states and logs.
        database: Where the rows go.
        array_items: The tap's setting.
        loader: The loader's settings.
    """

    home: Path
    database: Database
    array_items: str
    loader: dict[str, str]

    def run(self, url: str, rows: int, turn: str) -> Usage:
        """Load all orders into a new table.

        Args:
            url: The shop's address.
            rows: How many orders it has.
            turn: A name that no other run has.

        Returns:
            What Meltano, the tap and the loader took together; the server's part is left out.

        Raises:
            RuntimeError: If rows are missing.
        """
        settings = {
            "TAP_MAGENTO_STORE_URL": url,
            "TAP_MAGENTO_ACCESS_TOKEN": "none",
            "TAP_MAGENTO_SCHEMA_SOURCE": "bundled",
            "TAP_MAGENTO_AUDIT": "off",
            "TAP_MAGENTO_INCLUDE_NESTED_DUPLICATES": "true",
            "TAP_MAGENTO_ARRAY_ITEMS": self.array_items,
            "TAP_MAGENTO__SELECT": json.dumps(["orders.*"]),
            **{f"TARGET_POSTGRES_{name}": value for name, value in self.loader.items()},
        }
        home = self.home / turn
        home.mkdir()
        pipeline = Pipeline(home, replace(self.database, schema=turn), settings)
        before = getrusage(RUSAGE_CHILDREN)
        wall = pipeline.run().seconds
        after = getrusage(RUSAGE_CHILDREN)
        loaded = len(pipeline.database.rows("orders"))
        if loaded != rows:
            raise RuntimeError(f"{turn}: {loaded} of {rows} orders were loaded")
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Usage(cpu, wall, after.ru_maxrss * 1024)


def run(scale: Scale) -> Section:
    """Measure.

    Args:
        scale: How much to do.

    Returns:
        What was found.
    """
    rows, rounds = scale.of(quick=300, usual=3_000), scale.of(quick=1, usual=2)
    taken: dict[str, list[Usage]] = {name: [] for name in _CONTESTANTS}
    starts: list[Usage] = []
    with (
        TemporaryDirectory() as folder,
        running(cluster_of(Path(folder)), fresh=True) as database,
        hosted(serve_prerendered, 1) as (start_url, _),
        hosted(serve_prerendered, rows) as (url, _),
    ):
        Pipeline(Path(folder), database, {}).install()
        for turn in range(rounds):
            contestants = {
                name: _Contestant(Path(folder), database, array_items, loader)
                for name, (array_items, loader) in _CONTESTANTS.items()
            }
            starts.append(contestants[_RECOMMENDED].run(start_url, 1, f"start_{turn}"))
            for number, (name, contestant) in enumerate(contestants.items()):
                taken[name].append(contestant.run(url, rows, f"whole_{turn}_{number}"))
    net = {name: [whole.without(start) for whole, start in zip(taken[name], starts, strict=True)] for name in taken}
    defaults, unchecked = (_gain(net[name], net[_RECOMMENDED]) for name in (_DEFAULT, _UNCHECKED_NAME))
    return Section(
        "loaders",
        f"`meltano run tap-magento target-postgres`: {rows:,} whole orders of 10 kB from a ready-made shop into a new "
        "table of PostgreSQL on the same machine. CPU is that of Meltano, tap and loader together. Their start-up, a "
        f"run of one order, is left out: {median(each.cpu for each in starts):.1f} s of CPU.",
        ["settings", "rows/s", "rows/s of CPU", "CPU of the recommended"],
        [
            [
                name,
                f"{rows / median(each.wall for each in net[name]):,.0f}",
                f"{rows / median(each.cpu for each in net[name]):,.0f}",
                f"{1 / _gain(net[name], net[_RECOMMENDED]):.0%}",
            ]
            for name in _CONTESTANTS
        ],
        [
            (
                f"{defaults:.1f} times as many rows a second of CPU as the loader's defaults, {unchecked:.1f} times as "
                "without COPY and open arrays (wanted: 1.5)."
            )
        ],
    )


def _gain(theirs: Sequence[Usage], ours: Sequence[Usage]) -> float:
    return median(their.cpu / our.cpu for their, our in zip(theirs, ours, strict=True))
