"""The settings, as one JSON Schema grouped by concern, and which of them are secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from singer_sdk import typing as th

from tap_magento.settings.authentication import AUTHENTICATION
from tap_magento.settings.completeness import COMPLETENESS
from tap_magento.settings.connection import CONNECTION, SHOP
from tap_magento.settings.own_streams import OWN_STREAMS
from tap_magento.settings.personal_data import PERSONAL_DATA
from tap_magento.settings.reading import READING, SCHEMA

#: The settings in the order a person reads them, by concern.
GROUPS: Mapping[str, tuple[th.Property[Any], ...]] = {
    "Shop": SHOP,
    "Authentication": AUTHENTICATION,
    "Reading": READING,
    "Completeness": COMPLETENESS,
    "Additional streams": OWN_STREAMS,
    "Schema": SCHEMA,
    "Personal data": PERSONAL_DATA,
    "Connection": CONNECTION,
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
