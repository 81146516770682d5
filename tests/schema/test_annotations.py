"""What the bundled schemas note beside types, and how it is taken away."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.schema.annotations import (
    EDITION,
    EXCLUDED,
    PERSONAL,
    annotated,
    annotations_of,
    marked_by,
    personal_fields,
    with_unknown_marked,
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


PEOPLE: dict[str, Any] = {
    "type": ["object"],
    "properties": {
        "id": {"type": ["integer"]},
        "email": {"type": ["string", "null"], PERSONAL: "email"},
        "values": {
            "type": ["object", "null"],
            PERSONAL: "text",
            "properties": {"level": {"type": ["string", "null"]}, "nickname": {"type": ["string", "null"]}},
        },
        "addresses": {
            "type": ["array", "null"],
            "items": {
                "type": ["object"],
                "properties": {"city": {"type": ["string", "null"], PERSONAL: "address"}, "open": {"type": ["object"]}},
            },
        },
    },
}


def test_personal_fields_are_all_that_is_marked() -> None:
    assert personal_fields(PEOPLE) == annotated(PEOPLE, PERSONAL)


@pytest.mark.parametrize(
    ("kept", "gone"),
    [
        (("email",), {("email",)}),
        (("addresses",), {("addresses", "city")}),
        (("addresses", "city"), {("addresses", "city")}),
        (("values",), {("values",)}),
        (("id",), set()),
        (("email", "domain"), set()),
    ],
)
def test_a_field_is_kept_with_all_that_is_inside_of_it(kept: tuple[str, ...], gone: set[tuple[str, ...]]) -> None:
    assert personal_fields(PEOPLE, {kept}).keys() == annotated(PEOPLE, PERSONAL).keys() - gone


def test_beside_a_kept_field_of_a_marked_object_the_others_are_personal() -> None:
    found = personal_fields(PEOPLE, {("values", "level")})
    assert found["values", "nickname"] == "text"
    assert not {("values",), ("values", "level")} & found.keys()


def test_unknown_fields_of_streams_of_people_are_marked_and_open_objects_too() -> None:
    item: Json = PEOPLE["properties"]["addresses"]["items"]
    grown: Json = {
        **PEOPLE,
        "properties": {
            **PEOPLE["properties"],
            "acme": {"type": ["integer", "null"]},
            "addresses": {
                "type": ["array"],
                "items": {**item, "properties": {**item["properties"], "door": {"type": ["string"]}}},
            },
        },
    }
    known = annotated(with_unknown_marked(PEOPLE, PEOPLE), PERSONAL)
    marked = annotated(with_unknown_marked(grown, PEOPLE), PERSONAL)
    assert known.keys() - annotated(PEOPLE, PERSONAL).keys() == {("addresses", "open")}
    assert marked.keys() - known.keys() == {("acme",), ("addresses", "door")}


def test_a_catalog_has_the_marks_of_what_is_known_and_the_rest_is_personal() -> None:
    found = marked_by(without_annotations(PEOPLE), PEOPLE)
    assert found == PEOPLE
    grown: Json = {**PEOPLE, "properties": {**PEOPLE["properties"], "acme": TEXT}}
    marked = annotated(marked_by(without_annotations(grown), PEOPLE), PERSONAL)
    assert marked == {**annotated(PEOPLE, PERSONAL), ("acme",): "text"}
    open_values: Json = {**PEOPLE["properties"], "values": {"type": ["object", "null"], PERSONAL: "text"}}
    marks = marked_by(without_annotations(PEOPLE), {**PEOPLE, "properties": open_values})
    assert personal_fields(marks, {("values", "level")})["values", "nickname"] == "text"


def test_unknown_fields_of_things_are_not_marked() -> None:
    things: Json = {"type": ["object"], "properties": {"id": {"type": ["integer"]}}}
    grown = {"type": ["object"], "properties": {**things["properties"], "acme": {"type": ["string"]}}}
    assert with_unknown_marked(grown, things) == grown
