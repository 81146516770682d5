"""What the bundled schemas note beside types, and how it is taken away."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tap_magento.schema.annotations import (
    EDITION,
    EXCLUDED,
    PERSONAL,
    annotated,
    annotations_of,
    without_annotations,
    without_commerce,
    without_excluded,
)

Json = dict[str, Any]

TEXT: Json = {"type": ["string", "null"]}


def thing(**properties: Json) -> Json:
    return {"type": ["object", "null"], "properties": properties}


def listed(items: Json) -> Json:
    return {"type": ["array", "null"], "items": items}


SCHEMA: Json = thing(
    email={**TEXT, PERSONAL: "email", "description": "Where to write to."},
    label={**TEXT, EXCLUDED: "binary"},
    street={**listed({**TEXT, PERSONAL: "text"}), PERSONAL: "address"},
    cards=listed(thing(code={**TEXT, EXCLUDED: "secret"}, amount=TEXT)),
    any={"type": ["object", "null"], "additionalProperties": {**TEXT, PERSONAL: "text"}},
)
FIELDS = st.sampled_from([TEXT, {**TEXT, PERSONAL: "name"}, {**TEXT, EXCLUDED: "secret", "description": "A code."}])
# Annotations stand on fields, never on the items of an array.
SCHEMAS = st.recursive(
    st.builds(lambda fields: thing(**fields), st.dictionaries(st.text("x-ab"), FIELDS)),
    lambda inner: st.builds(
        lambda fields: thing(**fields), st.dictionaries(st.text("x-ab"), FIELDS | inner | st.builds(listed, inner))
    ),
)


def test_annotated_fields_are_found_by_their_way_and_only_the_outermost() -> None:
    assert annotated(SCHEMA, PERSONAL) == {("email",): "email", ("street",): "address"}
    assert annotated(SCHEMA, EXCLUDED) == {("label",): "binary", ("cards", "code"): "secret"}


def test_a_schema_without_annotations_keeps_descriptions_and_fields_that_look_like_one() -> None:
    schema = thing(**{"x-ray": {**TEXT, PERSONAL: "text"}, "email": SCHEMA["properties"]["email"]})
    assert without_annotations(schema) == thing(
        **{"x-ray": TEXT, "email": {**TEXT, "description": "Where to write to."}}
    )
    assert without_annotations(SCHEMA)["properties"]["any"]["additionalProperties"] == TEXT


def test_excluded_fields_are_left_out_at_any_depth() -> None:
    assert without_excluded(SCHEMA)["properties"].keys() == {"email", "street", "cards", "any"}
    assert without_excluded(SCHEMA)["properties"]["cards"] == listed(thing(amount=TEXT))


def test_what_adobe_commerce_adds_is_left_out_and_what_held_nothing_else_is_open() -> None:
    card = {**TEXT, EDITION: "commerce"}
    schema = thing(id=TEXT, custom=card, extension=thing(card=card), lists=listed(thing(id=TEXT, card=card)))
    assert without_commerce(schema) == thing(
        id=TEXT,
        extension={"type": ["object", "null"], "additionalProperties": True},
        lists=listed(thing(id=TEXT)),
    )


def test_annotations_of_a_field_are_its_own() -> None:
    assert annotations_of(SCHEMA["properties"]["email"]) == {PERSONAL: "email"}
    assert annotations_of(SCHEMA["properties"]["cards"]) == {}


@given(SCHEMAS)
def test_whatever_a_schema_is_nothing_of_the_kind_remains_and_nothing_else_is_lost(schema: Json) -> None:
    bare = without_annotations(schema)
    assert not annotated(bare, PERSONAL)
    assert not annotated(bare, EXCLUDED)
    assert without_annotations(bare) == bare
    assert names(bare) == names(schema)
    assert names(without_excluded(schema)) == names(schema) - annotated(schema, EXCLUDED).keys()


def names(schema: Json, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found = {path} if path else set()
    for name, node in schema.get("properties", {}).items():
        found |= names(node, (*path, name))
    return found | (names(schema["items"], path) if "items" in schema else set())
