"""What holds for all lock files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = [
    "requirements.lock",
    *(f"{folder}/requirements.lock" for folder in ("dbt", "examples/airflow", "examples/dagster")),
]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_everything_by_hash_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    pinned = re.findall(r"^(\S+)==\S+(?: ; [^\n]+)? \\\n    --hash=sha256:", text, re.MULTILINE)
    assert pinned
    assert len(pinned) == len(re.findall(r"^\w", text, re.MULTILINE))
    assert "://" not in text
    assert "--index" not in text


@pytest.mark.parametrize("lock", LOCKS[1:])
def test_a_lock_has_what_is_asked_for(lock: str) -> None:
    asked = (ROOT / lock).with_suffix(".in").read_text(encoding="utf-8")
    text = (ROOT / lock).read_text(encoding="utf-8")
    for name, version in re.findall(r"^([\w-]+)==(\S+)$", asked, re.MULTILINE):
        assert f"\n{name}=={version} \\\n" in text
