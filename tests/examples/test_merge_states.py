"""The script that merges the states of shards, with a program that stands for Meltano."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from examples.programs import PROJECT

PROGRAM = Path(sys.executable).with_name("tap-magento-merge-states")
MELTANO = f"""\
#!/bin/sh
case "$1 $2" in
"state get") cat "$STATES/$3.json" ;;
"invoke tap-magento:merge-states") shift 2; exec {PROGRAM} "$@" ;;
"state set") cp "$6" "$STATES/$4.json" ;;
esac
"""
PIPELINE = "prod:tap-magento-to-target-postgres"


def state_of(number: int, *, finished: bool = True) -> dict[str, Any]:
    orders = {
        "shard": {"number": number, "count": 2, "finished": finished},
        "replication_key_value": f"2026-11-21T12:00:0{number}+00:00",
    }
    return {"singer_state": {"bookmarks": {"orders": orders}}}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    program = tmp_path / "meltano"
    program.write_text(MELTANO)
    program.chmod(0o755)
    return {**os.environ, "MELTANO": str(program), "MELTANO_ENVIRONMENT": "prod", "STATES": str(tmp_path)}


def merge(folder: Path, environment: dict[str, str], *states: dict[str, Any]) -> int:
    for number, state in enumerate(states, start=1):
        (folder / f"{PIPELINE}:shard-{number}-of-2.json").write_text(json.dumps(state))
    command = ["sh", str(PROJECT / "examples" / "merge_states.sh"), "2"]
    return subprocess.run(command, env=environment, cwd=PROJECT, check=False).returncode


def test_the_pipelines_state_is_set_to_the_merged_one(tmp_path: Path, environment: dict[str, str]) -> None:
    assert merge(tmp_path, environment, state_of(1), state_of(2)) == 0
    state = json.loads((tmp_path / f"{PIPELINE}.json").read_text())
    orders = {"replication_key_value": "2026-11-21T12:00:01+00:00"}
    assert state == {"singer_state": {"bookmarks": {"orders": orders}}}


def test_nothing_is_set_where_a_shard_is_unfinished(tmp_path: Path, environment: dict[str, str]) -> None:
    assert merge(tmp_path, environment, state_of(1), state_of(2, finished=False)) != 0
    assert not (tmp_path / f"{PIPELINE}.json").exists()
