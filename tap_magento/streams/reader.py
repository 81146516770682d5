"""Reads one list for the streams that stand at the same place: first, incrementally or completely."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tap_magento.exceptions import MagentoError, ShopUnavailableError
from tap_magento.reading.ledger import Ledger
from tap_magento.reading.ranges import KeyRange, TimeRange
from tap_magento.reading.search import Filter, Group, SearchCriteria
from tap_magento.reading.shards import Shard
from tap_magento.reading.types import Batch, InconsistentResponseError, Key, ListSpec, Page, UnreadableRowsError
from tap_magento.state.stream_state import Progress
from tap_magento.streams.batches import BatchReader
from tap_magento.timestamps import from_magento, to_magento, to_rfc3339

_logger = logging.getLogger("tap-magento")

# Where no more than one row in this many is newer than the start date, time order is the cheaper first read.
_TIME_ORDER_SHARE = 4
# Clocks of a shop's several servers may differ by so much.
_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Reread:
    """Which rows are read again though their time has not moved; None for none.

    Attributes:
        every_days: All rows, when the last complete read is older than so many days.
        recent_days: Rows created in so many days, in each run.
    """

    every_days: int | None = None
    recent_days: int | None = None


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a list is read.

    Attributes:
        name: The stream's name, for a person.
        full_table: Whether all rows are read in each run.
        start_date: Rows changed before this are left out; None takes all.
        lookback: How far before the bookmark an incremental read begins.
        time_is_indexed: Whether the database has an index on the replication key.
        created_column: The column of the rows' creation.
        reread: Which rows are read again though their time has not moved.
        shard: The part of the list that is read; None reads all of it.
        is_versioned: Whether the records of a full-table read have a version, to be activated at its end.
    """

    name: str
    full_table: bool
    start_date: datetime | None
    lookback: timedelta
    time_is_indexed: bool
    created_column: str
    reread: Reread
    shard: Shard | None = None
    is_versioned: bool = False


class ListReader:
    """Reads one list, and moves the state as its pages are emitted.

    Args:
        batches: Reads ranges of the list.
        options: How it is read.
        named: Given the start of an incremental read, tells the keys of rows that other lists name as changed.
        on_first_row: Called before the first row of a read of all rows, whichever it is.
    """

    def __init__(
        self,
        batches: BatchReader,
        options: ReadOptions,
        named: Callable[[datetime], Sequence[Key]] = lambda _: (),
        on_first_row: Callable[[], None] = lambda: None,
    ) -> None:
        self._batches = batches
        self._endpoint = batches.endpoint
        self._spec = batches.spec
        self._checkpointer = batches.checkpointer
        self._options = options
        self._named = named
        self._on_first_row = on_first_row
        self._changed = Ledger()  # the rows read as changed, of which there may be millions
        #: The version of the records of a full-table read, for the state.
        self.version: int | None = None

    def read(self) -> Iterator[Page]:
        """Read the list.

        Yields:
            Pages. When the next one is wanted, the rows of the last have been emitted, and the state moves on.

        Raises:
            MagentoError: If a person must act.
            ShopUnavailableError: If the shop stayed unavailable.
            ShutdownError: If the run was told to end.
        """
        try:
            yield from self._batches.retry_quarantined()
            if self._options.full_table:
                yield from self._read_all()
            elif (since := self.changes_since) is not None:
                yield from self._read_incrementally(since)
            else:
                yield from self._read_first()
            self._warn_of_future()
        except InconsistentResponseError as error:
            raise MagentoError(
                f"the shop does not answer '{self._options.name}' as requested: {error}. A module or a proxy that "
                "changes searches may be the cause"
            ) from None
        except UnreadableRowsError as error:
            if isinstance(error, ShopUnavailableError):
                raise
            raise MagentoError(f"{error}. No single row could be found to be the cause") from None
        finally:
            self._endpoint.cancel()

    @property
    def changes_since(self) -> datetime | None:
        """Where an incremental read begins; None if all rows are read."""
        bookmark, start_date = self._checkpointer.bookmark, self._options.start_date
        if self._options.full_table or bookmark is None:
            return None
        start = bookmark - self._options.lookback
        return start if start_date is None else max(start, start_date)

    def resumed_full_table(self) -> Progress | None:
        """Tell whether an interrupted full-table read goes on.

        Returns:
            How far it has come; None if there is none, or it was one of other rows or without a version.
        """
        progress = self._checkpointer.full_table
        if progress is None or progress.since != self._options.start_date:
            return None
        return progress if (progress.version is not None) == self._options.is_versioned else None

    def _read_incrementally(self, since: datetime) -> Iterator[Page]:
        """Read what changed, and what changed without moving its time, as far as that is known or configured."""
        before = self._checkpointer.last_complete
        yield from self._read_changes(since)
        yield from self._read_by_key([key for key in self._named(since) if key not in self._changed])
        reread = self._options.reread
        if reread.recent_days is not None:
            yield from self._read_created_since(self._endpoint.started - timedelta(days=reread.recent_days))
        if reread.every_days is not None and self._is_older(before, reread.every_days):
            yield from self._read_again()

    def _read_by_key(self, keys: Sequence[Key]) -> Iterator[Page]:
        """Read rows by their keys, in batches that fit into an address (docs/MAGENTO.md, URL length limits)."""
        for start in range(0, len(keys), self._endpoint.keys_a_request):
            some = ",".join(map(str, keys[start : start + self._endpoint.keys_a_request]))
            yield from self._read_where((Filter(self._spec.key_column, "in", some),))

    def _read_created_since(self, moment: datetime) -> Iterator[Page]:
        yield from self._read_where((Filter(self._options.created_column, "gteq", to_magento(moment)),))

    def _read_where(self, group: Group) -> Iterator[Page]:
        for batch in self._batches.read(KeyRange(self._spec, condition=(*self._condition, group))):
            yield batch.page

    def _read_again(self) -> Iterator[Page]:
        """Read all rows again in key order, beside the increments; resumed where an interrupted run stopped."""
        since, progress = self._options.start_date, self._checkpointer.reread
        if progress is not None and progress.since != since:
            progress = None
        for batch, began in self._read_in_key_order(progress):
            yield batch.page
            progress = Progress(began, since, batch.reached.key)
            self._checkpointer.save_reread(progress)
        self._checkpointer.finish_reread(progress.began if progress else self._endpoint.started)

    def _is_older(self, moment: datetime | None, days: int) -> bool:
        return moment is None or self._endpoint.started - moment >= timedelta(days=days)

    def _read_all(self) -> Iterator[Page]:
        """Read all rows in key order; resumed where an interrupted run stopped."""
        since, progress = self._options.start_date, self.resumed_full_table()
        for batch, began in self._read_in_key_order(progress):
            yield batch.page
            progress = Progress(began, since, batch.reached.key, self.version)
            self._checkpointer.save_full_table(progress)
        self._checkpointer.finish_full_table(progress.began if progress else self._endpoint.started)
        if self._spec.time_column is not None and self._checkpointer.bookmark is None:
            self._checkpointer.advance(progress.began if progress else self._endpoint.started)

    def _read_first(self) -> Iterator[Page]:
        since = self._options.start_date
        progress = self._checkpointer.backfill
        if progress is not None and progress.since == since:
            yield from self._backfill(since, progress)
        elif since is not None and self._is_cheaper_by_time(since):
            self._on_first_row()
            yield from self._read_changes(since)
        else:
            yield from self._backfill(since, None)

    def _backfill(self, since: datetime | None, progress: Progress | None) -> Iterator[Page]:
        """Read in key order; what changes meanwhile belongs to the next incremental read."""
        for batch, began in self._read_in_key_order(progress):
            yield batch.page
            progress = Progress(began, since, batch.reached.key)
            self._checkpointer.save_backfill(progress)
        is_to_be_repeated = self._options.reread.every_days is not None
        began = progress.began if progress else self._endpoint.started
        self._checkpointer.finish_backfill(began, is_dated=is_to_be_repeated)

    def _read_in_key_order(self, progress: Progress | None) -> Iterator[tuple[Batch, datetime]]:
        if progress is None:
            self._on_first_row()
        elif progress.after is not None:
            _logger.info("'%s': resuming after %s %s", self._options.name, self._spec.key_field, progress.after)
        after = None if progress is None else progress.after
        for part in self._parts(KeyRange(self._spec, after=after, condition=self._condition)):
            for batch in self._batches.read(part):
                yield batch, progress.began if progress else self._endpoint.started

    def _parts(self, whole: KeyRange) -> Iterator[KeyRange]:
        """Leave out what other shards read, and the rows that were just tried and cannot be read."""
        if self._options.shard is None:
            yield from self._between_quarantined(whole)
            return
        owned = self._options.shard.ranges(whole, self._batches.source(whole))
        while True:
            with self._batches.shutdown.waiting():
                part = next(owned, None)
            if part is None:
                return
            yield from self._between_quarantined(part)

    def _between_quarantined(self, range_: KeyRange) -> Iterator[KeyRange]:
        """Leave out rows that cannot be read: to find them again takes many requests."""
        rest = range_
        for key in self._checkpointer.quarantined:
            if isinstance(key, int) and rest.start < key <= rest.end:
                yield rest.bounded(key - 1)
                rest = replace(rest, after=key)
        yield rest

    def _read_changes(self, since: datetime) -> Iterator[Page]:
        """Read in time order; the bookmark follows, but not past the shop's time at the start.

        A complete read moves it there: a bulk update of thousands of rows in one second is not read again in each run.
        """
        for batch in self._batches.read(TimeRange(self._spec, to_magento(since))):
            yield batch.page
            self._changed.add(cursor.key for cursor in batch.page.cursors if isinstance(cursor.key, int))
            moment = min(from_magento(str(batch.reached.time)), self._endpoint.started)
            self._checkpointer.advance(moment)
        self._checkpointer.advance(self._endpoint.started)

    def _warn_of_future(self) -> None:
        """Warn where nothing is read as the read begins in the future, as of another clock or a mistyped date."""
        bookmark = None if self._options.full_table else self._checkpointer.bookmark
        for what, moment in (("the bookmark", bookmark), ("`start_date`", self._options.start_date)):
            if moment is not None and moment > self._endpoint.started + _CLOCK_SKEW:
                _logger.warning(
                    "'%s': %s is %s, but the shop's time is %s: no changes are read before then. Set it to a time in "
                    "the past",
                    self._options.name,
                    what,
                    to_rfc3339(moment),
                    to_rfc3339(self._endpoint.started),
                )
                return

    @property
    def _condition(self) -> tuple[Group, ...]:
        """What is read of the list, however it is read."""
        since = self._options.start_date
        return () if since is None else (changed_since(self._spec, since),)

    def _is_cheaper_by_time(self, since: datetime) -> bool:
        """Tell whether a start date leaves out most rows; shards are read in key order."""
        return self._options.shard is None and self._options.time_is_indexed and self._mostly_before(since)

    def _mostly_before(self, since: datetime) -> bool:
        with self._batches.shutdown.waiting():
            newer = self._endpoint.count(SearchCriteria(groups=(changed_since(self._spec, since),)).counting())
            total = self._endpoint.count(SearchCriteria().counting())
        return newer is not None and total is not None and newer * _TIME_ORDER_SHARE <= total


def changed_since(spec: ListSpec, moment: datetime) -> Group:
    """Demand that rows were changed since a moment.

    Args:
        spec: How the rows are dated.
        moment: The moment.

    Returns:
        The filter.

    Raises:
        MagentoError: If the rows are not dated.
    """
    if spec.time_column is None:
        raise MagentoError(f"a list without a replication key, by {spec.key_column}, can only be read completely")
    return (Filter(spec.time_column, "gteq", to_magento(moment)),)
