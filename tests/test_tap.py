from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from sample_store import Fault, Server, Shop, serve
from sample_store.faults import Faults
from sample_store.wire import Answer, Call
from tap_magento.exceptions import ShopUnavailableError
from tap_magento.streams.stores import Websites
from tests.support.in_process import discover, make_tap, requests_of, schema_of, selecting, settings, sync

pytestmark = pytest.mark.usefixtures("nobody_waits")


@pytest.fixture(scope="module")
def catalog(shared_server: Server) -> dict[str, Any]:
    return discover(settings(shared_server))


def changed(catalog: Mapping[str, Any], stream: str, change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Change what a catalog says of a stream's properties, as if the shop had been another when it was discovered."""
    other = copy.deepcopy(dict(catalog))
    change(schema_of(other, stream))
    return other


def messages(caplog: pytest.LogCaptureFixture, part: str) -> list[str]:
    return [message for record in caplog.records if part in (message := record.getMessage())]


DRIFT = "the catalog is out of date"


def test_a_shop_that_has_not_changed_is_not_reported(
    server: Server, catalog: Mapping[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    sync(settings(server), selecting(catalog, [entry["tap_stream_id"] for entry in catalog["streams"]]))
    assert not messages(caplog, DRIFT)
    assert not messages(caplog, "is not in the catalog")


def test_changes_are_reported_once_a_stream_with_what_to_do(
    server: Server, catalog: Mapping[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    def before(properties: dict[str, Any]) -> None:
        attributes = properties["custom_attributes"]["properties"]
        del attributes["acme_deposit"], attributes["acme_batch"]
        attributes["acme_shelf_days"] = {"type": ["string", "null"]}

    sync(settings(server), selecting(changed(catalog, "products", before), ["products", "orders"]))
    (line,) = messages(caplog, DRIFT)
    assert line.startswith("'products'")
    assert "'custom_attributes.acme_batch' is new" in line
    assert "'custom_attributes.acme_deposit' is new" in line
    assert "'custom_attributes.acme_shelf_days' was string and is integer" in line
    assert "Refresh the catalog" in line


def test_a_new_field_of_an_extension_is_reported(
    server: Server, catalog: Mapping[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    def before(properties: dict[str, Any]) -> None:
        del properties["extension_attributes"]["properties"]["acme_slot"]

    lines = sync(settings(server), selecting(changed(catalog, "orders", before), ["orders"]))
    (line,) = messages(caplog, DRIFT)
    assert "'extension_attributes.acme_slot' is new" in line
    assert not any("acme_slot" in record["extension_attributes"] for record in lines.records("orders"))


def test_many_changes_are_reported_in_short(
    server: Server, catalog: Mapping[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    def before(properties: dict[str, Any]) -> None:
        properties["custom_attributes"]["properties"].clear()

    sync(settings(server), selecting(changed(catalog, "products", before), ["products"]))
    (line,) = messages(caplog, DRIFT)
    assert line.count(" is new") == 10
    assert " more. Refresh the catalog" in line


def test_streams_that_are_not_selected_are_not_reported(
    server: Server, catalog: Mapping[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    sync(settings(server), selecting(changed(catalog, "products", dict.clear), ["orders"]))
    assert not messages(caplog, DRIFT)
    assert requests_of(server, "/attributes") == 0, "it asked for what nobody wants to know"


@pytest.mark.parametrize("path", ["/schema", "/products/attributes"])
def test_what_cannot_be_asked_is_not_taken_for_a_change(
    path: str, server: Server, catalog: Mapping[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    server.faults.add(Fault("server_error", path=path, times=None))
    lines = sync(settings(server), selecting(catalog, ["orders", "products"]))
    assert lines.records("orders")
    assert lines.records("products")[0]["custom_attributes"]["acme_shelf_days"] == 10
    assert not messages(caplog, DRIFT)
    assert len(messages(caplog, "using the bundled")) == 1


def test_bundled_schemas_report_nothing(
    server: Server, catalog: Mapping[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    sync(settings(server, schema_source="bundled"), selecting(catalog, ["orders", "products"]))
    assert not messages(caplog, DRIFT)
    assert requests_of(server, "/schema") == 0


def test_a_run_without_a_catalog_reads_all_with_the_shop_s_schema(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    lines = sync(settings(server), None)
    schemas = {line["stream"]: line["schema"]["properties"] for line in lines.lines if line["type"] == "SCHEMA"}
    assert schemas["products"]["custom_attributes"]["properties"]["acme_deposit"]["type"] == ["number", "null"]
    assert {"orders", "order_items", "invoices", "categories", "attribute_options", "websites"} <= schemas.keys()
    assert all(lines.records(name) for name in ("orders", "products", "categories", "attribute_options"))
    assert not messages(caplog, "is not in the catalog")
    assert requests_of(server, "/schema") == 1
    assert requests_of(server, "/integration/admin/token") == 1


def test_the_module_s_values_arrive(server: Server, catalog: Mapping[str, Any]) -> None:
    lines = sync(settings(server), selecting(catalog, ["orders", "order_items"]))
    raw = {row["entity_id"]: row["extension_attributes"] for row in server.shop.rows("orders")}
    for record in lines.records("orders"):
        found, given = record["extension_attributes"], raw[record["entity_id"]]
        for name in ("acme_is_express", "acme_loyalty_points", "acme_tags", "acme_gift_wrap_fee"):
            assert found.get(name) == given.get(name)
    assert any(record["extension_attributes"]["acme_serials"] for record in lines.records("order_items"))


def test_copies_are_left_out_and_not_asked_for(
    server: Server, catalog: Mapping[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    lines = sync(settings(server), selecting(catalog, ["orders", "order_items"]))
    for record in lines.records("orders"):
        assert not any("parent_item" in item for item in record["items"])
        for assignment in record["extension_attributes"]["shipping_assignments"]:
            assert "items" not in assignment
            assert "shipping" in assignment
    assert not any("parent_item" in record for record in lines.records("order_items"))
    assert any(record.get("parent_item_id") for record in lines.records("order_items"))
    assert not messages(caplog, "is not in the catalog")


def test_copies_are_kept_on_request(server: Server, catalog: Mapping[str, Any]) -> None:
    streams = ["orders", "order_items"]
    lean = sum(request.bytes for request in _questions(server, settings(server), selecting(catalog, streams)))
    config = settings(server, include_nested_duplicates=True)
    whole = selecting(discover(config), streams)
    lines = sync(config, whole)
    raw = {row["entity_id"]: row for row in server.shop.rows("orders")}
    for record in lines.records("orders"):
        given = raw[record["entity_id"]]["extension_attributes"]["shipping_assignments"]
        found = record["extension_attributes"]["shipping_assignments"]
        assert [[item["item_id"] for item in each["items"]] for each in found] == [
            [item["item_id"] for item in each["items"]] for each in given
        ]
    assert any(record.get("parent_item") for record in lines.records("order_items"))
    assert lean < 0.7 * sum(request.bytes for request in _questions(server, config, whole))


def _questions(server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]) -> list[Any]:
    server.clear()
    sync(config, catalog)
    return [request for request in server.requests if request.entity in ("orders", "order_items")]


def test_what_is_deselected_is_not_asked_for_and_causes_no_warning(
    server: Server, catalog: Mapping[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    deselected = [
        ["properties", "payment"],
        ["properties", "billing_address", "properties", "street"],
        ["properties", "items", "items", "properties", "sku"],
        ["properties", "extension_attributes", "properties", "acme_slot"],
        ["properties", "entity_id"],
        ["properties", "updated_at"],
    ]
    chosen = selecting(catalog, ["orders"], {"orders": deselected})
    questions = _questions(server, settings(server, audit="off"), chosen)
    for request in questions:
        fields = request.query.partition("fields=")[2]
        if fields == "total_count":
            continue
        assert "payment[" not in fields
        assert "acme_slot" not in fields
        assert "entity_id" in fields
        assert "updated_at" in fields
    records = sync(settings(server), chosen).records("orders")
    assert not messages(caplog, "is not in the catalog")
    for record in records:
        assert {"entity_id", "updated_at"} <= record.keys()
        assert "payment" not in record
        assert "street" not in record["billing_address"]
        assert record["billing_address"]["city"]
        assert not any("sku" in item for item in record["items"])
        assert "acme_slot" not in record["extension_attributes"]
        assert "acme_tags" in record["extension_attributes"]


@pytest.mark.parametrize("body", [b"[]", b'{"items": null, "total_count": 10}', b'{"items": [], "total_count": 10}'])
def test_a_malformed_response_never_passes_as_an_empty_shop(
    body: bytes,
    server: Server,
    catalog: Mapping[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    after = Faults.after

    def malformed(faults: Faults, call: Call, given: Answer, fault: Fault | None) -> Answer:
        answer = after(faults, call, given, fault)
        return replace(answer, body=body) if call.path.endswith("/V1/orders") else answer

    monkeypatch.setattr(Faults, "after", malformed)
    try:
        sync(settings(server), selecting(catalog, ["orders"]))
    except ShopUnavailableError:
        return
    assert messages(caplog, "'orders': the shop's counts and its rows disagree: it counts 10 rows, but sends none")


def test_an_empty_shop_passes_as_one() -> None:
    with serve(Shop.empty()) as server:
        lines = sync(settings(server), selecting(discover(settings(server)), ["orders", "products"]))
    assert {line["stream"] for line in lines.lines if line["type"] == "SCHEMA"} == {"orders", "products"}
    assert not [line for line in lines.lines if line["type"] == "RECORD"]
    assert json.dumps(lines.state)


def test_a_catalog_of_the_bundled_schemas_reads_a_live_shop(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    config = settings(server)
    catalog = selecting(discover({**config, "schema_source": "bundled"}), ["products", "orders"])
    lines = sync(config, catalog)
    assert lines.records("products")[0]["custom_attributes"]["acme_shelf_days"] == "10", "as the catalog says"
    assert len(messages(caplog, DRIFT)) == 2
    assert lines.records("orders")


def test_records_before_a_fault_of_the_tap_are_written(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    def fail_after_one(_: object, rows: Iterator[Any]) -> Iterator[Any]:
        yield next(iter(rows))
        raise RuntimeError("a fault of the tap")

    config = settings(server, schema_source="bundled")
    catalog = selecting(discover(config), ["websites"])
    monkeypatch.setattr(Websites, "reading_rows", fail_after_one)
    with pytest.raises(RuntimeError, match="a fault of the tap"):
        make_tap(config, catalog=catalog).run()
    assert b'"RECORD"' in capsysbinary.readouterr().out, "they were left in the buffer"
