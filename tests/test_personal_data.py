"""No personal data comes out: every byte that the tap writes is searched for what the shop has of it."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from sample_store import Shop, serve
from sample_store.entities import BY_NAME
from sample_store.faults import Fault
from tap_magento.exceptions import MagentoError
from tap_magento.schema.annotations import PERSONAL, annotated
from tests.faults.processes import started
from tests.support.bundled import BUNDLED
from tests.support.in_process import discover, selecting, sync
from tests.support.messages import Messages
from tests.support.shared import FEW

Row = dict[str, Any]

SALT = "a salt of more than 16 characters"
SHOPS = {
    "sample store": lambda: Shop.generate(orders=25, module=True),
    "recorded shop": lambda: Shop.recorded(FEW),
}
MODES: dict[str, Row] = {
    "pseudonymise": {"personal_data": "pseudonymise", "personal_data_salt": SALT},
    "drop": {"personal_data": "drop"},
    "pseudonymise, attributes as a list": {
        "personal_data": "pseudonymise",
        "personal_data_salt": SALT,
        "custom_attributes": "list",
    },
}


def run(folder: Path, config: Row, state: Row | None, catalog: Row | None) -> tuple[bytes, Row]:
    """Run the tap with all that it can tell, and give what it wrote and its last state."""
    with started(folder, config, state, catalog, log_level="DEBUG") as process:
        output = process.out.read()
        process.wait()
        log = process.log
    states = [json.loads(line)["value"] for line in output.splitlines() if line.startswith(b'{"type":"STATE"')]
    assert states, log
    assert "DEBUG" in log
    return output + b"\n" + log.encode(), states[-1]


def written(folder: Path, shop: Shop, settings: Row, catalog_of: Row | None = None) -> bytes:
    """Read a shop, with an order that cannot be read; let it live on, delete rows, read what changed."""
    with serve(shop) as server:
        config = {"store_url": server.url, "access_token": shop.token(), "retry_timeout": 0, **settings}
        catalog = None if catalog_of is None else discover({**config, **catalog_of})
        server.faults.add(Fault("bad_row", entity="orders", key=shop.keys("orders")[2], times=None))
        first, state = run(folder, config, None, catalog)
        if shop.keys("customers") and len(shop.keys("orders")) > 10:
            shop.live()
            shop.unseen()
        second, _ = run(folder, config, state, catalog)
    return first + second


def synced(shop: Shop, settings: Row, *streams: str, catalog_of: Row | None = None) -> tuple[Messages, list[str]]:
    """Read some streams of a shop: what was written, and what the shop was asked."""
    with serve(shop) as server:
        config = {"store_url": server.url, "access_token": shop.token(), **settings}
        catalog = selecting(discover({**config, **(catalog_of or {})}), streams)
        messages = sync(config, catalog)
        return messages, [f"{request.path}?{request.query}" for request in server.requests]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SHOPS)
def test_no_personal_value_is_written(tmp_path: Path, name: str, mode: str) -> None:
    shop = SHOPS[name]()
    personal = personal_values(shop)
    output = written(tmp_path, shop, MODES[mode])
    assert len(personal) > 40
    assert output.count(b'{"type":"RECORD","stream":"orders"') >= 2
    assert found_in(output, personal) == []


def test_without_the_setting_they_are_written() -> None:
    shop = SHOPS["sample store"]()
    personal = personal_values(shop)
    messages, _ = synced(shop, {}, "orders", "customers")
    output = json.dumps(messages.lines, ensure_ascii=False).encode()
    assert len(found_in(output, personal)) > len(personal) / 2


@pytest.mark.parametrize("mode", ["pseudonymise", "drop"])
def test_a_catalog_made_without_the_setting_gives_nothing_away(mode: str) -> None:
    shop = SHOPS["sample store"]()
    personal = personal_values(shop)
    # Of fields of the shop's modules, the later run knows from the catalog alone.
    settings = {**MODES[mode], "schema_source": "bundled"}
    before = {"personal_data": "keep", "schema_source": "live"}
    messages, _ = synced(shop, settings, "orders", "order_addresses", "customers", catalog_of=before)
    assert "acme_delivery_on" in json.dumps(messages.of("SCHEMA", "orders"))
    assert len(messages.records("orders")) > 20
    assert found_in(json.dumps(messages.lines, ensure_ascii=False).encode(), personal) == []


def test_what_is_dropped_is_not_requested() -> None:
    shop = Shop.generate(orders=10)
    for catalog_of in ({}, {"personal_data": "keep"}):
        _, asked = synced(shop, {"personal_data": "drop"}, "orders", "customers", catalog_of=catalog_of)
        lists = [each for each in asked if "fields=" in each]
        assert any("/orders?" in each for each in lists)
        assert any("/customers/search?" in each for each in lists)
        for name in ("customer_email", "email", "street", "remote_ip", "telephone", "custom_attributes"):
            assert not any(re.search(rf"\b{name}\b", unquote(each)) for each in lists), name


def test_clock_readings_are_not_taken_for_personal_values() -> None:
    record = b'{"record":{"name":"Ada"},"time_extracted":"2026-11-26T01:25:11.750012+00:00"}'
    assert found_in(record, {"11.7500", "Ada"}) == ["Ada"]


def test_pseudonyms_of_email_addresses_join() -> None:
    shop = SHOPS["sample store"]()
    names = ("orders", "order_addresses", "customers", "carts")
    messages, _ = synced(shop, MODES["pseudonymise"], *names)
    orders, addresses, customers, carts = map(messages.records, names)
    raw = {row["id"]: row["email"] for row in shop.rows("customers")}
    emails = {row["id"]: row["email"] for row in customers}
    for key, pseudonym in emails.items():
        expected = hmac.new(SALT.encode(), f"email:{raw[key].strip().casefold()}".encode(), hashlib.sha256)
        assert pseudonym == expected.hexdigest()[:32]
    bought = [row for row in orders if row.get("customer_id") in emails]
    filled = [row["customer"] for row in carts if (row.get("customer") or {}).get("id") in emails]
    assert bought
    assert filled
    assert all(row["customer_email"] == emails[row["customer_id"]] for row in bought)
    assert all(row["email"] == emails[row["id"]] for row in filled)
    by_order = {row["entity_id"]: row["customer_email"] for row in orders}
    assert len(addresses) > len(orders)
    assert all(row["email"] == by_order[row["order_id"]] for row in addresses)


def test_fields_named_in_the_settings_are_kept() -> None:
    shop = SHOPS["sample store"]()
    kept = ["orders.customer_email", "orders.billing_address", "customers.custom_attributes.acme_credit"]
    messages, _ = synced(shop, {"personal_data": "drop", "personal_data_keep": kept}, "orders", "customers")
    raw = {row["entity_id"]: row for row in shop.rows("orders")}
    for row in messages.records("orders"):
        assert row["customer_email"] == raw[row["entity_id"]]["customer_email"]
        assert row["billing_address"]["city"] == raw[row["entity_id"]]["billing_address"]["city"]
        assert "customer_firstname" not in row
    values = [row.get("custom_attributes") or {} for row in messages.records("customers")]
    assert any(each.get("acme_credit") for each in values)
    assert all(each.keys() <= {"acme_credit"} for each in values)


def test_a_field_of_a_nested_stream_cannot_be_kept_by_its_name() -> None:
    with pytest.raises(MagentoError, match=r"`personal_data_keep`: no stream has a field 'order_addresses\.city'"):
        synced(Shop.generate(orders=1), {"personal_data_keep": ["order_addresses.city"]}, "orders")


def test_a_misspelt_field_to_keep_is_told(caplog: pytest.LogCaptureFixture) -> None:
    kept = ["orders.customer_emial", "orders.customer_email", "customers.custom_attributes.acme_credit"]
    synced(SHOPS["sample store"](), {"personal_data": "drop", "personal_data_keep": kept}, "orders", "customers")
    warning = "`personal_data_keep`: 'orders' has no field 'customer_emial'. Check its spelling"
    assert [record.getMessage() for record in caplog.records if "personal_data_keep" in record.message] == [warning]


def found_in(output: bytes, values: set[str]) -> list[str]:
    """The values that occur, in any of the spellings of JSON."""
    spellings = {
        value: {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]} for value in values
    }
    # The microseconds of a clock reading can equal a personal value; Magento's own times have none.
    output = re.sub(rb"\d\d:\d\d:\d\d\.\d{6}", b"", output)
    # What has no quote mark in it is in one of the pieces between two of them, most of which come often.
    pieces = b'"'.join({*output.split(b'"')})
    return sorted(
        value
        for value, each in spellings.items()
        if any(one.encode() in (output if '"' in one else pieces) for one in each)
    )


def personal_values(shop: Shop) -> set[str]:
    """The texts in a shop's personal fields that nothing else of the shop contains."""
    personal: set[str] = set()
    other: list[str] = [json.dumps([*map(str, shop.documents.values())], ensure_ascii=False)]
    for entity in BY_NAME:
        for row in shop.rows(entity):
            for is_personal, value in leaves(row, entity):
                if is_personal and isinstance(value, str) and is_telling(value):
                    personal.add(value)
                else:
                    other.append(json.dumps(value, ensure_ascii=False))
    told = "\n".join({*other})
    return {value for value in personal if json.dumps(value, ensure_ascii=False)[1:-1] not in told}


def is_telling(value: str) -> bool:
    """Whether a text is found for its own sake: a time of day, say, is somewhere in every log."""
    return len(value.strip()) > 3 and (any(map(str.isalpha, value)) or len(value) > 6)


def leaves(row: Row, entity: str) -> Iterator[tuple[bool, object]]:
    """Whether each value of a row is personal: it is marked, or Magento does not know it in a stream of people."""
    schema = BUNDLED.get(entity, {})
    if not annotated(schema, PERSONAL):
        yield from ((False, row),)
        return
    yield from _leaves(row, schema)


def _leaves(value: object, schema: Row | None) -> Iterator[tuple[bool, object]]:
    is_marked = schema is None or PERSONAL in schema
    if isinstance(value, dict) and value:
        known = {} if schema is None else schema.get("properties", {})
        for name, item in value.items():
            yield from _leaves(item, None if is_marked else known.get(name))
    elif isinstance(value, list) and value:
        items = None if is_marked or schema is None else schema.get("items", {})
        for item in value:
            yield from _leaves(item, items)
    else:
        yield is_marked, value
