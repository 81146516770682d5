from __future__ import annotations

from decimal import Decimal
from typing import Any

from tap_magento.records.attribute_values import attribute_values


def values(row: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [tuple(each.values()) for each in attribute_values(row)]


def test_each_value_is_a_row_of_text() -> None:
    row = {
        "custom_attributes": {"color": 49, "price": Decimal("1.250000"), "vegan": True, "none": None, "tags": [7, 9]},
        "custom_attribute_labels": {"color": "Black", "tags": ["Nuts", None]},
    }
    assert values(row) == [
        ("color", 0, "49", "Black"),
        ("price", 0, "1.250000", None),
        ("vegan", 0, "true", None),
        ("tags", 0, "7", "Nuts"),
        ("tags", 1, "9", None),
    ]


def test_what_did_not_fit_its_type_is_among_them() -> None:
    row = {"custom_attributes": {"days": None}, "custom_attributes_unparsed": {"days": "12 days"}}
    assert values(row) == [("days", 0, "12 days", None)]


def test_magento_s_list_is_taken_too() -> None:
    listed = [{"attribute_code": "color", "value": "49"}, {"attribute_code": "category_ids", "value": ["3", "4"]}, {}]
    assert values({"custom_attributes": listed}) == [
        ("color", 0, "49", None),
        ("category_ids", 0, "3", None),
        ("category_ids", 1, "4", None),
    ]
    assert values({}) == []
