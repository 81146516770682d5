"""The table of personal data says what the bundled schemas mark."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import generate_personal_data
from scripts.generate_personal_data import PAGE, main, table


def test_the_page_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0, capsys.readouterr().err


def test_a_page_that_is_out_of_date_is_rewritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "PERSONAL_DATA.md"
    page.write_text(PAGE.read_text(encoding="utf-8").replace("| `customers` |", "| `clients` |"), encoding="utf-8")
    monkeypatch.setattr(generate_personal_data, "PAGE", page)
    assert main(["--check"]) == 1
    assert "make docs" in capsys.readouterr().err
    assert main([]) == 0
    assert page.read_text(encoding="utf-8") == PAGE.read_text(encoding="utf-8")


def test_nested_streams_are_told_with_their_own_fields() -> None:
    lines = list(table())
    assert "| `order_status_histories` | text | null | `comment` |" in lines
    assert any(line.startswith("| `customers` | email | pseudonym | `email`") for line in lines)
    assert not any("parent_item." in line for line in lines)
    assert not any(line.startswith("| `products` |") for line in lines)
