"""What PHP sends for a value of each type."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tap_magento.records import values


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        (10, 10),
        (Decimal("36.390"), Decimal("36.390")),
        ("19.9900", Decimal("19.9900")),
        ("-0.5", Decimal("-0.5")),
        (".5", Decimal("0.5")),
        (" 12 ", 12),
        ("12345678901234567890", 12345678901234567890),
        ("1e3", Decimal("1E+3")),
        (True, 1),
        (False, 0),
        ("", None),
        ("  ", None),
        ([], None),
        ({}, None),
    ],
)
def test_number(raw: object, number: object) -> None:
    assert repr(values.to_number(raw)) == repr(number)


@pytest.mark.parametrize(
    "raw",
    [
        "abc",
        "1,5",
        "1_000",
        "٣",
        "0x1A",
        "NaN",
        "Infinity",
        "1e99999999999999999999",
        "9" * 5000,
        [1],
        {"a": 1},
    ],
)
def test_no_number(raw: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        values.to_number(raw)


@pytest.mark.parametrize(
    ("raw", "integer"),
    [
        (5, 5),
        ("123", 123),
        ("007", 7),
        (Decimal("2.000"), 2),
        ("1.0", 1),
        (True, 1),
        ("", None),
        ([], None),
    ],
)
def test_integer(raw: object, integer: object) -> None:
    assert repr(values.to_integer(raw)) == repr(integer)


@pytest.mark.parametrize("raw", ["1.5", Decimal("1.5"), 0.1, "1e9999", Decimal("1E+999999"), "x"])
def test_no_integer(raw: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        values.to_integer(raw)


@pytest.mark.parametrize(
    ("raw", "boolean"),
    [
        (True, True),
        (0, False),
        (Decimal(1), True),
        (" 1", True),
        ("0 ", False),
        ("true", True),
        ("False", False),
        ("", None),
        ([], None),
    ],
)
def test_boolean(raw: object, boolean: object) -> None:
    assert values.to_boolean(raw) is boolean


@pytest.mark.parametrize("raw", [2, "yes", ["1"], {"a": 1}])
def test_no_boolean(raw: object) -> None:
    with pytest.raises(ValueError, match="neither"):
        values.to_boolean(raw)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("", ""),
        ("größe 😀", "größe 😀"),
        (392, "392"),
        (Decimal("131.450000"), "131.450000"),
        (True, "true"),
        (["3", "4"], '["3","4"]'),
        ([], "[]"),
        ({"a": [None, Decimal("1.50"), "x"]}, '{"a":[null,1.50,"x"]}'),
    ],
)
def test_string(raw: object, text: object) -> None:
    assert values.to_string(raw) == text


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("2026-11-21 17:01:02", "2026-11-21T17:01:02+00:00"),
        ("2026-11-21T17:01:02+00:00", "2026-11-21T17:01:02+00:00"),
        ("2026-11-21T17:01:02Z", "2026-11-21T17:01:02+00:00"),
        ("2026-11-21T17:01:02.987654Z", "2026-11-21T17:01:02+00:00"),
        ("2026-11-21T17:01:02.9+01:00", "2026-11-21T16:01:02+00:00"),
        ("2026-11-21 17:01:02-0800", "2026-11-22T01:01:02+00:00"),
        ("2024-02-29", "2024-02-29T00:00:00+00:00"),
        ("0999-01-01 00:00:00", "0999-01-01T00:00:00+00:00"),
        ("0000-00-00 00:00:00", None),
        ("0000-00-00", None),
        ("-0001-11-30 00:00:00", None),
        ("", None),
        ([], None),
    ],
)
def test_date_time(raw: object, moment: object) -> None:
    assert values.to_date_time(raw) == moment


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("1973-12-15", "1973-12-15"),
        ("1973-12-15 00:00:00", "1973-12-15"),
        ("2026-11-21T23:30:00-08:00", "2026-11-21"),
        ("0000-00-00", None),
        ("", None),
    ],
)
def test_date(raw: object, day: object) -> None:
    assert values.to_date(raw) == day


@pytest.mark.parametrize(
    "raw",
    [
        "2026-02-31 00:00:00",
        "2026-00-00",
        "2026-13-01",
        "2026-11-21 24:00:00",
        "2026-11-21 17:01",
        "20261121",
        "2026-W01-1",
        "now",
        "0001-01-01T00:00:00+14:00",
        1795280462,
        ["2026-11-21"],
    ],
)
@pytest.mark.parametrize("convert", [values.to_date, values.to_date_time])
def test_no_moment(raw: object, convert: Callable[[Any], Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        convert(raw)
