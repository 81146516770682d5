"""JSON as PHP shops send it, decoded exactly, and without what no database takes."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import msgspec

# PHP writes no number in more: -1.7976931348623157e+308.
_MOST_CHARACTERS = 24


# Most of an order's hundred decimals stand in it more than once. To look them up takes less time than to make them, and
# rows that are kept for a while take less memory.
@lru_cache(maxsize=512)
def _short_decimal(digits: str) -> Decimal:
    """Make a decimal; of more characters than PHP writes it is left to the tolerant decoder, which keeps none."""
    if len(digits) > _MOST_CHARACTERS:
        raise InvalidOperation
    return Decimal(digits)


_decoder = msgspec.json.Decoder(float_hook=_short_decimal)

#: What the strict decoder raises: for bytes that are no UTF-8, and numbers that are very long or that no decimal can
#: hold, no errors of its own.
STRICT_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, InvalidOperation)
# Python refuses to read longer whole numbers (sys.int_info.default_max_str_digits is 4300).
_MOST_DIGITS = 4000


def decode(body: bytes) -> Any:
    """Decode JSON, with every digit of every number.

    Args:
        body: JSON text in UTF-8.

    Returns:
        The value; numbers are int or Decimal, NaN, infinities and what is too large for either texts. U+0000 and lone
        surrogates, which no database takes, are taken out of all texts and names.

    Raises:
        ValueError: If it is nested too deeply, or no JSON even to the tolerant decoder, which takes a byte order mark,
            lone surrogates, bytes that are no UTF-8 and control characters, as some PHP modules send them.
    """
    try:
        value = decode_row(body)
        return clean(value) if may_have_nul(body) else value
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None


def decode_row(text: bytes | msgspec.Raw) -> Any:
    """Decode a part of a JSON text that has been found to hold no U+0000.

    Args:
        text: The part, in UTF-8.

    Returns:
        As of `decode`.

    Raises:
        ValueError: As of `decode`.
        RecursionError: If it is nested too deeply.
    """
    try:
        return _decoder.decode(text)
    except STRICT_ERRORS:
        tolerable = bytes(text).decode("utf-8-sig", errors="replace")
        return clean(json.loads(tolerable, parse_int=_integer, parse_float=_decimal, parse_constant=str, strict=False))


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MOST_DIGITS else digits


def _decimal(digits: str) -> Decimal | str:
    try:
        return Decimal(digits)
    except InvalidOperation:  # an exponent beyond all bounds
        return digits


def may_have_nul(body: bytes) -> bool:
    """Tell whether the texts of a JSON text may hold U+0000."""
    # From the end: it is searched for a backslash then, not for a zero, which stands everywhere.
    return body.rfind(b"\\u0000") >= 0


def clean_text(text: str) -> str:
    """Take out what no database takes: U+0000 goes, a lone surrogate becomes U+FFFD."""
    text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        # Two halves side by side become the character they stand for.
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def clean(value: Any) -> Any:
    """Clean all texts and names in a value. A name that is another's only once clean does not take its place."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        names = {name: clean_text(name) for name in value}
        return {
            cleaned: clean(value[name]) for name, cleaned in names.items() if name == cleaned or cleaned not in value
        }
    if isinstance(value, list):
        return [clean(item) for item in value]
    return value
