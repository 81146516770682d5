"""Rows that the shop no longer has, as audits find them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any, ClassVar

from singer_sdk import Tap
from singer_sdk.helpers.types import Context, Record
from singer_sdk.singerlib.catalog import REPLICATION_INCREMENTAL
from typing_extensions import override

from tap_magento.streams.base import MagentoStream
from tap_magento.streams.context import RunContext
from tap_magento.streams.probe import Finding

_TEXT = {"type": ["string"]}
_MOMENT = {"type": ["string", "null"], "format": "date-time"}


class Deletions(MagentoStream):
    """Rows that the shop no longer has, and when that was noticed.

    It has no requests of its own: each list's audit writes what it finds, before the list's state moves on.
    """

    name = "deletions"
    acl_resource = "anonymous"
    follows_another = True
    primary_keys = ("stream", "key")
    schema: ClassVar[dict[str, Any]] = {
        "type": "object",
        "properties": {
            "stream": {**_TEXT, "description": "The stream of the row."},
            "key": {**_TEXT, "description": "The row's key, as text."},
            "noticed_at": {**_MOMENT, "description": "The shop's time when the row was found to be missing."},
            "last_known_at": {**_MOMENT, "description": "When the shop was last known to have the row."},
            "restored_at": {**_MOMENT, "description": "When the row was read again; null as long as it is missing."},
        },
    }

    def __init__(self, tap: Tap, run: RunContext) -> None:
        super().__init__(tap, run)
        self._is_announced = False

    @property
    @override
    def replication_method(self) -> str:
        return REPLICATION_INCREMENTAL

    def write(
        self, stream: str, key: int, *, noticed_at: str, last_known_at: str | None, restored_at: str | None = None
    ) -> None:
        """Write a deletion, or that the row has come back.

        Args:
            stream: The stream of the row.
            key: The row's key.
            noticed_at: The shop's time when the row was found to be missing, RFC 3339.
            last_known_at: When the shop was last known to have the row, as far as known.
            restored_at: When the row was read again.
        """
        if not self.selected:
            return
        if not self._is_announced:
            self._is_announced = True
            self.write_schema()
        self.time_extracted = datetime.now(timezone.utc)
        row = {
            "stream": stream,
            "key": str(key),
            "noticed_at": noticed_at,
            "last_known_at": last_known_at,
            "restored_at": restored_at,
        }
        self.write_record(row)
        self.run.progress.moved_along(self.progress, 1)

    @override
    def get_records(self, context: Context | None) -> Iterator[Record]:
        yield from ()

    @override
    def probe(self) -> Finding:
        return Finding(self.name, remark="found by the audits of the other streams")
