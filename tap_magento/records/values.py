"""What a PHP server sends for a value of a declared type, turned into that type.

Every function takes any decoded JSON value but null (numbers as int and Decimal) and returns the
value, or None for what PHP means by null: `""` where no text is declared, `[]`, a zero date. It
raises ValueError for what does not fit. Applied to its own result it changes nothing.
Learned from docs/MAGENTO.md, Values and types.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

import msgspec

from tap_magento.timestamps import from_magento

_NUMERIC = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
# MySQL's zero date, and what PHP's DateTime makes of it.
_ZERO_DATES = ("0000-00-00", "-0001-11-30")
_BOOLEANS = {"0": False, "1": True, "false": False, "true": True}
# Python refuses to write longer whole numbers (sys.int_info.default_max_str_digits is 4300).
_MOST_DIGITS = 4000
_TO_JSON = msgspec.json.Encoder(decimal_format="number")


def to_number(value: object) -> int | Decimal | None:
    """Make a number: digits unchanged, numeric text as PHP reads it, booleans 0 or 1."""
    if isinstance(value, int):  # and bool
        return int(value)
    if isinstance(value, Decimal):
        return value
    if is_empty(value):
        return None
    text = value.strip() if isinstance(value, str) else ""
    if not _NUMERIC.fullmatch(text):
        raise ValueError("not a number")
    if _WHOLE.fullmatch(text):
        return int(text)
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond all bounds
        raise ValueError("not a number") from None


def to_integer(value: object) -> int | None:
    """Make a whole number of what `to_number` takes, if it is whole."""
    number = to_number(value)
    if not isinstance(number, Decimal):
        return number
    if number.adjusted() > _MOST_DIGITS or number != (whole := int(number)):
        raise ValueError("not whole")
    return whole


def to_boolean(value: object) -> bool | None:
    """Make a boolean, also of 0 and 1 as numbers or text, and of "true" and "false"."""
    if isinstance(value, bool):
        return value
    if is_empty(value):
        return None
    text = value.strip().lower() if isinstance(value, str) else str(value)
    if text not in _BOOLEANS:
        raise ValueError("neither true nor false")
    return _BOOLEANS[text]


def to_string(value: object) -> str:
    """Make a text: what is none becomes its compact JSON text (`12.50`, `true`, `["3","4"]`)."""
    return value if isinstance(value, str) else _TO_JSON.encode(value).decode()


def to_date_time(value: object) -> str | None:
    """Make a moment in UTC, `2026-11-21T17:01:02+00:00`; a day alone is its midnight."""
    return _moment(_text(value))


def to_date(value: object) -> str | None:
    """Make a day, `2026-11-21`; of a date-time, the day as written."""
    text = _text(value)
    return _moment(text) and text.strip()[:10]


def is_empty(value: object) -> bool:
    """Tell whether PHP means null by it: a text of nothing, or an array or object of nothing."""
    return not value.strip() if isinstance(value, str) else value in ([], {})


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if is_empty(value):
        return ""
    raise ValueError("not a text")


# The items of an order, and their copies, share a few moments.
@lru_cache(maxsize=4096)
def _moment(text: str) -> str | None:
    """Read `YYYY-MM-DD`, `YYYY-MM-DD HH:MM:SS` (UTC, as Magento means it) or RFC 3339."""
    text = text.strip()
    if not text or text.startswith(_ZERO_DATES):
        return None
    return from_magento(text).isoformat()
