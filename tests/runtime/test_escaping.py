from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.runtime.escaping import escaped


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("caf\u00e9 \u4e2d \U0001f600", "caf\u00e9 \u4e2d \U0001f600"),
        ("\x1b[2J\x07", r"\x1b[2J\x07"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("\x9b2J\x7f", r"\x9b2J\x7f"),
        ("a\u2028b\u202ec", r"a\u2028b\u202ec"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_steers_a_terminal_is_escaped(text: str, safe: str) -> None:
    assert escaped(text) == safe


@given(st.text())
def test_any_text_becomes_one_line_that_can_be_printed(text: str) -> None:
    safe = escaped(text)
    assert len(safe.splitlines()) <= 1
    assert safe.encode().decode() == safe
    assert escaped(safe) == safe


def test_lines_may_be_kept() -> None:
    assert escaped("a\n\tb\r\x1b", keep_lines=True) == "a\n\tb\\r\\x1b"
