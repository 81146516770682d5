"""The Airbyte source and the dlt source beside the Singer tap that they are made of: what it costs to be adapted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.hosting import hosted
from benchmarks.prerendered import serve_prerendered
from benchmarks.programs import ORDERS, ROOT, SETTINGS, TAP, Usage, catalog_of, run_tap
from benchmarks.programs import run as run_program
from benchmarks.report import Section
from benchmarks.rounds import Rounds, Turn, in_turns
from benchmarks.scale import Scale
from benchmarks.speed import PAGE, WORKERS, megabytes
from benchmarks.store import serve_shop
from sample_store import Shop

SOURCE = "tap_magento.airbyte"
DLT_PYTHON = ROOT / ".venv" / "dlt" / "bin" / "python"

_AIRBYTE = "source-magento"
_DLT = "dlt source"
_NORMALIZED = "dlt source, to dlt's normalized files"
# What is ours alone, without dlt's own work.
_OURS = (_AIRBYTE, _DLT)
_HEAD = ("", "CPU s", "beside the tap", "with the start", "peak memory")


@dataclass(frozen=True, slots=True)
class Case:
    """What is read of which shop.

    Attributes:
        name: What to call it.
        start_url: A shop with next to nothing in it, for the start-up alone.
        url: The shop.
        streams: The streams.
        token: What both shops are read with.
    """

    name: str
    start_url: str
    url: str
    streams: frozenset[str] = ORDERS
    token: str = "any"  # noqa: S105  the ready-made shop looks at none

    def tap(self, url: str) -> Usage:
        """Read a shop with the Singer tap.

        Args:
            url: The shop.

        Returns:
            What it took, start-up included.
        """
        config = {"store_url": url, "access_token": self.token, "max_concurrency": WORKERS, "page_size": PAGE}
        return run_tap(TAP, config, streams=self.streams)

    def airbyte(self, url: str, output: Path | None = None) -> Usage:
        """Read a shop with the Airbyte source.

        Args:
            url: The shop.
            output: Where its messages go; nowhere if None.

        Returns:
            What it took, start-up included.
        """
        credentials = {"auth_method": "token", "access_token": self.token}
        config = {"store_url": url, "credentials": credentials, "max_concurrency": WORKERS, "page_size": PAGE}
        with TemporaryDirectory() as folder:
            arguments = ["read"]
            for name, content in (("config", {**config, **SETTINGS}), ("catalog", _catalog(self.streams))):
                path = Path(folder, f"{name}.json")
                path.write_text(json.dumps(content), encoding="utf-8")
                arguments += [f"--{name}", str(path)]
            return run_program(SOURCE, *arguments, output=output)

    def dlt(self, url: str, step: str) -> Usage:
        """Take the rows of a shop from the dlt source.

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
        return run_program("benchmarks.dlt_rows", url, self.token, step, *sorted(self.streams), python=DLT_PYTHON)

    def compared(self, rounds: int) -> Found:
        """Read the shop with each adapter, between two runs of the tap.

        Args:
            rounds: How often.

        Returns:
            What was found.
        """
        ours = self._taken({_AIRBYTE: self.airbyte, _DLT: partial(self.dlt, step="rows")}, rounds)
        whole = self._taken({_NORMALIZED: partial(self.dlt, step="normalize")}, 1)
        starts, taken = ({**one, **other} for one, other in zip(ours, whole, strict=True))
        beside = {name: Beside.of(taken[name], starts[name]) for name in taken}
        peaks = {name: max(turn.usage.peak for turn in turns) for name, turns in taken.items()}
        return Found(self.name, beside, peaks, max(turn.beside.peak for turn in taken[_DLT]))

    def _taken(self, contestants: Mapping[str, Callable[[str], Usage]], rounds: int) -> Iterator[Rounds]:
        """Run contestants on the shop for the start, and then on the shop itself."""
        for url in (self.start_url, self.url):
            yield in_turns(
                {name: partial(contestant, url) for name, contestant in contestants.items()},
                reference=partial(self.tap, url),
                rounds=rounds,
            )


def run(scale: Scale) -> Section:
    """Measure.

    Args:
        scale: How much to do.

    Returns:
        What was found.
    """
    rows = scale.of(quick=1_000, usual=20_000)
    orders = scale.of(quick=100, usual=4_000)
    rounds = scale.of(quick=1, usual=9)
    with (
        hosted(serve_prerendered, 1) as (start_url, _),
        hosted(serve_prerendered, rows) as (url, _),
        hosted(serve_shop, 1) as (start_shop, _),
        hosted(serve_shop, orders) as (shop, _),
    ):
        cases = [
            Case(f"{rows:,} orders", start_url, url),
            Case(f"whole shop of {orders:,} orders", start_shop, shop, selected_by_default(), Shop.empty().token()),
        ]
        found = [case.compared(rounds) for case in cases]
    return Section(
        "adapters",
        f"Orders of 10 kB in pages of {PAGE}, ready made as for `floor`, and all streams of the sample store that are "
        "selected by default, most of small rows. They are read by the Airbyte source, which writes the messages of "
        "the Airbyte protocol, and by the dlt source, whose rows are taken by nobody, and then by dlt, each between "
        "two runs of the Singer tap, whose streams they run. CPU is that of the program's process; start-up is left "
        "out where it does not say otherwise; that of the dlt source is mostly the import of dlt.",
        _HEAD,
        [row for each in found for row in each.rows()],
        [
            *(
                f"{name}: {' and '.join(f'{each.beside[name].more:+.0%}' for each in found)} CPU beside the tap "
                "(wanted: at most +10 %)."
                for name in _OURS
            ),
            *(
                f"{each.name}: the dlt source takes {each.beside[_DLT].ours / each.beside[_NORMALIZED].ours:.0%} of "
                "what it takes to normalized files."
                for each in found
            ),
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


@dataclass(frozen=True, slots=True)
class Found:
    """What a case takes.

    Attributes:
        name: The case's name.
        beside: Contestant to what it takes beside the tap.
        peaks: Contestant to bytes of memory at its peak.
        tap_peak: The same of the tap.
    """

    name: str
    beside: Mapping[str, Beside]
    peaks: Mapping[str, int]
    tap_peak: int

    def rows(self) -> list[list[str]]:
        """Write the rows of the table.

        Returns:
            Their cells.
        """
        tap = median(each.tap for each in self.beside.values())
        return [
            [f"{self.name}: the tap", f"{tap:.2f}", "", "", megabytes(self.tap_peak)],
            *(
                [
                    f"{self.name}: {name}",
                    f"{each.ours:.2f}",
                    f"{each.more:+.0%}",
                    f"{each.more_with_start:+.0%}",
                    megabytes(self.peaks[name]),
                ]
                for name, each in self.beside.items()
            ),
        ]


def selected_by_default() -> frozenset[str]:
    """Name the streams that the tap selects by default.

    Returns:
        Their names.
    """
    return frozenset(
        stream["tap_stream_id"]
        for stream in catalog_of(TAP)["streams"]
        for entry in stream["metadata"]
        if not entry["breadcrumb"] and entry["metadata"].get("selected-by-default")
    )


@cache
def _catalog(streams: frozenset[str]) -> dict[str, Any]:
    return {
        "streams": [
            {
                "stream": {
                    "name": stream["tap_stream_id"],
                    "json_schema": stream["schema"],
                    "source_defined_primary_key": [[key] for key in stream["key_properties"]],
                },
                "sync_mode": "incremental",
                "destination_sync_mode": "append",
            }
            for stream in catalog_of(TAP)["streams"]
            if stream["tap_stream_id"] in streams
        ]
    }
