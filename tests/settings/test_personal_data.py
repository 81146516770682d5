"""What can be wrong with the settings of personal data."""

from __future__ import annotations

from typing import Any

import pytest

from tap_magento.settings.personal_data import personal_data_problems
from tap_magento.settings.schema import secrets_in

SALT = "a salt of more than 16 characters"


def problems(**config: Any) -> list[str]:
    return list(personal_data_problems(config))


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"personal_data": "keep"},
        {"personal_data": "drop"},
        {"personal_data": "pseudonymise", "personal_data_salt": "x" * 16},
        {"personal_data": "drop", "personal_data_keep": ["orders.customer_email", "customers.custom_attributes.Code"]},
    ],
)
def test_nothing_is_wrong(config: dict[str, Any]) -> None:
    assert problems(**config) == []


@pytest.mark.parametrize("salt", [{}, {"personal_data_salt": "x" * 15}])
def test_pseudonyms_need_a_key_that_cannot_be_guessed(salt: dict[str, str]) -> None:
    (problem,) = problems(personal_data="pseudonymise", **salt)
    assert "`personal_data_salt` of at least 16 characters" in problem
    assert "xxx" not in problem


@pytest.mark.parametrize("field", ["customer_email", "orders.", ".email", "orders customer_email", "Orders.email"])
def test_fields_to_keep_are_named_with_their_stream(field: str) -> None:
    (problem,) = problems(personal_data="drop", personal_data_keep=[field])
    assert "`stream.field`" in problem


def test_the_key_is_a_secret() -> None:
    assert SALT in secrets_in({"personal_data": "pseudonymise", "personal_data_salt": SALT})
