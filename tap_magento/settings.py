"""The settings, as one JSON Schema grouped by concern, and what can be wrong with them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft7Validator
from singer_sdk import typing as th

from tap_magento.times import from_rfc3339

_SHOP = (
    th.Property(
        "store_url",
        th.StringType(nullable=False),
        required=True,
        title="Shop address",
        description=(
            "Address of the shop, with or without scheme, path or `index.php`. Without a scheme it is taken as https."
        ),
        examples=["https://shop.example.com", "shop.example.com/index.php"],
    ),
    th.Property(
        "store_code",
        th.StringType(nullable=False),
        default="all",
        title="Store view",
        description=(
            "Code of the store view to read as. `all` is the admin scope: global values, all websites. "
            "A store view's code gives that view's names, prices and statuses."
        ),
    ),
)

_ACCESS = (
    th.Property(
        "access_token",
        th.StringType(nullable=False),
        secret=True,
        title="Access token",
        description="Access token of an integration, or of an administrator. Instead of `username`, `password`.",
    ),
    th.Property(
        "username",
        th.StringType(nullable=False),
        title="Username",
        description="Name of an administrator's account made for this tap. Goes with `password`.",
    ),
    th.Property(
        "password",
        th.StringType(nullable=False),
        secret=True,
        title="Password",
        description="Password of that account. Tokens are requested with it and renewed before they expire.",
    ),
)

_READING = (
    th.Property(
        "start_date",
        th.DateTimeType(nullable=False),
        title="Start date",
        description=(
            "Rows last changed before this moment are left out of the streams that have an `updated_at`. "
            "Without it everything is read."
        ),
        examples=["2024-01-01T00:00:00Z"],
    ),
    th.Property(
        "lookback_seconds",
        th.IntegerType(nullable=False, minimum=0),
        default=300,
        title="Lookback",
        description=(
            "How far before the bookmark an increment begins, in seconds. A row's `updated_at` is taken before "
            "its transaction commits; this catches the rows that became visible late."
        ),
    ),
    th.Property(
        "page_size",
        th.IntegerType(nullable=False, minimum=1, maximum=10_000),
        default=100,
        title="Page size",
        description="Rows to ask for at once, at most. 100 to 300 suits most shops.",
    ),
    th.Property(
        "emit_activate_version_messages",
        th.BooleanType(nullable=False),
        default=False,
        title="Emit ACTIVATE_VERSION messages",
        description=(
            "Tell the loader after a complete read of a stream without `updated_at` that rows not seen are gone."
        ),
    ),
)

_CONNECTION = (
    th.Property(
        "request_timeout",
        th.IntegerType(nullable=False, minimum=1),
        default=300,
        title="Request timeout",
        description="Seconds to wait for the shop to begin, or to go on with, an answer.",
    ),
    th.Property(
        "user_agent",
        th.StringType(nullable=False),
        title="User agent",
        description="`User-Agent` header, for example one a firewall lets through. Default: `tap-magento/<version>`.",
    ),
    th.Property(
        "verify_ssl",
        th.BooleanType(nullable=False),
        default=True,
        title="Verify TLS",
        description="Whether the shop's certificate is verified. Turn off for a test shop only.",
    ),
    th.Property(
        "ca_bundle",
        th.StringType(nullable=False),
        title="CA bundle",
        description="Path of a PEM file with the authorities to trust instead of the usual ones.",
    ),
)

#: The settings in the order a person reads them, by concern.
GROUPS: Mapping[str, tuple[th.Property[Any], ...]] = {
    "Shop": _SHOP,
    "Access": _ACCESS,
    "Reading": _READING,
    "Connection": _CONNECTION,
}

#: JSON Schema of the settings; unknown ones are refused.
CONFIG_SCHEMA: dict[str, Any] = th.PropertiesList(
    *(property_ for group in GROUPS.values() for property_ in group),
    additional_properties=False,
).to_dict()


def defaults() -> dict[str, Any]:
    """Give the settings' default values.

    Returns:
        Setting names to defaults, for those that have one.
    """
    properties = CONFIG_SCHEMA["properties"]
    return {name: schema["default"] for name, schema in properties.items() if "default" in schema}


def problems(config: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Find what is wrong with the settings.

    Args:
        config: The settings as given.
        schema: `CONFIG_SCHEMA`, with what the SDK adds to it.

    Returns:
        A sentence for each problem; none repeats a value, as it may be a secret.
    """
    return [*_schema_problems(config, schema), *_contradictions(config)]


def _schema_problems(config: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    for name in config:
        if name not in schema["properties"]:
            close = difflib.get_close_matches(name, schema["properties"], n=1)
            hint = f"; did you mean `{close[0]}`?" if close else ""
            yield f"`{name}` is not a setting of tap-magento{hint}"
    for error in Draft7Validator(schema).iter_errors(dict(config)):
        if error.validator == "required":
            missing = [name for name in schema["required"] if name not in config]
            yield f"`{missing[0]}` is missing"
        elif error.validator != "additionalProperties":
            rule = f"{error.validator} {error.validator_value}".replace("['", "").replace("']", "")
            yield f"`{'.'.join(str(part) for part in error.path)}` must have {rule}"


def _contradictions(config: Mapping[str, Any]) -> Iterator[str]:
    token = bool(config.get("access_token"))
    username, password = bool(config.get("username")), bool(config.get("password"))
    if token and (username or password):
        yield "`access_token` and `username`/`password` are two ways in; give one of them"
    elif username != password:
        given, missing = ("username", "password") if username else ("password", "username")
        yield f"`{given}` needs `{missing}`"
    elif not token and not username:
        yield "no way into the shop is given: set `access_token`, or `username` and `password`"
    if config.get("ca_bundle") and config.get("verify_ssl") is False:
        yield "`ca_bundle` has no use while `verify_ssl` is false; remove one of them"
    if config.get("start_date") and not _is_moment(config["start_date"]):
        yield "`start_date` must be a date or a timestamp such as 2024-01-01T00:00:00Z"


def _is_moment(text: object) -> bool:
    try:
        from_rfc3339(str(text))
    except ValueError:
        return False
    return True
