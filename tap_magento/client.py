"""A stream of the shop's REST API: joins asking, reading, shaping and the SDK."""

from __future__ import annotations

import logging
from abc import ABC
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any, ClassVar, ParamSpec, TypeVar, cast

import backoff
import requests
from backoff.types import Details
from singer_sdk import RESTStream, Tap
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.helpers.types import Context, Record, RequestFunc
from singer_sdk.streams.rest import HTTPRequest, PageContext
from typing_extensions import override

from tap_magento.answers import array_answer
from tap_magento.connection import Connection
from tap_magento.discovery import Discovery
from tap_magento.errors import MagentoError, ShopUnavailableError, StreamAbsentError, connection_error, error_in
from tap_magento.progress import StreamProgress
from tap_magento.projection import has_field, selected, without
from tap_magento.retries import waits
from tap_magento.search import SearchCriteria, encode
from tap_magento.shaping import Prepare, compile_shaper

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(slots=True)
class _MagentoRequest(HTTPRequest):
    """A request whose parameters are quoted as Magento reads them."""

    @override
    def encode_params(self) -> str:
        return encode({name: str(value) for name, value in self.params.items()})


class MagentoStream(RESTStream[SearchCriteria | None], ABC):
    """A stream read from the shop's REST API.

    Attributes:
        acl_resource: The Magento resource that the tap's role or integration needs for it.

    Args:
        tap: The tap.
        connection: What all streams of the run share.
        discovery: What the shop says of its rows.
    """

    acl_resource: ClassVar[str]
    #: The stream whose rows these are, where it is another.
    entity: ClassVar[str | None] = None
    #: The names that lead to what the rows hold a second time.
    copies: ClassVar[tuple[tuple[str, ...], ...]] = ()
    #: The setting without which there is no such stream.
    needs_setting: ClassVar[str | None] = None

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE  # shaping has done it
    _LOG_REQUEST_METRICS = False  # a line a request would bury the lines for a person; the table counts them
    STATE_MSG_FREQUENCY = 1_000
    allow_redirects = False  # credentials must not follow one
    # The partition that is read: those of one stream are read one after the other.
    _context: Context | None = None
    _version_to_activate: int | None = None

    def __init__(self, tap: Tap, connection: Connection, discovery: Discovery) -> None:
        super().__init__(tap)
        self.connection = connection
        self.discovery = discovery
        self._shapers: dict[str | None, Callable[[Record], Record]] = {}
        self.logger.addFilter(_is_no_echo)

    @cached_property
    def rows_schema(self) -> dict[str, Any]:
        """What the rows look like as they come, as far as known."""
        return self.discovery.rows(self.entity or self.name)

    @cached_property
    @override
    def schema(self) -> dict[str, Any]:
        return self.describe(without(self.rows_schema, *(() if self.config.get("keep_copies") else self.copies)))

    def describe(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Say how the rows leave, where that is not as they come.

        Args:
            schema: JSON Schema of the rows as they come.

        Returns:
            JSON Schema of the rows as they leave.
        """
        return schema

    @cached_property
    def selected_schema(self) -> dict[str, Any]:
        """What the rows look like when they are shaped: of what is selected, and of what their reading needs."""
        whole = self.effective_schema["properties"]
        part = selected(self.effective_schema, self.mask)
        needed = {name: whole[name] for name in self.needed_fields() if name in whole}
        properties = {
            name: {**needed, **part["properties"]}[name] for name in whole if name in {*needed, *part["properties"]}
        }
        return {**part, "properties": properties}

    def needed_fields(self) -> set[str]:
        """Name the fields that are read whether they are selected or not.

        Returns:
            The keys and the replication key.
        """
        return {*self.primary_keys, *([self.replication_key] if self.replication_key else [])}

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
            raise self.connection.authenticator.refusal(response, self.name)
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
        return waits(self.connection.patience, lambda: self.connection.is_known)

    @override
    def backoff_handler(self, details: Details) -> None:
        error, wait = details.get("exception"), details.get("wait", 0.0)
        self.progress.repeated()
        self.logger.warning("%s; asking again in %.0f s", error, wait)

    @override
    def post_process(self, row: Record, context: Context | None = None) -> Record | None:
        return self._shaper(self.scope_of(context))(row)

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
        except StreamAbsentError as error:
            if self.progress.requests:  # it could be read a moment ago: what is missing is the rest of it
                raise MagentoError(f"{error}. It could be read until now") from None
            self.connection.absences.note(self.name, error)
            return
        # A row that was set aside was not seen either.
        if self._version_to_activate is not None and not self.progress.set_aside:
            super()._write_activate_version_message(self._version_to_activate)

    def _write_activate_version_message(self, full_table_version: int) -> None:
        """Put it off: that rows were not seen means that they are gone only when all has been read.

        The SDK sends it first, and a stream that then fails or may not be read would lose its rows in the warehouse.
        """
        self._version_to_activate = full_table_version

    @property
    def progress(self) -> StreamProgress:
        """How far this stream has come in this run."""
        return self.connection.progress.of(self.name)

    def handed_over(self, rows: int, how: str = "") -> None:
        """Note rows that have been handed over, and tell a person from time to time.

        Args:
            rows: How many rows.
            how: How they are asked for, for a person.
        """
        self.connection.progress.moved(self.progress, rows, how)

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

    def scope_of(self, context: Context | None) -> str | None:  # noqa: ARG002  most streams have one scope
        """Tell in which store view rows are read.

        Args:
            context: Their partition.

        Returns:
            Its code; None for that of the settings.
        """
        return None

    def _shaper(self, store_code: str | None) -> Callable[[Record], Record]:
        if store_code not in self._shapers:
            self._shapers[store_code] = self._compile_shaper(store_code)
        return self._shapers[store_code]

    def _compile_shaper(self, store_code: str | None) -> Callable[[Record], Record]:
        return compile_shaper(
            self.selected_schema,
            stream=self.name,
            on_unknown=self._warn_of_unknown,
            on_misfit=self.note_misfit,
            prepare=self.preparation(store_code),
        )

    def preparation(self, store_code: str | None) -> Prepare | None:  # noqa: ARG002  most rows need none
        """Give what prepares the rows for shaping.

        Args:
            store_code: The store view they are read in; None for that of the settings.

        Returns:
            What `compile_shaper` takes as `prepare`; None if they need none.
        """
        return None

    def is_known(self, names: Sequence[str]) -> bool:
        """Tell whether a field is known, wanted or not.

        Args:
            names: The names that lead to it.

        Returns:
            Whether it is in the schema of the rows as they come or as they leave.
        """
        return has_field(self.rows_schema, names) or has_field(self.effective_schema, names)

    def _warn_of_unknown(self, field: str) -> None:
        if self.is_known(field.replace("[]", "").split(".")):
            return  # deselected, or a copy: known, and not wanted
        self.logger.warning(
            "'%s': field '%s' is not in the schema and is left out; discover the catalog anew to have it",
            self.name,
            field,
        )

    def note_misfit(self, field: str) -> None:
        """Count a value that did not fit its type; the first of a field is told at once.

        Args:
            field: The field's path.
        """
        misfits = self.progress.misfits
        misfits[field] += 1
        if misfits[field] == 1:
            self.logger.warning("'%s': a value of field '%s' does not fit its type and is null", self.name, field)

    def _increment_stream_state(self, *_: Any, **__: Any) -> None:
        """Do nothing: a list moves its state page by page.

        The SDK's way compares raw values record by record, and has no notion of a read in key order.
        """


class ArrayStream(MagentoStream):
    """A stream whose endpoint gives all it has as one array."""

    @override
    def request_records(self, context: Context | None) -> Iterator[Record]:
        with self.stopping(), self.connection.interruption.waiting():
            rows = self.retrying(lambda: array_answer(self.ask(None)))()
        yield from rows
        self.handed_over(len(rows))


def _is_no_echo(record: logging.LogRecord) -> bool:
    """Keep out the SDK's line before an error that is told in one line of its own."""
    return not str(record.msg).startswith("An unhandled error occurred while syncing")
