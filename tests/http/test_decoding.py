from __future__ import annotations

from decimal import Decimal

import pytest

from tap_magento.http.decoding import _short_decimal, clean, decode


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


@pytest.mark.parametrize(
    "number", ["20.2500", "-1.7976931348623157e+308", "0." + "1" * 1000, "12345678901234567890.12345678"]
)
def test_a_number_keeps_its_digits(number: str) -> None:
    assert decode(f"[{number}, {number}]".encode()) == [Decimal(number)] * 2


@pytest.mark.parametrize(
    ("number", "is_kept"), [("20.2500", True), ("-1.7976931348623157e+308", True), ("0." + "1" * 23, False)]
)
def test_no_number_is_kept_that_is_longer_than_php_writes_one(number: str, *, is_kept: bool) -> None:
    _short_decimal.cache_clear()
    decode(f"[{number}]".encode())
    assert _short_decimal.cache_info().currsize == is_kept
