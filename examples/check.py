"""Run an example for real: the sample store, in shards of which one is killed, into PostgreSQL, equal to the truth.

python -m examples.check airflow|dagster [ORDERS [SHARDS]]
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from demo.pipeline import Pipeline
from demo.places import ROOT, cluster_of
from demo.postgres import Database, running
from demo.shops import settings_for, truth
from demo.truth import compare
from sample_store import Server, Shop, serve
from tap_magento.reading.shards import BLOCK

_ORDERS = 10_000
# Lists that several shards read, and one that a single shard reads.
_TABLES = ("orders", "order_items", "invoices", "customers", "products", "websites")
_SHARDS = 8
_KILLED = 2


def main(arguments: Sequence[str]) -> int:
    """Run an example and compare what it loaded.

    Args:
        arguments: Which one, how many orders the shop has, and how many shards read it.

    Returns:
        0 if every table is equal to the shop's, and a shard was killed on the way.
    """
    name = arguments[0]
    orders, shards = [*map(int, arguments[1:]), *(_ORDERS, _SHARDS)[len(arguments) - 1 :]]
    shop = Shop.generate(orders=orders)
    with (
        TemporaryDirectory() as folder,
        running(cluster_of(Path(folder)), fresh=True) as database,
        serve(shop) as server,
    ):
        pipeline = Pipeline(Path(folder), database, settings_for(server))
        pipeline.install()
        environment = {**pipeline.environment(), **_environment(Path(folder), name)}
        killer = Thread(target=_kill_once, args=(server, f"{_KILLED}/{shards}"), daemon=True)
        killer.start()
        began = time.monotonic()
        for program, *options in _commands(name, shards, Path(folder)):
            command = [str(ROOT / ".venv" / name / "bin" / program), *options]
            subprocess.run(command, cwd=ROOT, env=environment, check=True)
        print(f"{name}: {orders:,} orders in {shards} shards in {time.monotonic() - began:.0f} s")
        return int(not _is_equal(shop, database) or killer.is_alive())


def _commands(name: str, shards: int, home: Path) -> Sequence[Sequence[str]]:
    if name == "airflow":
        parameters = json.dumps({"shards": shards})
        return [["airflow", "db", "migrate"], ["airflow", "dags", "test", "shop_backfill", "-c", parameters]]
    config = home / "config.yaml"
    config.write_text(json.dumps({"ops": {"first_sync": {"ops": {"prepare": {"config": {"count": shards}}}}}}))
    return [["dagster", "job", "execute", "-f", "examples/dagster/shop.py", "-j", "backfill", "-c", str(config)]]


def _environment(home: Path, name: str) -> Mapping[str, str]:
    for folder in ("airflow", "dagster"):
        (home / folder).mkdir()
    (home / "dagster" / "dagster.yaml").touch()
    return {
        "MELTANO": str(Path(sys.executable).with_name("meltano")),
        "PYTHONPATH": str(ROOT),
        "PATH": os.pathsep.join([str(ROOT / ".venv" / name / "bin"), os.environ["PATH"]]),
        "TAP_MAGENTO__SELECT": json.dumps([f"{table}.*" for table in _TABLES]),
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "examples" / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "DAGSTER_HOME": str(home / "dagster"),
    }


def _kill_once(server: Server, shard: str) -> None:
    """Kill the tap that reads a shard, once it has read some of it."""
    while True:
        time.sleep(0.2)
        keys = {key for request in server.requests if request.entity == "orders" for key in request.keys}
        if not any(isinstance(key, int) and BLOCK < key < 2 * BLOCK for key in keys):
            continue
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                environment = (process / "environ").read_bytes().split(b"\0")
                command = (process / "cmdline").read_bytes()
                if f"TAP_MAGENTO_SHARD={shard}".encode() in environment and _is_tap(command, environment, server):
                    os.kill(int(process.name), signal.SIGKILL)
                    print(f"Killed the tap of shard {shard}", flush=True)
                    return


def _is_tap(command: bytes, environment: Sequence[bytes], server: Server) -> bool:
    own = f"TAP_MAGENTO_STORE_URL={server.url}".encode() in environment
    return own and b"bin/tap-magento" in command and b"--discover" not in command


def _is_equal(shop: Shop, database: Database) -> bool:
    is_equal = True
    for table in _TABLES:
        rows = truth(shop, table) or []
        found = compare(database.rows(table), rows, database.keys(table))
        print(f"{table}: {len(found.equal):,} of {len(rows):,} rows are equal to the shop's")
        is_equal = is_equal and len(found.equal) == len(rows) and not found.deleted and not found.doubled
    return is_equal


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
