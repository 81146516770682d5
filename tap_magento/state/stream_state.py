"""How far a stream has come, as its part of the Singer state.

``replication_key`` and ``replication_key_value`` are the plain Singer bookmark. While a first complete read is under
way there is ``backfill`` instead: the key up to which rows were handed over, the shop's time when it began, and the
``start_date`` it keeps to. ``set_aside`` are the keys of rows that the shop could not serve.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tap_magento.reading.types import Key
from tap_magento.timestamps import from_rfc3339, to_rfc3339

State = MutableMapping[str, Any]

_MOST_SET_ASIDE = 100


@dataclass(frozen=True, slots=True)
class Backfill:
    """A first complete read under way.

    Attributes:
        began: The shop's time when it began: all later changes belong to the increments.
        since: Rows changed before this are left out; None takes all.
        after: The rows up to this key have been handed over; None before the first.
    """

    began: datetime
    since: datetime | None
    after: Key | None


def bookmark_of(state: State) -> datetime | None:
    """Read the bookmark.

    Args:
        state: The stream's state.

    Returns:
        Up to when changes have been read; None before the first complete read.

    Raises:
        ValueError: If the value in the state is no timestamp.
    """
    value = state.get("replication_key_value")
    return None if value is None else from_rfc3339(value)


def advance(state: State, replication_key: str, moment: datetime) -> None:
    """Move the bookmark forward; it never goes back.

    Args:
        state: The stream's state, which is changed.
        replication_key: The field that the bookmark is a value of.
        moment: Up to when changes have been read.
    """
    bookmark = bookmark_of(state)
    if bookmark is None or moment > bookmark:
        state["replication_key"] = replication_key
        state["replication_key_value"] = to_rfc3339(moment)


def backfill_of(state: State) -> Backfill | None:
    """Read the progress of a first complete read.

    Args:
        state: The stream's state.

    Returns:
        Where it stands; None if there is none under way.

    Raises:
        ValueError: If a value in the state is no timestamp.
    """
    progress = state.get("backfill")
    if progress is None:
        return None
    since = progress.get("since")
    return Backfill(
        began=from_rfc3339(progress["began"]),
        since=None if since is None else from_rfc3339(since),
        after=progress.get("after"),
    )


def save_backfill(state: State, backfill: Backfill) -> None:
    """Write the progress of a first complete read.

    Args:
        state: The stream's state, which is changed.
        backfill: Where it stands.
    """
    state["backfill"] = {
        "began": to_rfc3339(backfill.began),
        "since": None if backfill.since is None else to_rfc3339(backfill.since),
        "after": backfill.after,
    }


def finish_backfill(state: State, replication_key: str, began: datetime) -> None:
    """Turn a complete first read into a bookmark.

    Args:
        state: The stream's state, which is changed.
        replication_key: The field that the bookmark is a value of.
        began: The shop's time when the read began.
    """
    state.pop("backfill", None)
    advance(state, replication_key, began)


class TooManyBadRowsError(Exception):
    """More rows cannot be read than a few that happen to be corrupt."""


def quarantined(state: State) -> tuple[Key, ...]:
    """Read which rows could not be read.

    Args:
        state: The stream's state.

    Returns:
        Their keys, ascending.
    """
    return tuple(state.get("set_aside", ()))


def quarantine(state: State, key: Key) -> None:
    """Note a row that cannot be read.

    Args:
        state: The stream's state, which is changed.
        key: The row's key.

    Raises:
        TooManyBadRowsError: If there are more than a hundred.
    """
    keys = sorted({*quarantined(state), key})
    if len(keys) > _MOST_SET_ASIDE:
        raise TooManyBadRowsError(f"the shop fails on more than {_MOST_SET_ASIDE} rows")
    state["set_aside"] = keys


def release(state: State, key: Key) -> None:
    """Note that a row could be read after all, or has gone.

    Args:
        state: The stream's state, which is changed.
        key: The row's key.
    """
    keys = [other for other in quarantined(state) if other != key]
    if keys:
        state["set_aside"] = keys
    else:
        state.pop("set_aside", None)
