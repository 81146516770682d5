"""After a list has been read: holds the keys known of it against the shop's counts."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from tap_magento.http.audit_endpoint import AuditEndpoint
from tap_magento.http.endpoint import ListEndpoint
from tap_magento.reading.audit import AuditResult, AuditStatus, audit
from tap_magento.reading.audit_search import Costs
from tap_magento.reading.ranges import KeyRange
from tap_magento.reading.search import Group
from tap_magento.reading.types import Page
from tap_magento.state.known_keys import KnownKeys
from tap_magento.streams.batches import BatchReader
from tap_magento.streams.context import DeletionWriter
from tap_magento.timestamps import to_rfc3339

_logger = logging.getLogger("tap-magento")


@dataclass(frozen=True, slots=True)
class ListAuditor:
    """Audits one list.

    Attributes:
        batches: Reads ranges of the list.
        keys: The list, for its keys alone.
        condition: What is read of it (`start_date`).
        known: The keys known of it.
        deletions: Where deletions are written to; None if there is no such stream.
    """

    batches: BatchReader
    keys: ListEndpoint
    condition: tuple[Group, ...]
    known: KnownKeys
    deletions: DeletionWriter | None

    def run(self) -> Iterator[Page]:
        """Find deleted and unknown rows.

        Yields:
            The pages of the ranges with unknown rows, to be emitted. When the next one is wanted, that has been done.

        Raises:
            MagentoError: If a person must act.
            ShopUnavailableError: If the shop stayed unavailable.
        """
        source = AuditEndpoint(self.keys, self.batches.spec, self.condition)
        with self.batches.shutdown.waiting():
            result = audit(self.known.ledger, source, rotation=self.known.rotation, costs=self._costs)
        self._write_deletions(result)
        found = 0
        for unread in result.unread:
            range_ = KeyRange(self.batches.spec, after=unread.low - 1, until=unread.high, condition=self.condition)
            for batch in self.batches.read(range_):
                page = batch.page
                found += sum(1 for cursor in page.cursors if int(cursor.key) not in self.known.ledger)
                yield page
        concluded = result.after_reading(found)
        self.known.conclude_audit(concluded.rotation, self.keys.started)
        self._report(concluded, found)

    @property
    def _costs(self) -> Costs:
        seconds = self.batches.endpoint.page_size.seconds_per_row
        return Costs() if seconds is None else Costs(row=seconds)

    def _write_deletions(self, result: AuditResult) -> None:
        noticed_at = self.keys.started
        if self.deletions is not None:
            for key in result.deleted:
                self.deletions.write(
                    self.batches.name, key, noticed_at=to_rfc3339(noticed_at), last_known_at=self.known.audited_at
                )
        self.known.discard(result.deleted, noticed_at)

    def _report(self, result: AuditResult, found: int) -> None:
        self.batches.progress.on_audit(result.status.value, len(self.known.ledger), len(result.deleted), found)
        if result.deleted:
            _logger.info("'%s': %d rows were deleted in the shop", self.batches.name, len(result.deleted))
        if found:
            _logger.info("'%s': %d rows were read that no `updated_at` told of", self.batches.name, found)
        if result.status is AuditStatus.CANNOT_BE_SETTLED:
            _logger.warning("'%s': the audit cannot be settled: %s", self.batches.name, result.reason)
