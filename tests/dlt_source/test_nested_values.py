from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tap_magento.dlt_source.nested_values import FORMS, Convert, json_objects, json_text


def made(value: Any, form: Convert) -> Any:
    """Make what dlt reads of a value."""
    found = form(value, bytearray())
    return json.loads(found) if isinstance(found, str) else found


# PHP writes a number as it is read: a whole one of 64 bits, or the shortest text of a double.
whole_numbers = st.integers(-(2**63), 2**63 - 1)
doubles = st.floats(allow_nan=False, allow_infinity=False).map(lambda number: Decimal(repr(number)))


@given(whole_numbers | doubles)
@example(Decimal("0.30000000000000004"))
@example(Decimal("59.990000000000002"))
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_number_of_a_shop_stays_as_it_is(form: Convert, value: Decimal | int) -> None:
    found = made({"items": [{"price": value}]}, form)["items"][0]["price"]
    assert found == (value if isinstance(value, int) else float(value))
    assert not isinstance(found, str)


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, 10**400])
def test_objects_have_no_whole_number_that_dlt_cannot_write(value: int) -> None:
    assert made([value], json_objects) == [float(str(value))]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("value", [[], {}, {"a": [None, {"b": "c", "d": True, "e": 3, "f": "1.50"}]}, ["1" * 30]])
def test_other_values_stay(form: Convert, value: Any) -> None:
    assert made(value, form) == value


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_nothing_of_a_value_remains_for_the_next_one(form: Convert) -> None:
    buffer = bytearray()
    values = [["long" * 99], ["short"], [], ["long" * 99]]
    found = [form(value, buffer) for value in values]  # all of them before the first is looked at
    assert [json.loads(each) if isinstance(each, str) else each for each in found] == values


def test_a_text_is_that_of_the_objects() -> None:
    value = {"items": [{"price": Decimal("20.2500"), "name": 'Kä"se'}]}
    assert made(value, json_text) == made(value, json_objects) == {"items": [{"price": 20.25, "name": 'Kä"se'}]}
    assert value["items"][0]["price"] == Decimal("20.2500")
