"""The form of the settings, and what a filled-in form says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from singer_sdk.exceptions import ConfigurationError

from tap_magento.airbyte.spec import connection_specification, settings_from
from tap_magento.settings import schema as settings
from tap_magento.settings.validation import METHODS, problems
from tests.support.airbyte import run_source

SHOP = {"store_url": "https://shop.example.com"}
VALUES = {"totp_secret": "JBSWY3DPEHPK3PXP", "ims_org_id": "abc@AdobeOrg"}
SPEC = connection_specification()
FORMS = SPEC["properties"]["credentials"]["oneOf"]


def fields(node: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, field in node.get("properties", {}).items():
        yield name, field
        for form in field.get("oneOf", ()):
            yield from fields(form)


def test_the_command_writes_one_spec(tmp_path: Path) -> None:
    run = run_source(tmp_path, "spec")
    (spec,) = run.of("SPEC")
    assert run.code == 0
    assert spec["connectionSpecification"] == SPEC
    assert spec["supportsIncremental"] is True


def test_the_schema_is_draft_7_and_has_types_that_a_form_can_show() -> None:
    Draft7Validator.check_schema(SPEC)
    for name, field in fields(SPEC):
        assert field["type"] in {"string", "integer", "boolean", "array"} or name == "credentials", name
    assert not {"allOf", "anyOf", "not", "$ref"} & set(json.dumps(SPEC).split('"'))


def test_all_settings_but_those_of_singer_are_in_the_form() -> None:
    shown = {name for name, _ in fields(SPEC)} - {"credentials"}
    declared = {each.name for group in settings.GROUPS.values() for each in group}
    assert declared - shown == {"array_items", "emit_activate_version_messages", "shard"}
    assert shown <= declared


def test_exactly_the_secret_settings_are_marked() -> None:
    marked = {name for name, field in fields(SPEC) if field.get("airbyte_secret") is True}
    secret = {name for name, schema in settings.CONFIG_SCHEMA["properties"].items() if schema.get("secret")}
    assert marked == secret
    assert all(field["type"] == "string" for name, field in fields(SPEC) if name in marked)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["properties"]["auth_method"]["const"])
def test_each_authentication_method_makes_settings_without_problems(form: dict[str, Any]) -> None:
    filled = {name: field.get("const") or VALUES.get(name, "made-up") for name, field in form["properties"].items()}
    filled |= {"ims_token_url": "https://ims.example.com/token"} if "ims_token_url" in filled else {}
    Draft7Validator(SPEC).validate({**SHOP, "credentials": filled})
    given = settings_from({**SHOP, "credentials": filled})
    assert given["auth_method"] == form["properties"]["auth_method"]["const"]
    assert not problems(settings.defaults() | given, settings.CONFIG_SCHEMA)


def test_the_form_has_every_authentication_method() -> None:
    assert {form["properties"]["auth_method"]["const"] for form in FORMS} == METHODS.keys()
    assert [form["properties"]["auth_method"]["order"] for form in FORMS] == [0] * len(METHODS)


def test_blanks_and_fields_of_airbyte_are_not_given() -> None:
    form = {
        **SHOP,
        "credentials": {"auth_method": "token", "access_token": "made-up", "username": ""},
        "start_date": "",
        "headers": None,
        "proxy": "  ",
        "__dynamic": True,
        "emit_activate_version_messages": True,
        "shard": "1/8",
    }
    assert settings_from(form) == {**SHOP, "auth_method": "token", "access_token": "made-up"}


def test_credentials_may_stand_beside_the_other_settings() -> None:
    assert settings_from({**SHOP, "access_token": "made-up"}) == {**SHOP, "access_token": "made-up"}


def test_an_object_is_given_as_a_text_of_json() -> None:
    given = settings_from({**SHOP, "headers": '{"X-Key": "abc"}', "reread": '{"orders": {"every_days": 30}}'})
    assert given["headers"] == {"X-Key": "abc"}
    assert given["reread"] == {"orders": {"every_days": 30}}
    streams = [{"name": "a", "path": "/V1/a", "key_field": "id", "key_column": "id"}]
    assert settings_from({"streams": json.dumps(streams)}) == {"streams": streams}
    assert settings_from({"headers": {"X-Key": "abc"}}) == {"headers": {"X-Key": "abc"}}


def test_a_text_that_is_no_json_is_named_but_not_told() -> None:
    with pytest.raises(ConfigurationError, match="`headers` is not valid JSON") as error:
        settings_from({"headers": "X-Key: secret-value"})
    assert "secret-value" not in str(error.value)
