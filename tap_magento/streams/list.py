"""A stream whose endpoint takes search criteria: what to read of it, and how far it has come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import cached_property
from time import monotonic
from typing import Any, ClassVar

from singer_sdk.helpers.types import Context, Record
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE
from singer_sdk.streams.rest import HTTPRequest, PageContext
from typing_extensions import override

from tap_magento import state as bookmarks
from tap_magento.http.errors import MagentoError, PageSizeError, ShopUnavailableError
from tap_magento.http.response import ListPage, parse_list
from tap_magento.reading.complete import read_completely
from tap_magento.reading.page_size import PageSize
from tap_magento.reading.ranges import KeyRange, Range, TimeRange
from tap_magento.reading.search import Filter, Group, SearchCriteria
from tap_magento.reading.types import (
    BadRow,
    CountMismatch,
    Cursor,
    InconsistentResponseError,
    Key,
    ListSpec,
    Page,
    Source,
    UnreadableRowsError,
)
from tap_magento.schema.selection import fields_parameter
from tap_magento.state import Backfill
from tap_magento.streams.base import MagentoStream
from tap_magento.streams.nested import NestedStream
from tap_magento.timestamps import from_magento, from_rfc3339, to_magento

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
    def get_http_request(self, *, page: PageContext[SearchCriteria | None]) -> HTTPRequest:
        request = super().get_http_request(page=page)
        if self._fields is not None:
            request.params["fields"] = self._fields
        return request

    @override
    def needed_fields(self) -> set[str]:
        return super().needed_fields().union(*(child.needs for child in self._nested))

    @override
    def generate_child_contexts(self, record: Record, context: Context | None) -> Iterator[Context | None]:
        """Let the streams that are cut out of this one take their part of a row; none asks on its own."""
        for child in self._nested:
            child.cut(record, context)
        yield from ()

    @property
    def _nested(self) -> list[NestedStream]:
        return [child for child in self.child_streams if isinstance(child, NestedStream) and child.selected]

    @override
    def request_records(self, context: Context | None) -> Iterator[Record]:
        self._context, self._shop_time = context, None
        try:
            with self.stopping(), ExitStack() as nested:
                complete = self.replication_method == REPLICATION_FULL_TABLE
                for child in self._nested:
                    nested.enter_context(child.beginning(complete=complete))
                yield from self._read_set_aside()
                if complete:
                    yield from self._read_all()
                    self._conclude_cut_outs()
                elif (bookmark := bookmarks.bookmark_of(self._state)) is not None:
                    yield from self._read_changes(self._increment_start(bookmark))
                else:
                    yield from self._read_first()
        except InconsistentResponseError as error:
            raise MagentoError(
                f"the shop does not answer '{self.name}' as asked: {error}. A module or a proxy that changes "
                "searches may be the cause"
            ) from None

    def _conclude_cut_outs(self) -> None:
        # A row that was set aside was not cut either.
        if not self.progress.quarantined:
            for child in self._nested:
                child.conclude()

    def _read_set_aside(self) -> Iterator[Record]:
        """Try the rows again that could not be read in earlier runs."""
        for key in bookmarks.quarantined(self._state):
            try:
                with self.connection.shutdown.waiting():
                    answer = self._fetch(self._row(key).limited(1))
            except UnreadableRowsError as error:
                self.logger.error("'%s' row %s still cannot be read: %s", self.name, key, error)  # noqa: TRY400
                continue
            yield from answer.rows
            bookmarks.release(self._state, key)
            self.logger.info("'%s' row %s, set aside earlier, can be read again or has gone", self.name, key)

    def _read_all(self) -> Iterator[Record]:
        for page in self._pages(KeyRange(self._spec)):
            yield from page.rows

    def _read_first(self) -> Iterator[Record]:
        since = self._start_date
        progress = bookmarks.backfill_of(self._state)
        if progress is not None and progress.since == since:
            yield from self._backfill(since, progress)
        elif since is not None and self.time_is_indexed and self._mostly_before(since):
            yield from self._read_changes(since)
        else:
            yield from self._backfill(since, None)

    def _backfill(self, since: datetime | None, progress: Backfill | None) -> Iterator[Record]:
        """Read in key order; what changes meanwhile belongs to the next increment."""
        range_ = KeyRange(
            self._spec,
            after=None if progress is None else progress.after,
            condition=() if since is None else (self._changed_since(since),),
        )
        for page in self._pages(range_):
            yield from page.rows
            # The SDK comes back for another row only when it has written the last one.
            progress = Backfill(progress.began if progress else self._started, since, page.cursors[-1].key)
            bookmarks.save_backfill(self._state, progress)
        began = progress.began if progress else self._started
        bookmarks.finish_backfill(self._state, self._time_column, began)

    def _read_changes(self, since: datetime) -> Iterator[Record]:
        """Read in time order; the bookmark follows, but not past the shop's time at the start."""
        for page in self._pages(TimeRange(self._spec, to_magento(since))):
            yield from page.rows
            moment = min(from_magento(str(page.cursors[-1].time)), self._started)
            bookmarks.advance(self._state, self._time_column, moment)

    def _pages(self, range_: Range) -> Iterator[Page]:
        """Wait for the pages of a slice, and set aside the rows that cannot be read."""
        items = read_completely(range_, self._source)
        before: int | None = self.progress.total or 0
        while True:
            with self.connection.shutdown.waiting():
                item = next(items, None)
            if item is None:
                return
            if isinstance(item, BadRow):
                self._set_aside(item)
            elif isinstance(item, CountMismatch):
                self.logger.warning("'%s': the shop's counts and rows disagree: %s", self.name, item.reason)
            else:
                page = item.page
                if before is not None and page.total_count is not None:
                    self.progress.total, before = before + page.total_count, None
                yield page
                how = f"{self.connection.throttle.allowed} at once, pages of {self._size.rows}"
                self.emitted(len(page), how)

    def _set_aside(self, bad: BadRow) -> None:
        key = bad.cursor.key
        what = f"'{self.name}' row {key} cannot be read, as the shop fails on it: {bad.reason}"
        if self.config["on_bad_row"] == "fail":
            raise MagentoError(f"{what}. Mend the row in the shop, or set `on_bad_row` to skip")
        self.progress.quarantined.append(key)
        self.logger.error("%s. It is set aside and tried again in the next run", what)
        try:
            bookmarks.quarantine(self._state, key)
        except bookmarks.TooManyBadRowsError as error:
            raise MagentoError(f"'{self.name}': {error}. The last one: {bad.reason}") from None

    def _mostly_before(self, since: datetime) -> bool:
        with self.connection.shutdown.waiting():
            newer = self._count(SearchCriteria(groups=(self._changed_since(since),)).counting())
            return newer * _TIME_ORDER_SHARE <= self._count(SearchCriteria().counting())

    @cached_property
    def _fields(self) -> str | None:
        """What to ask for, where that is not all."""
        return fields_parameter(self.rows_schema, self.wanted())

    def wanted(self) -> dict[str, Any]:
        """Say what of the rows is wanted, as they come.

        Returns:
            JSON Schema of that.
        """
        return self.selected_schema

    @property
    def _state(self) -> dict[str, Any]:
        return self.get_context_state(self._context)

    @cached_property
    def _source(self) -> Source:
        return Source(
            fetch=self._fetch,
            count=self._count,
            locate=self._locate,
            page_size=self._size,
            workers=self.config["max_concurrency"],
        )

    @cached_property
    def _size(self) -> PageSize:
        return PageSize(self.config["page_size"])

    @cached_property
    def _fetch(self) -> Callable[[SearchCriteria], ListPage]:
        return self.retrying(self._fetch_once)

    @cached_property
    def _count(self) -> Callable[[SearchCriteria], int]:
        return self.retrying(self._count_once)

    @cached_property
    def _locate(self) -> Callable[[SearchCriteria, int], Cursor | None]:
        return self.retrying(self._locate_once)

    def _fetch_once(self, criteria: SearchCriteria) -> ListPage:
        rows = min(criteria.page_size or self._size.rows, self._size.rows)
        try:
            answer, seconds = self._ask_in_turn(criteria.limited(rows))
        except PageSizeError as error:
            self._size.capped(error.maximum)
            raise
        except ShopUnavailableError:
            self._size.failed(rows)
            raise
        if self._fields is not None and answer.total_count and not answer.cursors:
            # What a malformed `fields` does (MEASURED.md (d2), (g)); it must not pass as an empty list.
            raise ShopUnavailableError(f"'{self.name}': the shop has {answer.total_count} rows, but sends none")
        self._size.served(len(answer.cursors), seconds)
        return answer

    def _count_once(self, criteria: SearchCriteria) -> int:
        answer, _ = self._ask_in_turn(criteria)
        if answer.total_count is None:
            raise InconsistentResponseError("it has no `total_count`")
        return answer.total_count

    def _locate_once(self, criteria: SearchCriteria, rank: int) -> Cursor | None:
        answer, _ = self._ask_in_turn(criteria.ranked(rank))
        if not len(answer) and (answer.total_count or 0) >= rank:
            raise UnreadableRowsError("the shop does not send it")
        return answer.cursors[0] if len(answer) else None

    def _ask_in_turn(self, criteria: SearchCriteria) -> tuple[ListPage, float]:
        """Ask when the pace allows; also tell how many seconds the answer took."""
        with self.connection.throttle.turn() as sent:
            try:
                answer = parse_list(self.ask(criteria), self._spec, criteria.page_size or 0)
                seconds = monotonic() - sent
            except PageSizeError:
                raise
            except ShopUnavailableError as error:
                self.connection.throttle.on_overload(sent, error.retry_after)
                raise
        self.connection.throttle.on_success()
        if self._shop_time is None:
            self._shop_time = answer.shop_time
        return answer, seconds

    @cached_property
    def _spec(self) -> ListSpec:
        return ListSpec(self.key_column, self.primary_keys[0], self.replication_key)

    @property
    def _time_column(self) -> str:
        if self.replication_key is None:
            raise MagentoError(f"'{self.name}' has no replication key: it can only be read completely")
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
        # Whole seconds, as the state keeps them: a backfill goes on only from the very same date.
        return None if start_date is None else from_rfc3339(start_date).replace(microsecond=0)

    def _increment_start(self, bookmark: datetime) -> datetime:
        start = bookmark - timedelta(seconds=self.config["lookback_seconds"])
        return start if self._start_date is None else max(start, self._start_date)

    def _changed_since(self, moment: datetime) -> Group:
        return (Filter(self._time_column, "gteq", to_magento(moment)),)

    def _row(self, key: Key) -> SearchCriteria:
        return SearchCriteria(groups=((Filter(self.key_column, "eq", key),),), sort=(self.key_column,))
