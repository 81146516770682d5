"""After a list has been read: holds the keys known of it against the shop's counts."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tap_magento.exceptions import MagentoError, ShopUnavailableError
from tap_magento.http.audit_endpoint import AuditEndpoint
from tap_magento.http.endpoint import ListEndpoint
from tap_magento.reading.audit import AuditResult, AuditStatus, audit
from tap_magento.reading.audit_search import Costs, UnreadRange
from tap_magento.reading.ledger import LAST_KEY
from tap_magento.reading.ranges import KeyRange
from tap_magento.reading.search import Group
from tap_magento.reading.types import Cursor, Page, Row
from tap_magento.state.known_keys import KnownKeys
from tap_magento.streams.batches import BatchReader
from tap_magento.streams.context import DeletionWriter
from tap_magento.timestamps import to_magento, to_rfc3339

_logger = logging.getLogger("tap-magento")


@dataclass(frozen=True, slots=True)
class RowsOfPage:
    """Some rows of a page, as a page.

    Attributes:
        page: The page.
        places: The rows' places.
    """

    page: Page
    places: frozenset[Cursor]

    @property
    def cursors(self) -> Sequence[Cursor]:
        """The rows' places."""
        return [cursor for cursor in self.page.cursors if cursor in self.places]

    @property
    def rows(self) -> Iterator[Row]:
        """The rows."""
        for cursor, row in zip(self.page.cursors, self.page.rows, strict=True):
            if cursor in self.places:
                yield row

    @property
    def size_bytes(self) -> int:
        """How many bytes of memory the page takes."""
        return self.page.size_bytes

    @property
    def page_size(self) -> int:
        """How many rows were asked for."""
        return self.page.page_size

    @property
    def total_count(self) -> int | None:
        """How many rows meet the criteria."""
        return self.page.total_count

    def __len__(self) -> int:
        """Give the number of rows."""
        return len(self.places)


@dataclass(slots=True)
class ListAuditor:
    """Audits one list.

    Attributes:
        batches: Reads ranges of the list.
        keys: The list, for its keys alone.
        condition: What is read of it (`start_date`).
        known: The keys known of it.
        deletions: Where deletions are written to; None if there is no such stream.
        found: How many rows were read that the list's own reads had missed.
        failure: Why the shop was unavailable for the audit; None if it was available.
    """

    batches: BatchReader
    keys: ListEndpoint
    condition: tuple[Group, ...]
    known: KnownKeys
    deletions: DeletionWriter | None
    found: int = 0
    failure: ShopUnavailableError | None = None

    def run(self) -> Iterator[Page]:
        """Find deleted and unknown rows.

        Yields:
            The pages of the ranges with unknown rows, to be emitted. When the next one is wanted, that has been done.

        Raises:
            MagentoError: If a person must act.
            ShopUnavailableError: If the shop stayed unavailable.
        """
        with self.batches.shutdown.waiting():
            result = self._audit()
        self._write_deletions(result)
        known = len(self.known.ledger)
        yield from self._read(result)
        # Rows that cannot be served are known from now on, too.
        concluded = result.after_reading(len(self.known.ledger) - known)
        self.known.rotation = concluded.rotation
        if concluded.status is not AuditStatus.CANNOT_BE_SETTLED:
            self.known.audited_at = to_rfc3339(self.keys.started)
        self._report(concluded)

    def _audit(self) -> AuditResult:
        source = AuditEndpoint(self.keys, self.batches.spec, self.condition)
        try:
            return audit(self.known.ledger, source, rotation=self.known.rotation, costs=self._costs)
        except (MagentoError, ShopUnavailableError) as error:
            # The rows have been read: a shop, or a firewall, that only fails to count them does not fail the run.
            self.failure = error if isinstance(error, ShopUnavailableError) else None
            return AuditResult.unsettled(str(error), self.known.rotation)

    @property
    def _costs(self) -> Costs:
        seconds = self.batches.endpoint.page_size.seconds_per_row
        return Costs() if seconds is None else Costs(row=seconds)

    def _write_deletions(self, result: AuditResult) -> None:
        if not result.deleted:
            return
        noticed_at = self.keys.started
        if self.deletions is not None:
            for key in result.deleted:
                self.deletions.write(
                    self.batches.name, key, noticed_at=to_rfc3339(noticed_at), last_known_at=self.known.audited_at
                )
        self.known.discard(result.deleted, noticed_at)

    def _read(self, result: AuditResult) -> Iterator[Page]:
        ledger = self.known.ledger
        last = ledger.nth(len(ledger)) if len(ledger) else -1
        for unread in result.unread:
            for batch in self.batches.read(self._range(unread)):
                unknown = [cursor for cursor in batch.page.cursors if int(cursor.key) not in ledger]
                self.found += sum(not self._is_new(cursor, last) for cursor in unknown)
                yield RowsOfPage(batch.page, frozenset(unknown))

    def _range(self, unread: UnreadRange) -> KeyRange:
        until = None if unread.high == LAST_KEY else unread.high
        return KeyRange(self.batches.spec, after=unread.low - 1, until=until, condition=self.condition)

    def _is_new(self, cursor: Cursor, last: int) -> bool:
        """Tell a row that was created since the list was read from one that its reads had missed."""
        bookmark = self.batches.checkpointer.bookmark
        if cursor.time is None or bookmark is None:
            return int(cursor.key) > last
        return cursor.time >= to_magento(bookmark)

    def _report(self, result: AuditResult) -> None:
        name, deleted = self.batches.name, len(result.deleted)
        progress = self.batches.progress
        progress.audit, progress.audit_reason = result.status.value, result.reason
        progress.in_shop, progress.known = result.counted, len(self.known.ledger)
        progress.deleted, progress.found = deleted, self.found
        if deleted:
            _logger.info("'%s': rows deleted in the shop: %d", name, deleted)
        if self.found:
            _logger.info("'%s': rows read that earlier syncs had missed, such as imports: %d", name, self.found)
        if result.status is AuditStatus.CANNOT_BE_SETTLED and not progress.count_mismatch:  # told already
            _logger.warning("'%s': the audit cannot be settled: %s", name, result.reason)
