from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.schema.annotations import without_commerce
from tap_magento.schema.selection import fields_parameter, selected, without
from tests.support.bundled import BUNDLED

ORDERS = without_commerce(BUNDLED["orders"])
ROW: dict[str, Any] = {
    "type": ["object"],
    "properties": {
        "id": {"type": ["integer"]},
        "payment": {
            "type": ["object", "null"],
            "properties": {"method": {"type": ["string", "null"]}, "last4": {"type": ["string", "null"]}},
        },
        "items": {
            "type": ["array", "null"],
            "items": {
                "type": ["object", "null"],
                "properties": {"sku": {"type": ["string", "null"]}, "qty": {"type": ["number", "null"]}},
            },
        },
    },
}


def test_nothing_left_out_needs_no_parameter() -> None:
    assert fields_parameter(ROW, ROW) is None


@pytest.mark.parametrize(
    ("paths", "parameter"),
    [
        ([("payment",)], "items[id,items],total_count"),
        ([("payment", "last4")], "items[id,payment[method],items],total_count"),
        ([("items", "qty"), ("payment",)], "items[id,items[sku]],total_count"),
    ],
)
def test_only_what_is_wanted_is_asked_for(paths: list[tuple[str, ...]], parameter: str) -> None:
    assert fields_parameter(ROW, without(ROW, *paths)) == parameter


@pytest.mark.parametrize(
    "breadcrumb",
    [("properties", "items", "properties", "qty"), ("properties", "items", "items", "properties", "qty")],
)
def test_a_property_inside_an_array_is_deselected_by_either_breadcrumb(breadcrumb: tuple[str, ...]) -> None:
    assert selected(ROW, {breadcrumb: False}) == without(ROW, ("items", "qty"))


def test_the_schema_given_is_left_as_it_was() -> None:
    before = json.dumps(ROW)
    without(ROW, ("items", "qty"), ("payment", "last4"))
    assert json.dumps(ROW) == before


def test_orders_without_copies_fit_into_a_url() -> None:
    part = without(ORDERS, ("items", "parent_item"), ("extension_attributes", "shipping_assignments", "items"))
    parameter = fields_parameter(ORDERS, part)
    assert parameter is not None
    assert len(parameter) < 6_000
    assert "parent_item_id" in parameter
    assert not re.search(r"\bparent_item\b", parameter)
    assert "shipping_assignments[shipping" in parameter


def test_what_is_too_long_for_a_url_is_asked_for_whole() -> None:
    wide = {f"a_rather_long_name_of_a_field_{number}": {"type": ["string", "null"]} for number in range(300)}
    whole = {"properties": {"id": {}, "unwanted": {}, "wide": {"properties": wide}}}
    part = without(whole, ("unwanted",), ("wide", "a_rather_long_name_of_a_field_7"))
    assert fields_parameter(whole, part) == "items[id,wide],total_count"


trees: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.just({}),
    lambda inner: st.dictionaries(st.sampled_from("abcdef"), inner, min_size=1, max_size=4).map(
        lambda properties: {"properties": properties}
    ),
    max_leaves=12,
)


@given(tree=trees.filter(lambda tree: "properties" in tree), data=st.data())
def test_the_parameter_names_exactly_the_paths_that_are_kept(tree: dict[str, Any], data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(_paths(tree))))
    tree["properties"]["key"] = {}  # a key is always kept
    part = without(tree, path)
    parameter = fields_parameter(tree, part)
    assert parameter is not None
    named = _parse(parameter.removeprefix("items[").removesuffix("],total_count"))
    # A field named without brackets stands for all that is in it.
    asked = {leaf for leaf in _leaves(tree) if any(leaf[: len(prefix)] == prefix for prefix in named)}
    assert asked == {leaf for leaf in _leaves(tree) if leaf[: len(path)] != path}


def test_an_object_without_any_property_left_is_left_out_too() -> None:
    assert "payment" not in without(ROW, ("payment", "method"), ("payment", "last4"))["properties"]


def _paths(tree: dict[str, Any]) -> set[tuple[str, ...]]:
    return {(name, *rest) for name, inner in tree.get("properties", {}).items() for rest in {(), *_paths(inner)}}


def _leaves(tree: dict[str, Any]) -> set[tuple[str, ...]]:
    return {path for path in _paths(tree) if not any(other[:-1] == path for other in _paths(tree))}


def _parse(text: str) -> set[tuple[str, ...]]:
    """Read `a,b[c,d]` as the paths a, b.c and b.d."""
    paths: set[tuple[str, ...]] = set()
    stack: list[str] = []
    name = ""
    for character in f"{text},":
        if character in ",]":
            if name:
                paths.add((*stack, name))
            name = ""
            if character == "]":
                stack.pop()
        elif character == "[":
            stack.append(name)
            name = ""
        else:
            name += character
    return paths


def test_what_the_whole_did_not_know_of_is_asked_for_too() -> None:
    part = without(ROW, ("payment", "last4"))
    part["properties"]["loyalty_points"] = {"type": ["integer", "null"]}
    assert fields_parameter(ROW, part) == "items[id,payment[method],items,loyalty_points],total_count"
