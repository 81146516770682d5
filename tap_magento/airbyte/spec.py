"""The settings as Airbyte's form shows them, and what a filled-in form says."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from singer_sdk.exceptions import ConfigurationError

from tap_magento.settings.authentication import AUTHENTICATION
from tap_magento.settings.given import normalized
from tap_magento.settings.schema import CONFIG_SCHEMA, GROUPS
from tap_magento.settings.validation import METHODS
from tap_magento.settings.wording import type_of

DOCUMENTATION_URL = "https://docs.airbyte.com/integrations/sources/magento"

_logger = logging.getLogger("tap-magento")

# The authentication methods in the order of the form: what each is called, and its settings.
_FORMS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "oauth1": ("Integration (OAuth 1.0a)", METHODS["oauth1"]),
    "token": ("Access token", METHODS["token"]),
    "password": ("Administrator account", (*METHODS["password"], "totp_secret")),
    "ims": ("Adobe Commerce as a Cloud Service (IMS)", (*METHODS["ims"], "ims_token_url", "ims_scopes")),
}
_CREDENTIALS = {"auth_method", *(name for _, names in _FORMS.values() for name in names)}

# What concerns Singer's messages and states alone.
_LEFT_OUT = {"array_items", "emit_activate_version_messages", "shard"}

_COPIED = ("title", "examples", "description", "default", "enum", "minimum", "maximum", "format")


def connection_specification() -> dict[str, Any]:
    """Describe the settings for Airbyte's form.

    Returns:
        A JSON Schema, draft 7, with Airbyte's annotations.
    """
    names = [each.name for group in GROUPS.values() for each in group if each.name not in _LEFT_OUT]
    first_credential = AUTHENTICATION[0].name
    shown = [name for name in names if name not in _CREDENTIALS or name == first_credential]
    properties = {
        "credentials" if name == first_credential else name: _credentials()
        if name == first_credential
        else _field(name)
        for name in shown
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Magento",
        "type": "object",
        "required": ["store_url", "credentials"],
        "properties": {name: {**field, "order": order} for order, (name, field) in enumerate(properties.items())},
        "additionalProperties": True,
    }


def settings_from(form: Mapping[str, Any]) -> dict[str, Any]:
    """Read the tap's settings from a filled-in form.

    Args:
        form: The form: blanks stand for what was not filled in, and Airbyte may add fields of its own.

    Returns:
        The settings.

    Raises:
        ConfigurationError: If a field should hold JSON and does not.
    """
    credentials = form.get("credentials")
    given = {**form, **(credentials if isinstance(credentials, Mapping) else {})}
    given.pop("credentials", None)
    known = {name: value for name, value in given.items() if name in CONFIG_SCHEMA["properties"].keys() - _LEFT_OUT}
    if ignored := sorted(given.keys() - known.keys()):
        _logger.info("Not settings of this source, and ignored: %s", ", ".join(ignored))
    return normalized(dict(_parsed(known)))[0]


def _credentials() -> dict[str, Any]:
    return {
        "title": "Authentication",
        "description": "How the source authenticates with the shop.",
        "type": "object",
        "oneOf": [_form(method, title, names) for method, (title, names) in _FORMS.items()],
    }


def _form(method: str, title: str, names: tuple[str, ...]) -> dict[str, Any]:
    discriminator = {"type": "string", "const": method, "default": method, "order": 0}
    fields = {name: {**_field(name), "order": order} for order, name in enumerate(names, 1)}
    return {
        "title": title,
        "type": "object",
        "required": ["auth_method", *METHODS[method]],
        "properties": {"auth_method": discriminator, **fields},
    }


def _field(name: str) -> dict[str, Any]:
    """Describe a setting in the types that the form can show: objects are a text of JSON there."""
    schema: Mapping[str, Any] = CONFIG_SCHEMA["properties"][name]
    kind = type_of(schema)
    field: dict[str, Any] = {key: schema[key] for key in _COPIED if key in schema}
    field["type"] = "string" if _is_json(schema) else kind
    if _is_json(schema):
        field["description"] += f" A JSON {kind}."
        field["examples"] = [json.dumps(example) for example in schema["examples"]]
    elif kind == "array":
        field["items"] = {"type": type_of(schema["items"])}
    if schema.get("secret"):
        field["airbyte_secret"] = True
    return field


def _parsed(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in given.items():
        if not _is_json(CONFIG_SCHEMA["properties"][name]) or not isinstance(value, str) or not value.strip():
            yield name, value
            continue
        try:
            yield name, json.loads(value)
        except ValueError:
            raise ConfigurationError(f"`{name}` is not valid JSON") from None


def _is_json(schema: Mapping[str, Any]) -> bool:
    return type_of(schema) == "object" or ("items" in schema and type_of(schema["items"]) == "object")
