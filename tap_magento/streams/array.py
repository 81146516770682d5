"""A stream whose endpoint gives all it has as one array."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from functools import cached_property
from typing import Any, ClassVar

from singer_sdk import RESTStream
from singer_sdk.helpers.types import Context, Record
from typing_extensions import override

from tap_magento.exceptions import MagentoError, ShopUnavailableError
from tap_magento.http.client import Request
from tap_magento.http.response import parse_array
from tap_magento.streams.base import MagentoStream
from tap_magento.streams.probe import Finding, timed
from tap_magento.streams.rows import RowSource


class ArrayStream(MagentoStream, RESTStream[None]):
    """A stream whose endpoint gives all it has as one array.

    Attributes:
        entity: The bundled schema of its rows, where that is not named as the stream.
    """

    entity: ClassVar[str | None] = None

    @property
    @override
    def url_base(self) -> str:
        return self.run.client.address.root()

    @cached_property
    def rows(self) -> RowSource:
        """What its rows look like as they come, and how they are transformed."""
        return RowSource(self.run, self.entity or self.name)

    @cached_property
    @override
    def schema(self) -> dict[str, Any]:
        return self.rows.schema

    @override
    def get_records(self, context: Context | None) -> Iterator[Record]:
        return self.reading_rows(self._read())

    def _read(self) -> Iterator[Record]:
        with self.saving_state(), self.run.shutdown.waiting():
            found = self.run.client.send(self._array_request(), parse_array)
        self.time_extracted = datetime.now(timezone.utc)
        transform = self.rows.transformer(self.name, self.transformed_schema, self.progress)
        for row in found:
            yield transform(row)
        self.run.progress.moved(self.progress, len(found))
        self.activate_version()

    def _array_request(self) -> Request:
        return Request(self.path, self.name, counter=self.progress)

    @override
    def probe(self) -> Finding:
        try:
            (found, _), seconds = timed(lambda: self.run.client.attempt(self._array_request(), parse_array))
        except (MagentoError, ShopUnavailableError) as error:
            return Finding.of_problem(self.name, error)
        return Finding(self.name, len(found), seconds)
