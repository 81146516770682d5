"""What a real shop said of its attributes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from sample_store.recorded import lines

_PLACES = {
    "categories": r"/categories/attributes\?",
    "customer": r"/attributeMetadata/customer$",
    "customerAddress": r"/attributeMetadata/customerAddress$",
}


def attribute_rows(recording: Path, entity: str) -> list[dict[str, Any]]:
    """The rows of `products`, `categories`, `customer` or `customerAddress`."""
    if entity == "products":
        return [msgspec.json.decode(line) for line in lines(recording, "product_attributes")]
    for line in lines(recording, "exchanges"):
        exchange = msgspec.json.decode(line)
        if exchange["status"] == 200 and re.search(_PLACES[entity], exchange["request"]["url"]):
            body = msgspec.json.decode(exchange["body"])
            return list(body["items"] if isinstance(body, dict) else body)
    raise AssertionError(f"no attributes of {entity} were recorded")
