"""How rows leave; what the shaping itself does is in `test_shaping`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from singer_sdk import RESTStream
from singer_sdk.helpers.types import Record
from singer_sdk.singerlib import RecordMessage
from tap_magento.streams.shaped import ShapedStream

from tap_magento.schema.discovery import Discovery
from tap_magento.streams.orders import Orders
from tap_magento.tap import TapMagento

CONFIG = {"store_url": "https://shop.example.com", "access_token": "made-up", "schema_source": "bundled"}
ROW = {
    "entity_id": 7,
    "base_currency_code": "EUR",
    "updated_at": "2026-11-21T17:01:02+00:00",
    "billing_address": {"city": "Graz", "street": ["One", "Two"]},
    "items": [{"item_id": 1, "sku": "A"}],
}
OURS, THEIRS = ShapedStream._generate_record_messages, RESTStream._generate_record_messages
MAPS: list[dict[str, Any]] = [
    {},
    {"stream_maps": {"orders": {"entity_id": "entity_id", "city": "billing_address['city']", "__else__": None}}},
    {"stream_maps": {"orders": {"__filter__": "entity_id == 8"}}},
    {"stream_maps": {"orders": {"__alias__": "sales"}}},
]


def orders(*deselected: tuple[str, ...], **config: Any) -> Orders:
    """Make the stream of orders, some of whose fields are not selected."""
    tap = TapMagento(config=CONFIG | config)
    stream = Orders(tap, tap.connection, Discovery(tap.connection, live=False))
    for breadcrumb in deselected:
        stream.metadata[breadcrumb].selected = False
    return stream


def messages(stream: Orders, make: Callable[[Orders, Record], Iterable[RecordMessage]]) -> list[dict[str, Any]]:
    """Give the row's messages without the time, which is always another."""
    found = [message.to_dict() for message in make(stream, deepcopy(ROW))]
    assert all(message.pop("time_extracted").utcoffset() == timedelta(0) for message in found)
    return found


@pytest.mark.parametrize("config", MAPS)
def test_messages_are_those_of_the_sdk(config: dict[str, Any]) -> None:
    stream = orders(**config)
    assert stream._is_whole
    assert messages(stream, OURS) == messages(stream, THEIRS)


@pytest.mark.parametrize(
    ("breadcrumb", "remain"),
    [
        (("properties", "base_currency_code"), {"billing_address": ROW["billing_address"]}),
        (
            ("properties", "billing_address", "properties", "city"),
            {"billing_address": {"street": ["One", "Two"]}, "base_currency_code": "EUR"},
        ),
    ],
)
def test_what_is_not_selected_does_not_leave(breadcrumb: tuple[str, ...], remain: dict[str, Any]) -> None:
    stream = orders(breadcrumb)
    (message,) = messages(stream, OURS)
    untouched = {name: ROW[name] for name in ("entity_id", "updated_at", "items")}
    assert message["record"] == {**untouched, **remain}
    assert [message] == messages(stream, THEIRS)
