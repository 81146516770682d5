"""`make mage`: Mage itself runs the source, out of a shop into PostgreSQL.

python -m registries.mage.prove [PART...], each one of `test_connections`, `refuse`, `read_twice` and `kill`.

Mage lies in a virtual environment of its own. Its scheduler runs pipelines of data integration, and its own database
and logs say what became of them; the tables are compared with the shop.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from demo.places import ROOT, cluster_of
from demo.postgres import Database, running
from demo.processes import kill_once
from demo.shops import truth
from demo.truth import Key, compare, key_of
from registries.mage.project import Project, Run
from sample_store import Server, Shop, serve
from sample_store.entities import BY_NAME

HOME = ROOT / ".mage"
PROGRAMS = ROOT / ".venv" / "mage" / "bin"
SOURCE = Path(__file__).resolve().parent / "magento"
TAP = Path(sys.executable).with_name("tap-magento")
ORDERS = 1_200
# How many of the orders have been asked for when the source is killed, and how soon its tap notices.
KILLED_AT, NOTICED = 400, 5
STREAMS = ("orders", "order_items", "invoices", "products", "categories")
WRONG = "not-the-password"

Truth = Mapping[str, Sequence[Mapping[str, Any]]]


def main(parts: Sequence[str]) -> None:
    """Show everything, and fail with the first thing that is not as it should be.

    Args:
        parts: What to show; all without any.
    """
    _place_source()
    shutil.rmtree(HOME, ignore_errors=True)
    project = Project(HOME, PROGRAMS)
    project.create()
    shop = Shop.generate(ORDERS)
    with serve(shop) as server, running(cluster_of(HOME), fresh=True) as database:
        proof = Proof(project, server, database)
        for pipeline in ("shop", "refused", "killed"):
            proof.write_pipeline(pipeline)
        streams = {each["tap_stream_id"]: each for each in project.discover("shop", STREAMS)}
        if "test_connections" in parts or not parts:
            proof.test_connections()
        for part in (proof.refuse, proof.read_twice, proof.kill):
            if part.__name__ in parts or not parts:
                part(streams)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is shown, of a shop and a database.

    Attributes:
        project: Mage's project.
        server: The shop.
        database: Where the tables are, those of each pipeline in a schema of its name.
    """

    project: Project
    server: Server
    database: Database

    def write_pipeline(self, name: str, **changes: str) -> None:
        """Write a pipeline, or change its settings.

        Args:
            name: Its name.
            changes: Settings of the source that differ from those that work.
        """
        account = {"username": self.server.shop.username, "password": self.server.shop.password}
        config = {"tap_executable": str(TAP), "store_url": self.server.url, **account, **changes}
        self.project.write_pipeline(name, config, self.database)

    def test_connections(self) -> None:
        """See what the button that tests a connection shows."""
        error = self.project.test_connection("refused")
        _expect(not error, f"the connection is accepted: {error}")
        self.write_pipeline("refused", password=WRONG)
        self.server.clear()
        error = self.project.test_connection("refused")
        _tell("The connection of a wrong password", error)
        _expect("tap-magento failed: login: the shop refused" in error, "the error says what is wrong")
        _expect(WRONG not in error, "the error tells no password")
        self._expect_one_login()

    def refuse(self, streams: Mapping[str, Any]) -> None:
        """Run with a wrong password, then without a right and with an unknown stream; a third stream is loaded.

        Args:
            streams: The catalog.
        """
        self.write_pipeline("refused", password=WRONG)
        self.project.write_catalog("refused", [streams["orders"]])
        self.server.clear()
        run = self._run("refused")
        _tell("A run with a wrong password", failures(run))
        _expect(run.status == "failed", "the run fails")
        _expect("tap-magento failed: login: the shop refused" in run.log, "the log says what is wrong")
        _expect(WRONG not in run.log, "the log tells no password")
        self._expect_one_login()

        self.write_pipeline("refused")
        unknown = {**streams["orders"], "tap_stream_id": "ordres", "stream": "ordres"}
        self.project.write_catalog("refused", [streams["orders"], unknown, streams["categories"]])
        roles = dict(self.server.shop.roles)
        self.server.shop.roles.update(dict.fromkeys(roles, frozenset({BY_NAME["categories"].resource})))
        run = self._run("refused", keep_going=True)
        self.server.shop.roles.update(roles)
        _tell("A run without the right to orders, and with a stream that there is not", failures(run))
        for stream in ("orders", "ordres"):
            _expect(run.blocks[f"refused_source:{stream}:0"] == "failed", f"{stream} fails")
        _expect("Magento_Sales::" in failures(run), "the right is named")
        _expect("ordres" in failures(run), "the stream is named")
        _expect(run.blocks["refused_sink:categories:0"] == "completed", "the third stream is loaded")
        self._compare("refused", ["categories"])

    def read_twice(self, streams: Mapping[str, Any]) -> None:
        """The first run brings everything, the second what has changed since.

        Args:
            streams: The catalog.
        """
        self.project.write_catalog("shop", list(streams.values()))
        first = self._run("shop")
        _expect(first.status == "completed", f"the first run completes: {failures(first)}")
        read = self._compare("shop", STREAMS)
        before = self._truth()
        for stream, rows in before.items():
            _expect(read[stream] == _by_key(streams[stream], rows).keys(), f"{stream}: every row is read")
        states = {stream: self.project.state_of("shop", stream) for stream in STREAMS}
        _expect(all(states.values()), "the state of every stream is kept")

        print("The shop lives on:", self.server.shop.live())
        second = self._run("shop")
        _expect(second.status == "completed", f"the second run completes: {failures(second)}")
        read = self._compare("shop", STREAMS, before)
        for stream, rows in self._truth().items():
            known, now = _by_key(streams[stream], before[stream]), _by_key(streams[stream], rows)
            changed = {key for key, row in now.items() if row != known.get(key)}
            print(f"  {stream}: {len(changed):,} rows are new or changed, {len(read[stream]):,} were read again")
            _expect(changed <= read[stream], f"{stream}: every change is read")
            _expect(len(read[stream]) < len(now), f"{stream}: not everything is read again")
        _expect(self.project.state_of("shop", "orders") != states["orders"], "the state has moved on")

    def kill(self, streams: Mapping[str, Any]) -> None:
        """A source that is killed loads nothing, and the next run completes the table.

        Args:
            streams: The catalog.
        """
        self.project.write_catalog("killed", [streams["orders"]])
        self.server.clear()
        killer = Thread(
            target=kill_once, args=(self._is_time, lambda command, _: self._is_source(command)), daemon=True
        )
        killer.start()
        first = self._run("killed")
        _expect(not killer.is_alive(), "the source was killed")
        time.sleep(NOTICED)
        self.server.clear()
        time.sleep(NOTICED)
        _expect(not self.server.requests, "its tap does not go on without it")
        rows, wanted = len(self._read("killed", "orders")), len(self.server.shop.rows("orders"))
        print(f"The source was killed after {rows:,} of {wanted:,} rows", flush=True)
        _expect(first.status == "failed", "the run fails")
        _expect(0 < rows < wanted, "it was in the middle")
        _expect(not Database(self.database.folder, "killed").tables(), "nothing was loaded")
        _expect(not self.project.state_of("killed", "orders"), "there is no state of what was not loaded")
        second = self._run("killed")
        _expect(second.status == "completed", f"the run after it completes: {failures(second)}")
        self._compare("killed", ["orders"])

    def _run(self, pipeline: str, *, keep_going: bool = False) -> Run:
        run = self.project.run(pipeline, keep_going=keep_going)
        print(f"{pipeline}: {run.status} in {run.seconds:.0f} s", flush=True)
        return run

    def _compare(self, schema: str, streams: Sequence[str], before: Truth | None = None) -> dict[str, set[Key]]:
        """Compare tables with the shop, and give stream to the keys of the rows that the source wrote in this run."""
        tables, rows, read = Database(self.database.folder, schema), self._truth(), {}
        for stream in streams:
            keys = tables.keys(stream)
            found = compare(_without_mages_own(tables.rows(stream)), rows[stream], keys)
            records = self._read(schema, stream)
            read[stream] = {key_of(record, keys) for record in records}
            print(f"  {stream}: {len(records):,} rows read, {len(found.equal):,} of {len(rows[stream]):,} are equal")
            _expect(len(found.equal) == len(rows[stream]), f"{stream} differs: {dict(list(found.wrong.items())[:3])}")
            _expect(not found.doubled, f"{stream}: no row is there twice")
            gone = {key_of(row, keys) for row in (before or {}).get(stream, ())}
            _expect(found.deleted <= gone, f"{stream}: no row is made up")
        return read

    def _truth(self) -> Truth:
        return {stream: truth(self.server.shop, stream) or [] for stream in STREAMS}

    def _read(self, pipeline: str, stream: str) -> list[Mapping[str, Any]]:
        records = []
        for line in self.project.output_of(pipeline, stream):
            try:
                message = json.loads(line)
            except ValueError:  # the tap's log, or half a line
                continue
            if message.get("type") == "RECORD":
                records.append(message["record"])
        return records

    def _is_time(self) -> bool:
        asked = {key for request in self.server.requests if request.entity == "orders" for key in request.keys}
        return len(asked) >= KILLED_AT

    def _is_source(self, command: Sequence[bytes]) -> bool:
        is_source = any(part.endswith(b"sources/magento/__init__.py") for part in command)
        return is_source and any(self.server.url.encode() in part for part in command)

    def _expect_one_login(self) -> None:
        logins = sum(request.path.endswith("/integration/admin/token") for request in self.server.requests)
        _expect(logins == 1, f"one process signs in once, not {logins} times")


def _place_source() -> None:
    """Put the source where Mage finds sources."""
    command = [str(PROGRAMS / "python"), "-c", "import mage_integrations; print(*mage_integrations.__path__)"]
    package = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    shutil.copytree(SOURCE, Path(package) / "sources" / "magento", dirs_exist_ok=True)


def _by_key(stream: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> dict[Key, Mapping[str, Any]]:
    return {key_of(row, stream["key_properties"]): row for row in rows}


def _without_mages_own(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if not name.startswith("_mage_")} for row in rows]


def failures(run: Run) -> str:
    """Take out of a run's log what Mage shows in red.

    Args:
        run: The run.

    Returns:
        Each error once; the end of the log if there is none.
    """
    found = set(re.findall(r"process failed with error (.+?)\. {", run.log))
    return "\n".join(sorted(found)) or run.log[-2000:]


def _tell(what: str, text: str) -> None:
    print(f"{what}: {text}", flush=True)


def _expect(is_so: bool, what: str) -> None:  # noqa: FBT001
    if not is_so:
        raise AssertionError(what)


if __name__ == "__main__":
    main(sys.argv[1:])
