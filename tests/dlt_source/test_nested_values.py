from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tap_magento.dlt_source.nested_values import FORMS, Convert, json_objects, json_text

_BIG = 2**64


def made(value: Any, form: Convert) -> Any:
    """Make what dlt reads of a value."""
    found = form(value, bytearray())
    return json.loads(found) if isinstance(found, str) else found


numbers = st.decimals(allow_nan=False, allow_infinity=False, places=4) | st.integers(-2 * _BIG, 2 * _BIG)


@given(numbers, st.text(max_size=8))
@example(Decimal("0.30000000000000004"), "")
@example(Decimal(123456789012345678), "")
@example(Decimal("100000000.00000001"), "")
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_no_digit_of_a_number_is_lost(form: Convert, value: Decimal | int, before: str) -> None:
    found = made({"items": [{"name": before, "price": value}]}, form)["items"][0]["price"]
    assert Decimal(repr(found) if isinstance(found, float) else found) == value
    if isinstance(found, int):
        assert -_BIG // 2 <= found < _BIG


@pytest.mark.parametrize("place", range(8))
def test_a_number_that_no_double_holds_is_found_wherever_it_begins(place: int) -> None:
    digits = "90071992547409.93"  # sixteen, of which a double loses the last
    assert made(["x" * place, Decimal(digits)], json_text) == ["x" * place, digits]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("value", [[], {}, {"a": [None, {"b": "c", "d": True, "e": 3, "f": "1.50"}]}, ["1" * 30]])
def test_other_values_stay(form: Convert, value: Any) -> None:
    assert made(value, form) == value


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_amounts_are_plain_numbers(form: Convert) -> None:
    assert made([Decimal("20.2500")], form) == [20.25]
    assert made([Decimal("12345678901234567.1234")], form) == ["12345678901234567.1234"]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_nothing_of_a_value_remains_for_the_next_one(form: Convert) -> None:
    buffer = bytearray()
    values = [["long" * 99], [Decimal("12345678901234567.1234")], ["short"], [], ["long" * 99]]
    found = [form(value, buffer) for value in values]  # all of them before the first is looked at
    assert [json.loads(each) if isinstance(each, str) else each for each in found] == [
        values[0],
        ["12345678901234567.1234"],
        *values[2:],
    ]


def test_a_text_is_that_of_the_objects() -> None:
    value = {"items": [{"price": Decimal("20.2500"), "name": 'Kä"se'}]}
    assert made(value, json_text) == made(value, json_objects)
    assert value["items"][0]["price"] == Decimal("20.2500")
