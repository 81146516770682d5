"""A stream of the shop's REST API: joins asking, shaping and the SDK."""

from __future__ import annotations

import logging
from abc import ABC
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any, ClassVar, ParamSpec, TypeVar, cast

import backoff
import requests
from backoff.types import Details
from singer_sdk import Tap
from singer_sdk.helpers.types import Context, Record, RequestFunc
from singer_sdk.streams.rest import HTTPRequest, PageContext
from typing_extensions import override

from tap_magento.http.connection import Connection
from tap_magento.http.errors import (
    MagentoError,
    ShopUnavailableError,
    StreamUnavailableError,
    connection_error,
    error_in,
)
from tap_magento.http.response import parse_array
from tap_magento.http.retry import retry_waits
from tap_magento.reading.search import SearchCriteria, encode
from tap_magento.schema.discovery import Discovery
from tap_magento.streams.shaped import ShapedStream

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(slots=True)
class _MagentoRequest(HTTPRequest):
    """A request whose parameters are quoted as Magento reads them."""

    @override
    def encode_params(self) -> str:
        return encode({name: str(value) for name, value in self.params.items()})


class MagentoStream(ShapedStream, ABC):
    """A stream read from the shop's REST API.

    Attributes:
        acl_resource: The Magento resource that the tap's role or integration needs for it.
        needs_setting: The setting without which there is no such stream.

    Args:
        tap: The tap.
        connection: What all streams of the run share.
        discovery: What the shop says of its rows.
    """

    acl_resource: ClassVar[str]
    needs_setting: ClassVar[str | None] = None

    _LOG_REQUEST_METRICS = False  # a line a request would bury the lines for a person; the table counts them
    STATE_MSG_FREQUENCY = 1_000
    allow_redirects = False  # credentials must not follow one
    # The partition that is read: those of one stream are read one after the other.
    _context: Context | None = None
    _version_to_activate: int | None = None

    def __init__(self, tap: Tap, connection: Connection, discovery: Discovery) -> None:
        super().__init__(tap, connection, discovery)
        self.logger.addFilter(_is_no_echo)

    @property
    @override
    def url_base(self) -> str:
        return f"{self.connection.root}/V1"

    @property
    @override
    def requests_session(self) -> requests.Session:
        return self.connection.session

    @property
    @override
    def authenticator(self) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
        return self.connection.authenticator

    @cached_property
    @override
    def user_agent(self) -> str:
        return self.connection.user_agent

    @property
    @override
    def timeout(self) -> int:
        return self.connection.timeout

    @override
    def get_http_request(self, *, page: PageContext[SearchCriteria | None]) -> HTTPRequest:
        criteria = page.next_page_token
        return _MagentoRequest(
            url=self.get_url(page.stream_context),
            headers=self.http_headers,
            params={} if criteria is None else {**criteria.to_params()},
        )

    @override
    def validate_response(self, response: requests.Response) -> None:
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            raise self.connection.authenticator.unauthorized_error(response, self.name)
        error = error_in(response, self.name)
        if error is not None:
            raise error

    @override
    def request_decorator(self, func: RequestFunc) -> RequestFunc:
        """Retry as the SDK does, but log in our own words: the SDK's repeat the arguments."""
        decorate = backoff.on_exception(
            self.backoff_wait_generator,
            ShopUnavailableError,
            jitter=self.backoff_jitter,
            on_backoff=self.backoff_handler,
            logger=None,
        )
        decorated: RequestFunc = decorate(func)
        return decorated

    @override
    def backoff_wait_generator(self) -> Generator[float, Any, None]:
        return retry_waits(self.connection.retry_policy, lambda: self.connection.is_known)

    @override
    def backoff_handler(self, details: Details) -> None:
        error, wait = details.get("exception"), details.get("wait", 0.0)
        self.progress.repeated()
        self.logger.warning("%s; asking again in %.0f s", error, wait)

    @override
    def generate_child_contexts(self, record: Record, context: Context | None) -> Iterator[Context | None]:
        """Give no context: no stream has children that are asked for one by one."""
        yield from ()

    @override
    def parse_response(self, response: requests.Response) -> Iterator[Record]:
        raise NotImplementedError("`request_records` reads whole lists")

    @override
    def get_new_paginator(self) -> None:
        return None

    @override
    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Set none: the bookmark keeps to the shop's clock, not to ours."""
        return

    def ask(self, criteria: SearchCriteria | None) -> requests.Response:
        """Ask the shop once.

        Args:
            criteria: What to ask for; None where the endpoint takes none.

        Returns:
            A good answer, whose body is still to be decoded.

        Raises:
            MagentoError: If a person must mend something.
            ShopUnavailableError: If asking again later may help.
        """
        request = self.get_http_request(page=PageContext(stream_context=self._context, next_page_token=criteria))
        try:
            prepared = self.build_prepared_request(
                method=request.method,
                url=request.url,
                params=request.encode_params(),
                headers=request.headers,
            )
            response = self._request(prepared, None)
            self.progress.answered(len(response.content))
        except requests.RequestException as error:
            raise connection_error(error, request.url, self.name) from None
        self.connection.is_known = True
        return response

    @override
    def get_records(self, context: Context | None) -> Iterator[Record]:
        """Read the stream; without the right or the module for it, leave it out, and the others alone."""
        try:
            yield from super().get_records(context)
        except StreamUnavailableError as error:
            if self.progress.requests:  # it could be read a moment ago: what is missing is the rest of it
                raise MagentoError(f"{error}. It could be read until now") from None
            self.connection.unavailable.note(self.name, error)
            self._version_to_activate = None
            return
        is_last = not self.partitions or context == self.partitions[-1]
        # A row that was set aside was not seen either.
        if self._version_to_activate is not None and is_last and not self.progress.quarantined:
            super()._write_activate_version_message(self._version_to_activate)

    def _write_activate_version_message(self, full_table_version: int) -> None:
        """Put it off: that rows were not seen means that they are gone only when all has been read.

        The SDK sends it first, and a stream that then fails or may not be read would lose its rows in the warehouse.
        """
        self._version_to_activate = full_table_version

    @override
    def log_sync_costs(self) -> None:
        """Tell what the run has done; the SDK asks each stream at the end, the first one tells for all."""
        self.connection.progress.finish()

    @contextmanager
    def stopping(self) -> Iterator[None]:
        """End a run that fails, or is told to end, with its state written.

        Yields:
            Nothing.
        """
        try:
            yield
        except GeneratorExit:
            raise
        except BaseException:
            self._tap.state_writer.write_state(self.tap_state)
            raise

    def retrying(self, function: Callable[_P, _T]) -> Callable[_P, _T]:
        """Repeat a function while the shop is unavailable, as the SDK's backoff hooks say.

        Args:
            function: Asks the shop.

        Returns:
            The same function, retried.
        """
        return cast("Callable[_P, _T]", self.request_decorator(cast("RequestFunc", function)))

    def _increment_stream_state(self, *_: Any, **__: Any) -> None:
        """Do nothing: a list moves its state page by page.

        The SDK's way compares raw values record by record, and has no notion of a read in key order.
        """


class ArrayStream(MagentoStream):
    """A stream whose endpoint gives all it has as one array."""

    @override
    def request_records(self, context: Context | None) -> Iterator[Record]:
        with self.stopping(), self.connection.shutdown.waiting():
            rows = self.retrying(lambda: parse_array(self.ask(None)))()
        yield from rows
        self.emitted(len(rows))


def _is_no_echo(record: logging.LogRecord) -> bool:
    """Keep out the SDK's line before an error that is told in one line of its own."""
    return not str(record.msg).startswith("An unhandled error occurred while syncing")
