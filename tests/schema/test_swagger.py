"""The shop's Swagger, laid over the bundled schemas."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tap_magento.schema.annotations import EDITION, annotated, without_commerce
from tap_magento.schema.swagger import SOURCES, overlay
from tests.support.bundled import BUNDLED, nodes

Json = dict[str, Any]

#: The names and types of Magento 2.4.7's own document.
RECORDED = Path(__file__).with_name("swagger_2_4_7.json")
ANY_OBJECT = {"type": ["object", "null"], "additionalProperties": True}


@pytest.fixture(scope="module")
def spec() -> Json:
    decoded: Json = json.loads(RECORDED.read_text())
    return decoded


def nullable(kind: str, **more: object) -> Json:
    return {"type": [kind, "null"], **more}


def ref(name: str) -> Json:
    return {"$ref": f"#/definitions/{name}"}


def thing(**properties: object) -> Json:
    return {"type": "object", "properties": properties}


def assert_concrete(schema: Json) -> None:
    """Assert that everything has one type beside null."""
    for path, node in nodes(schema):
        concrete, null = node["type"]
        assert null == "null", path
        assert concrete in {"array", "boolean", "integer", "number", "object", "string"}, path
        assert ("items" in node) == (concrete == "array"), path
        assert set(node) <= {"type", "properties", "items", "additionalProperties"}, path


def added(node: object, **definitions: object) -> Json:
    """The schema that a field gets that only the shop has."""
    spec = {"definitions": {"row": thing(new=node), **definitions}}
    schema = overlay({"type": "object", "properties": {}}, spec, "row")
    assert_concrete({"properties": schema["properties"]})
    found: Json = schema["properties"]["new"]
    return found


# Those of Adobe Commerce: what its documents name was not seen in a live shop's document.
COMMERCE = {
    *("companies", "company_credit_histories", "company_credits", "company_roles", "company_teams"),
    *("customer_segments", "gift_card_accounts", "gift_wrappings", "negotiable_quotes", "returns", "shared_catalogs"),
}


def test_each_stream_has_a_place_in_the_shops_document(spec: Json) -> None:
    services = {tag["name"] for tag in spec["tags"]}
    for stream, source in SOURCES.items():
        is_known = stream not in COMMERCE
        assert (source.service in services) == is_known, stream
        assert (source.definition in spec["definitions"]) == is_known, stream
    assert BUNDLED.keys() - SOURCES.keys() == {"currencies", "modules"}
    assert SOURCES.keys() <= BUNDLED.keys()


@pytest.mark.parametrize("stream", SOURCES)
def test_a_shop_of_the_same_version_adds_next_to_nothing(spec: Json, stream: str) -> None:
    before, before_spec = copy.deepcopy(BUNDLED[stream]), copy.deepcopy(spec)
    schema: Any = overlay(BUNDLED[stream], spec, SOURCES[stream].definition)
    new = {path for path, _ in nodes(schema)} - {path for path, _ in nodes(before)}
    # Of the lists of which measured rows alone were taken.
    measured = {"base_prices", "costs", "inventory_salable_quantities", "special_prices", "tier_prices"}
    assert new <= ({".extension_attributes"} if stream in measured else set())
    assert not annotated(schema, EDITION) or stream in COMMERCE | {"product_attributes"}
    Draft202012Validator.check_schema(schema)
    assert BUNDLED[stream] == before
    assert spec == before_spec


def test_what_adobe_commerce_adds_is_there_where_the_shop_says_so(spec: Json) -> None:
    definitions = copy.deepcopy(spec["definitions"])
    extend(definitions, "sales-data-order-extension-interface", gw_price={"type": "string"}, gw_acme={"type": "string"})
    extend(definitions, "sales-data-invoice-extension-interface", acme=ref("nothing"))
    schema: Any = overlay(BUNDLED["orders"], {"definitions": definitions}, SOURCES["orders"].definition)
    extension = schema["properties"]["extension_attributes"]["properties"]
    assert extension["gw_price"]["type"] == ["number", "null"]
    assert extension["gw_acme"] == nullable("string")
    assert "gw_id" not in extension
    assert "gift_cards" not in extension
    invoices: Any = overlay(BUNDLED["invoices"], {"definitions": definitions}, SOURCES["invoices"].definition)
    assert invoices["properties"]["extension_attributes"]["properties"] == {"acme": nullable("string")}


def test_a_module_adds_fields_of_orders_and_items_wherever_they_are(spec: Json) -> None:
    definitions = {
        **spec["definitions"],
        "acme-gift": {
            "required": ["wrapped_at"],
            "type": "object",
            "properties": {
                "wrapped_at": {"type": "string", "format": "date-time", "description": "When."},
                "cost": {"type": "number", "example": 1.5},
                "size": {"type": "string", "enum": ["s", "l"], "pattern": "^[sl]$"},
            },
        },
    }
    extend(definitions, "sales-data-order-extension-interface", acme_gifts={"type": "array", "items": ref("acme-gift")})
    extend(definitions, "sales-data-order-item-extension-interface", acme_gift=ref("acme-gift"), acme_level="broken")
    extend(definitions, "sales-data-order-interface", acme_flag={"type": "boolean"})
    schema: Any = overlay(BUNDLED["orders"], {**spec, "definitions": definitions}, SOURCES["orders"].definition)

    gift = nullable(
        "object", properties={"cost": nullable("number"), "size": nullable("string"), "wrapped_at": nullable("string")}
    )
    properties = schema["properties"]
    extension = properties["extension_attributes"]["properties"]
    assert properties["acme_flag"] == nullable("boolean")
    bundled = without_commerce(BUNDLED["orders"])
    assert list(properties)[:-1] == list(bundled["properties"])
    assert extension["acme_gifts"] == nullable("array", items=gift)
    item = properties["items"]["items"]["properties"]
    copies = extension["shipping_assignments"]["items"]["properties"]["items"]["items"]["properties"]
    for found in (item, item["parent_item"]["properties"], copies):
        assert found["extension_attributes"]["properties"]["acme_gift"] == gift
        assert found["extension_attributes"]["properties"]["acme_level"] == nullable("string")

    after = dict(nodes(schema))
    for path, node in nodes(bundled):
        assert after[path]["type"] == node["type"], path
        assert after[path].get("format") == node.get("format"), path
    # Where the bundled schema stops inside itself, it stops still.
    inner = ".items[].parent_item.parent_item"
    assert after[inner] == dict(nodes(bundled))[inner] == ANY_OBJECT


def test_what_adobe_commerce_adds_inside_a_field_that_the_shop_does_not_name_is_left_out() -> None:
    schema: Any = overlay(BUNDLED["orders"], {"definitions": {"row": thing(state={"type": "string"})}}, "row")
    assert not annotated(schema, EDITION)
    assert "sku" in schema["properties"]["items"]["items"]["properties"]


def extend(definitions: Json, name: str, **fields: object) -> None:
    node = definitions[name]
    definitions[name] = {**node, "properties": {**node.get("properties", {}), **fields}}


def test_the_order_of_the_document_does_not_matter(spec: Json) -> None:
    def turned(node: Any) -> Any:
        if isinstance(node, dict):
            return {name: turned(item) for name, item in reversed(node.items())}
        return [turned(item) for item in node] if isinstance(node, list) else node

    empty: Json = {"type": "object", "properties": {}}
    for stream in SOURCES.keys() - COMMERCE:
        source = SOURCES[stream]
        once, again = overlay(empty, spec, source.definition), overlay(empty, turned(spec), source.definition)
        assert json.dumps(once) == json.dumps(again)
        assert once["properties"]
        assert_concrete({"properties": once["properties"]})


@pytest.mark.parametrize("broken", [{}, {"definitions": []}, {"definitions": {"row": []}}, [], None])
def test_without_a_definition_the_bundled_schema_stands(broken: Any) -> None:
    assert overlay(BUNDLED["orders"], broken, "row") == without_commerce(BUNDLED["orders"])


@pytest.mark.parametrize(
    ("bundled", "live"),
    [
        (nullable("integer"), {"type": "string"}),
        (nullable("string", format="date-time"), {"type": "string"}),
        (nullable("array", items=nullable("string")), thing(a={"type": "string"})),
        (nullable("array", items=nullable("number")), {"type": "array", "items": {"type": "integer"}}),
        (nullable("object", properties={"a": nullable("number")}), {"type": "string"}),
        (nullable("object", properties={"a": nullable("number")}), thing(a={"type": "integer"})),
        (nullable("object", additionalProperties=nullable("string")), thing(a={"type": "integer"})),
        (ANY_OBJECT, {"type": "object"}),
    ],
)
def test_what_is_known_keeps_its_type(bundled: Json, live: Json) -> None:
    schema = {"type": "object", "properties": {"known": bundled}}
    assert overlay(schema, {"definitions": {"row": thing(known=live)}}, "row") == schema


def test_what_the_shop_lacks_stays_and_what_it_names_is_added() -> None:
    schema = {
        "type": "object",
        "properties": {"id": {"type": ["integer"]}, "gone": nullable("string"), "any": ANY_OBJECT},
    }
    spec = {"definitions": {"row": thing(id={"type": "string"}, any=thing(b={"type": "number"}))}}
    assert overlay(schema, spec, "row")["properties"] == {
        "id": {"type": ["integer"]},
        "gone": nullable("string"),
        "any": nullable("object", properties={"b": nullable("number")}),
    }


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"type": "integer"}, nullable("integer")),
        ({"type": ["null", "number"]}, nullable("number")),
        ({"type": ["integer", "string"]}, nullable("string")),
        ({"type": []}, nullable("string")),
        ({"type": {"a": 1}}, nullable("string")),
        ({"type": "mixed"}, nullable("string")),
        ({"type": None}, nullable("string")),
        ({}, nullable("string")),
        ([], nullable("string")),
        (None, nullable("string")),
        ({"description": "created_at"}, nullable("string")),
        ({"type": "object"}, ANY_OBJECT),
        ({"type": "object", "properties": []}, ANY_OBJECT),
        ({"properties": {"a": {"type": "integer"}}}, nullable("object", properties={"a": nullable("integer")})),
        ({"type": "array"}, nullable("array", items=nullable("string"))),
        ({"items": {"type": "integer"}}, nullable("array", items=nullable("integer"))),
        ({"type": "array", "items": [{"type": "integer"}]}, nullable("array", items=nullable("string"))),
        (ref("nothing"), nullable("string")),
        ({"$ref": ["row"]}, nullable("string")),
        (ref("row"), ANY_OBJECT),
        ({"type": "array", "items": ref("row")}, nullable("array", items=ANY_OBJECT)),
        (ref("loop"), nullable("string")),
        (ref("loop_of_all"), nullable("string")),
        (ref("lists"), nullable("array", items=nullable("string"))),
        ({"allOf": [ref("a"), {"description": "x"}]}, nullable("object", properties={"x": nullable("integer")})),
        ({"allOf": [{"type": "number"}], "description": "x"}, nullable("number")),
        ({"allOf": []}, nullable("string")),
        ({"allOf": [{"type": "number"}, {"type": "string"}]}, nullable("string")),
        (
            {"allOf": [ref("a"), thing(x={"type": "string"}, y={"type": "string"})]},
            nullable("object", properties={"x": nullable("integer"), "y": nullable("string")}),
        ),
        (
            {"properties": {"z": {"type": "boolean"}}, "allOf": [ref("a")]},
            nullable("object", properties={"x": nullable("integer"), "z": nullable("boolean")}),
        ),
        (
            thing(**{"u\0": {"type": "integer"}, "\0": {"type": "integer"}}),
            nullable("object", properties={"u": nullable("integer")}),
        ),
    ],
)
def test_a_new_field_ends_with_one_concrete_type(node: object, expected: Json) -> None:
    found = added(
        node,
        a=thing(x={"type": "integer"}),
        loop=ref("loop"),
        loop_of_all={"allOf": [ref("loop_of_all"), ref("loop_of_all"), ref("loop_of_all")]},
        lists={"type": "array", "items": {"type": "string"}},
    )
    assert found == expected


def test_definitions_that_mention_each_other_are_cut() -> None:
    found = added(ref("a"), a=thing(b=ref("b"), x={"type": "integer"}), b=thing(a={"type": "array", "items": ref("a")}))
    inner = nullable("object", properties={"a": nullable("array", items=ANY_OBJECT)})
    assert found == nullable("object", properties={"b": inner, "x": nullable("integer")})


def test_many_definitions_that_all_mention_each_other_end() -> None:
    names = [f"d{number}" for number in range(60)]
    found = added(ref("d0"), **{name: thing(**{other: ref(other) for other in names}) for name in names})
    assert sum(1 for _ in nodes(found)) < 30_000


def test_a_document_of_endless_depth_ends() -> None:
    node: Json = {"type": "string"}
    for number in range(5_000):
        node = {"allOf": [node]} if number % 3 else {"type": "array", "items": node}
    assert added(node)["type"] == ["array", "null"]
    chain = {f"d{number}": ref(f"d{number + 1}") for number in range(5_000)}
    assert added(ref("d0"), **chain) == nullable("string")


NAMES = st.sampled_from(["a", "b", "row", "nothing"])
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["string", "integer", "array", "object", "null", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES, inner, max_size=3)
        | st.builds(ref, NAMES)
        | st.fixed_dictionaries(
            {},
            optional={
                "type": inner,
                "properties": st.dictionaries(NAMES | st.text("\0é😀", max_size=2), inner, max_size=3),
                "items": inner,
                "allOf": st.lists(inner, max_size=3),
                "required": inner,
                "additionalProperties": inner,
            },
        )
    ),
    max_leaves=25,
)


@settings(deadline=None)
@given(node=DOCUMENTS, a=DOCUMENTS, b=DOCUMENTS)
def test_whatever_a_document_says_every_field_has_one_concrete_type(node: object, a: object, b: object) -> None:
    added(node, a=a, b=b)
    bundled = {
        "type": "object",
        "properties": {
            "new": nullable("object", properties={"a": nullable("array", items=ANY_OBJECT), "b": nullable("integer")})
        },
    }
    schema: Any = overlay(bundled, {"definitions": {"row": thing(new=node), "a": a, "b": b}}, "row")
    assert_concrete({"properties": schema["properties"]})
    after = dict(nodes(schema))
    assert all(after[path]["type"] == found["type"] for path, found in nodes(bundled))
