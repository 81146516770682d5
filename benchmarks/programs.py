"""Programs run to their end, and what they took."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

#: Program that is measured, as a module to run.
TAP = "tap_magento"
PLAIN_TAP = "benchmarks.plain_tap"

#: All taps read the same bytes of the same fields, and ask for nothing but rows; the plain tap knows no other way.
SETTINGS = {"schema_source": "bundled", "include_nested_duplicates": True, "audit": "off"}


#: The stream that is read where nothing else is said.
ORDERS = frozenset({"orders"})


@dataclass(frozen=True, slots=True)
class Usage:
    """What a program took.

    Attributes:
        cpu: Seconds of processor time, its own and the system's for it, all threads together.
        wall: Seconds from its start to its end.
        peak: Bytes of memory at its peak.
    """

    cpu: float
    wall: float
    peak: int

    def without(self, start: Usage) -> Usage:
        """Leave out what the program takes to start.

        Args:
            start: What it takes when it has next to nothing to do.

        Returns:
            What remains; the peak as it is.
        """
        return Usage(self.cpu - start.cpu, self.wall - start.wall, self.peak)


def run(module: str, *arguments: str, output: Path | None = None, python: Path = Path(sys.executable)) -> Usage:
    """Run a Python program to its end.

    Args:
        module: What to run.
        arguments: Its command line.
        output: Where what it writes goes; nowhere if None.
        python: The interpreter of the environment that it runs in.

    Returns:
        What it took.

    Raises:
        RuntimeError: If it fails; the error has the end of its log.
    """
    with TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [str(python), "-m", "benchmarks.measured", str(report), module, *arguments]
        began = time.perf_counter()
        with (output or Path("/dev/null")).open("wb") as stdout:
            done = subprocess.run(command, cwd=ROOT, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)
        wall = time.perf_counter() - began
        if done.returncode:
            raise RuntimeError(f"{module} failed: {done.stderr[-2000:]}")
        found = json.loads(report.read_text(encoding="ascii"))
    return Usage(found["cpu"], wall, found["peak"])


def run_tap(
    module: str,
    config: Mapping[str, Any],
    *,
    streams: frozenset[str] = ORDERS,
    state: Mapping[str, Any] | None = None,
    output: Path | None = None,
) -> Usage:
    """Run a tap.

    Args:
        module: The tap.
        config: Its settings; to them come those that make it read whole orders.
        streams: The streams that are selected.
        state: From where it reads on.
        output: Where its messages go; nowhere if None.

    Returns:
        What it took.

    Raises:
        RuntimeError: If it fails.
    """
    with TemporaryDirectory() as folder:
        files = {"config": {**config, **SETTINGS}, "catalog": catalog_of(module, streams)}
        if state is not None:
            files["state"] = {**state}
        arguments = []
        for name, content in files.items():
            path = Path(folder, f"{name}.json")
            path.write_text(json.dumps(content), encoding="utf-8")
            arguments += [f"--{name}", str(path)]
        return run(module, *arguments, output=output)


@cache
def catalog_of(module: str, streams: frozenset[str] = ORDERS) -> dict[str, Any]:
    """Discover a tap's catalog.

    Args:
        module: The tap.
        streams: The streams to select.

    Returns:
        The catalog.
    """
    with TemporaryDirectory() as folder:
        config = Path(folder, "config.json")
        settings = {"store_url": "http://127.0.0.1", "access_token": "none", **SETTINGS}
        config.write_text(json.dumps(settings), encoding="utf-8")
        output = Path(folder, "catalog.json")
        run(module, "--config", str(config), "--discover", output=output)
        catalog: dict[str, Any] = json.loads(output.read_bytes())
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = stream["tap_stream_id"] in streams
    return catalog
