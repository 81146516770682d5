from __future__ import annotations

from decimal import Decimal

import pytest

from tap_magento.http.decoding import clean


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("größe 😀", "größe 😀"),
        ("a\0b", "ab"),
        ("a\ud800b", "a\ufffdb"),
        ("\ud83d\ude00", "😀"),
        ("\ud83d\0\ude00", "😀"),
    ],
)
def test_text_that_no_database_takes_is_cleaned(raw: str, text: str) -> None:
    assert clean(raw) == text


def test_clean_goes_all_the_way_down() -> None:
    raw = {"a\0": ["\0", {"b\ud800": 1}, Decimal("1.10"), None, True]}
    assert clean(raw) == {"a": ["", {"b\ufffd": 1}, Decimal("1.10"), None, True]}


@pytest.mark.parametrize("raw", [{"rate": 1, "rate\0": 2}, {"rate\0": 2, "rate": 1}])
def test_a_name_that_is_anothers_only_once_clean_does_not_take_its_place(raw: dict[str, int]) -> None:
    assert clean(raw) == {"rate": 1}
