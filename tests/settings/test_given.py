from __future__ import annotations

from typing import Any

import pytest

from tap_magento.settings.given import normalized


@pytest.mark.parametrize(
    ("given", "settings"),
    [
        ({"start_date": "", "store_code": " \n", "page_size": None, "proxy": "p"}, {"proxy": "p"}),
        ({"verify_ssl": False, "lookback_seconds": 0}, {"verify_ssl": False, "lookback_seconds": 0}),
        ({"store_views": ["default", "", " "], "headers": {"X-Key": "", "X": "y"}}, None),
        ({"stream_maps": {"orders": {"customer_email": None, "x": ""}}}, None),
    ],
)
def test_blanks_are_not_given(given: dict[str, Any], settings: dict[str, Any] | None) -> None:
    expected = {
        "store_views": {"store_views": ["default"], "headers": {"X": "y"}},
        # A null in a stream map leaves a field out: without it the field would be loaded.
        "stream_maps": given,
    }
    assert normalized(given) == (settings or expected[next(iter(given))], [])


def test_an_old_name_is_taken_for_the_new_one_and_told() -> None:
    settings, notes = normalized({"keep_copies": True})
    assert settings == {"include_nested_duplicates": True}
    assert notes == ["`keep_copies` is now called `include_nested_duplicates`; please rename it"]


def test_the_new_name_wins() -> None:
    given = {"include_nested_duplicates": False, "keep_copies": True}
    assert normalized(given)[0] == {"include_nested_duplicates": False}
    assert normalized(dict(reversed(given.items())))[0] == {"include_nested_duplicates": False}
