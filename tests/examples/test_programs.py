"""What becomes of the programs that schedulers run: when a retry makes sense, and what a person is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from examples import programs
from examples.programs import Outcome

QUIET = {"quarantined": 0, "audit_reason": None}
GOOD = {"succeeded": True, "error": None, "streams": {"orders": QUIET}, "unavailable": {}}

Program = Callable[..., None]


@pytest.fixture
def meltano(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Makes a program that stands for Meltano: it logs lines, and ends with an exit code."""

    def make(*events: str, code: int = 0) -> None:
        script = tmp_path / "meltano"
        lines = "\n".join(json.dumps({"name": "tap-magento", "event": event}) for event in events)
        said = 'echo "$TAP_MAGENTO_SHARD $*"\necho "in $MELTANO_SYS_DIR_ROOT of $MELTANO_DATABASE_URI"'
        script.write_text(f"#!/bin/sh\ncat <<'END'\n{lines}\nEND\n{said}\nexit {code}\n")
        script.chmod(0o755)
        monkeypatch.setattr(programs, "_MELTANO", str(script))
        monkeypatch.setenv("MELTANO_SYS_DIR_ROOT", str(tmp_path / "system"))

    return make


def summarised(**more: Any) -> str:
    return f"2026-11-21 | INFO | tap-magento | run_summary {json.dumps({**GOOD, **more})}"


BEGUN = "2026-11-21 | INFO | tap-magento.orders | Beginning sync of 'orders'..."


def test_a_shard_is_run_with_its_setting_and_a_state_and_a_folder_of_its_own(
    meltano: Program, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    meltano(BEGUN, summarised())
    assert programs.read("3/8") == Outcome(0, GOOD, has_begun=True)
    said = capsys.readouterr().out
    assert "3/8 --log-format=json run --state-id-suffix=shard-3-of-8 tap-magento target-postgres" in said
    assert f"tap-magento: {BEGUN}" in said
    system = tmp_path / "system"
    assert f"in {system}/shards/shard-3-of-8 of sqlite:///{system}/meltano.db" in said


@pytest.mark.parametrize(
    ("events", "code", "is_retried"),
    [
        ([BEGUN], 1, True),  # killed
        ([BEGUN, summarised(error="the run was told to end")], 1, True),
        ([BEGUN, summarised(error="the shop rejects the password")], 1, False),
        (["The shop rejects the password"], 1, False),  # at the discovery of the schema, before any row is read
        ([BEGUN, summarised()], 0, False),
    ],
)
def test_only_what_was_stopped_is_retried(meltano: Program, events: list[str], code: int, is_retried: bool) -> None:  # noqa: FBT001
    meltano(*events, code=code)
    assert programs.increment().was_stopped == is_retried


ALERTS: dict[str, tuple[Mapping[str, Any], str]] = {
    "a row quarantined": (
        {"streams": {"orders": {**QUIET, "quarantined": 2}}},
        "'orders': 2 rows cannot be read and are quarantined",
    ),
    "an audit that cannot be settled": (
        {"streams": {"orders": {**QUIET, "audit_reason": "the shop's counts change"}}},
        "'orders': the audit could not be settled: the shop's counts change",
    ),
    "a stream without access": (
        {"unavailable": {"orders": "the role lacks Magento_Sales::sales"}},
        "'orders' cannot be read: the role lacks Magento_Sales::sales",
    ),
    "a failure": ({"error": "the shop is down"}, "The run failed: the shop is down"),
}


@pytest.mark.parametrize(("summary", "problem"), ALERTS.values(), ids=ALERTS)
def test_a_person_is_told_what_to_look_at(meltano: Program, summary: Mapping[str, Any], problem: str) -> None:
    meltano(BEGUN, summarised(**summary))
    assert programs.increment().problems == [problem]


def test_one_quarantined_row_is_told_of_in_the_singular(meltano: Program) -> None:
    meltano(BEGUN, summarised(streams={"orders": {**QUIET, "quarantined": 1}}))
    assert programs.increment().problems == ["'orders': 1 row cannot be read and is quarantined"]


def test_a_selected_stream_that_the_shop_does_not_offer_is_told_of(meltano: Program) -> None:
    meltano("Stream `invoices` was not found in the catalog", BEGUN, summarised())
    assert programs.increment().problems == [
        "'invoices' cannot be read: it is selected, and the shop does not offer it"
    ]


def test_nothing_is_told_of_a_run_in_which_all_is_well(meltano: Program) -> None:
    meltano(BEGUN, summarised())
    assert programs.increment().problems == []
