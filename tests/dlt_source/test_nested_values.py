from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tap_magento.dlt_source.nested_values import FORMS, json_objects, json_text

_BIG = 2**64


@pytest.fixture(params=FORMS.values(), ids=list(FORMS))
def made(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    """Make what dlt reads of a value."""

    def make(value: Any) -> Any:
        found = request.param(value)
        return json.loads(found) if isinstance(found, str) else found

    return make


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4) | st.integers(-2 * _BIG, 2 * _BIG))
@example(Decimal("0.30000000000000004"))
@example(Decimal(123456789012345678))
@example(Decimal("100000000.00000001"))
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_no_digit_of_a_number_is_lost(form: Callable[[Any], Any], value: Decimal | int) -> None:
    text = form({"items": [{"price": value}]})
    found = (json.loads(text) if isinstance(text, str) else text)["items"][0]["price"]
    assert Decimal(repr(found) if isinstance(found, float) else found) == value
    if isinstance(found, int):
        assert -_BIG // 2 <= found < _BIG


@pytest.mark.parametrize("value", [[], {}, {"a": [None, {"b": "c", "d": True, "e": 3, "f": "1.50"}]}, ["1" * 30]])
def test_other_values_stay(made: Callable[[Any], Any], value: Any) -> None:
    assert made(value) == value


def test_amounts_are_plain_numbers(made: Callable[[Any], Any]) -> None:
    assert made([Decimal("20.2500")]) == [20.25]
    assert made([Decimal("12345678901234567.1234")]) == ["12345678901234567.1234"]


def test_a_text_is_that_of_the_objects() -> None:
    value = {"items": [{"price": Decimal("20.2500"), "name": 'Kä"se'}]}
    assert json.loads(json_text(value)) == json_objects(value)
    assert value["items"][0]["price"] == Decimal("20.2500")
