"""Reads one list for the streams that stand at the same place: first, incrementally or completely."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tap_magento.exceptions import MagentoError, ShopUnavailableError
from tap_magento.http.endpoint import ListEndpoint
from tap_magento.reading.complete import read_completely
from tap_magento.reading.ranges import KeyRange, Range, TimeRange
from tap_magento.reading.search import Filter, Group, SearchCriteria
from tap_magento.reading.types import (
    BadRow,
    Batch,
    CountMismatch,
    InconsistentResponseError,
    Key,
    ListSpec,
    Page,
    Source,
    UnreadableRowsError,
)
from tap_magento.runtime.progress import StreamProgress
from tap_magento.runtime.shutdown import Shutdown
from tap_magento.state.stream_state import Checkpointer, Progress, TooManyBadRowsError
from tap_magento.timestamps import from_magento, to_magento

_logger = logging.getLogger("tap-magento")

# Where no more than one row in this many is newer than the start date, time order is the cheaper first read.
_TIME_ORDER_SHARE = 4


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
        workers: How many partitions are read at once.
        fails_on_bad_rows: Whether a row that cannot be read ends the run.
        reread: Which rows are read again though their time has not moved.
        is_versioned: Whether the records of a full-table read have a version, to be activated at its end.
    """

    name: str
    full_table: bool
    start_date: datetime | None
    lookback: timedelta
    time_is_indexed: bool
    workers: int
    fails_on_bad_rows: bool
    reread: Reread
    is_versioned: bool = False


class ListReader:
    """Reads one list, and moves the state as its pages are emitted.

    Args:
        endpoint: The list.
        spec: How its rows are told apart and dated.
        options: How it is read.
        checkpointer: Moves the state.
        progress: Counts the rows, for a person.
        shutdown: Ends the run while it waits for the shop.
        on_emitted: Called with the keys of rows that were emitted, or quarantined.
        named: Given the start of an incremental read, tells the keys of rows that other lists name as changed.
    """

    def __init__(  # noqa: PLR0913, PLR0917  each is a subject of its own
        self,
        endpoint: ListEndpoint,
        spec: ListSpec,
        options: ReadOptions,
        checkpointer: Checkpointer,
        progress: StreamProgress,
        shutdown: Shutdown,
        on_emitted: Callable[[Sequence[Key]], None] = lambda _: None,
        named: Callable[[datetime], Sequence[Key]] = lambda _: (),
    ) -> None:
        self._endpoint = endpoint
        self._spec = spec
        self._options = options
        self._checkpointer = checkpointer
        self._progress = progress
        self._shutdown = shutdown
        self._on_emitted = on_emitted
        self._named = named
        self._emitted: set[Key] = set()
        #: The version of the records of a full-table read, for the state.
        self.version: int | None = None
        #: Rows that cannot be read as of this run.
        self.newly_quarantined: list[Key] = []

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
            yield from self._read_quarantined()
            if self._options.full_table:
                yield from self._read_all()
            elif (bookmark := self._checkpointer.bookmark) is not None:
                yield from self._read_incrementally(self._incremental_start(bookmark))
            else:
                yield from self._read_first()
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
    def page_size(self) -> int:
        """How many rows are requested at once now."""
        return self._endpoint.page_size.rows

    def resumed_full_table(self) -> Progress | None:
        """Tell whether an interrupted full-table read goes on.

        Returns:
            How far it has come; None if there is none, or it was one of other rows or without a version.
        """
        progress = self._checkpointer.full_table
        if progress is None or progress.since != self._options.start_date:
            return None
        return progress if (progress.version is not None) == self._options.is_versioned else None

    def _read_quarantined(self) -> Iterator[Page]:
        """Read the rows again that could not be read in earlier runs."""
        for key in self._checkpointer.quarantined:
            try:
                with self._shutdown.waiting():
                    page = self._endpoint.fetch_quarantined(self._row(key).limited(1))
            except UnreadableRowsError as error:
                _logger.error("'%s' row %s still cannot be read: %s", self._options.name, key, error)  # noqa: TRY400
                self._progress.quarantined.append(key)
                continue
            yield page
            self._on_emitted([cursor.key for cursor in page.cursors])
            self._checkpointer.release(key)
            _logger.info("'%s' row %s, quarantined earlier, can be read again or has gone", self._options.name, key)

    def _read_incrementally(self, since: datetime) -> Iterator[Page]:
        """Read what changed, and what changed without moving its time, as far as that is known or configured."""
        before = self._checkpointer.last_complete
        yield from self._read_changes(since)
        named = self._named(since)
        yield from self._read_by_key([key for key in named if key not in self._emitted])
        self._checkpointer.forget_named()
        reread = self._options.reread
        if reread.recent_days is not None:
            yield from self._read_created_since(self._endpoint.started - timedelta(days=reread.recent_days))
        if reread.every_days is not None and self._is_older(before, reread.every_days):
            yield from self._read_again()

    def _read_by_key(self, keys: Sequence[Key]) -> Iterator[Page]:
        """Read rows by their keys, in batches that fit into an address (docs/MAGENTO.md, URL length limits)."""
        for start in range(0, len(keys), self._endpoint.keys_a_request):
            some = ",".join(map(str, keys[start : start + self._endpoint.keys_a_request]))
            condition: Group = (Filter(self._spec.key_column, "in", some),)
            for batch in self._batches(KeyRange(self._spec, condition=(condition,))):
                yield batch.page

    def _read_created_since(self, moment: datetime) -> Iterator[Page]:
        condition: Group = (Filter("created_at", "gteq", to_magento(moment)),)
        for batch in self._batches(KeyRange(self._spec, condition=(condition,))):
            yield batch.page

    def _read_again(self) -> Iterator[Page]:
        """Read all rows again in key order, beside the increments; resumed where an interrupted run stopped."""
        since, progress = self._options.start_date, self._checkpointer.reread
        for batch, began in self._read_in_key_order(since, progress):
            yield batch.page
            progress = Progress(began, since, batch.reached.key)
            self._checkpointer.save_reread(progress)
        self._checkpointer.finish_reread(progress.began if progress else self._endpoint.started)

    def _is_older(self, moment: datetime | None, days: int) -> bool:
        return moment is None or self._endpoint.started - moment >= timedelta(days=days)

    def _read_all(self) -> Iterator[Page]:
        """Read all rows in key order; resumed where an interrupted run stopped."""
        since, progress = self._options.start_date, self.resumed_full_table()
        for batch, began in self._read_in_key_order(since, progress):
            yield batch.page
            progress = Progress(began, since, batch.reached.key, self.version)
            self._checkpointer.save_full_table(progress)
        self._checkpointer.finish_full_table(progress.began if progress else self._endpoint.started)
        if self._spec.time_column is not None:
            self._checkpointer.advance(progress.began if progress else self._endpoint.started)

    def _read_first(self) -> Iterator[Page]:
        since = self._options.start_date
        progress = self._checkpointer.backfill
        if progress is not None and progress.since == since:
            yield from self._backfill(since, progress)
        elif since is not None and self._options.time_is_indexed and self._mostly_before(since):
            yield from self._read_changes(since)
        else:
            yield from self._backfill(since, None)

    def _backfill(self, since: datetime | None, progress: Progress | None) -> Iterator[Page]:
        """Read in key order; what changes meanwhile belongs to the next incremental read."""
        for batch, began in self._read_in_key_order(since, progress):
            yield batch.page
            progress = Progress(began, since, batch.reached.key)
            self._checkpointer.save_backfill(progress)
        self._checkpointer.finish_backfill(progress.began if progress else self._endpoint.started)

    def _read_in_key_order(self, since: datetime | None, progress: Progress | None) -> Iterator[tuple[Batch, datetime]]:
        if progress is not None and progress.after is not None:
            _logger.info("'%s': resuming after %s %s", self._options.name, self._spec.key_field, progress.after)
        condition = () if since is None else (changed_since(self._spec, since),)
        for after, until in self._between_quarantined(None if progress is None else progress.after):
            for batch in self._batches(KeyRange(self._spec, after=after, until=until, condition=condition)):
                yield batch, progress.began if progress else self._endpoint.started

    def _between_quarantined(self, after: Key | None) -> Iterator[tuple[Key | None, Key | None]]:
        """Leave out the rows that were just tried and cannot be read: to find them again takes many requests."""
        for key in self._checkpointer.quarantined:
            if isinstance(key, int) and (after is None or (isinstance(after, int) and key > after)):
                yield after, key - 1
                after = key
        yield after, None

    def _read_changes(self, since: datetime) -> Iterator[Page]:
        """Read in time order; the bookmark follows, but not past the shop's time at the start.

        A complete read moves it there: a bulk update of thousands of rows in one second is not read again in each run.
        """
        for batch in self._batches(TimeRange(self._spec, to_magento(since))):
            yield batch.page
            moment = min(from_magento(str(batch.reached.time)), self._endpoint.started)
            self._checkpointer.advance(moment)
        self._checkpointer.advance(self._endpoint.started)

    def _batches(self, range_: Range) -> Iterator[Batch]:
        """Wait for the pages of a range, and quarantine the rows that cannot be read."""
        items = read_completely(range_, self._source)
        before: int | None = self._progress.total or 0
        while True:
            with self._shutdown.waiting():
                item = next(items, None)
            match item:
                case None:
                    return
                case BadRow():
                    self.quarantine(item)
                case CountMismatch():
                    _logger.warning(
                        "'%s': the shop's counts and its rows disagree: %s. A module may change searches; rows are "
                        "read by key, whatever is counted",
                        self._options.name,
                        item.reason,
                    )
                case Batch():
                    if before is not None and item.page.total_count is not None:
                        self._progress.total, before = before + item.page.total_count, None
                    yield item
                    keys = [cursor.key for cursor in item.page.cursors]
                    self._emitted.update(keys)
                    self._on_emitted(keys)

    def quarantine(self, bad: BadRow) -> None:
        """Note a row that cannot be read.

        Args:
            bad: The row.

        Raises:
            MagentoError: If the settings or their number say that the run is to fail.
        """
        key = bad.cursor.key
        what = f"'{self._options.name}' row {key} cannot be read, as the shop fails on it: {bad.reason}"
        if self._options.fails_on_bad_rows:
            raise MagentoError(f"{what}. Repair the row in the shop, or set `on_bad_row` to skip")
        if key not in self._checkpointer.quarantined:
            self.newly_quarantined.append(key)
            self._progress.quarantined.append(key)
        _logger.error("%s. It is quarantined and retried in the next run", what)
        try:
            self._checkpointer.quarantine(key)
        except TooManyBadRowsError as error:
            raise MagentoError(f"'{self._options.name}': {error}. The last one: {bad.reason}") from None
        self._on_emitted([key])

    def _mostly_before(self, since: datetime) -> bool:
        with self._shutdown.waiting():
            newer = self._endpoint.count(SearchCriteria(groups=(changed_since(self._spec, since),)).counting())
            total = self._endpoint.count(SearchCriteria().counting())
        return newer is not None and total is not None and newer * _TIME_ORDER_SHARE <= total

    @property
    def _source(self) -> Source:
        endpoint = self._endpoint
        return Source(
            endpoint.fetch, endpoint.count, endpoint.locate, endpoint.page_size, workers=self._options.workers
        )

    def _incremental_start(self, bookmark: datetime) -> datetime:
        start = bookmark - self._options.lookback
        return start if self._options.start_date is None else max(start, self._options.start_date)

    def _row(self, key: Key) -> SearchCriteria:
        return SearchCriteria(groups=((Filter(self._spec.key_column, "eq", key),),), sort=(self._spec.key_column,))


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
