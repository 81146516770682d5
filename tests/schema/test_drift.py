"""How a shop's schema differs from the catalog that a run goes by."""

from __future__ import annotations

from typing import Any

import pytest

from tap_magento.schema.drift import differences


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ({"a": {"type": ["integer", "null"]}}, []),
        ({"a": {"type": "integer"}}, []),
        ({"a": {"type": ["number", "null"]}}, ["'a' was integer and is number"]),
        ({"a": {"type": ["string", "null"], "format": "date"}}, ["'a' was integer and is date"]),
        ({"a": {"type": ["array", "null"], "items": {"type": ["string"]}}}, ["'a' was integer and is array of string"]),
        ({"a": {"type": ["integer", "null"]}, "b": {"type": ["string"]}}, ["'b' is new"]),
        ({}, []),
    ],
)
def test_differences_of_a_schema_are_told(new: dict[str, Any], told: list[str]) -> None:
    old = {"a": {"type": ["integer", "null"]}}
    assert list(differences({"properties": old}, {"properties": new})) == told


def test_differences_inside_objects_and_arrays_are_told_by_their_path() -> None:
    def nested(inner: dict[str, Any]) -> dict[str, Any]:
        lines = {"type": ["array"], "items": {"type": ["object"], "properties": inner}}
        return {"properties": {"extension": {"type": ["object"], "properties": {"lines": lines}}}}

    old, new = nested({"a": {"type": "string"}}), nested({"a": {"type": "boolean"}, "b": {"type": "string"}})
    assert list(differences(old, new)) == [
        "'extension.lines.a' was string and is boolean",
        "'extension.lines.b' is new",
    ]
