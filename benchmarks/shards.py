"""A first sync in shards, of which one is killed, beside one in a single process, into PostgreSQL."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.costs import SHOP, faster
from benchmarks.hosting import hosted
from benchmarks.pipes import start
from benchmarks.report import Section
from benchmarks.scale import Scale
from benchmarks.store import Contents, evenly, fill
from demo.pipeline import Pipeline
from demo.places import cluster_of
from demo.postgres import Database, running
from examples.check.shares import EVEN, shares_of
from sample_store import ServerOptions, Shop, serve
from sample_store.entities import BY_NAME
from sample_store.tables import Record
from tap_magento.state.merge import merge

_COUNT = 8
_KILLED = 2
_BYTES = 1_000
_FASTER = 4
# Of so many orders one is changed after the first sync, and as many are placed.
_EVERY = 1_000
_CHANGE = "change"

State = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sync:
    """A first sync of all orders, with the loader.

    Attributes:
        seconds: How long it took.
        cpu: Seconds of processor time of taps and loaders.
        state: What it leaves for the next run.
        rows: What each of its processes read.
        load: Processes that wanted a core, of the machine's last five minutes.
    """

    seconds: float
    cpu: float
    state: State
    rows: list[int]
    load: float


def run(scale: Scale) -> Section:
    """Measure.

    Args:
        scale: How much to do.

    Returns:
        What was found.
    """
    rows = scale.of(quick=40_000, usual=100_000)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        database = stack.enter_context(running(cluster_of(folder), fresh=True))
        Pipeline(folder, database, {}).install()
        url, line = stack.enter_context(hosted(serve_changing, evenly(rows, _BYTES), faster(SHOP, _FASTER)))
        config = {"store_url": url, "access_token": line.recv(), "schema_source": "bundled"}
        ways = {"one process": read_alone, f"{_COUNT} shards at once, one killed": read_in_shards}
        databases = {way: replace(database, schema=f"way{number}") for number, way in enumerate(ways)}
        found = {way: ways[way](folder, config, databases[way]) for way in ways}
        line.send(_CHANGE)
        in_shop = line.recv()
        updates = {way: update(folder, config, databases[way], found[way].state) for way in ways}
        for way, each in databases.items():
            _check(each, in_shop, way)
    alone, cut = found.values()
    even = rows / _COUNT
    furthest = max(abs(share / even - 1) for share in cut.rows)
    return Section(
        "shards",
        f"{rows:,} orders of {_BYTES:,} bytes from a store that answers like a shop with {SHOP.workers} PHP workers, "
        f"{_FASTER} times as fast, into PostgreSQL by target-postgres; all processes on one machine. The shards' time "
        "is that of all: a run that makes the table, eight reads, of which the second is killed once its loader has "
        f"written rows and then run again, and the merge of their states. Then {rows // _EVERY} orders change and as "
        "many are placed, and a run of each way reads that; the keys and times of both tables are then the store's.",
        ["first sync by", "seconds", "CPU seconds", "orders each", "then an increment, seconds"],
        [
            [way, f"{sync.seconds:.0f}", f"{sync.cpu:.0f}", _span(sync.rows), f"{updates[way]:.1f}"]
            for way, sync in found.items()
        ],
        [
            (
                f"In {_COUNT} shards it takes {cut.seconds / alone.seconds:.2f} times as long as in one process, and "
                f"{cut.cpu / alone.cpu:.2f} times the CPU."
            ),
            f"Load of the machine, which has {os.cpu_count()} cores, when each way ended: {_loads(found.values())}.",
            f"The share furthest from an even one is {furthest:.0%} off (wanted: {EVEN:.0%}).",
        ],
    )


def read_alone(folder: Path, config: Mapping[str, Any], database: Database) -> Sync:
    """Read and load all orders by one process.

    Args:
        folder: For its files.
        config: The tap's settings.
        database: Where the rows go.

    Returns:
        What it took.
    """
    began, used = time.perf_counter(), _cpu()
    state = start(folder / "alone", config, database).end()
    rows = [shares_of({1: state})["orders"].rows[1]]
    return Sync(time.perf_counter() - began, _cpu() - used, state, rows, os.getloadavg()[1])


def read_in_shards(folder: Path, config: Mapping[str, Any], database: Database) -> Sync:
    """Read and load all orders by a process for each shard, all at once; one is killed and run again.

    Args:
        folder: For their files.
        config: The tap's settings.
        database: Where the rows go.

    Returns:
        What it took, all together.
    """
    shards = {number: {**config, "shard": f"{number}/{_COUNT}"} for number in range(_COUNT + 1)}
    began, used = time.perf_counter(), _cpu()
    start(folder / "prepare", shards.pop(0), database).end()
    pipes = {number: start(folder / str(number), shard, database) for number, shard in shards.items()}
    saved = pipes[_KILLED].kill()
    pipes[_KILLED] = start(folder / "again", shards[_KILLED], database, saved)
    states = {number: pipe.end() for number, pipe in pipes.items()}
    merged = merge({str(number): state for number, state in states.items()})
    seconds, cpu = time.perf_counter() - began, _cpu() - used
    rows = list(shares_of(states)["orders"].rows.values())
    return Sync(seconds, cpu, merged, rows, os.getloadavg()[1])


def update(folder: Path, config: Mapping[str, Any], database: Database, state: State) -> float:
    """Read and load what has changed.

    Args:
        folder: For its files.
        config: The tap's settings.
        database: Where the rows go.
        state: From where it reads on.

    Returns:
        The seconds that it took.
    """
    began = time.perf_counter()
    start(folder / f"update-{database.schema}", config, database, state).end()
    return time.perf_counter() - began


def serve_changing(line: Connection, contents: Contents, options: ServerOptions) -> None:
    """Serve a store that changes when it is told to.

    Args:
        line: To it go the address and a token; then, when `change` comes, the keys and times of its orders. What else
            comes ends the store.
        contents: What is in it.
        options: How it behaves.
    """
    shop = Shop.empty()
    fill(shop, contents)
    with serve(shop, options=options) as server:
        line.send(server.url)
        line.send(shop.token())
        while line.recv() == _CHANGE:
            now = shop.now()
            last = shop.next_key("orders") - 1
            changed = [*range(_EVERY, last + 1, _EVERY), *range(last + 1, last + 1 + last // _EVERY)]
            shop.tables.put(BY_NAME["orders"], (Record(key, now, now, None) for key in changed))
            times = zip(contents.keys, contents.seconds, strict=True)
            in_shop = {key: shop.write_time(contents.begin + timedelta(seconds=second)) for key, second in times}
            line.send({**in_shop, **dict.fromkeys(changed, now)})


def _loads(syncs: Iterable[Sync]) -> str:
    return ", ".join(f"{sync.load:.0f}" for sync in syncs)


def _cpu() -> float:
    """Tell the processor time of all programs that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def _check(database: Database, in_shop: Mapping[int, str], way: str) -> None:
    """Check that a table has the orders of the store, in the state of their last change."""
    loaded = database.query("SELECT entity_id, updated_at FROM orders")
    found = {key: Shop.write_time(_moment(time_)) for key, time_ in loaded}
    if len(loaded) != len(in_shop) or found != in_shop:
        raise RuntimeError(f"by {way} {len(loaded)} of {len(in_shop)} orders were loaded, or not their last state")


def _moment(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=timezone.utc)


def _span(rows: list[int]) -> str:
    return f"{min(rows):,} to {max(rows):,}" if len(rows) > 1 else f"{rows[0]:,}"
