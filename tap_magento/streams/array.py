"""A stream whose endpoint gives all it has at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone
from functools import cached_property, partial
from typing import Any, ClassVar

from requests import Response
from singer_sdk import RESTStream
from singer_sdk.helpers.types import Context, Record
from typing_extensions import override

from tap_magento.exceptions import MagentoError, ShopUnavailableError
from tap_magento.http.request import Request
from tap_magento.http.response import list_in, parse_json
from tap_magento.streams.base import MagentoStream
from tap_magento.streams.nested import selected_nested, transformed_for
from tap_magento.streams.probe import Finding, timed
from tap_magento.streams.rows import RowSource


class ArrayStream(MagentoStream, RESTStream[None]):
    """A stream whose endpoint gives all it has at once, most often as an array.

    Attributes:
        entity: The bundled schema of its rows, where that is not named as the stream.
        params: Query parameters of its request.
    """

    entity: ClassVar[str | None] = None
    params: ClassVar[Mapping[str, str]] = {}

    @property
    @override
    def url_base(self) -> str:
        return self.run.client.address.root()

    @cached_property
    def rows(self) -> RowSource:
        """What its rows look like as they come, and how they are transformed."""
        return RowSource(self.run, self.run.discovery_of(self.name), self.entity or self.name)

    @property
    @override
    def raw_schema(self) -> dict[str, Any]:
        return self.rows.raw_schema

    @cached_property
    @override
    def schema(self) -> dict[str, Any]:
        return self.rows.schema

    @cached_property
    @override
    def transformed_schema(self) -> dict[str, Any]:
        return transformed_for(self, [self, *selected_nested(self)])

    def rows_in(self, body: Any, request: Request) -> Iterable[Any]:  # noqa: ARG002  most need the body alone
        """Take the rows out of a response.

        Args:
            body: The response, decoded.
            request: The request that it is the response to.

        Returns:
            The rows.

        Raises:
            ValueError: If there are none where they should be.
        """
        rows = list_in(body)
        if rows is None:
            raise ValueError("the response is no list")
        return rows

    def requests(self) -> Iterator[Request]:
        """Give the requests that the stream consists of.

        Yields:
            One request; more where it is read in parts.
        """
        yield Request(self.path, self.name, self.params, counter=self.progress)

    @override
    def get_records(self, context: Context | None) -> Iterator[Record]:
        return self.reading_rows(self._read())

    def _read(self) -> Iterator[Record]:
        if self.run.shard is not None and self.run.shard.number != 1:
            return  # the first shard reads what cannot be cut into shards
        nested = selected_nested(self)
        for each in nested:
            each.write_schema()
        streams: list[MagentoStream] = [self, *nested]
        for stream in streams:
            stream.begin_version()
        transform = self.rows.transformer(self.name, self.transformed_schema, self.effective_schema, self.progress)
        for request in self.requests():
            with self.saving_state(), self.run.shutdown.waiting():
                found = self.run.client.send(request, partial(self._parse, request))
            self.time_extracted = datetime.now(timezone.utc)
            for stream in streams:
                stream.time_extracted = self.time_extracted
            for row in map(transform, found):
                for each in nested:
                    each.write_rows_of(row)
                if self.selected:
                    yield row  # it is the writer's then, and may change
            self.run.progress.moved(self.progress, len(found))
        for stream in streams:
            stream.activate_version()

    def _parse(self, request: Request, response: Response) -> list[Any]:
        return parse_json(response, self.name, lambda body: list(self.rows_in(body, request)))

    @override
    def probe(self) -> Finding:
        try:
            request = next(self.requests())
            (found, _), seconds = timed(partial(self.run.client.attempt, request, partial(self._parse, request)))
        except (MagentoError, ShopUnavailableError) as error:
            return Finding.of_problem(self.name, error)
        return Finding(self.name, len(found), seconds)
