from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tap_magento.schema.inference import infer


def node(*values: Any, name: str = "field") -> Any:
    return infer([{name: value} for value in values])["properties"][name]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ((True, None), "boolean"),
        ((1, Decimal("2.5")), "number"),
        ((1, 2), "number"),
        (("a", None), "string"),
        ((None,), "string"),
        ((1, "a"), "string"),
        ((True, 1), "string"),
        (({"a": 1}, "a"), "string"),
    ],
)
def test_a_type_holds_all_values(values: tuple[Any, ...], kind: str) -> None:
    assert node(*values) == {"type": [kind, "null"]}


def test_a_key_is_a_whole_number() -> None:
    assert node(1, 2, name="id") == node(1, 2, name="order_id") == {"type": ["integer", "null"]}


def test_objects_and_lists_have_the_fields_of_all() -> None:
    assert node({"a": True}, [], {"b": "x"}) == {
        "type": ["object", "null"],
        "properties": {"a": {"type": ["boolean", "null"]}, "b": {"type": ["string", "null"]}},
    }
    assert node([], [{"a": True}])["items"]["properties"] == {"a": {"type": ["boolean", "null"]}}
    assert node([]) == {"type": ["array", "null"], "items": {"type": ["string", "null"]}}
    assert node({}) == {"type": ["object", "null"], "additionalProperties": True}
