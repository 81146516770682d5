"""The script that reads a shard, with a program that stands for Meltano and is killed as often as it is told."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from examples.programs import PROJECT

MELTANO = """\
#!/bin/sh
echo "$TAP_MAGENTO_SHARD $*" >> "$HERE/calls"
echo "$MELTANO_SYS_DIR_ROOT $MELTANO_DATABASE_URI" > "$HERE/system"
[ "$(wc -l < "$HERE/calls")" -gt "$FAILURES" ] && exit 0
printf '%s\\n' "$SAID"
exit 1
"""
SLEEP = "#!/bin/sh\n"
BEGUN = "tap-magento Beginning sync of 'orders'..."


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    for name, text in {"meltano": MELTANO, "sleep": SLEEP}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    system = tmp_path / "system dir"
    (system / "loaders").mkdir(parents=True)
    (system / "extractors").mkdir()
    return {
        **os.environ,
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "HERE": str(tmp_path),
        "MELTANO_SYS_DIR_ROOT": str(system),
    }


def read(environment: dict[str, str], failures: int, said: str) -> int:
    command = ["sh", str(PROJECT / "examples" / "shells" / "read_shard.sh"), "3", "8"]
    own = {**environment, "FAILURES": str(failures), "SAID": said}
    return subprocess.run(command, env=own, check=False).returncode


def calls(folder: Path) -> list[str]:
    return (folder / "calls").read_text().splitlines()


def test_a_shard_is_read_with_a_state_and_a_folder_of_its_own(tmp_path: Path, environment: dict[str, str]) -> None:
    assert read(environment, 0, "") == 0
    assert calls(tmp_path) == ["3/8 run --state-id-suffix=shard-3-of-8 tap-magento target-postgres"]
    system = tmp_path / "system dir"
    own = system / "shards" / "shard-3-of-8"
    assert (tmp_path / "system").read_text() == f"{own} sqlite:///{system}/meltano.db\n"
    assert (own / "loaders").resolve() == system / "loaders"


@pytest.mark.parametrize("said", [BEGUN, f'{BEGUN}\nrun_summary {{"error": "the run was told to end"}}'])
def test_a_shard_that_was_stopped_is_read_again(said: str, tmp_path: Path, environment: dict[str, str]) -> None:
    assert read(environment, 2, said) == 0
    assert len(calls(tmp_path)) == 3


@pytest.mark.parametrize(
    "said", ["the shop rejects the password", f'{BEGUN}\nrun_summary {{"error": "no space left"}}']
)
def test_what_failed_otherwise_is_not_tried_again(said: str, tmp_path: Path, environment: dict[str, str]) -> None:
    assert read(environment, 1, said) == 1
    assert len(calls(tmp_path)) == 1


def test_three_times_is_enough(tmp_path: Path, environment: dict[str, str]) -> None:
    assert read(environment, 9, BEGUN) == 1
    assert len(calls(tmp_path)) == 3
