"""A project of Mage: its pipelines as files, its scheduler as a process, its runs out of its own database."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.postgres import Database

HERE = Path(__file__).resolve().parent
_LONGEST_RUN = 900
_RUNS = """
    SELECT run.id, run.status FROM pipeline_run AS run JOIN pipeline_schedule AS trigger
    ON trigger.id = run.pipeline_schedule_id WHERE trigger.name = ?
"""
_BLOCKS = "SELECT block_uuid, status FROM block_run WHERE pipeline_run_id = ?"


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a pipeline.

    Attributes:
        seconds: How long it took, the start of Mage's scheduler included.
        status: What Mage says of it: `completed` or `failed`.
        blocks: What Mage says of each block, `source:stream:0` and `destination:stream:0`.
        log: What its blocks logged.
    """

    seconds: float
    status: str
    blocks: Mapping[str, str]
    log: str


@dataclass(frozen=True, slots=True)
class Project:
    """A project in a folder.

    Attributes:
        home: The folder, of its own.
        programs: Folder of the programs of Mage's virtual environment.
    """

    home: Path
    programs: Path

    @property
    def folder(self) -> Path:
        """The project's files; what it leaves behind lies beside them."""
        return self.home / "project"

    def create(self) -> None:
        """Make it anew, by Mage's own command."""
        self.home.mkdir(parents=True)
        subprocess.run(
            [self.programs / "mage", "init", self.folder],
            cwd=self.home,
            env=self._environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            check=True,
        )

    def write_pipeline(self, name: str, config: Mapping[str, Any], database: Database) -> None:
        """Write a pipeline from the shop into PostgreSQL, or change its settings.

        Args:
            name: Its name, which is also the schema of its tables.
            config: Settings of the source.
            database: Where the rows go.
        """
        address = {"host": str(database.folder), "port": 5432, "username": "postgres", "password": ""}
        target = {"database": "postgres", "schema": name, **address}
        block: dict[str, Any] = {"executor_type": "local_python", "language": "yaml", "status": "executed"}
        source = {**block, "name": f"{name}_source", "uuid": f"{name}_source", "type": "data_loader"}
        sink = {**block, "name": f"{name}_sink", "uuid": f"{name}_sink", "type": "data_exporter"}
        source |= {"upstream_blocks": [], "downstream_blocks": [sink["uuid"]]}
        sink |= {"upstream_blocks": [source["uuid"]], "downstream_blocks": []}
        # All of these are YAML, of which JSON is a part.
        self._write(f"data_loaders/{name}_source.yaml", {"source": "magento", "config": config})
        self._write(f"data_exporters/{name}_sink.yaml", {"destination": "postgresql", "config": target})
        pipeline = {"name": name, "uuid": name, "type": "integration", "blocks": [source, sink], "widgets": []}
        self._write(f"pipelines/{name}/metadata.yaml", pipeline)

    def write_catalog(self, name: str, streams: Sequence[Mapping[str, Any]]) -> None:
        """Select streams of a pipeline, as the user interface does.

        Args:
            name: Of the pipeline.
            streams: As `discover` describes them.
        """
        chosen = [{**stream, "destination_table": stream["tap_stream_id"]} for stream in streams]
        for stream in chosen:
            entries = stream["metadata"]
            stream["metadata"] = [{**each, "metadata": {**each["metadata"], "selected": True}} for each in entries]
        self._write(f"pipelines/{name}/data_integration_catalog.json", {"catalog": {"streams": chosen}})

    def discover(self, name: str, streams: Sequence[str]) -> list[dict[str, Any]]:
        """Let Mage ask a pipeline's source for its streams.

        Args:
            name: Of the pipeline.
            streams: Their names.

        Returns:
            What the catalog says of each.
        """
        found: list[dict[str, Any]] = self._ask(name, "discover", *streams)["streams"]
        return found

    def test_connection(self, name: str) -> str:
        """Let Mage test the connection of a pipeline's source.

        Args:
            name: Of the pipeline.

        Returns:
            The error that Mage shows; empty without one.
        """
        return str(self._ask(name, "test_connection")["error"])

    def run(self, name: str, *, keep_going: bool = False) -> Run:
        """Run a pipeline by a trigger of its own, in a scheduler of its own, and wait for its end.

        After a run that failed, a scheduler was seen to start the next one and never its blocks.

        Args:
            name: Of the pipeline.
            keep_going: Whether a stream that fails leaves the others alone; if not, it cancels those after it.

        Returns:
            The run.

        Raises:
            TimeoutError: If it does not end.
        """
        began = time.monotonic()
        trigger = f"{name}_{time.time_ns()}"
        once = {"schedule_type": "time", "schedule_interval": "@once", "start_time": None, "status": "active"}
        settings = {"allow_blocks_to_fail": keep_going}
        triggers = {"triggers": [{"name": trigger, "pipeline_uuid": name, "settings": settings, **once}]}
        self._write(f"pipelines/{name}/triggers.yaml", triggers)
        with self._started():
            while time.monotonic() < began + _LONGEST_RUN:
                time.sleep(0.5)
                for number, status in self._query(_RUNS, trigger):
                    if status.lower() in {"completed", "failed", "cancelled"}:
                        blocks = {block: state.lower() for block, state in self._query(_BLOCKS, number)}
                        return Run(time.monotonic() - began, status.lower(), blocks, self._blocks_log(name, began))
        raise TimeoutError(f"{name} has not ended; {self._log} says why")

    def output_of(self, name: str, stream: str) -> list[str]:
        """Read what the source last wrote for a stream.

        Args:
            name: Of the pipeline.
            stream: Name of the stream.

        Returns:
            Lines.
        """
        (path,) = self.home.glob(f"data/**/pipelines/{name}/**/magento/{stream}/output/000*")
        return path.read_text(encoding="utf-8").splitlines()

    def state_of(self, name: str, stream: str) -> Mapping[str, Any]:
        """Read the state that the destination keeps of a stream.

        Args:
            name: Of the pipeline.
            stream: Name of the stream.

        Returns:
            The stream's bookmark; empty without one.
        """
        (path,) = self.home.glob(f"data/**/pipelines/{name}/**/postgresql/{stream}/{stream}_state")
        bookmark: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))["bookmarks"].get(stream, {})
        return bookmark

    @contextmanager
    def _started(self) -> Iterator[None]:
        """Run Mage's scheduler for as long as the context lasts."""
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        command = [str(self.programs / "mage"), "start", str(self.folder), "--host", "127.0.0.1", "--port", port]
        with (
            self._log.open("ab") as log,
            subprocess.Popen(
                [*command, "--instance-type", "scheduler"],
                cwd=self.home,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            ) as mage,
        ):
            try:
                yield
            finally:
                # Its workers do not end with it.
                os.killpg(mage.pid, signal.SIGKILL)

    @property
    def _log(self) -> Path:
        return self.home / "mage.log"

    def _blocks_log(self, name: str, began: float) -> str:
        since = time.time() - (time.monotonic() - began)
        logs = sorted(self.home.glob(f"data/**/pipelines/{name}/.logs/**/*.log"))
        return "\n".join(path.read_text(encoding="utf-8") for path in logs if path.stat().st_mtime >= since)

    def _ask(self, *arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            [self.programs / "python", HERE / "asked.py", self.folder, *arguments],
            cwd=self.home,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer

    def _query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        path = self.home / "data" / "project" / "mage-ai.db"
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
                return database.execute(statement, values).fetchall()
        except sqlite3.OperationalError:  # Mage makes it as it starts, and locks it as it writes
            return []

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            # Mage starts sources by `python3`.
            "PATH": os.pathsep.join([str(self.programs), os.environ["PATH"]]),
            "HOME": str(self.home),
            "MAGE_DATA_DIR": str(self.home / "data"),
            "SCHEDULER_TRIGGER_INTERVAL": "2",
            "DISABLE_ANALYTICS": "1",
        }

    def _write(self, name: str, content: Any) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
