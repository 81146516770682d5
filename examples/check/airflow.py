"""An Airflow of one's own: the scheduler with the LocalExecutor, the DAG processor and the API, as processes."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import requests

from demo.places import ROOT

_PROGRAM = ROOT / ".venv" / "airflow" / "bin" / "airflow"
_PARTS = (["api-server"], ["scheduler", "--skip-serve-logs"], ["dag-processor"])
_ENDED = {"success", "failed"}
_HOST = "127.0.0.1"
_AT_ONCE = 8
_POLL = 1.0
_TIMEOUT = 60.0
_GRACE = 30.0
# Machines differ in speed; no start takes as long as this.
_PATIENCE = 300.0
_LAST_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Task:
    """What became of a task.

    Attributes:
        name: Its name, with the number of its mapped instance if it has one.
        state: Airflow's word for it.
        tries: How often it was begun.
        begin: When its last try began; None if none did.
        seconds: How long that took.
        log: What all tries said, a line each.
    """

    name: str
    state: str
    tries: int
    begin: datetime | None
    seconds: float
    log: str = field(repr=False)

    def __str__(self) -> str:
        began = f"{self.begin:%H:%M:%S}" if self.begin else "never"
        tries = f", try {self.tries}" if self.tries > 1 else ""
        return f"{self.name}: {self.state}, began {began}, {self.seconds:.0f} s{tries}"


@dataclass(frozen=True, slots=True)
class DagRun:
    """What became of a run of a DAG.

    Attributes:
        state: `success` or `failed`.
        tasks: Its tasks, by the time that they began.
    """

    state: str
    tasks: Sequence[Task]

    def log_of_failed(self) -> str:
        """Collect what the failed tasks said.

        Returns:
            Their logs.
        """
        return "\n".join(f"{task}\n{task.log}" for task in self.tasks if task.state == "failed")


class Airflow:
    """A running Airflow.

    Args:
        home: Its folder.
        url: Where its API listens.
        parts: Its processes.
    """

    def __init__(self, home: Path, url: str, parts: Sequence[subprocess.Popen[bytes]]) -> None:
        self._home = home
        self._url = url
        self._parts = parts
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy for this machine

    def begin(self) -> None:
        """Wait until it can be asked.

        Raises:
            RuntimeError: If it does not come to that.
        """
        self._wait_for("/api/v2/version")
        token = self._session.get(f"{self._url}/auth/token", timeout=_TIMEOUT).json()["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def run(self, dag: str, parameters: Mapping[str, object] | None = None) -> DagRun:
        """Run a DAG to its end.

        Args:
            dag: Its name.
            parameters: Its parameters.

        Returns:
            What became of it.

        Raises:
            RuntimeError: If Airflow itself ends, or does not accept it.
        """
        self._wait_for(f"/api/v2/dags/{dag}")
        made = self._ask("POST", f"dags/{dag}/dagRuns", {"logical_date": None, "conf": dict(parameters or {})})
        run = f"dags/{dag}/dagRuns/{made['dag_run_id']}"
        self._ask("PATCH", f"dags/{dag}", {"is_paused": False})
        while (state := self._ask("GET", run)["state"]) not in _ENDED:
            self._check()
            time.sleep(_POLL)
        self._ask("PATCH", f"dags/{dag}", {"is_paused": True})
        found = self._ask("GET", f"{run}/taskInstances?limit=100")["task_instances"]
        logs = self._home / "logs" / f"dag_id={dag}" / f"run_id={made['dag_run_id']}"
        tasks = [_task(each, logs) for each in found]
        return DagRun(state, sorted(tasks, key=lambda task: task.begin or datetime.max.replace(tzinfo=timezone.utc)))

    def _wait_for(self, path: str) -> None:
        """Wait until something is there."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            self._check()
            with suppress(requests.ConnectionError, requests.Timeout):
                if self._session.get(f"{self._url}{path}", timeout=_TIMEOUT).ok:
                    return
            time.sleep(_POLL)
        raise RuntimeError(f"Airflow has no {path} after {_PATIENCE:.0f} s:\n{self._said()}")

    def _check(self) -> None:
        if any(part.poll() is not None for part in self._parts):
            raise RuntimeError(f"a part of Airflow has ended:\n{self._said()}")

    def _said(self) -> str:
        logs = sorted(self._home.glob("*.log"))
        return "\n".join(log.read_text(encoding="utf-8", errors="replace")[-_LAST_CHARACTERS:] for log in logs)

    def _ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        response = self._session.request(method, f"{self._url}/api/v2/{path}", json=body, timeout=_TIMEOUT)
        if not response.ok:
            raise RuntimeError(f"Airflow answers {method} {path} with {response.status_code}: {response.text[:500]}")
        answer: dict[str, Any] = response.json()
        return answer


@contextmanager
def airflow_running(home: Path, environment: Mapping[str, str]) -> Iterator[Airflow]:
    """Run an Airflow with the example's DAGs, for as long as the context lasts.

    Args:
        home: Its folder; made if it is not there.
        environment: Of its processes, and so of the tasks.

    Yields:
        It, ready to be asked.
    """
    home.mkdir(exist_ok=True)
    with socket.socket() as free:
        free.bind((_HOST, 0))
        port = free.getsockname()[1]
    url = f"http://{_HOST}:{port}"
    own = {**environment, **_settings(home, url, port)}
    subprocess.run(
        [str(_PROGRAM), "db", "migrate"], env=own, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with ExitStack() as stack:
        parts = []
        for name, *options in _PARTS:
            log = stack.enter_context((home / f"{name}.log").open("ab"))
            part = subprocess.Popen(
                [str(_PROGRAM), name, *options],
                env=own,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # to end all that a part has started with it
            )
            stack.callback(_end, part)
            parts.append(part)
        airflow = Airflow(home, url, parts)
        airflow.begin()
        yield airflow


def _settings(home: Path, url: str, port: int) -> Mapping[str, str]:
    return {
        "PATH": os.pathsep.join([str(_PROGRAM.parent), os.environ["PATH"]]),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "examples" / "airflow"),
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(_AT_ONCE),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__API__HOST": _HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
    }


def _end(part: subprocess.Popen[bytes]) -> None:
    """End a process and what it has started."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(part.pid, sent)
        with suppress(subprocess.TimeoutExpired):
            part.wait(_GRACE)


def _task(found: Mapping[str, Any], logs: Path) -> Task:
    index = found["map_index"]
    folder = logs / f"task_id={found['task_id']}"
    if index >= 0:
        folder /= f"map_index={index}"
    begin = found["start_date"] and datetime.fromisoformat(found["start_date"].replace("Z", "+00:00"))
    return Task(
        name=found["task_id"] if index < 0 else f"{found['task_id']} {index + 1}",
        state=str(found["state"]),
        tries=found["try_number"],
        begin=begin,
        seconds=found["duration"] or 0.0,
        log="\n".join(_said_in(log) for log in sorted(folder.glob("*.log"))),
    )


def _said_in(log: Path) -> str:
    """Take the messages out of a task's log, a JSON object each."""
    entries = (json.loads(line) for line in log.read_text(encoding="utf-8").splitlines())
    return "\n".join(str(entry.get("event")) for entry in entries)
