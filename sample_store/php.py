"""How PHP writes JSON, and the ids Magento gives to its error reports."""

from __future__ import annotations

import itertools
import json
from typing import Any

Row = dict[str, Any]
"""One entity as the API answers it."""

_reports = itertools.count(0x6B01D4EB7932D)


def encode(value: object) -> bytes:
    r"""Write JSON as PHP's `json_encode` does: ASCII only, `/` as `\/`, an empty array as `[]`.

    Args:
        value: Anything `json` can write. PHP knows no empty object, so `{}` becomes `[]`.

    Returns:
        The JSON text.
    """
    text = json.dumps(value, separators=(",", ":"))
    if "{}" in text:  # hardly ever, and it may stand in a text
        text = json.dumps(_arrays(value), separators=(",", ":"))
    return text.replace("/", "\\/").encode("ascii")


def report_id() -> str:
    """Make the next id as it stands in a masked error, such as `webapi-6b01d4eb7932d`."""
    return f"webapi-{next(_reports):x}"


def _arrays(value: object) -> object:
    if isinstance(value, dict):
        return {key: _arrays(item) for key, item in value.items()} if value else []
    if isinstance(value, list):
        return [_arrays(item) for item in value]
    return value
