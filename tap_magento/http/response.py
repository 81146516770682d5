"""A list's answer: quick to weigh, decoded when it is its turn."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

import msgspec
import requests

from tap_magento.http.errors import ShopUnavailableError
from tap_magento.reading.types import Cursor, Key, ListSpec, Row
from tap_magento.records.values import clean
from tap_magento.timestamps import from_http_date

_decoder = msgspec.json.Decoder(float_hook=Decimal)

# What the strict decoder raises: for bytes that are no UTF-8 it is not an error of its own.
_NOT_STRICT = (msgspec.DecodeError, UnicodeDecodeError)


class _Rows(msgspec.Struct):
    items: list[msgspec.Raw] | None


_row_splitter = msgspec.json.Decoder(_Rows)


def decode(body: bytes) -> Any:
    """Decode JSON, with every digit of every number.

    Args:
        body: JSON text in UTF-8.

    Returns:
        The value; numbers are int or Decimal, NaN and infinities texts. U+0000 and lone surrogates, which no database
        takes, are taken out of all texts and names.

    Raises:
        ValueError: If it is no JSON even to the tolerant decoder, which takes a byte order mark, lone surrogates,
            bytes that are no UTF-8 and control characters, as some PHP modules send them.
    """
    value = _decode(body)
    return clean(value) if _may_have_nul(body) else value


def _decode(text: bytes | msgspec.Raw) -> Any:
    try:
        return _decoder.decode(text)
    except _NOT_STRICT:
        tolerable = bytes(text).decode("utf-8-sig", errors="replace")
        return clean(json.loads(tolerable, parse_float=Decimal, parse_constant=str, strict=False))


def _may_have_nul(body: bytes) -> bool:
    # From the end: it is searched for a backslash then, not for a zero, which stands everywhere.
    return body.rfind(b"\\u0000") >= 0


@dataclass(frozen=True, slots=True)
class ListPage:
    """The answer of a list endpoint.

    It keeps the text it came as: a page may wait for its turn, and decoded it would take several times the memory.

    Attributes:
        cursors: The rows' places, in the order of the rows; none where the list's key is hidden.
        row_count: How many rows it has.
        page_size: How many rows were asked for.
        total_count: How many rows meet the criteria, on this page and after it; None if the shop does not say.
        shop_time: The shop's time before it computed the answer; by our clock if it sends no ``Date``.
        body: The answer's text.
    """

    cursors: Sequence[Cursor]
    row_count: int
    total_count: int | None
    page_size: int
    shop_time: datetime
    body: bytes

    def __len__(self) -> int:
        return self.row_count

    @property
    def size_bytes(self) -> int:
        """How many bytes of memory the page takes while it waits."""
        return len(self.body)

    @property
    def rows(self) -> Iterator[Row]:
        """The rows, each decoded when its turn comes: a page of objects at once costs twice the time."""
        rows = None if _may_have_nul(self.body) else self._texts()
        if rows is None:
            yield from decode(self.body)["items"] or ()
        else:
            yield from map(_decode, rows)

    def _texts(self) -> Sequence[msgspec.Raw] | None:
        try:
            return _row_splitter.decode(self.body).items or ()
        except _NOT_STRICT:
            return None


def parse_list(response: requests.Response, spec: ListSpec, page_size: int) -> ListPage:
    """Weigh the answer of a list endpoint.

    Args:
        response: An answer of status 200.
        spec: How its rows are told apart and dated.
        page_size: How many rows were asked for.

    Returns:
        The answer.

    Raises:
        ShopUnavailableError: If it is not the whole answer of a list. Such an answer is a fault, never an empty page.
    """
    try:
        envelope = _weigher(spec)(response.content)
    except ValueError as error:
        raise ShopUnavailableError(f"{_path(response)}: {error}", response) from None
    return ListPage(*envelope, page_size=page_size, shop_time=_shop_time(response), body=response.content)


def parse_array(response: requests.Response) -> Sequence[Any]:
    """Decode the answer of an endpoint that gives all it has as one array.

    Args:
        response: An answer of status 200.

    Returns:
        What it holds; rows, if the shop keeps to its schema.

    Raises:
        ShopUnavailableError: If it is no array.
    """
    try:
        body = decode(response.content)
    except ValueError:
        raise ShopUnavailableError(f"{_path(response)}: the answer is broken JSON", response) from None
    if not isinstance(body, list):
        raise ShopUnavailableError(f"{_path(response)}: the answer is no list", response)
    return body


_Envelope = tuple[Sequence[Cursor], int, int | None]


@lru_cache
def _weigher(spec: ListSpec) -> Callable[[bytes], _Envelope]:
    """Make the function that finds the places and the count in a list's answer without decoding its rows."""
    key = [] if spec.has_hidden_key else [("key", str if spec.has_text_key else int)]
    time = [("time", str)] if spec.time_column else []
    names = {"key": spec.key_field, "time": spec.time_column or ""}
    row = msgspec.defstruct("Row", [*key, *time], rename=names)
    answer = msgspec.defstruct("Answer", [("items", list[row] | None), ("total_count", int | None, None)])  # type: ignore[valid-type]
    quick = msgspec.json.Decoder(answer)

    def weigh(body: bytes) -> _Envelope:
        try:
            found: Any = quick.decode(body)
        except _NOT_STRICT:
            return _weigh_slowly(body, spec)
        # An empty page is `null` when `fields` is used (MEASURED.md (d2)).
        rows = found.items or ()
        cursors = [Cursor(getattr(row, "time", None), row.key) for row in rows] if key else []
        return cursors, len(rows), found.total_count

    return weigh


def _weigh_slowly(body: bytes, spec: ListSpec) -> _Envelope:
    """Take what the quick way refuses: a tolerable text, a row without its key."""
    try:
        answer = decode(body)
    except ValueError:
        raise ValueError(f"the answer is broken JSON of {len(body)} bytes") from None
    rows = answer.get("items", "missing") if isinstance(answer, dict) else "missing"
    rows = [] if rows is None else rows
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("the answer is JSON without `items`")
    total = answer.get("total_count")
    keys = [] if spec.has_hidden_key else [spec.parse_key(row.get(spec.key_field)) for row in rows]
    # A row without a key is refused where the rows are read.
    cursors = [Cursor(row.get(spec.time_column), cast("Key", key)) for row, key in zip(rows, keys, strict=False)]
    return cursors, len(rows), total if isinstance(total, int) else None


def _path(response: requests.Response) -> str:
    return response.url.split("?")[0]


def _shop_time(response: requests.Response) -> datetime:
    """Give the shop's time when it began to answer: its ``Date`` is of the end."""
    end = from_http_date(response.headers.get("Date")) or datetime.now(timezone.utc)
    return end - timedelta(seconds=int(response.elapsed.total_seconds()) + 1)
