"""A list's response: parsed as far as reading goes, its rows decoded when they are emitted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec
import requests

from tap_magento.http.decoding import STRICT_ERRORS, decode, decode_row, may_have_nul
from tap_magento.http.errors import ShopFailedError, UnexpectedResponseError, before_error, message_of
from tap_magento.http.json_body import has_notices, json_text
from tap_magento.reading.types import Cursor, Key, ListSpec, Row
from tap_magento.timestamps import from_http_date, normalized

_T = TypeVar("_T")

_WHOLE = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class ListPage:
    """The response of a list endpoint.

    It keeps the text it came as: a page may wait to be emitted, and decoded it would take several times the memory.

    Attributes:
        cursors: The rows' places, in the order of the rows; none where the list's key is hidden.
        row_count: How many rows it has.
        page_size: How many rows were asked for.
        total_count: How many rows meet the criteria, on this page and after it; None if the shop does not say.
        shop_time: The shop's time before it computed the response; by our clock if it sends no ``Date``.
        body: The response's JSON text.
        name: What was requested, as errors begin.
        rows_field: The field of the response that holds the rows.
    """

    cursors: Sequence[Cursor]
    row_count: int
    total_count: int | None
    page_size: int
    shop_time: datetime
    body: bytes
    name: str = ""
    rows_field: str = "items"

    def __len__(self) -> int:
        return self.row_count

    @property
    def size_bytes(self) -> int:
        """How many bytes of memory the page takes while it waits."""
        return len(self.body)

    @property
    def rows(self) -> Iterator[Row]:
        """The rows, each decoded when it is emitted: a page of objects at once costs twice the time.

        Raises:
            ShopFailedError: If a row is nested too deeply.
        """
        try:
            rows = None if may_have_nul(self.body) else self._texts()
            if rows is None:
                yield from list_in(decode(self.body).get(self.rows_field)) or ()
            else:
                yield from map(decode_row, rows)
        except (ValueError, RecursionError):
            raise ShopFailedError(f"{self.name}the JSON of a row is nested too deeply") from None

    def _texts(self) -> Sequence[msgspec.Raw] | None:
        try:
            found: Any = _row_splitter(self.rows_field).decode(self.body)
        except (*STRICT_ERRORS, RecursionError):
            return None
        rows: Sequence[msgspec.Raw] | None = found.rows
        return rows or ()


def parse_list(response: requests.Response, spec: ListSpec, page_size: int, about: str = "") -> ListPage:
    """Parse the response of a list endpoint, but for its rows.

    Args:
        response: A response of status 200.
        spec: How its rows are told apart and dated.
        page_size: How many rows were requested.
        about: What was requested, as a person calls it: a stream's name. Without it, the path stands for it.

    Returns:
        The page.

    Raises:
        ShopUnavailableError: If it is not the whole response of a list. That is a fault, never an empty page.
    """
    body, before = json_text(response), before_error(response, about)
    try:
        envelope = _envelope_parser(spec)(body)
    except ValueError as error:
        raise _fault(response, before, str(error)) from None
    return ListPage(
        *envelope,
        page_size=page_size,
        shop_time=shop_time_of(response),
        body=body,
        name=before,
        rows_field=spec.rows_field,
    )


def parse_count(response: requests.Response, about: str = "") -> int | None:
    """Read the count of a list of which no rows were requested.

    Args:
        response: A response of status 200.
        about: As of `parse_list`.

    Returns:
        The count; None if there is none.

    Raises:
        ShopUnavailableError: If it is not the response of a list.
    """
    body, before = json_text(response), before_error(response, about)
    try:
        found = decode(body)
    except ValueError:
        raise _fault(response, before, "the response is broken JSON") from None
    if found == []:  # PHP's empty object: it has no `total_count`, and no other field was requested
        return None
    if not isinstance(found, dict):
        raise _fault(response, before, "the response is no list")
    if "total_count" not in found and "message" in found:
        raise _fault(response, before, "the response is no list")
    return _whole(found.get("total_count"))


def parse_json(response: requests.Response, about: str, take: Callable[[Any], _T]) -> _T:
    """Decode a response that is no page of a list.

    Args:
        response: A response of status 200.
        about: As of `parse_list`.
        take: Takes what is wanted out of the decoded body; a `ValueError` of it says that it is not there.

    Returns:
        What was taken.

    Raises:
        ShopUnavailableError: If it is not there.
    """
    before = before_error(response, about)
    try:
        value = decode(json_text(response))
    except ValueError:
        raise _fault(response, before, "the response is broken JSON") from None
    try:
        return take(value)
    except (ValueError, AttributeError) as error:
        raise _fault(response, before, str(error)) from None


def parse_array(response: requests.Response, about: str = "") -> Sequence[Any]:
    """Decode the response of an endpoint that gives all it has as one array.

    Args:
        response: A response of status 200.
        about: As of `parse_list`.

    Returns:
        What it holds; rows, if the shop keeps to its schema.

    Raises:
        ShopUnavailableError: If it is no array.
    """

    def take(value: Any) -> list[Any]:
        rows = list_in(value)
        if rows is None:
            raise ValueError("the response is no list")
        return rows

    return parse_json(response, about, take)


def _fault(response: requests.Response, before: str, what: str) -> ShopFailedError | UnexpectedResponseError:
    """Explain a response of status 200 that is not what its endpoint gives."""
    if message := message_of(response):
        return ShopFailedError(f"{before}Magento failed with status 200: {message}", response)
    if has_notices(response.content):
        return ShopFailedError(
            f"{before}PHP printed an error into the response, and it is not whole: at the shop, turn off "
            "`display_errors` and fix what its log says",
            response,
        )
    return UnexpectedResponseError(f"{before}{what}", response)


_Envelope = tuple[Sequence[Cursor], int, int | None]


@lru_cache
def _row_splitter(rows_field: str) -> msgspec.json.Decoder[Any]:
    """Make what finds the rows of a list's response without decoding them."""
    rows = msgspec.defstruct("Rows", [("rows", list[msgspec.Raw] | None)], rename={"rows": rows_field})
    return msgspec.json.Decoder(rows)


@lru_cache
def _envelope_parser(spec: ListSpec) -> Callable[[bytes], _Envelope]:
    """Make the function that finds the cursors and the count in a list's response without decoding its rows."""
    key = [] if spec.has_hidden_key else [("key", str if spec.has_text_key else int)]
    time = [("time", str)] if spec.time_column else []
    names = {"key": spec.key_field, "time": spec.time_column or ""}
    row = msgspec.defstruct("Row", [*key, *time], rename=names)
    listed: Any = list[row] | None  # type: ignore[valid-type]
    fields: list[Any] = [("rows", listed), ("total_count", int | None, None)]
    envelope = msgspec.defstruct("Envelope", fields, rename={"rows": spec.rows_field})
    quick = msgspec.json.Decoder(envelope)

    def parse(body: bytes) -> _Envelope:
        try:
            found: Any = quick.decode(body)
        except STRICT_ERRORS:
            return _parse_tolerantly(body, spec)
        except RecursionError:
            raise ValueError("the JSON is nested too deeply") from None
        # An empty page is `null` when `fields` is used (docs/MAGENTO.md).
        rows = found.rows or ()
        if not key:
            return [], len(rows), _whole(found.total_count)
        if not time:
            return [Cursor(None, row.key) for row in rows], len(rows), _whole(found.total_count)
        return [Cursor(_time(row.time), row.key) for row in rows], len(rows), _whole(found.total_count)

    return parse


def _parse_tolerantly(body: bytes, spec: ListSpec) -> _Envelope:
    """Take what the quick way does not: a tolerable text, a list with gaps, a row without its key."""
    try:
        envelope = decode(body)
    except ValueError:
        raise ValueError(f"the response is broken JSON of {len(body)} bytes") from None
    rows = envelope.get(spec.rows_field, "missing") if isinstance(envelope, dict) else "missing"
    rows = [] if rows is None else list_in(rows)
    if rows is None or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"the response is JSON without `{spec.rows_field}`")
    keys = [] if spec.has_hidden_key else [spec.parse_key(row.get(spec.key_field)) for row in rows]
    # A row without its key has None for it, which reading refuses.
    cursors = [Cursor(_time(row.get(spec.time_column)), cast("Key", key)) for row, key in zip(rows, keys, strict=False)]
    return cursors, len(rows), _whole(envelope.get("total_count"))


def list_in(value: object) -> list[Any] | None:
    """Give a list; also PHP's of which entries were removed, which is encoded as an object of numbered names.

    Args:
        value: Any decoded JSON.

    Returns:
        The list; None of anything else.
    """
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and value and all(name.isascii() and name.isdigit() for name in value):
        return list(value.values())
    return None


def _whole(value: object) -> int | None:
    """Give a count or a key, also one that is a text of digits; None for what is neither."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _time(value: object) -> str | None:
    """Give the time of a row as filters take it, whatever format a module shows it in; None for what is none."""
    try:
        return normalized(value) if isinstance(value, str) else None
    except ValueError:
        return None


def shop_time_of(response: requests.Response) -> datetime:
    """Give the shop's time when it began to respond: its ``Date`` is of the end."""
    end = from_http_date(response.headers.get("Date")) or datetime.now(timezone.utc)
    try:
        return end - timedelta(seconds=int(response.elapsed.total_seconds()) + 1)
    except OverflowError:  # a date in the year 1
        return datetime.now(timezone.utc)
