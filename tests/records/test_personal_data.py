"""Personal data of a row: pseudonyms that join, years of birth, and nothing where nothing may stay."""

from __future__ import annotations

import copy
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.records.personal_data import PSEUDONYMISED, protecting

Row = dict[str, Any]
SALT = "a salt of more than 16 characters"
KINDS = ("email", "name", "phone", "address", "ip", "birth_date", "tax_id", "text", "payment", "id")


def protected(row: Row, fields: Mapping[Any, str], salt: str | None = SALT) -> Row:
    return protecting(lambda row: row, fields, salt, ("_unparsed",))(copy.deepcopy(row))


def pseudonym(value: Any, kind: str = "email", salt: str = SALT) -> Any:
    return protected({"field": value}, {("field",): kind}, salt)["field"]


def test_a_pseudonym_is_a_keyed_hash_of_the_kind_and_the_normalised_value() -> None:
    expected = hmac.new(SALT.encode(), b"email:jos\xc3\xa9@example.com", hashlib.sha256).hexdigest()[:32]
    assert pseudonym(" Jose\u0301@Example.COM ") == expected


def test_equal_addresses_have_equal_pseudonyms_in_all_fields_and_streams() -> None:
    order = protected({"customer_email": "A@example.com"}, {("customer_email",): "email"})
    customer = protected({"email": "a@example.com"}, {("email",): "email"})
    assert order["customer_email"] == customer["email"]


def test_another_key_another_value_or_another_kind_gives_another_pseudonym() -> None:
    first = pseudonym("a@example.com")
    assert pseudonym("a@example.com", salt="another salt of 16 characters") != first
    assert pseudonym("b@example.com") != first
    assert pseudonym("a@example.com", "name") != first


@given(st.sampled_from(sorted(PSEUDONYMISED)), st.text(min_size=1).filter(str.strip))
def test_nothing_of_a_value_stays(kind: str, value: str) -> None:
    found = pseudonym(value, kind)
    assert len(found) == 32
    assert set(found) <= set("0123456789abcdef")


@pytest.mark.parametrize("empty", ["", "  ", None])
def test_what_is_empty_stays_so(empty: str | None) -> None:
    assert pseudonym(empty) == empty


@pytest.mark.parametrize(
    ("born", "expected"), [("1979-03-17", "1979-01-01"), ("19790317", "1979-01-01"), ("born in May", None), ("", None)]
)
def test_of_a_date_of_birth_the_year_stays(born: str, expected: str | None) -> None:
    assert pseudonym(born, "birth_date") == expected


@pytest.mark.parametrize("kind", ["text", "payment"])
def test_free_text_is_left_out(kind: str) -> None:
    assert pseudonym("call me at 555 1234", kind) is None
    assert pseudonym(["4242", "Card"], kind) is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [7, 1.5, True, {"name": "Ann"}])
def test_what_is_no_text_is_left_out(kind: str, value: Any) -> None:
    assert pseudonym(value, kind) is None


def test_every_line_of_a_street_is_replaced() -> None:
    street = pseudonym(["12 Main Street", "", "Apartment 4"], "address")
    assert street[1] == ""
    assert {len(street[0]), len(street[2])} == {32}


def test_fields_are_found_through_objects_and_arrays_and_others_stay() -> None:
    row = {
        "id": 7,
        "addresses": [{"city": "Berlin", "country_id": "DE"}, {"country_id": "US"}, None],
        "billing": None,
        "history": "none",
    }
    fields = {("addresses", "city"): "address", ("billing", "city"): "address", ("history", "comment"): "text"}
    found = protected(row, fields)
    assert found["addresses"][0] == {"city": pseudonym("Berlin", "address"), "country_id": "DE"}
    assert found["addresses"][1:] == [{"country_id": "US"}, None]
    assert (found["id"], found["billing"], found["history"]) == (7, None, "none")


@given(
    st.sampled_from(KINDS),
    st.one_of(st.text(), st.integers(), st.lists(st.text()), st.dictionaries(st.text(), st.text())),
)
def test_without_a_key_nothing_is_kept(kind: str, value: Any) -> None:
    assert protected({"field": value, "other": 1}, {("field",): kind}, None) == {"field": None, "other": 1}


@pytest.mark.parametrize("salt", [SALT, None])
def test_texts_of_values_that_did_not_fit_their_type_are_forgotten(salt: str | None) -> None:
    row = {"_unparsed": {"customer_dob": "17 March", "addresses[].city": "[Berlin]", "weight": "heavy"}}
    fields = {("customer_dob",): "birth_date", ("addresses",): "address"}
    assert protected(row, fields, salt) == {"_unparsed": {"weight": "heavy"}}
    del row["_unparsed"]["weight"]
    assert protected(row, fields, salt) == {"_unparsed": None}
