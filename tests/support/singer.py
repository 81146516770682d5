"""The tap run as people run it, as a program, and the messages it wrote."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any


@dataclass
class Output:
    """What a run of the tap wrote; schemas and records by stream, states in their order."""

    code: int
    log: str
    schemas: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)
    records: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    states: list[dict[str, Any]] = field(default_factory=list)


def run_tap(folder: Path, config: Mapping[str, Any], *options: str, state: Mapping[str, Any] | None = None) -> Output:
    """Run the tap to its end; its files go into the folder."""
    arguments: list[str] = [sys.executable, "-m", "tap_magento", *_given(folder, "config", config), *options]
    if state is not None:
        arguments += _given(folder, "state", state)
    done = subprocess.run(arguments, capture_output=True, text=True, encoding="utf-8", check=False)
    output = Output(done.returncode, done.stderr)
    for line in done.stdout.splitlines():
        _add(output, json.loads(line, parse_float=Decimal))
    return output


def _given(folder: Path, name: str, content: Mapping[str, Any]) -> Sequence[str]:
    path = folder / f"{name}.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return f"--{name}", str(path)


def _add(output: Output, message: dict[str, Any]) -> None:
    kind = message["type"]
    if kind == "SCHEMA":
        output.schemas[message["stream"]] = message["schema"]
        output.keys[message["stream"]] = message["key_properties"]
    elif kind == "RECORD":
        output.records[message["stream"]].append(message["record"])
    elif kind == "STATE":
        output.states.append(message["value"])
