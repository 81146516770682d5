from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tap_magento.records.prune import compile_prune

Schema = dict[str, Any]
TEXT: Schema = {"type": ["string", "null"]}

schemas = st.recursive(
    st.just(TEXT),
    lambda inner: st.one_of(
        st.builds(lambda items: {"type": ["array", "null"], "items": items}, inner),
        st.dictionaries(st.sampled_from("abcd"), inner, min_size=1).map(
            lambda properties: {"type": ["object", "null"], "properties": properties}
        ),
    ),
    max_leaves=12,
)


@st.composite
def parts(draw: st.DrawFn, schema: Schema) -> Schema:
    """Leave some properties out of a schema, at any depth."""
    if "items" in schema:
        return {**schema, "items": draw(parts(schema["items"]))}
    if "properties" not in schema:
        return schema
    kept = draw(st.sets(st.sampled_from(sorted(schema["properties"])), min_size=1))
    return {**schema, "properties": {name: draw(parts(schema["properties"][name])) for name in sorted(kept)}}


@st.composite
def rows(draw: st.DrawFn, schema: Schema) -> Any:
    if draw(st.integers(0, 5)) == 0:
        return None
    if "items" in schema:
        return draw(st.lists(rows(schema["items"]), max_size=3))
    if "properties" in schema:
        return {name: draw(rows(node)) for name, node in schema["properties"].items() if draw(st.booleans())}
    return draw(st.text(max_size=3))


def expected(value: Any, part: Schema) -> Any:
    if isinstance(value, list):
        return [expected(item, part["items"]) for item in value]
    if isinstance(value, dict):
        return {
            name: expected(each, part["properties"][name]) for name, each in value.items() if name in part["properties"]
        }
    return value


@st.composite
def cases(draw: st.DrawFn) -> tuple[Schema, Schema, Any]:
    schema = draw(schemas)
    return schema, draw(parts(schema)), draw(rows(schema))


@given(cases())
def test_what_is_in_the_part_is_kept_and_nothing_else(case: tuple[Schema, Schema, Any]) -> None:
    whole, part, row = case
    before = copy.deepcopy(row)
    prune = compile_prune(whole, part)
    assert (row if prune is None else prune(row)) == expected(row, part)
    assert row == before, "another stream still needs the row"


@given(schemas)
def test_where_nothing_is_left_out_there_is_nothing_to_do(schema: Schema) -> None:
    assert compile_prune(schema, schema) is None


def test_objects_inside_arrays_are_pruned() -> None:
    item = {"type": ["object", "null"], "properties": {"sku": TEXT, "name": TEXT}}
    whole = {"type": "object", "properties": {"items": {"type": ["array", "null"], "items": item}}}
    part = {"type": "object", "properties": {"items": {"type": "array", "items": {"properties": {"sku": TEXT}}}}}
    prune = compile_prune(whole, part)
    assert prune
    assert prune({"items": [{"sku": "A", "name": "B"}, None]}) == {"items": [{"sku": "A"}, None]}
    assert prune({"items": None}) == {"items": None}
