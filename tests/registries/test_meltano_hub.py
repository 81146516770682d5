"""The plugin definition by the rules of Meltano Hub's schema."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from demo.places import ROOT

TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
FIELDS = [
    "name",
    "pip_url",
    "variant",
    "namespace",
    "label",
    "description",
    "executable",
    "settings",
    "docs",
    "repo",
    "logo_url",
    "hidden",
    "settings_group_validation",
    "commands",
    "capabilities",
    "metadata",
    "schema",
    "select",
    "maintenance_status",
    "domain_url",
    "keywords",
    "requires",
    "definition",
    "next_steps",
    "settings_preamble",
    "usage",
    "prereq",
    "quality",
]
CAPABILITIES = [
    "properties",
    "catalog",
    "discover",
    "state",
    "about",
    "stream-maps",
    "schema-flattening",
    "activate-version",
    "batch",
    "test",
    "log-based",
    "structured-logging",
]
KINDS = [
    "string",
    "integer",
    "boolean",
    "date_iso8601",
    "password",
    "options",
    "object",
    "array",
    "file",
    "email",
    "hidden",
    "oauth",
]
OPTION = {
    "type": "object",
    "properties": {"label": TEXT, "value": TEXT},
    "required": ["label", "value"],
    "additionalProperties": False,
}
SETTING = {
    "type": "object",
    "properties": {
        **dict.fromkeys(
            ["name", "label", "description", "placeholder", "env", "documentation", "docs", "tooltip"], TEXT
        ),
        "kind": {"enum": KINDS},
        "value": {},
        "options": {"type": "array", "items": OPTION, "minItems": 1},
        "aliases": {"type": "array", "items": TEXT},
        "protected": {"type": "boolean"},
        "sensitive": {"type": "boolean"},
    },
    "required": ["name"],
    "additionalProperties": False,
}
RULES: dict[str, Any] = {
    "type": "object",
    "properties": {
        **{name: {} for name in FIELDS},
        **dict.fromkeys(("name", "namespace", "variant", "label", "description", "pip_url", "executable"), TEXT),
        "capabilities": {"type": "array", "items": {"enum": CAPABILITIES}, "uniqueItems": True},
        "quality": {"enum": ["gold", "silver", "bronze", "unknown"]},
        "maintenance_status": {"enum": ["active", "beta", "development", "inactive", "unknown"]},
        "keywords": {"type": "array", "items": TEXT},
        "settings": {"type": "array", "items": SETTING},
        "settings_group_validation": {"type": "array", "items": {"type": "array", "items": TEXT}},
    },
    "required": ["name", "namespace", "variant", "label", "quality"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def definition() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(ROOT / "meltano" / "tap-magento.yml")
    return found


def test_the_definition_keeps_to_the_hubs_rules(definition: dict[str, Any]) -> None:
    assert [error.message for error in Draft7Validator(RULES).iter_errors(definition)] == []
    assert list(definition) == sorted(definition)


def test_each_way_to_authenticate_names_settings_that_are_there(definition: dict[str, Any]) -> None:
    names = {setting["name"] for setting in definition["settings"]}
    assert {name for group in definition["settings_group_validation"] for name in group} <= names


@pytest.mark.parametrize(
    ("field", "value"),
    [("quality", "best"), ("capabilities", ["fly"]), ("settings", [{"name": "a", "kind": "text"}]), ("colour", "red")],
)
def test_the_rules_refuse_what_the_hub_refuses(definition: dict[str, Any], field: str, value: object) -> None:
    assert list(Draft7Validator(RULES).iter_errors({**definition, field: value}))
