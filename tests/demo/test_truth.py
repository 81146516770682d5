"""The comparison with the shop's truth finds every difference, and only differences."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from demo.truth import compare, same


@pytest.mark.parametrize(
    ("loaded", "raw"),
    [
        (1, 1),
        (Decimal("36.39"), 36.39),
        (Decimal("12.5000"), "12.5"),
        (True, 1),
        (0, False),
        ("2026-11-21T17:01:02", "2026-11-21 17:01:02"),
        ("2026-11-21T17:01:02+00:00", "2026-11-21 17:01:02"),
        ("2026-11-21", "2026-11-21 00:00:00"),
        (None, "0000-00-00 00:00:00"),
        (None, []),
        (None, None),
        ("ab", "a\0b"),
        ('["3","4"]', ["3", "4"]),
        ({"a": None, "b": [{"c": 1}]}, {"b": [{"c": 1.0}]}),
        ([], []),
        ({"parent_item_id": None}, {"parent_item_id": 0}),
        ({"a": 1, "b": ["3", "4"]}, [{"attribute_code": "a", "value": "1"}, {"attribute_code": "b", "value": "3,4"}]),
    ],
)
def test_what_means_the_same(loaded: Any, raw: Any) -> None:
    assert same(loaded, raw)


@pytest.mark.parametrize(
    ("loaded", "raw"),
    [
        (1, 2),
        (None, 0),
        (None, "a"),
        (None, {"a": 1}),
        (0, None),
        (Decimal("36.38"), 36.39),
        ("2026-11-21T17:01:03", "2026-11-21 17:01:02"),
        ("a", None),
        ({"a": 1}, {}),
        ({"qty": None}, {"qty": 0}),
        ({"parent_item_id": None}, {"parent_item_id": 4}),
        ({}, {"a": 1}),
        ([1], [1, 2]),
        ([1], None),
        (1, "x"),
        ({"a": 1}, [{"attribute_code": "a", "value": "2"}]),
        ({}, [{"attribute_code": "a", "value": "2"}]),
        (["3"], "3,4"),
    ],
)
def test_what_differs(loaded: Any, raw: Any) -> None:
    assert not same(loaded, raw)


def row(key: int, updated_at: str = "2026-11-21 12:00:00", **fields: Any) -> dict[str, Any]:
    return {"id": key, "updated_at": updated_at, **fields}


def test_each_row_is_judged() -> None:
    shop = [row(1), row(2, name="new"), row(3, name="new"), row(4), row(6, "2026-11-21 13:00:00", name="new")]
    before = [row(1), row(2, name="old"), row(5), row(6, name="old")]
    table = [row(1, _sdc_batched_at="now"), row(2, name="old"), row(3, name="old"), row(5), row(6, name="old")]
    found = compare(table, shop, ["id"], before)
    assert found.equal == {(1,)}
    assert found.unseen == {(2,)}
    assert found.deleted == {(5,)}
    assert found.wrong == {(3,): ["name"], (4,): ["(the whole row)"], (6,): ["name", "updated_at"]}
    assert not found.is_right


def test_doubled_rows_are_wrong() -> None:
    found = compare([row(1), row(1)], [row(1)], ["id"])
    assert found.doubled == 1
    assert not found.is_right


def test_attributes_that_do_not_fit_their_type_are_looked_for_where_they_are_kept() -> None:
    listed = [{"attribute_code": "color", "value": "red"}, {"attribute_code": "size", "value": "3"}]
    shop = [{"id": 1, "custom_attributes": listed}]
    values = {"color": None, "size": 3}
    kept = {"id": 1, "custom_attributes": values, "custom_attributes_unparsed": {"color": "red"}}
    lost = {"id": 1, "custom_attributes": values, "custom_attributes_unparsed": None}
    assert compare([kept], shop, ["id"]).is_right
    assert compare([lost], shop, ["id"]).wrong == {(1,): ["custom_attributes"]}
