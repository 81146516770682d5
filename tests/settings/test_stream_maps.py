"""Stream maps that the SDK would end with a traceback for."""

from __future__ import annotations

from typing import Any

import pytest

from tap_magento.settings.stream_maps import stream_map_problems


def problems(maps: dict[str, Any]) -> list[str]:
    return list(stream_map_problems({"stream_maps": maps}))


@pytest.mark.parametrize(
    "maps",
    [
        {},
        {"__else__": None},
        {"__else__": "__NULL__"},
        {"orders": None, "invoices": "__NULL__"},
        {"orders": {"customer_email": "md5(customer_email)", "remote_ip": None, "__else__": None}},
        {"orders": {"__alias__": "sales", "__filter__": "grand_total > 0", "__key_properties__": ["entity_id"]}},
    ],
)
def test_what_the_sdk_knows_is_fine(maps: dict[str, Any]) -> None:
    assert problems(maps) == []


@pytest.mark.parametrize(
    ("maps", "problem"),
    [
        ({"orders": 5}, "`stream_maps` of 'orders' must be a JSON object of expressions, null or `__NULL__`"),
        ({"__else__": {}}, "`stream_maps` of '__else__' must be a JSON object of expressions, null or `__NULL__`"),
        (
            {"orders": {"x": ""}},
            "`stream_maps`: 'x' of 'orders' must be an expression, as text, or null to leave the field out",
        ),
        (
            {"orders": {"x": 5}},
            "`stream_maps`: 'x' of 'orders' must be an expression, as text, or null to leave the field out",
        ),
        ({"orders": {"__filter__": 5}}, "`stream_maps`: '__filter__' of 'orders' must be an expression, as text"),
        ({"orders": {"__alias__": None}}, "`stream_maps`: '__alias__' of 'orders' must be an expression, as text"),
        (
            {"orders": {"__key_properties__": 5}},
            "`stream_maps`: '__key_properties__' of 'orders' must be a JSON list of fields",
        ),
        ({"orders": {"__else__": "x"}}, "`stream_maps`: '__else__' of 'orders' must be null or `__NULL__`"),
    ],
)
def test_anything_else_is_one_line(maps: dict[str, Any], problem: str) -> None:
    assert problems(maps) == [problem]
