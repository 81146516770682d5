"""A stream whose endpoint takes search criteria: what to read of it, and how far it has come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar

from singer_sdk.helpers.types import Context, Record
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE
from typing_extensions import override

from tap_magento import bookmarks
from tap_magento.answers import ListAnswer, list_answer
from tap_magento.bookmarks import Backfill
from tap_magento.client import MagentoStream
from tap_magento.errors import MagentoError
from tap_magento.reading.keyset import KeySlice, Slice, Step, TimeSlice, read_in_turn
from tap_magento.reading.page import Listing, UnfaithfulAnswerError
from tap_magento.search import Filter, Group, SearchCriteria
from tap_magento.times import from_magento, from_rfc3339, to_magento

# Where no more than one row in this many is newer than the start date, time order is the cheaper first read.
_TIME_ORDER_SHARE = 4


class ListStream(MagentoStream):
    """A stream whose endpoint takes search criteria.

    Attributes:
        key_column: The database column of the key: filters and sorts go by it. It is not always named as in the
            answer (MEASURED.md (b)).
        time_is_indexed: Whether the database has an index on the replication key.
    """

    key_column: ClassVar[str]
    time_is_indexed: ClassVar[bool] = False

    _shop_time: datetime | None = None

    @override
    def request_records(self, context: Context | None) -> Iterator[Record]:
        try:
            if self.replication_method == REPLICATION_FULL_TABLE:
                yield from self._read_all()
            elif (bookmark := bookmarks.bookmark_of(self.stream_state)) is not None:
                yield from self._read_changes(self._increment_start(bookmark))
            else:
                yield from self._read_first()
        except UnfaithfulAnswerError as error:
            raise MagentoError(
                f"the shop does not answer '{self.name}' as asked: {error}. A module or a proxy that changes "
                "searches may be the cause"
            ) from None

    def _read_all(self) -> Iterator[Record]:
        for step in self._steps(KeySlice(self._listing)):
            yield from step.page.rows

    def _read_first(self) -> Iterator[Record]:
        since = self._start_date
        progress = bookmarks.backfill_of(self.stream_state)
        if progress is not None and progress.since == since:
            yield from self._backfill(since, progress)
        elif since is not None and self.time_is_indexed and self._mostly_before(since):
            yield from self._read_changes(since)
        else:
            yield from self._backfill(since, None)

    def _backfill(self, since: datetime | None, progress: Backfill | None) -> Iterator[Record]:
        """Read in key order; what changes meanwhile belongs to the next increment."""
        slice_ = KeySlice(
            self._listing,
            after=None if progress is None else progress.after,
            condition=() if since is None else (self._changed_since(since),),
        )
        for step in self._steps(slice_):
            yield from step.page.rows
            # The SDK comes back for another row only when it has written the last one.
            progress = Backfill(progress.began if progress else self._started, since, step.rest.after)
            bookmarks.save_backfill(self.stream_state, progress)
        began = progress.began if progress else self._started
        bookmarks.finish_backfill(self.stream_state, self._time_column, began)

    def _read_changes(self, since: datetime) -> Iterator[Record]:
        """Read in time order; the bookmark follows, but not past the shop's time at the start."""
        for step in self._steps(TimeSlice(self._listing, to_magento(since))):
            yield from step.page.rows
            moment = min(from_magento(step.rest.since), self._started)
            bookmarks.advance(self.stream_state, self._time_column, moment)

    def _steps(self, slice_: Slice) -> Iterator[Step[Slice]]:
        return read_in_turn(slice_, self._fetch)

    def _mostly_before(self, since: datetime) -> bool:
        newer = self._count(SearchCriteria(groups=(self._changed_since(since),)))
        return newer * _TIME_ORDER_SHARE <= self._count(SearchCriteria())

    def _count(self, criteria: SearchCriteria) -> int:
        return self._fetch(criteria.counting()).total_count or 0

    @cached_property
    def _fetch(self) -> Callable[[SearchCriteria], ListAnswer]:
        return self.retrying(self._fetch_once)

    def _fetch_once(self, criteria: SearchCriteria) -> ListAnswer:
        if criteria.page_size is None:
            criteria = criteria.limited(self.config["page_size"])
        answer = list_answer(self.ask(criteria))
        if self._shop_time is None:
            self._shop_time = answer.shop_time
        return answer

    @cached_property
    def _listing(self) -> Listing:
        return Listing(self.key_column, self.primary_keys[0], self.replication_key)

    @property
    def _time_column(self) -> str:
        if self.replication_key is None:
            raise MagentoError(f"'{self.name}' has no replication key and is read completely each time")
        return self.replication_key

    @property
    def _started(self) -> datetime:
        """The shop's time when the reading of this stream began."""
        if self._shop_time is None:
            raise RuntimeError("nothing has been read yet")
        return self._shop_time

    @property
    def _start_date(self) -> datetime | None:
        start_date = self.config.get("start_date")
        return None if start_date is None else from_rfc3339(start_date)

    def _increment_start(self, bookmark: datetime) -> datetime:
        start = bookmark - timedelta(seconds=self.config["lookback_seconds"])
        return start if self._start_date is None else max(start, self._start_date)

    def _changed_since(self, moment: datetime) -> Group:
        return (Filter(self._time_column, "gteq", to_magento(moment)),)
