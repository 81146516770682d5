"""A first sync in shards beside one in a single process, into PostgreSQL."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.costs import SHOP, faster
from benchmarks.hosting import hosted
from benchmarks.programs import ROOT, SETTINGS, TAP, catalog_of
from benchmarks.report import Section
from benchmarks.scale import Scale
from benchmarks.store import evenly, serve_store
from demo.pipeline import Pipeline
from demo.places import cluster_of
from demo.postgres import Database, running

_COUNT = 8
_BYTES = 1_000
_FASTER = 4
_EVEN = 0.15
_LOADER = ROOT / ".meltano" / "loaders" / "target-postgres" / "venv" / "bin" / "target-postgres"


@dataclass(frozen=True, slots=True)
class Sync:
    """A sync of all orders.

    Attributes:
        seconds: How long it took, with the loader.
        rows: What each of its processes read.
    """

    seconds: float
    rows: Sequence[int]


def run(scale: Scale) -> Section:
    """Measure.

    Args:
        scale: How much to do.

    Returns:
        What was found.
    """
    rows = scale.of(quick=20_000, usual=100_000)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        database = stack.enter_context(running(cluster_of(folder), fresh=True))
        Pipeline(folder, database, {}).install()
        url, line = stack.enter_context(hosted(serve_store, evenly(rows, _BYTES), faster(SHOP, _FASTER)))
        config = {"store_url": url, "access_token": line.recv(), "schema_source": "bundled", "audit": "off"}
        alone = sync(folder, config, replace(database, schema="alone"), ["1/1"])
        sync(folder, config, database, [f"0/{_COUNT}"])
        cut = sync(folder, config, database, [f"{number}/{_COUNT}" for number in range(1, _COUNT + 1)])
        loaded = [_count(each) for each in (replace(database, schema="alone"), database)]
    if loaded != [rows, rows]:
        raise RuntimeError(f"of {rows} orders {loaded} were loaded")
    even = rows / _COUNT
    furthest = max(abs(share / even - 1) for share in cut.rows)
    return Section(
        "shards",
        f"{rows:,} orders of {_BYTES:,} bytes from a store that answers like a shop with {SHOP.workers} PHP workers, "
        f"{_FASTER} times as fast, into PostgreSQL by target-postgres; all processes on one machine.",
        ["processes", "seconds", "orders each"],
        [
            ["1", f"{alone.seconds:.0f}", f"{rows:,}"],
            [f"{_COUNT} shards at once", f"{cut.seconds:.0f}", f"{min(cut.rows):,} to {max(cut.rows):,}"],
        ],
        [
            f"In {_COUNT} shards it takes {cut.seconds / alone.seconds:.2f} times as long as in one process.",
            f"The share furthest from an even one is {furthest:.0%} off (wanted: {_EVEN:.0%}).",
        ],
    )


def sync(folder: Path, config: Mapping[str, Any], database: Database, shards: Sequence[str]) -> Sync:
    """Read and load all orders, by a process for each shard, all at once.

    Args:
        folder: For their files.
        config: The tap's settings.
        database: Where the rows go.
        shards: The setting `shard` of each.

    Returns:
        What it took.

    Raises:
        RuntimeError: If a process fails.
    """
    loader = {
        "sqlalchemy_url": database.sqlalchemy_url,
        "default_target_schema": database.schema,
        "batch_size_rows": 1_000,
        "validate_records": False,
    }
    began = time.perf_counter()
    with ExitStack() as logs:
        processes = []
        for number, shard in enumerate(shards):
            files = {"config": {**config, **SETTINGS, "shard": shard}, "catalog": catalog_of(TAP), "loader": loader}
            paths = {name: folder / f"{number}.{name}.json" for name in files}
            for name, path in paths.items():
                path.write_text(json.dumps(files[name]), encoding="utf-8")
            log = logs.enter_context((folder / f"{number}.log").open("w"))
            command = [sys.executable, "-m", TAP, "--config", str(paths["config"]), "--catalog", str(paths["catalog"])]
            tap = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log)
            target = [str(_LOADER), "--config", str(paths["loader"])]
            processes += [tap, subprocess.Popen(target, stdin=tap.stdout, stdout=subprocess.DEVNULL, stderr=log)]
        codes = [process.wait() for process in processes]
    seconds = time.perf_counter() - began
    texts = [(folder / f"{number}.log").read_text(encoding="utf-8") for number in range(len(shards))]
    if any(codes):
        raise RuntimeError("\n".join(text[-1_000:] for text in texts))
    return Sync(seconds, [_rows_in(text) for text in texts])


def _rows_in(log: str) -> int:
    """Take the rows that the tap read out of its `run_summary`."""
    _, _, text = log.partition("run_summary ")
    found, _ = json.JSONDecoder().raw_decode(text)
    return sum(stream["rows"] for stream in found["streams"].values())


def _count(database: Database) -> int:
    ((rows,),) = database.query("SELECT count(*) FROM orders")
    return int(rows)
