"""`make airbyte`: Airbyte's own programs against the sample store.

The CDK's standard tests, and PyAirbyte reading twice into DuckDB and PostgreSQL; between the two reads the shop lives
on. Both come in virtual environments of their own: their packages contradict the tap's.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

from demo.places import cluster_of
from demo.postgres import Database, running
from sample_store import Server, Shop, serve

HERE = Path(__file__).resolve().parent
HOME = HERE.parents[1] / ".airbyte"
CONNECTOR = HERE / "source-magento"
PROGRAM = Path(sys.executable).with_name("source-magento")
# PyAirbyte does not install on Python 3.13.
PACKAGES = {"cdk": ["airbyte-cdk==7.39.1", "pytest"], "pyairbyte": ["airbyte==0.71.3"]}
ORDERS = 300
# What is counted afterwards; and what PostgreSQL gets, as PyAirbyte takes a second a table: DuckDB gets all.
COUNTED = ("orders", "order_items", "customers", "products")
STREAMS = (*COUNTED, "order_addresses", "product_websites", "customer_groups", "websites", "deletions")


def main() -> None:
    """Install, then run the tests and the reads; fail with the first that fails."""
    for name, packages in PACKAGES.items():
        _install(name, packages)
    with serve(Shop.generate(ORDERS, module=True)) as server:
        _write_configurations(server)
        _run_standard_tests()
        config = CONNECTOR / "secrets" / "config.json"
        shutil.rmtree(HOME / "caches", ignore_errors=True)
        (HOME / "caches").mkdir()
        with running(cluster_of(HOME), fresh=True) as database, _listening(database) as port:
            _read_twice(server, config, str(HOME / "caches" / "shop.duckdb"), (), 1)
            _read_twice(server, config, f"127.0.0.1,{port},magento", STREAMS, 2)


def _install(name: str, packages: list[str]) -> None:
    python = HOME / name / "bin" / "python"
    uv = Path(sys.executable).with_name("uv")
    if not python.exists():
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, HOME / name], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *packages], check=True)


def _write_configurations(server: Server) -> None:
    credentials = {"auth_method": "password", "username": server.shop.username, "password": server.shop.password}
    config = {"store_url": server.url, "credentials": credentials}
    wrong = {"store_url": server.url, "credentials": {**credentials, "password": "not-the-password"}}
    (CONNECTOR / "secrets").mkdir(exist_ok=True)
    for name, content in (("config", config), ("wrong_password", wrong)):
        (CONNECTOR / "secrets" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def _run_standard_tests() -> None:
    warning = "error::airbyte_cdk.test.standard_tests.DiscoveredCatalogWarning"
    command = [
        "-m",
        "pytest",
        "-q",
        "-rs",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        f"-W{warning}",
        "-mnot image_tests",
    ]
    environment = {**os.environ, "SOURCE_MAGENTO": str(PROGRAM)}
    subprocess.run(
        [HOME / "cdk" / "bin" / "python", *command, f"--rootdir={CONNECTOR}", CONNECTOR / "tests"],
        cwd=CONNECTOR,
        env=environment,
        check=True,
    )


def _read_twice(server: Server, config: Path, cache: str, streams: Sequence[str], seed: int) -> None:
    first = _read(config, cache, streams)
    server.shop.live(seed)
    second = _read(config, cache, streams)
    print(f"{cache}: {first['read']:,} rows, then {second['read']:,}")
    for name in COUNTED:
        wanted = len(server.shop.rows(name))
        found = second["tables"][name] - second["deleted"].get(name, 0)
        assert found == wanted, f"{name}: {found} rows that are not deleted, the shop has {wanted}"
    assert second["read"] < first["read"]


def _read(config: Path, cache: str, streams: Sequence[str]) -> Mapping[str, Any]:
    python = HOME / "pyairbyte" / "bin" / "python"
    environment = {**os.environ, "AIRBYTE_OFFLINE_MODE": "1", "DO_NOT_TRACK": "1", "NO_COLOR": "1"}
    done = subprocess.run(
        [python, HERE / "read_pyairbyte.py", PROGRAM, config, cache, *streams],
        cwd=HOME / "caches",
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@contextmanager
def _listening(database: Database) -> Iterator[int]:
    """Forward connections from a port on loopback to the database's socket, of which PyAirbyte knows nothing."""

    class Forward(BaseRequestHandler):
        def handle(self) -> None:
            with socket.socket(socket.AF_UNIX) as inner:
                inner.connect(str(database.folder / ".s.PGSQL.5432"))
                back = Thread(target=_copy, args=(inner, self.request))
                back.start()
                _copy(self.request, inner)
                back.join()

    with ThreadingTCPServer(("127.0.0.1", 0), Forward) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    while data := source.recv(65_536):
        sink.sendall(data)
    sink.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    main()
