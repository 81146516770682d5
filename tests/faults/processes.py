"""The tap as a process of its own, to be killed by real signals.

The processes are forked from one that has imported the tap already: that saves the time of the imports, fifty times.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any

from tap_magento.streams.base import MagentoStream
from tap_magento.tap import TapMagento

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([__name__])


class Process:
    """A running tap.

    Args:
        process: The process.
        out: What it writes comes from here.
        log: Where its log goes.
    """

    def __init__(self, process: Any, out: IO[bytes], log: Path) -> None:
        self.out = out
        self._process = process
        self._log = log

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        with suppress(ProcessLookupError):  # it may end in this moment
            if self.is_running:
                os.kill(self._process.pid, number)

    def wait(self) -> int:
        """Wait for its end, and give its exit code: negative for a signal that killed it."""
        self._process.join()
        code: int = self._process.exitcode
        return code

    @property
    def is_running(self) -> bool:
        return bool(self._process.is_alive())

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")


@contextmanager
def started(
    folder: Path,
    config: Mapping[str, Any],
    state: Mapping[str, Any] | None,
    catalog: Mapping[str, Any] | None = None,
    log_level: str = "INFO",
) -> Iterator[Process]:
    """Start the tap as its command line does; its files go into the folder."""
    arguments = []
    for name, content in (("config", config), ("state", state), ("catalog", catalog)):
        if content is None:
            continue
        path = folder / f"{name}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        arguments += [f"--{name}", str(path)]
    reader, writer = _forks.Pipe(duplex=False)
    process = _forks.Process(target=_run, args=(writer, folder / "log", arguments, log_level))
    process.start()
    writer.close()
    with open(os.dup(reader.fileno()), "rb") as out:  # noqa: PTH123  a pipe has no path
        reader.close()
        try:
            yield Process(process, out, folder / "log")
        finally:
            process.kill()
            process.join()
            process.close()


def _run(writer: Connection, log: Path, arguments: list[str], log_level: str) -> None:
    os.dup2(writer.fileno(), 1)
    writer.close()
    with log.open("wb") as errors:
        os.dup2(errors.fileno(), 2)
    os.environ["TAP_MAGENTO_LOGLEVEL"] = log_level
    MagentoStream.STATE_MSG_FREQUENCY = 5
    TapMagento.cli(arguments)
