"""The whole pipeline, `meltano run tap-magento target-postgres`: the loader's defaults beside what is recommended."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.hosting import hosted
from benchmarks.prerendered import serve_prerendered
from benchmarks.report import Section
from benchmarks.scale import Scale
from demo.pipeline import Pipeline
from demo.places import cluster_of
from demo.postgres import Database, running

_DEFAULTS = {"VALIDATE_RECORDS": "true", "BATCH_SIZE_ROWS": "10000", "USE_COPY": "false"}
_UNCHECKED = {"VALIDATE_RECORDS": "false", "BATCH_SIZE_ROWS": "1000", "USE_COPY": "false"}
_COPY = {**_UNCHECKED, "USE_COPY": "true"}
_DEFAULT = "the loader's defaults"
_RECOMMENDED = "recommended: COPY, `array_items: open`"
#: What is compared, to the tap's `array_items` and the loader's settings.
_CONTESTANTS = {
    _DEFAULT: ("described", _DEFAULTS),
    "no validation, 1,000 rows a batch": ("described", _UNCHECKED),
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

    def seconds(self, url: str, rows: int, turn: str) -> float:
        """Load all orders into a new table.

        Args:
            url: The shop's address.
            rows: How many orders it has.
            turn: A name that no other run has.

        Returns:
            How long it took, from the start of Meltano to its end.

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
        taken = pipeline.run().seconds
        loaded = len(pipeline.database.rows("orders"))
        if loaded != rows:
            raise RuntimeError(f"{turn}: {loaded} of {rows} orders were loaded")
        return taken


def run(scale: Scale) -> Section:
    """Measure.

    Args:
        scale: How much to do.

    Returns:
        What was found.
    """
    rows, rounds = scale.of(quick=300, usual=3_000), scale.of(quick=1, usual=2)
    whole: dict[str, list[float]] = {name: [] for name in _CONTESTANTS}
    start: list[float] = []
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
            start.append(contestants[_RECOMMENDED].seconds(start_url, 1, f"start_{turn}"))
            for number, (name, contestant) in enumerate(contestants.items()):
                whole[name].append(contestant.seconds(url, rows, f"whole_{turn}_{number}"))
    net = {
        name: [all_of_it - short for all_of_it, short in zip(taken, start, strict=True)]
        for name, taken in whole.items()
    }
    gains, whole_gains = _gains(net), _gains(whole)
    return Section(
        "loaders",
        f"`meltano run tap-magento target-postgres`: {rows:,} whole orders of 10 kB from a ready-made shop into a new "
        "table of PostgreSQL on the same machine. A run of one order tells the start-up of Meltano, tap and loader: "
        f"{median(start):.1f} seconds, left out of the rows/s.",
        ["settings", "rows/s", "seconds", "rows/s of the recommended"],
        [
            [name, f"{rows / median(net[name]):,.0f}", f"{median(whole[name]):.1f}", f"{gains[name]:.1f} times"]
            for name in _CONTESTANTS
        ],
        [f"{gains[_DEFAULT]:.1f} times as fast as the defaults (1.5 wanted), {whole_gains[_DEFAULT]:.1f} with start."],
    )


def _gains(taken: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Tell how many times as fast the recommended settings are, by what is compared."""
    return {
        name: median(theirs / ours for theirs, ours in zip(seconds, taken[_RECOMMENDED], strict=True))
        for name, seconds in taken.items()
    }
