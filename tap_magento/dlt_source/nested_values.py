"""Objects and arrays in rows, as dlt's columns of type `json` take them.

dlt reads the numbers in such a column as doubles. PHP writes doubles, so the numbers of a shop keep their value.
Rows of nested streams have them as decimals, in columns of their own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

from singer_sdk.contrib.msgspec import encoder

#: How objects and arrays stand in a row: as JSON texts, which dlt parses when it normalizes, or as Python objects.
Form = Literal["text", "objects"]

#: Makes a value's form, with a buffer.
Convert = Callable[[Any, bytearray], Any]

# Whole numbers that dlt can write in an object.
_WHOLE_NUMBERS = range(-(2**63), 2**64)


def json_text(value: Any, buffer: bytearray) -> str:
    """Write a value as JSON, with plain numbers.

    Args:
        value: An object or an array.
        buffer: Where it is encoded; what one value leaves there is room for the next.

    Returns:
        The text.
    """
    encoder.encode_into(value, buffer)
    return buffer.decode()


def json_objects(value: Any, buffer: bytearray) -> Any:
    """Make the decimals in a value plain numbers: dlt writes decimals there as texts.

    Args:
        value: An object or an array.
        buffer: As of `json_text`.

    Returns:
        A copy of it. Numbers have at most 64 bits, as dlt's JSON encoder fails at larger integers.
    """
    return json.loads(json_text(value, buffer), parse_int=_whole_number)


def _whole_number(digits: str) -> int | float:
    number = int(digits)
    return number if number in _WHOLE_NUMBERS else float(digits)


#: What makes each form.
FORMS: Mapping[Form, Convert] = {"text": json_text, "objects": json_objects}
