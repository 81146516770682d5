"""A list's answer, decoded: fast where it is good JSON, tolerant where it is not quite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec
import requests

from tap_magento.errors import ShopUnavailableError
from tap_magento.times import from_http_date

_decoder = msgspec.json.Decoder(float_hook=Decimal)


def decode(body: bytes) -> Any:
    """Decode JSON, with every digit of every number.

    Args:
        body: JSON text in UTF-8.

    Returns:
        The value; numbers are int or Decimal.

    Raises:
        ValueError: If it is no JSON even to the tolerant decoder, which takes a byte order mark and lone surrogates,
            as some PHP modules send them.
    """
    try:
        return _decoder.decode(body)
    except msgspec.DecodeError:
        return json.loads(body.decode("utf-8-sig", errors="replace"), parse_float=Decimal)


@dataclass(frozen=True)
class ListAnswer:
    """The answer of a list endpoint.

    Attributes:
        rows: The rows.
        total_count: How many rows meet the criteria, on this page and after it; None if the shop does not say.
        shop_time: The shop's time before it computed the answer; by our clock if it sends no ``Date``.
    """

    rows: Sequence[dict[str, Any]]
    total_count: int | None
    shop_time: datetime


def list_answer(response: requests.Response) -> ListAnswer:
    """Decode the answer of a list endpoint.

    Args:
        response: An answer of status 200.

    Returns:
        Its rows and count.

    Raises:
        ShopUnavailableError: If it is not the whole answer of a list. Such an answer is a fault, never an empty page.
    """
    body = _json(response)
    if not isinstance(body, dict) or "items" not in body:
        raise ShopUnavailableError(f"{response.url.split('?')[0]} answered JSON without `items`", response)
    # An empty page is `null` when `fields` is used (MEASURED.md (d2)).
    rows = body["items"] or []
    if not isinstance(rows, list):
        raise ShopUnavailableError(f"{response.url.split('?')[0]} answered `items` that are no list", response)
    return ListAnswer(rows, body.get("total_count"), _shop_time(response))


def array_answer(response: requests.Response) -> Sequence[dict[str, Any]]:
    """Decode the answer of an endpoint that gives all it has as one array.

    Args:
        response: An answer of status 200.

    Returns:
        Its rows.

    Raises:
        ShopUnavailableError: If it is no array.
    """
    body = _json(response)
    if not isinstance(body, list):
        raise ShopUnavailableError(f"{response.url.split('?')[0]} answered no list", response)
    return body


def _json(response: requests.Response) -> Any:
    try:
        return decode(response.content)
    except ValueError:
        raise ShopUnavailableError(
            f"{response.url.split('?')[0]} answered broken JSON of {len(response.content)} bytes", response
        ) from None


def _shop_time(response: requests.Response) -> datetime:
    """Give the shop's time when it began to answer: its ``Date`` is of the end."""
    end = from_http_date(response.headers.get("Date")) or datetime.now(timezone.utc)
    return end - timedelta(seconds=int(response.elapsed.total_seconds()) + 1)
