"""What runs the shards: plain shells, Airflow or Dagster, each beside the same pipeline."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from demo.places import ROOT
from examples.check.airflow import Airflow, airflow_running

#: So many shards run at once.
AT_ONCE = 4

#: The program.
MELTANO = Path(sys.executable).with_name("meltano")
_DAGSTER = ROOT / ".venv" / "dagster" / "bin"
_LAST_CHARACTERS = 3_000


class Engine(Protocol):
    """Something that runs an example's programs."""

    def first_sync(self, shards: int) -> None:
        """Read and load the shop in shards, merge their states, and read what changed meanwhile.

        Args:
            shards: How many.

        Raises:
            RuntimeError: If that fails.
        """

    def update(self) -> None:
        """Read and load what has changed since.

        Raises:
            RuntimeError: If that fails.
        """


@dataclass(frozen=True, slots=True)
class _Shells:
    home: Path
    environment: Mapping[str, str]

    def first_sync(self, shards: int) -> None:
        script = ROOT / "examples" / "shells" / "first_sync.sh"
        _run("first_sync", ["sh", str(script), str(shards), str(AT_ONCE)], self.home, self.environment)

    def update(self) -> None:
        _run("update", [str(MELTANO), "run", "tap-magento", "target-postgres"], self.home, self.environment)


@dataclass(frozen=True, slots=True)
class _OnAirflow:
    airflow: Airflow

    def first_sync(self, shards: int) -> None:
        self._run("shop_backfill", shards=shards)

    def update(self) -> None:
        self._run("shop_daily")

    def _run(self, dag: str, **parameters: object) -> None:
        run = self.airflow.run(dag, parameters)
        print("\n".join(f"  {task}" for task in run.tasks), flush=True)
        if run.state != "success":
            raise RuntimeError(f"the run of {dag} is '{run.state}':\n{run.log_of_failed()[-_LAST_CHARACTERS:]}")


@dataclass(frozen=True, slots=True)
class _Dagster:
    home: Path
    environment: Mapping[str, str]

    def first_sync(self, shards: int) -> None:
        config = self.home / "config.yaml"
        config.write_text(json.dumps({"ops": {"first_sync": {"ops": {"prepare": {"config": {"count": shards}}}}}}))
        self._run("backfill", "-c", str(config))

    def update(self) -> None:
        self._run("update")

    def _run(self, job: str, *options: str) -> None:
        command = [str(_DAGSTER / "dagster"), "job", "execute", "-f", "examples/dagster/shop.py", "-j", job, *options]
        _run(job, command, self.home, self.environment)


@contextmanager
def _shells(home: Path, environment: Mapping[str, str]) -> Iterator[Engine]:
    yield _Shells(home, environment)


@contextmanager
def _airflow(home: Path, environment: Mapping[str, str]) -> Iterator[Engine]:
    with airflow_running(home / "airflow", environment) as airflow:
        yield _OnAirflow(airflow)


@contextmanager
def _dagster(home: Path, environment: Mapping[str, str]) -> Iterator[Engine]:
    folder = home / "dagster"
    folder.mkdir()
    (folder / "dagster.yaml").touch()
    path = os.pathsep.join([str(_DAGSTER), os.environ["PATH"]])
    yield _Dagster(home, {**environment, "DAGSTER_HOME": str(folder), "PATH": path})


#: The engines by name, each made with a folder of its own and the pipeline's environment.
ENGINES: Mapping[str, Callable[[Path, Mapping[str, str]], AbstractContextManager[Engine]]] = {
    "shells": _shells,
    "airflow": _airflow,
    "dagster": _dagster,
}


def environment_of(pipeline: Mapping[str, str], tables: Sequence[str]) -> dict[str, str]:
    """Say what the examples' programs need to know.

    Args:
        pipeline: The environment of the pipeline.
        tables: The tables that are wanted.

    Returns:
        The environment of an engine.
    """
    return {
        **pipeline,
        "MELTANO": str(MELTANO),
        "PYTHONPATH": str(ROOT),
        "TAP_MAGENTO__SELECT": json.dumps([f"{table}.*" for table in tables]),
    }


def _run(name: str, command: Sequence[str], home: Path, environment: Mapping[str, str]) -> None:
    """Run a program to its end; its output is shown if it fails."""
    log = home / f"{name}.log"
    with log.open("wb") as output:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        text = log.read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"{name} ended with exit code {done.returncode}:\n{text[-_LAST_CHARACTERS:]}")
