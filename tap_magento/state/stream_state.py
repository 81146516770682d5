"""What a stream keeps in the Singer state, and the checkpoints of a read.

The part of one stream:

- ``replication_key``, ``replication_key_value``: the plain Singer bookmark.
- ``backfill``: a first read under way, in key order: ``began`` (the shop's time), ``since`` (the `start_date` it keeps
  to), ``after`` (the key up to which rows were emitted).
- ``full_table``: a complete re-read under way: ``began``, ``since``, ``after`` and the ``version`` of its records; once
  done, ``completed`` with its ``began``.
- ``reread``: the same of a complete read beside the increments; ``complete_at``: when the last one began.
- ``named``: the keys of rows that other lists named as changed, still to be read.
- ``shard``: which part of a first sync the state is of (``number``, ``count``), and whether it is ``finished``; 1/1 for
  a list that one shard reads alone.
- ``rows_missing``: whether the last run met rows that the shop counts and does not send.
- ``quarantined``: the keys of rows that the shop could not serve.
- ``ledger``: the keys known of a list (`tap_magento.state.known_keys`).

Schedulers merge states key by key, so nothing relies on a key being removed: a finished ``backfill`` is older than the
bookmark, a finished ``full_table`` has ``completed``, and an empty ``quarantined`` is written as such (issue 10).
"""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tap_magento.reading.types import Key
from tap_magento.timestamps import from_rfc3339, to_rfc3339

State = MutableMapping[str, Any]

_MOST_QUARANTINED = 100


@dataclass(frozen=True, slots=True)
class Progress:
    """A read in key order under way.

    Attributes:
        began: The shop's time when it began: all later changes belong to the incremental reads.
        since: Rows changed before this are left out; None takes all.
        after: The rows up to this key have been emitted; None before the first.
        version: The version of the records of a full-table read; None in a first read.
    """

    began: datetime
    since: datetime | None
    after: Key | None
    version: int | None = None


class TooManyBadRowsError(Exception):
    """More rows cannot be read than a few that happen to be corrupt."""


class Checkpointer:
    """Moves the states of the streams that are read in one pass; they stand at the same place.

    Args:
        states: The parts of the Singer state, at least one; they are changed in place.
        replication_key: The field that bookmarks are values of; None for lists that are always read completely.
    """

    def __init__(self, states: Sequence[State], replication_key: str | None) -> None:
        self._states = states
        self._replication_key = replication_key
        self._is_held = False

    @property
    def bookmark(self) -> datetime | None:
        """Up to when changes have been read; None before the first read is complete."""
        return bookmark_of(self._states[0])

    @property
    def backfill(self) -> Progress | None:
        """The first read under way."""
        return _progress_of(self._states[0], "backfill")

    @property
    def full_table(self) -> Progress | None:
        """The full-table read under way."""
        return _progress_of(self._states[0], "full_table")

    @property
    def quarantined(self) -> tuple[Key, ...]:
        """The keys of rows that could not be read, ascending."""
        return quarantined_in(self._states[0])

    @property
    def is_held(self) -> bool:
        """Whether the state stays, for the rest of the run, before rows that are missing."""
        return self._is_held

    def hold_where_rows_are_missing(self) -> None:
        """Keep the state from moving past rows that were counted and did not come: the next run reads on from here.

        If rows are missing in that one too, it is a property of the shop, as where a module hides rows, and the state
        moves on; otherwise more would be read again in each run.
        """
        if not self._states[0].get("rows_missing"):
            self._is_held = True
        for state in self._states:
            state["rows_missing"] = True

    def forget_missing_rows(self) -> None:
        """Note that a read met no rows that are missing."""
        for state in self._states:
            if "rows_missing" in state:
                state["rows_missing"] = False

    def advance(self, moment: datetime) -> None:
        """Move the bookmark forward; it never goes back.

        Args:
            moment: Up to when changes have been read.
        """
        if self._is_held:
            return
        for state in self._states:
            bookmark = bookmark_of(state)
            if bookmark is None or moment > bookmark:
                state["replication_key"] = self._replication_key
                state["replication_key_value"] = to_rfc3339(moment)

    def save_backfill(self, progress: Progress) -> None:
        """Save how far a first read has come.

        Args:
            progress: How far.
        """
        self._save("backfill", progress)

    def finish_backfill(self, began: datetime, *, is_dated: bool) -> None:
        """Turn a complete first read into a bookmark.

        Args:
            began: The shop's time when the read began.
            is_dated: Whether to note when it was, as all rows are to be read again some day (`reread`).
        """
        if self._is_held:
            return
        self.advance(began)
        for state in self._states:
            state.pop("backfill", None)
            if is_dated:
                state["complete_at"] = to_rfc3339(began)

    def save_full_table(self, progress: Progress) -> None:
        """Save how far a full-table read has come.

        Args:
            progress: How far.
        """
        self._save("full_table", progress)

    def finish_full_table(self, began: datetime) -> None:
        """Note that a full-table read is complete.

        Args:
            began: The shop's time when the read began.
        """
        if self._is_held:
            return
        for state in self._states:
            state["full_table"] = {"completed": to_rfc3339(began)}

    @property
    def reread(self) -> Progress | None:
        """The complete read beside the increments that is under way."""
        return _progress_of(self._states[0], "reread")

    @property
    def last_complete(self) -> datetime | None:
        """When the last complete read of an incremental list began; None if that is not known."""
        saved = self._states[0].get("complete_at")
        return None if saved is None else from_rfc3339(saved)

    def save_reread(self, progress: Progress) -> None:
        """Save how far a complete read beside the increments has come.

        Args:
            progress: How far.
        """
        self._save("reread", progress)

    def finish_reread(self, began: datetime) -> None:
        """Note that a complete read beside the increments is complete.

        Args:
            began: The shop's time when it began.
        """
        if self._is_held:
            return
        for state in self._states:
            state["reread"] = {"completed": to_rfc3339(began)}
            state["complete_at"] = to_rfc3339(began)

    def begin_shard(self, number: int, count: int, *, full_table: bool) -> bool:
        """Note which shard of the list is read.

        Args:
            number: Which one.
            count: Of how many.
            full_table: Whether the list is read completely in each run.

        Returns:
            Whether it is still to be read.

        Raises:
            ValueError: If the state is of another shard, or the first read is complete: the text says what to do.
        """
        saved, mine = self._states[0].get("shard"), {"number": number, "count": count}
        if saved and {name: saved.get(name) for name in mine} != mine:
            raise ValueError(
                f"the state is of shard {saved.get('number')}/{saved.get('count')}, but `shard` demands "
                f"{number}/{count}. Give each shard its own state"
            )
        if saved and saved.get("finished"):
            return False
        if not saved and not full_table and self.bookmark is not None:
            raise ValueError(
                "its first sync is complete, and shards read nothing else. Remove the setting `shard` to read changes"
            )
        for state in self._states:
            state["shard"] = {**mine, "finished": False}
        return True

    def finish_shard(self) -> None:
        """Note that the shard has been read."""
        if self._is_held:
            return
        for state in self._states:
            state["shard"] = {**state["shard"], "finished": True}

    def quarantine(self, key: Key) -> None:
        """Note a row that cannot be read.

        Args:
            key: The row's key.

        Raises:
            TooManyBadRowsError: If there are more than a hundred.
        """
        keys = sorted({*self.quarantined, key}, key=lambda each: (isinstance(each, str), each))
        if len(keys) > _MOST_QUARANTINED:
            raise TooManyBadRowsError(f"the shop fails on more than {_MOST_QUARANTINED} rows")
        self._set_quarantined(keys)

    def release(self, key: Key) -> None:
        """Note that a row could be read after all, or has gone.

        Args:
            key: The row's key.
        """
        self._set_quarantined([other for other in self.quarantined if other != key])

    def _set_quarantined(self, keys: Iterable[Key]) -> None:
        for state in self._states:
            state["quarantined"] = list(keys)
            state.pop("set_aside", None)

    def _save(self, name: str, progress: Progress) -> None:
        if self._is_held:
            return
        saved: dict[str, Any] = {
            "began": to_rfc3339(progress.began),
            "since": None if progress.since is None else to_rfc3339(progress.since),
            "after": progress.after,
        }
        if progress.version is not None:
            saved["version"] = progress.version
        for state in self._states:
            state[name] = dict(saved)


def bookmark_of(state: State) -> datetime | None:
    """Read the bookmark.

    Args:
        state: A stream's state.

    Returns:
        Up to when changes have been read; None before the first complete read.

    Raises:
        ValueError: If the value in the state is no timestamp.
    """
    value = state.get("replication_key_value")
    return None if value is None else from_rfc3339(value)


def quarantined_in(state: State) -> tuple[Key, ...]:
    """Read which rows could not be read.

    Args:
        state: A stream's state; that of version 0.1.0 names them ``set_aside``.

    Returns:
        Their keys, ascending.
    """
    return tuple(state.get("quarantined", state.get("set_aside")) or ())


def full_table_version(state: State) -> int | None:
    """Tell the version of a full-table read under way.

    Args:
        state: A stream's state.

    Returns:
        The version of its records; None if there is no such read, or it has no version.
    """
    progress = _progress_of(state, "full_table")
    return None if progress is None else progress.version


def place_of(state: State, *, full_table: bool) -> tuple[Any, ...]:
    """Tell where a stream stands; streams at the same place can be read in one pass.

    Args:
        state: A stream's state.
        full_table: Whether it is read completely in each run.

    Returns:
        A value that is equal for equal places.
    """
    if full_table:
        return _progress_of(state, "full_table"), quarantined_in(state)
    return bookmark_of(state), _progress_of(state, "backfill"), quarantined_in(state)


def _progress_of(state: State, name: str) -> Progress | None:
    saved = state.get(name)
    if not saved or saved.get("began") is None:
        return None
    began, since = from_rfc3339(saved["began"]), saved.get("since")
    finished = state.get("replication_key_value") if name == "backfill" else saved.get("completed")
    if finished is not None and began <= from_rfc3339(finished):
        return None
    return Progress(began, None if since is None else from_rfc3339(since), saved.get("after"), saved.get("version"))
