"""The setting `shard`: which part of a first sync this run reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_SHARD = re.compile(r"([0-9]{1,4})/([0-9]{1,4})")


def shard_of(text: str) -> tuple[int, int] | None:
    """Read the setting `shard`.

    Args:
        text: For example `2/8`: the second of eight.

    Returns:
        Number and count; the number is 0 for SCHEMA messages alone. None if the text is something else.
    """
    match = _SHARD.fullmatch(text.strip())
    if match is None:
        return None
    number, count = int(match[1]), int(match[2])
    return (number, count) if number <= count and count else None


def shard_problems(config: Mapping[str, Any]) -> Iterator[str]:
    """Tell what is wrong with the setting `shard`.

    Args:
        config: The settings, of the right types.

    Yields:
        A sentence, if it is wrong.
    """
    if "shard" in config and shard_of(config["shard"]) is None:
        yield "`shard` must be number/count, from `1/8` to `8/8` for eight shards, or `0/8`"
