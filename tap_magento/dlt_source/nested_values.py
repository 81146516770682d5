"""Objects and arrays in rows, as dlt's columns of type `json` take them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Literal

import msgspec
from singer_sdk.contrib.msgspec import encoder

#: How objects and arrays stand in a row: as JSON texts, which dlt parses when it normalizes, or as Python objects.
Form = Literal["text", "objects"]

#: Makes a value's form, with a buffer.
Convert = Callable[[Any, bytearray], Any]

# A double holds every number of 15 digits. Numbers that may have more are found without a look at each: in every fourth
# byte of the text, digits and points become zeros. Sixteen of them in a row leave four there.
_EVERY_FOURTH = slice(None, None, 4)
_AS_ZEROS = bytes.maketrans(b".123456789", b"0" * 10)
_MANY_DIGITS = b"0" * 4

# Whole numbers that dlt reads as such; others become doubles.
_WHOLE_NUMBERS = range(-(2**63), 2**64)

_decoder = msgspec.json.Decoder()
_with_decimal_texts = msgspec.json.Encoder(decimal_format="string")


def json_text(value: Any, buffer: bytearray) -> str:
    """Write a value as JSON, with plain numbers.

    Args:
        value: An object or an array.
        buffer: Where it is encoded; what one value leaves there is room for the next.

    Returns:
        The text. A number whose digits no double holds is a text in it, as exactness comes first: dlt reads numbers as
        doubles.
    """
    return _encoded(value, buffer).decode()


def json_objects(value: Any, buffer: bytearray) -> Any:
    """Make the decimals in a value plain numbers: dlt writes decimals there as texts.

    Args:
        value: An object or an array.
        buffer: As of `json_text`.

    Returns:
        A copy of it, with numbers as `json_text` has them.
    """
    return _decoder.decode(_encoded(value, buffer))


def _encoded(value: Any, buffer: bytearray) -> bytes | bytearray:
    encoder.encode_into(value, buffer)
    if _MANY_DIGITS in buffer[_EVERY_FOURTH].translate(_AS_ZEROS):
        return _with_decimal_texts.encode(_with_doubles(value))
    return buffer


def _with_doubles(value: Any) -> Any:
    """Make doubles of the decimals that are one digit by digit, and texts of whole numbers of more than 64 bits."""
    if isinstance(value, dict):
        return {name: _with_doubles(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_doubles(each) for each in value]
    if isinstance(value, Decimal):
        number = float(value)
        return number if Decimal(repr(number)) == value else value
    if isinstance(value, int) and value not in _WHOLE_NUMBERS:
        return str(value)
    return value


#: What makes each form.
FORMS: Mapping[Form, Convert] = {"text": json_text, "objects": json_objects}
