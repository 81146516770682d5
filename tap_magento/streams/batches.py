"""The pages of a range, as they are emitted: waits for them, counts them, and quarantines rows that cannot be read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tap_magento.exceptions import MagentoError
from tap_magento.http.endpoint import ListEndpoint
from tap_magento.reading.complete import read_completely
from tap_magento.reading.ranges import Range, TimeRange
from tap_magento.reading.search import Filter, SearchCriteria
from tap_magento.reading.types import BadRow, Batch, CountMismatch, Key, ListSpec, Page, Source, UnreadableRowsError
from tap_magento.runtime.progress import StreamProgress
from tap_magento.runtime.shutdown import Shutdown
from tap_magento.state.stream_state import Checkpointer, TooManyBadRowsError
from tap_magento.streams.zone_check import ZoneCheck

_logger = logging.getLogger("tap-magento")


@dataclass(slots=True)
class BatchReader:
    """Reads ranges of one list.

    Attributes:
        name: The stream's name, for a person.
        endpoint: The list.
        spec: How its rows are told apart and dated.
        checkpointer: Keeps the quarantined rows.
        progress: Counts the rows, for a person.
        shutdown: Ends the run while it waits for the shop.
        workers: How many partitions are read at once.
        fails_on_bad_rows: Whether a row that cannot be read ends the run.
        on_emitted: Called with the keys of rows that were emitted, or are quarantined.
        newly_quarantined: Rows that cannot be read as of this run.
        are_rows_missing: Whether rows were counted that did not come.
    """

    name: str
    endpoint: ListEndpoint
    spec: ListSpec
    checkpointer: Checkpointer
    progress: StreamProgress
    shutdown: Shutdown
    workers: int
    fails_on_bad_rows: bool
    on_emitted: Callable[[Sequence[Key]], None]
    newly_quarantined: list[Key] = field(default_factory=list)
    are_rows_missing: bool = False

    def read(self, range_: Range) -> Iterator[Batch]:
        """Read a range.

        Args:
            range_: What to read.

        Yields:
            The pages. When the next one is wanted, the rows of the last have been emitted.

        Raises:
            MagentoError: If a person must act.
            ShopUnavailableError: If the shop stayed unavailable.
            ShutdownError: If the run was told to end.
        """
        items = read_completely(range_, self.source(range_))
        before: int | None = self.progress.total or 0
        while True:
            with self.shutdown.waiting():
                item = next(items, None)
            match item:
                case None:
                    return
                case BadRow():
                    self._quarantine(item)
                case CountMismatch():
                    self._report(item)
                    if item.are_rows_missing:
                        self.are_rows_missing = True
                        self.checkpointer.hold_where_rows_are_missing()
                case Batch():
                    if before is not None and item.page.total_count is not None:
                        self.progress.total, before = before + item.page.total_count, None
                    yield item
                    self._note_emitted(item.page)

    def _report(self, mismatch: CountMismatch) -> None:
        """Log that counts and rows disagree, once a list and run."""
        if self.progress.count_mismatch:
            return
        self.progress.count_mismatch = mismatch.reason
        _logger.warning(
            "'%s': the shop's counts and its rows disagree: %s. A module may change searches; rows are read by key, "
            "whatever is counted",
            self.name,
            mismatch.reason,
        )

    def retry_quarantined(self) -> Iterator[Page]:
        """Read the rows again that could not be read in earlier runs.

        Yields:
            A page for each row that can be read again; an empty one if it has gone.
        """
        for key in self.checkpointer.quarantined:
            row = SearchCriteria(groups=((Filter(self.spec.key_column, "eq", key),),), sort=(self.spec.key_column,))
            try:
                with self.shutdown.waiting():
                    page = self.endpoint.fetch_quarantined(row.limited(1))
            except UnreadableRowsError as error:
                _logger.error("'%s' row %s still cannot be read: %s", self.name, key, error)  # noqa: TRY400
                self.progress.quarantined.append(key)
                self.on_emitted([key])
                continue
            yield page
            self._note_emitted(page)
            self.checkpointer.release(key)
            _logger.info("'%s' row %s, quarantined earlier, can be read again or has gone", self.name, key)

    def source(self, range_: Range) -> Source:
        """Give the list as a range of it is read.

        Args:
            range_: The range.

        Returns:
            The list.
        """
        endpoint = self.endpoint
        fetch = ZoneCheck(self.name, endpoint, self.spec).fetch if isinstance(range_, TimeRange) else endpoint.fetch
        return Source(fetch, endpoint.count, endpoint.locate, endpoint.page_size, workers=self.workers)

    def _note_emitted(self, page: Page) -> None:
        self.on_emitted([cursor.key for cursor in page.cursors])

    def _quarantine(self, bad: BadRow) -> None:
        key = bad.cursor.key
        what = f"'{self.name}' row {key} cannot be read, as the shop fails on it: {bad.reason}"
        if self.fails_on_bad_rows:
            raise MagentoError(f"{what}. Repair the row in the shop, or set `on_bad_row` to skip")
        if key not in self.checkpointer.quarantined:
            self.newly_quarantined.append(key)
            self.progress.quarantined.append(key)
        _logger.error("%s. It is quarantined and retried in the next run", what)
        try:
            self.checkpointer.quarantine(key)
        except TooManyBadRowsError as error:
            raise MagentoError(f"'{self.name}': {error}. The last one: {bad.reason}") from None
        self.on_emitted([key])
