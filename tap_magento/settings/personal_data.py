"""The settings of personal data: what of it leaves the tap, and in what form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from singer_sdk import typing as th

from tap_magento.settings.declare import choice, text

PERSONAL_DATA = (
    choice(
        "personal_data",
        "Personal data",
        (
            "What to do with names, addresses, telephone numbers, dates of birth, tax numbers, IP addresses, comments "
            "and payment details: `keep` loads them, `pseudonymise` replaces them by keyed hashes (equal values stay "
            "equal; free text becomes null, a date of birth its year), `drop` does not request them."
        ),
        values=["keep", "pseudonymise", "drop"],
        default="keep",
    ),
    text(
        "personal_data_salt",
        "Personal data salt",
        (
            "Key of the hashes of `personal_data: pseudonymise`, at least 16 characters. With another key the hashes "
            "are others."
        ),
        secret=True,
    ),
    th.Property(
        "personal_data_keep",
        th.ArrayType(th.StringType(nullable=False), nullable=False),
        title="Personal data to keep",
        description=(
            "Fields that are loaded as they are although they are personal data, as `stream.field`, with dots between "
            "nested fields."
        ),
        examples=[["orders.customer_email", "orders.billing_address.postcode"]],
    ),
)

_SHORTEST_SALT = 16
_FIELD = re.compile(r"[a-z][a-z0-9_]*(?:\.[A-Za-z0-9_]+)+")


def personal_data_problems(config: Mapping[str, Any]) -> Iterator[str]:
    """Tell what is wrong with the settings of personal data.

    Args:
        config: The settings, of the right types.

    Yields:
        A sentence for each problem.
    """
    salt = config.get("personal_data_salt", "")
    if config.get("personal_data") == "pseudonymise" and len(salt) < _SHORTEST_SALT:
        yield f"`personal_data: pseudonymise` needs a `personal_data_salt` of at least {_SHORTEST_SALT} characters"
    if not all(_FIELD.fullmatch(field) for field in config.get("personal_data_keep", ())):
        yield "`personal_data_keep` must name fields as `stream.field`, for example `orders.customer_email`"
