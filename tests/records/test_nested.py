from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tap_magento.records.nested import NestedRows, compile_extract, merged, needed_of_parent, nested_schema

Schema = dict[str, Any]
TEXT: Schema = {"type": ["string", "null"]}
NUMBER: Schema = {"type": ["integer", "null"]}


def object_of(**properties: Schema) -> Schema:
    return {"type": ["object", "null"], "properties": properties}


def array_of(items: Schema) -> Schema:
    return {"type": ["array", "null"], "items": items}


ITEM = object_of(item_id=NUMBER, sku=TEXT, qty=NUMBER)
ORDER = object_of(
    entity_id=NUMBER,
    increment_id=TEXT,
    payment=object_of(method=TEXT, amount=NUMBER),
    items=array_of(ITEM),
    websites=array_of(NUMBER),
    options=array_of(object_of(option_id=NUMBER, title=TEXT, values=array_of(object_of(value_id=NUMBER, title=TEXT)))),
    links=object_of(first=array_of(object_of(link_id=NUMBER)), second=array_of(object_of(link_id=NUMBER, note=TEXT))),
)
ITEMS = NestedRows(("items[]",), {"order_id": "entity_id"}, position="position", constants={"store_code": "all"})
VALUES = NestedRows(("options[].values[]",), {"order_id": "entity_id", "option_id": "options[].option_id"})


def extracted(rows: NestedRows, row: dict[str, Any], keys: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    return list(compile_extract(rows, nested_schema(ORDER, rows, keys))(row))


def test_the_schema_is_that_of_the_parent_s_items_with_the_parent_s_key() -> None:
    schema = nested_schema(ORDER, ITEMS, ("order_id", "item_id"))
    assert schema["properties"] == {
        "order_id": {"type": ["integer"]},
        "store_code": TEXT,
        "position": NUMBER,
        "item_id": {"type": ["integer"]},
        "sku": TEXT,
        "qty": NUMBER,
    }


def test_values_that_are_no_objects_have_a_column() -> None:
    rows = NestedRows(("websites[]",), {"order_id": "entity_id"}, value="website_id")
    assert nested_schema(ORDER, rows, ("order_id", "website_id"))["properties"]["website_id"] == {"type": ["integer"]}
    row = {"entity_id": 7, "websites": [1, 2]}
    assert extracted(rows, row) == [{"order_id": 7, "website_id": 1}, {"order_id": 7, "website_id": 2}]


def test_one_object_is_one_row() -> None:
    rows = NestedRows(("payment",), {"order_id": "entity_id"})
    row = {"entity_id": 7, "payment": {"method": "card", "amount": 3}}
    assert extracted(rows, row) == [{"method": "card", "amount": 3, "order_id": 7}]
    assert extracted(rows, {"entity_id": 7, "payment": None}) == []


def test_arrays_in_arrays_know_what_they_are_nested_in() -> None:
    values = [{"value_id": 1, "title": "Red"}, {"value_id": 2, "title": "Blue"}]
    row = {"entity_id": 7, "options": [{"option_id": 3, "values": values}, {"option_id": 4, "values": None}, None]}
    assert extracted(VALUES, row) == [
        {"value_id": 1, "title": "Red", "order_id": 7, "option_id": 3},
        {"value_id": 2, "title": "Blue", "order_id": 7, "option_id": 3},
    ]


def test_several_places_make_one_table() -> None:
    rows = NestedRows(("links.first[]", "links.second[]"), {"order_id": "entity_id"})
    assert nested_schema(ORDER, rows, ())["properties"].keys() == {"order_id", "link_id", "note"}
    row = {"entity_id": 7, "links": {"first": [{"link_id": 1}], "second": [{"link_id": 2, "note": "x"}]}}
    assert extracted(rows, row) == [{"link_id": 1, "order_id": 7}, {"link_id": 2, "note": "x", "order_id": 7}]


items = st.none() | st.lists(
    st.none() | st.fixed_dictionaries({}, optional={"item_id": st.integers(0, 9), "sku": st.text(max_size=3)}),
    max_size=5,
)


@given(st.integers(), items)
def test_each_item_is_a_row_with_its_place_and_the_row_stays_as_it_is(key: int, found: list[Any] | None) -> None:
    row = {"entity_id": key, "items": found}
    before = copy.deepcopy(row)
    assert extracted(ITEMS, row) == [
        {**item, "order_id": key, "position": position, "store_code": "all"}
        for position, item in enumerate(found or ())
        if item is not None
    ]
    assert row == before


@given(st.sets(st.sampled_from(["order_id", "item_id", "sku", "qty", "position", "store_code"])))
def test_what_is_not_wanted_is_neither_needed_nor_extracted(wanted: set[str]) -> None:
    schema = nested_schema(ORDER, ITEMS, ())
    part = {**schema, "properties": {name: node for name, node in schema["properties"].items() if name in wanted}}
    row = {"entity_id": 7, "items": [{"item_id": 1, "sku": "A", "qty": 2}]}
    (found,) = compile_extract(ITEMS, part)(row)
    assert found.keys() == wanted
    needed = needed_of_parent(ORDER, ITEMS, part)["properties"]
    assert needed["items"]["items"]["properties"].keys() == wanted & {"item_id", "sku", "qty"}
    assert needed.keys() - {"items"} == ({"entity_id"} if "order_id" in wanted else set())


def test_a_column_inside_the_path_is_needed_too() -> None:
    needed = needed_of_parent(ORDER, VALUES, nested_schema(ORDER, VALUES, ()))["properties"]
    assert needed.keys() == {"entity_id", "options"}
    option = needed["options"]["items"]["properties"]
    assert option.keys() == {"option_id", "values"}
    assert option["values"]["items"]["properties"].keys() == {"value_id", "title"}


@given(st.sets(st.sampled_from(sorted(ITEM["properties"]))), st.sets(st.sampled_from(sorted(ITEM["properties"]))))
def test_what_several_streams_need_is_united(one: set[str], other: set[str]) -> None:
    def part(names: set[str]) -> Schema:
        kept = {name: node for name, node in ITEM["properties"].items() if name in names}
        return object_of(items=array_of({**ITEM, "properties": kept}))

    both = merged(part(one), part(other))
    assert both["properties"]["items"]["items"]["properties"].keys() == one | other
    assert merged(part(one), part(one)) == part(one)
