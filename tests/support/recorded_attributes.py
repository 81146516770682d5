"""What a real shop said of its attributes, beside the project."""

from __future__ import annotations

import gzip
import re
from typing import Any

import msgspec
import pytest

from tests.support.shared import RECORDED

_PLACES = {
    "categories": r"/categories/attributes\?",
    "customer": r"/attributeMetadata/customer$",
    "customerAddress": r"/attributeMetadata/customerAddress$",
}


def attribute_rows(entity: str) -> list[dict[str, Any]]:
    """The rows of `products`, `categories`, `customer` or `customerAddress`; skips the test without them."""
    if not RECORDED.is_dir():
        pytest.skip("the recordings of a real shop are not there")
    if entity == "products":
        with gzip.open(RECORDED / "product_attributes.jsonl.gz") as lines:
            return [msgspec.json.decode(line) for line in lines]
    with gzip.open(RECORDED / "exchanges.jsonl.gz") as lines:
        for line in lines:
            exchange = msgspec.json.decode(line)
            if exchange["status"] == 200 and re.search(_PLACES[entity], exchange["request"]["url"]):
                body = msgspec.json.decode(exchange["body"])
                return list(body["items"] if isinstance(body, dict) else body)
    raise AssertionError(f"no attributes of {entity} were recorded")
