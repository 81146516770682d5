"""Counting a range without walking it, for tables as large as benchmarks need them.

SQLite counts a range by walking its index, which takes ten milliseconds a million rows. A reader
that pages by key asks for such a count with every page, and the store would seem to slow down with
its size, which a benchmark is there to measure in the reader. Sorted arrays answer by bisection.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from sample_store.conditions import ZERO_DATE, as_number, as_time

if TYPE_CHECKING:
    import sqlite3

    from sample_store.criteria import Criteria, Filter
    from sample_store.entities import Entity

_KEY_BITS = 32
_KEYS = 2**_KEY_BITS
_ZERO_SECOND = -(2**30)
"""Where the zero date stands among the seconds since 1970: before all of them."""
_BOUNDS = {("gt", "gt"): "gteq", ("lt", "lteq"): "lteq"}
"""Conditions on time and key in the second group of a lower and of an upper bound: that of the first group."""
_TIME = "%Y-%m-%d %H:%M:%S"
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1

Range = tuple[int, int]
"""From the first number included to the first one excluded."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """The keys of a table, and its times with their keys in one number, both sorted.

    A time and a key are one number, the second shifted left by 32 bits plus the key, so that they
    sort as `updated_at, key` does.
    """

    keys: array[int]
    moments: array[int]

    @classmethod
    def of(cls, db: sqlite3.Connection, entity: Entity) -> Ranks:
        """Read a table whose keys are numbers below 2**32."""
        keys = (key for (key,) in db.execute(f"SELECT key FROM {entity.name} ORDER BY key"))
        second = f"ifnull(CAST(strftime('%s', updated_at) AS INTEGER), {_ZERO_SECOND})"
        moments = db.execute(f"SELECT {second} * {_KEYS} + key FROM {entity.name} ORDER BY updated_at, key")
        return cls(array("q", keys), array("q", (moment for (moment,) in moments)))

    def count(self, entity: Entity, criteria: Criteria) -> int | None:
        """Count the rows that match.

        Args:
            entity: The list.
            criteria: What is asked.

        Returns:
            How many; None for criteria other than a range of keys, a range of times, a range of
            keys within one second, and a range from a time and key to another.
        """
        keys: Range = (_LOWEST, _HIGHEST)
        moments: Range = (_LOWEST, _HIGHEST)
        for group in criteria.groups:
            key_range = _key_range(entity, group)
            moment_range = _moment_range(entity, group, criteria)
            if key_range is not None:
                keys = _both(keys, key_range)
            elif moment_range is not None:
                moments = _both(moments, moment_range)
            else:
                return None
        if moments == (_LOWEST, _HIGHEST):
            return _between(self.keys, keys)
        if keys == (_LOWEST, _HIGHEST):
            return _between(self.moments, moments)
        if moments[1] - moments[0] == _KEYS and moments[0] % _KEYS == 0:
            clipped = _both(keys, (0, _KEYS))
            inside = (moments[0] + clipped[0], moments[0] + clipped[1])
            return _between(self.moments, inside)
        return None

    def second_at(self, offset: int) -> tuple[str, int]:
        """Find where a deep page of the whole table in order of time begins, without walking to it.

        Args:
            offset: Rows before the page, fewer than there are.

        Returns:
            The time of the row after these, and how many rows are of earlier times.
        """
        second = self.moments[offset] // _KEYS
        before = bisect_left(self.moments, second * _KEYS)
        return ZERO_DATE if second == _ZERO_SECOND else datetime.fromtimestamp(second, timezone.utc).strftime(
            _TIME
        ), before


def _both(one: Range, other: Range) -> Range:
    return max(one[0], other[0]), min(one[1], other[1])


def _between(numbers: array[int], bounds: Range) -> int:
    return max(0, bisect_left(numbers, bounds[1]) - bisect_left(numbers, bounds[0]))


def _range(condition: str, first: int, behind: int) -> Range | None:
    """Make the range of numbers that a condition allows beside those from `first` to `behind`."""
    return {
        "eq": (first, behind),
        "gt": (behind, _HIGHEST),
        "gteq": (first, _HIGHEST),
        "from": (first, _HIGHEST),
        "lt": (_LOWEST, first),
        "lteq": (_LOWEST, behind),
        "to": (_LOWEST, behind),
    }.get(condition)


def _key_range(entity: Entity, group: tuple[Filter, ...]) -> Range | None:
    if len(group) != 1 or group[0].field != entity.key_column:
        return None
    key = as_number(group[0].value)
    return _range(group[0].condition, key, key + 1) if isinstance(key, int) else None


def _moment_range(entity: Entity, group: tuple[Filter, ...], criteria: Criteria) -> Range | None:
    if not group or group[0].field != entity.time_column:
        return None
    second = _second(group[0].value)
    if second is None:
        return None
    first = second * _KEYS
    if len(group) == 1:
        return _range(group[0].condition, first, first + _KEYS)
    # A bound's second group, such as `time > T or key > K`, goes with a first one, `time >= T`.
    time, key, *more = group
    bound = _BOUNDS.get((time.condition, key.condition))
    number = as_number(key.value)
    is_bound = (
        bound is not None
        and not more
        and key.field == entity.key_column
        and isinstance(number, int)
        and 0 <= number < _KEYS
        and any(
            (each.field, each.condition, each.value) == (time.field, bound, time.value)
            for each, *others in criteria.groups
            if not others
        )
    )
    return _range(key.condition, first + int(number), first + int(number) + 1) if is_bound else None


def _second(value: str) -> int | None:
    text = as_time(value)
    if text == ZERO_DATE:
        return _ZERO_SECOND
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    return int(moment.timestamp())
