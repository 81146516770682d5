"""Runs of PyAirbyte in its own environment."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registries.airbyte.tables import Tables, tables_in
from sample_store import Server

HERE = Path(__file__).resolve().parent
HOME = HERE.parents[1] / ".airbyte"
PROGRAM = Path(sys.executable).with_name("source-magento")


@dataclass(frozen=True)
class PyAirbyte:
    """PyAirbyte with one place for its rows.

    Attributes:
        name: What a person calls it.
        cache: That place, as `read_pyairbyte.py` has it.
        folder: Where its files go.
    """

    name: str
    cache: str
    folder: Path

    def read(
        self, config: Mapping[str, Any], streams: Sequence[str] = (), meanwhile: Callable[[], None] | None = None
    ) -> tuple[int, Tables]:
        """Read on from the last time.

        Args:
            config: The source's configuration.
            streams: What to read; all if none.
            meanwhile: Called once the streams are chosen.

        Returns:
            How many rows were read, and the tables now.

        Raises:
            AssertionError: If it fails.
        """
        found = self._run(config, streams, meanwhile)
        assert "error" not in found, found
        return found["read"], tables_in(self._tables, by_pandas=self.is_by_pandas)

    def fail(
        self, config: Mapping[str, Any], streams: Sequence[str], meanwhile: Callable[[], None] | None = None
    ) -> tuple[str, str]:
        """Try to read, in vain.

        Args:
            config: The source's configuration.
            streams: What to read.
            meanwhile: Called once the streams are chosen.

        Returns:
            The name of PyAirbyte's error, and its text.

        Raises:
            AssertionError: If it succeeds.
        """
        found = self._run(config, streams, meanwhile)
        assert "error" in found, found
        return found["error"], found["text"]

    def kill(self, config: Mapping[str, Any], streams: Sequence[str], killing: str, seed: int) -> None:
        """Read until SIGKILL.

        Args:
            config: The source's configuration.
            streams: What to read.
            killing: When and whom, as `read_pyairbyte.py` has it.
            seed: Chooses the order in which PyAirbyte fills its tables.

        Raises:
            AssertionError: If it does not come to that.
        """
        with self._started(config, streams, SOURCE_MAGENTO_KILLS=killing, PYTHONHASHSEED=str(seed)) as process:
            output, _ = process.communicate()
        if killing.endswith("pyairbyte"):
            assert process.returncode == -signal.SIGKILL, process.returncode
        else:
            assert "AirbyteConnectorFailedError" in output.splitlines()[-1], output

    def _run(
        self, config: Mapping[str, Any], streams: Sequence[str], meanwhile: Callable[[], None] | None = None
    ) -> dict[str, Any]:
        shutil.rmtree(self._tables, ignore_errors=True)
        self._tables.mkdir(parents=True)
        with self._started(config, streams, SOURCE_MAGENTO_WAITS="1" if meanwhile else "") as process:
            if meanwhile:
                assert process.stdout is not None
                while process.stdout.readline() not in {"chosen\n", ""}:
                    pass
                meanwhile()
            output, _ = process.communicate("\n")
        assert process.returncode == 0, process.returncode
        found: dict[str, Any] = json.loads(output.splitlines()[-1])
        return found

    def _started(self, config: Mapping[str, Any], streams: Sequence[str], **more: str) -> subprocess.Popen[str]:
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "config.json"
        file.write_text(json.dumps(config), encoding="utf-8")
        python = HOME / "pyairbyte" / "bin" / "python"
        log = (self.folder / "pyairbyte.log").open("a", encoding="utf-8")
        return subprocess.Popen(
            [python, HERE / "read_pyairbyte.py", PROGRAM, file, self.cache, self._tables, *streams],
            cwd=self.folder,
            env={**os.environ, "AIRBYTE_OFFLINE_MODE": "1", "DO_NOT_TRACK": "1", "NO_COLOR": "1", **more},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )

    @property
    def is_by_pandas(self) -> bool:
        """Whether PyAirbyte loads by pandas, as into all but DuckDB, Snowflake and BigQuery."""
        return "," in self.cache

    @property
    def _tables(self) -> Path:
        return self.folder / "tables"


def config_for(server: Server, *, username: str | None = None, password: str | None = None) -> dict[str, Any]:
    """Say how to reach a sample store.

    Args:
        server: The store.
        username: An account's name, if not the administrator's.
        password: Its password.

    Returns:
        The source's configuration.
    """
    credentials = {
        "auth_method": "password",
        "username": username or server.shop.username,
        "password": password or server.shop.password,
    }
    return {"store_url": server.url, "credentials": credentials}


def log_of(text: str) -> str:
    """Read the log of the source that an error of PyAirbyte names.

    Args:
        text: The error's text.

    Returns:
        The log; empty if none is named.
    """
    named = re.search(r"Log file: (\S+)", text)
    return Path(named[1]).read_text(encoding="utf-8") if named else ""
