"""The settings, as one JSON Schema grouped by concern, and which of them are secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from singer_sdk import typing as th

from tap_magento.settings.authentication import ACCESS, text

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
        "allow_http",
        th.BooleanType(nullable=False),
        default=False,
        title="Allow http",
        description=(
            "Whether a `store_url` that begins with http is taken for a host other than this machine: credentials and "
            "customers' data then cross the network in the clear."
        ),
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
        default=200,
        title="Page size",
        description="Rows to ask for at once, at most. 100 to 300 suits most shops.",
    ),
    th.Property(
        "max_concurrency",
        th.IntegerType(nullable=False, minimum=1, maximum=64),
        default=4,
        title="Requests at once",
        description=(
            "Requests under way at once, at most; fewer while the shop is burdened. "
            "1 is a plain reader that asks for one page after the other."
        ),
    ),
    th.Property(
        "requests_per_minute",
        th.IntegerType(nullable=False, minimum=1),
        title="Requests per minute",
        description="Requests in any minute, at most. Without it there is no such limit.",
    ),
    th.Property(
        "retry_timeout",
        th.IntegerType(nullable=False, minimum=0),
        default=900,
        title="Retry timeout",
        description="Seconds that an outage of the shop may last before the run fails, to be resumed by the next.",
    ),
    th.Property(
        "on_bad_row",
        th.StringType(nullable=False, allowed_values=["skip", "fail"]),
        default="skip",
        title="On a bad row",
        description=(
            "What to do with a row that the shop cannot serve: `skip` sets it aside, names it in the log and the "
            "state, and tries it again in the next run; `fail` ends the run."
        ),
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

_SCHEMA = (
    th.Property(
        "schema_source",
        th.StringType(nullable=False, allowed_values=["live", "bundled"]),
        default="live",
        title="Schema source",
        description=(
            "`live` asks the shop at discovery for its own fields and attributes, and falls back to the schemas of "
            "Magento 2.4.7 that come with the tap; `bundled` takes these alone."
        ),
    ),
    th.Property(
        "custom_attributes",
        th.StringType(nullable=False, allowed_values=["object", "list"]),
        default="object",
        title="Custom attributes",
        description=(
            "`object` gives the attributes of products and categories as an object of typed values by code; `list` "
            "leaves Magento's list of codes and texts."
        ),
    ),
    th.Property(
        "option_labels",
        th.BooleanType(nullable=False),
        default=False,
        title="Option labels",
        description=(
            "Whether to add `custom_attribute_labels`: what the ids of select and multiselect attributes stand for, "
            "in the store view that is read."
        ),
    ),
    th.Property(
        "store_views",
        th.ArrayType(th.StringType(nullable=False), nullable=False),
        title="Store views",
        description=(
            "Codes of the store views whose own values `product_store_values` and `category_store_values` read. "
            "Without it there are no such streams."
        ),
        examples=[["default", "german"]],
    ),
    th.Property(
        "keep_copies",
        th.BooleanType(nullable=False),
        default=False,
        title="Keep copies",
        description=(
            "Whether to read the copies inside orders and their items: each child item holds its whole parent, and "
            "each shipping assignment all items. They are half of an order and say nothing more."
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
    text(
        "client_cert",
        "Client certificate",
        "Path of a PEM file with the certificate that the shop's web server asks of its clients.",
    ),
    text("client_key", "Client key", "Path of that certificate's key, unless it is in the same file."),
    text(
        "proxy",
        "Proxy",
        "Address of a proxy to go through, for example `http://name:password@proxy.example.com:3128`.",
        secret=True,
    ),
    th.Property(
        "headers",
        th.ObjectType(additional_properties=th.StringType(nullable=False), nullable=False),
        secret=True,
        title="Headers",
        description="More headers of every request, for example the key that a firewall lets through.",
    ),
)

#: The settings in the order a person reads them, by concern.
GROUPS: Mapping[str, tuple[th.Property[Any], ...]] = {
    "Shop": _SHOP,
    "Access": ACCESS,
    "Reading": _READING,
    "Schema": _SCHEMA,
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


def secrets_in(config: Mapping[str, Any]) -> list[str]:
    """Find what must never be shown.

    Args:
        config: The settings as given.

    Returns:
        The values of the secret settings; of a proxy's address the password in it.
    """
    values: list[str] = []
    for name, schema in CONFIG_SCHEMA["properties"].items():
        value = config.get(name)
        if not schema.get("secret") or not value:
            continue
        values.extend(str(each) for each in (value.values() if isinstance(value, Mapping) else [value]))
    password = _password_in(config.get("proxy") or "")
    return [*values, password] if password else values


def _password_in(url: object) -> str:
    try:
        return urlsplit(str(url)).password or ""
    except ValueError:
        return ""
