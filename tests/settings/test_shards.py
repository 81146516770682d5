"""Shards are a number and a count."""

from __future__ import annotations

import pytest

from tap_magento.settings.shards import shard_of


@pytest.mark.parametrize(("text", "shard"), [("1/1", (1, 1)), ("2/8", (2, 8)), (" 8/8 ", (8, 8)), ("0/8", (0, 8))])
def test_a_shard_is_a_number_of_a_count(text: str, shard: tuple[int, int]) -> None:
    assert shard_of(text) == shard


@pytest.mark.parametrize("text", ["0/0", "9/8", "2", "2/", "/8", "-1/8", "2 of 8", "1/99999", "\u00b2/8"])
def test_anything_else_is_none(text: str) -> None:
    assert shard_of(text) is None
