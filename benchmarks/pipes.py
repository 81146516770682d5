"""The tap and target-postgres, joined by a pipe, with the state that the loader writes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.programs import ROOT, SETTINGS, TAP, catalog_of
from demo.postgres import Database

_LOADER = ROOT / ".meltano" / "loaders" / "target-postgres" / "venv" / "bin" / "target-postgres"
_POLL = 0.1
# The loader's words.
_WROTE_ROWS = b"batch_processing_time"
_LAST_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class Pipe:
    """A tap and a loader at work.

    Attributes:
        tap: The tap's process.
        loader: The loader's.
        states: Where the loader writes states, a line each.
        log: What both say.
    """

    tap: subprocess.Popen[bytes]
    loader: subprocess.Popen[bytes]
    states: Path
    log: Path

    def end(self) -> Mapping[str, Any]:
        """Wait until both have ended.

        Returns:
            The last state that the loader wrote.

        Raises:
            RuntimeError: If one fails.
        """
        if self.tap.wait() | self.loader.wait():
            raise RuntimeError(self.log.read_text(encoding="utf-8")[-_LAST_CHARACTERS:])
        return self._state() or {}

    def kill(self) -> Mapping[str, Any] | None:
        """Kill the tap once the loader has written rows, and wait for the loader; it may fail, as its input breaks off.

        Returns:
            The last state that the loader wrote; None if it wrote none.

        Raises:
            RuntimeError: If the tap ends before.
        """
        while _WROTE_ROWS not in self.log.read_bytes():
            if self.tap.poll() is not None:
                raise RuntimeError("the tap ended before it was killed")
            time.sleep(_POLL)
        self.tap.kill()
        self.tap.wait()
        self.loader.wait()
        return self._state()

    def _state(self) -> Mapping[str, Any] | None:
        lines = self.states.read_text(encoding="utf-8").splitlines()
        state: Mapping[str, Any] | None = json.loads(lines[-1]) if lines else None
        return state


def start(folder: Path, config: Mapping[str, Any], database: Database, state: Mapping[str, Any] | None = None) -> Pipe:
    """Begin to read and load orders.

    Args:
        folder: For its files, of its own; made if it is not there.
        config: The tap's settings; to them come those that all benchmarks have.
        database: Where the rows go.
        state: From where it reads on; from the start if None.

    Returns:
        The two at work.
    """
    folder.mkdir(exist_ok=True)
    loader = {
        "sqlalchemy_url": database.sqlalchemy_url,
        "default_target_schema": database.schema,
        "batch_size_rows": 1_000,
        "validate_records": False,
        "use_copy": True,
    }
    files = {
        "config": {**config, **SETTINGS},
        "catalog": catalog_of(TAP),
        "loader": loader,
        **({} if state is None else {"state": state}),
    }
    paths = {name: folder / f"{name}.json" for name in files}
    for name, path in paths.items():
        path.write_text(json.dumps(files[name]), encoding="utf-8")
    states, log = folder / "states.jsonl", folder / "log"
    command = [sys.executable, "-m", TAP, "--config", str(paths["config"]), "--catalog", str(paths["catalog"])]
    command += ["--state", str(paths["state"])] if state is not None else []
    with log.open("w") as said, states.open("w") as written:
        tap = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=said)
        target = [str(_LOADER), "--config", str(paths["loader"])]
        pipe = Pipe(tap, subprocess.Popen(target, stdin=tap.stdout, stdout=written, stderr=said), states, log)
    if tap.stdout:
        tap.stdout.close()  # the loader alone has it now
    return pipe
