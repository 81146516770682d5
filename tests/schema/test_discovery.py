from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from sample_store import Fault, Server, Shop, serve
from sample_store.attributes import put_attributes
from sample_store.faults import Faults
from sample_store.generate.attributes import PRODUCT_ATTRIBUTES
from sample_store.wire import Answer, Call
from tap_magento.http.errors import MagentoError, ShopUnavailableError
from tap_magento.runtime.shutdown import Shutdown, ShutdownError
from tap_magento.schema import attribute_api
from tap_magento.schema.annotations import without_commerce
from tap_magento.schema.attribute_api import labels_of
from tap_magento.schema.discovery import BUNDLED, Discovery
from tap_magento.schema.store_views import UnknownStoreViewError
from tests.support.clients import client_of
from tests.support.clock import FakeClock
from tests.support.in_process import FakeClockTap, discover, make_tap, requests_of, schema_of, selecting, settings, sync

pytestmark = pytest.mark.usefixtures("nobody_waits")

ATTRIBUTES = "Magento_Catalog::attributes_attributes"


Change = Callable[[Answer], Answer]


def changing(monkeypatch: pytest.MonkeyPatch, part: str, change: Change) -> None:
    """Let something stand between the shop and the tap that changes the answers of an address."""
    after = Faults.after

    def changed(faults: Faults, call: Call, given: Answer, fault: Fault | None) -> Answer:
        answer = after(faults, call, given, fault)
        return change(answer) if part in call.path else answer

    monkeypatch.setattr(Faults, "after", changed)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelname in ("WARNING", "ERROR")]


def discovery_of(server: Server, **config: Any) -> Discovery:
    return Discovery(client_of(settings(server, **config)), nullcontext, live=True)


def test_a_module_s_fields_are_discovered_with_their_types(server: Server) -> None:
    catalog = discover(settings(server))
    extension = schema_of(catalog, "orders")["extension_attributes"]["properties"]
    assert extension["acme_gift_wrap_fee"] == {"type": ["number", "null"]}
    assert extension["acme_is_express"] == {"type": ["boolean", "null"]}
    assert extension["acme_loyalty_points"] == {"type": ["integer", "null"]}
    assert extension["acme_tags"] == {"type": ["array", "null"], "items": {"type": ["string", "null"]}}
    assert extension["acme_slot"]["properties"]["depot"]["properties"]["latitude"] == {"type": ["number", "null"]}
    assert extension["acme_surcharges"]["items"]["properties"]["amount"] == {"type": ["number", "null"]}
    item = schema_of(catalog, "order_items")["extension_attributes"]["properties"]
    assert item["acme_lot"]["properties"]["number"] == {"type": ["string", "null"]}
    inside = schema_of(catalog, "orders")["items"]["items"]["properties"]["extension_attributes"]["properties"]
    assert inside["acme_lot"] == item["acme_lot"]
    assert schema_of(catalog, "invoices")["extension_attributes"]["properties"]["acme_ledger_id"] == {
        "type": ["integer", "null"]
    }


def test_attributes_are_discovered_with_their_types(server: Server) -> None:
    products = schema_of(discover(settings(server)), "products")["custom_attributes"]["properties"]
    kinds = {
        "acme_deposit": ["number", "null"],
        "acme_shelf_days": ["integer", "null"],
        "acme_is_vegan": ["boolean", "null"],
        "acme_origin": ["integer", "null"],
        "acme_grade": ["string", "null"],
        "acme_allergens": ["array", "null"],
        "acme_batch": ["string", "null"],
        "color": ["integer", "null"],
        "material": ["array", "null"],
    }
    assert {code: products[code]["type"] for code in kinds} == kinds
    assert products["acme_harvested_on"]["format"] == "date"
    assert products["acme_restocked_at"]["format"] == "date-time"
    assert products["category_ids"]["items"] == {"type": ["integer", "null"]}


def test_discovery_sends_each_request_once(server: Server) -> None:
    discover(settings(server))
    first, *others = [request.path.removeprefix("/rest/all") for request in server.requests]
    assert first == "/V1/integration/admin/token"
    assert sorted(others) == [
        "/V1/attributeMetadata/customer",
        "/V1/attributeMetadata/customerAddress",
        "/V1/categories/attributes",
        "/V1/products/attributes",
        "/schema",
    ]


def test_bundled_schemas_ask_no_shop(server: Server) -> None:
    catalog = discover(settings(server, schema_source="bundled"))
    assert not server.requests
    assert (
        schema_of(catalog, "orders").keys() - {"_unparsed"}
        == without_commerce(BUNDLED.get_schema("orders"))["properties"].keys()
    )


@pytest.mark.parametrize("config", [{}, {"store_url": "https://shop.example.com"}])
def test_discovery_without_credentials_asks_no_network(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        pytest.fail("it asked the network")

    monkeypatch.setattr(requests.Session, "send", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    catalog = make_tap(config, validate_config=False).catalog_dict
    assert {entry["tap_stream_id"] for entry in catalog["streams"]} >= {"orders", "products", "websites"}
    assert not [line for line in warnings(caplog) if "Could not read" in line]


@pytest.fixture(scope="module")
def bundled(shared_server: Server) -> dict[str, Any]:
    return discover(settings(shared_server, schema_source="bundled"))


def test_a_shop_that_is_away_is_an_error() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with pytest.raises(ShopUnavailableError, match="cannot be reached"):
        discover({"store_url": url, "username": "admin", "password": "x", "retry_timeout": 900})


@pytest.mark.parametrize("access", [{}, {"access_token": "made-up", "username": None, "password": None}])
def test_a_shop_that_redirects_is_an_error(access: dict[str, Any], server: Server) -> None:
    server.faults.add(Fault("redirect", times=None, location="https://www.example.com/login"))
    with pytest.raises(MagentoError, match=r"the shop redirects to https://www\.example\.com/login"):
        discover(settings(server, **access))


@pytest.mark.parametrize("path", ["", "V1/products/attributes"])
@pytest.mark.parametrize("kind", ["unavailable", "gateway_timeout", "maintenance", "too_many_requests"])
def test_an_outage_is_an_error(kind: Any, path: str, server: Server) -> None:
    server.faults.add(Fault(kind, path=path, times=None))
    with pytest.raises(ShopUnavailableError):
        discover(settings(server))


@pytest.mark.parametrize("access", [{}, {"access_token": "made-up", "username": None, "password": None}])
def test_an_address_that_is_no_shop_is_an_error(
    access: dict[str, Any], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing(monkeypatch, "", _missing_page)
    with pytest.raises(MagentoError, match="the web server does not know the address"):
        discover(settings(server, **access))


def _not_found(answer: Answer) -> Answer:
    return replace(answer, status=404, body=b'{"message": "Request does not match any route.", "trace": null}')


def _missing_page(answer: Answer) -> Answer:
    return replace(answer, status=404, content_type="text/html", body=b"<html>404 Not Found</html>")


def _forbidden(answer: Answer) -> Answer:
    return replace(answer, status=403, content_type="text/html", body=b"<html>403 Forbidden</html>")


def _half(answer: Answer) -> Answer:
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def _html(answer: Answer) -> Answer:
    return replace(answer, content_type="text/html", body=b"<html>Just a moment...</html>")


def _empty(answer: Answer) -> Answer:
    return replace(answer, body=b"")


def _internal(answer: Answer) -> Answer:
    return replace(answer, status=500, body=b'{"message": "Internal Error. Report ID: webapi-1"}')


@pytest.mark.parametrize("change", [_not_found, _missing_page, _forbidden, _half, _html, _empty, _internal])
def test_a_schema_that_cannot_be_had_leaves_the_bundled_fields_and_one_warning(
    change: Change,
    server: Server,
    bundled: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    changing(monkeypatch, "/schema", change)
    found = discover(settings(server))
    assert schema_of(found, "orders") == schema_of(bundled, "orders")
    (line,) = warnings(caplog)
    assert line.startswith("Could not read the shop's schema; using the bundled")


@pytest.mark.parametrize("change", [_not_found, _missing_page, _forbidden, _half, _empty, _internal])
def test_a_schema_that_cannot_be_had_says_nothing_of_the_attributes(
    change: Change, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing(monkeypatch, "/schema", change)
    products = schema_of(discover(settings(server)), "products")
    assert products["custom_attributes"]["properties"]["acme_deposit"] == {"type": ["number", "null"]}


def test_a_schema_that_breaks_off_is_an_outage(server: Server) -> None:
    server.faults.add(Fault("truncated", path="/schema", times=None))
    with pytest.raises(ShopUnavailableError, match="broke off"):
        discover(settings(server))


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"{}", b'{"definitions": []}', b'{"definitions": null}'])
def test_a_schema_of_nothing_leaves_the_bundled_fields(
    body: bytes, server: Server, bundled: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    changing(monkeypatch, "/schema", lambda answer: replace(answer, body=body))
    assert schema_of(discover(settings(server)), "orders") == schema_of(bundled, "orders")


def test_a_role_that_may_not_see_attributes_has_them_as_texts(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    server.shop.roles["admin"] = frozenset(
        {"Magento_Sales::actions_view", "Magento_Catalog::products", "Magento_Catalog::categories"}
    )
    found = discover(settings(server))
    texts = {"type": ["object", "null"], "additionalProperties": {"type": ["string", "null"]}}
    assert schema_of(found, "products")["custom_attributes"] == texts
    assert schema_of(found, "categories")["custom_attributes"] == texts
    assert "acme_tags" in schema_of(found, "orders")["extension_attributes"]["properties"]
    (line,) = warnings(caplog)
    assert "attributes of products" in line
    assert ATTRIBUTES in line


@pytest.mark.parametrize("body", [b'{"items": null, "total_count": 35}', b'{"items": [], "total_count": 35}'])
def test_attributes_that_are_counted_but_hidden_are_not_taken_for_none(
    body: bytes, server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    changing(monkeypatch, "/V1/products/attributes", lambda answer: replace(answer, body=body))
    discovery = discovery_of(server)
    assert discovery.attributes("products") == ()
    assert discovery.is_incomplete
    assert any("attributes of products" in line for line in warnings(caplog))


def test_attributes_in_an_order_that_was_not_asked_for_are_not_trusted(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def backwards(answer: Answer) -> Answer:
        found = json.loads(answer.body)
        return replace(answer, body=json.dumps(found | {"items": found["items"][::-1]}).encode())

    changing(monkeypatch, "/V1/products/attributes", backwards)
    discovery = discovery_of(server)
    assert discovery.attributes("products") == ()
    assert discovery.is_incomplete
    assert len(warnings(caplog)) == 1


def test_an_attribute_without_a_code_is_passed_over(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless(answer: Answer) -> Answer:
        found = json.loads(answer.body)
        found["items"][0]["attribute_code"] = None
        return replace(answer, body=json.dumps(found).encode())

    before = {attribute.code for attribute in discovery_of(server).attributes("products")}
    changing(monkeypatch, "/V1/products/attributes", nameless)
    after = {attribute.code for attribute in discovery_of(server).attributes("products")}
    assert len(before - after) == 1
    assert after < before


def test_an_attribute_that_the_shop_fails_on_costs_no_other(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    before = {attribute.code for attribute in discovery_of(server).attributes("products")}
    server.faults.add(Fault("bad_row", entity="product_attributes", key=93, times=None))
    after = {attribute.code for attribute in discovery_of(server).attributes("products")}
    assert before - after == {"color"}
    (line,) = warnings(caplog)
    assert "Attribute 93" in line


def test_a_wrong_password_is_tried_once_by_discovery(server: Server) -> None:
    with pytest.raises(MagentoError, match="wrong, or the account is disabled"):
        discover(settings(server, password="not-this-one", retry_timeout=900))
    assert [request.path for request in server.requests] == ["/rest/all/V1/integration/admin/token"]


def test_a_wrong_password_is_tried_once_by_the_drift_report_and_sync_together(
    server: Server, bundled: dict[str, Any]
) -> None:
    with pytest.raises(MagentoError, match="wrong, or the account is disabled"):
        sync(settings(server, password="not-this-one"), selecting(bundled, ["orders", "products"]))
    assert requests_of(server) == 1


def test_the_same_shop_gives_the_same_catalog_byte_for_byte() -> None:
    texts = []
    for backwards in (False, True):
        shop = Shop.generate(orders=1, module=True)
        if backwards:  # the same attributes under other ids, so in another order
            for key in PRODUCT_ATTRIBUTES:
                shop.delete("product_attributes", key)
            put_attributes(shop, ((9_000 - key, each) for key, each in PRODUCT_ATTRIBUTES.items()))
        with serve(shop) as running:
            config = settings(running, store_views=["deutsch"], option_labels=True)
            texts += [make_tap(config).catalog_json_text, make_tap(config).catalog_json_text]
    assert len(set(texts)) == 1


def test_programs_that_hash_differently_write_the_same_catalog(server: Server, tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps(settings(server, store_views=["deutsch"], option_labels=True)), encoding="utf-8")
    command = [sys.executable, "-m", "tap_magento", "--config", str(config), "--discover"]
    texts = {
        subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1
    assert b"acme_slot" in texts.pop()


def test_discovery_ends_when_it_is_told_to(server: Server) -> None:
    shutdown = Shutdown()
    shutdown.request(signal.SIGTERM)
    with pytest.raises(ShutdownError):
        Discovery(client_of(settings(server)), shutdown.waiting, live=True).rows("orders")
    assert not server.requests


def test_a_short_outage_is_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    monkeypatch.setattr(FakeClockTap, "clock", lambda: clock)
    expected = discover(settings(server))
    server.faults.add(Fault("unavailable", path="/schema", times=2), Fault("maintenance", path="/attributes"))
    assert discover(settings(server, retry_timeout=900)) == expected
    assert clock.waits == [1, 2, 1]


@pytest.mark.parametrize("path", ["/schema", "/products/attributes", "/store/storeViews"])
def test_a_long_outage_is_not_waited_for_by_discovery(
    path: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    monkeypatch.setattr(FakeClockTap, "clock", lambda: clock)
    server.faults.add(Fault("unavailable", path=path, times=None))
    with pytest.raises(ShopUnavailableError, match="the shop is overloaded"):
        discover(settings(server, retry_timeout=900, store_views=["deutsch"]))
    assert sum(clock.waits) <= 60


def test_a_shorter_retry_timeout_bounds_discovery_too(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    monkeypatch.setattr(FakeClockTap, "clock", lambda: clock)
    server.faults.add(Fault("unavailable", path="/schema", times=None))
    with pytest.raises(ShopUnavailableError):
        discover(settings(server, retry_timeout=5))
    assert sum(clock.waits) <= 5


@pytest.fixture(scope="module")
def large_shop() -> Iterator[Server]:
    with serve(Shop.generate(orders=1, attributes=1_500, options=100_000)) as running:
        yield running


def test_a_large_shop_is_discovered_in_few_requests_and_little_memory(large_shop: Server) -> None:
    large_shop.clear()
    config = settings(large_shop)
    tracemalloc.start()
    try:
        catalog = make_tap(config).catalog_dict
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(schema_of(catalog, "products")["custom_attributes"]["properties"]) > 1_500
    assert requests_of(large_shop) <= 4 + 17  # a login, the schema, those of customers, and pages of a hundred
    received = sum(request.bytes for request in large_shop.requests if "attributes" in request.path)
    assert received < 500_000, "the options were asked for"
    assert peak < 60_000_000


def test_the_labels_of_a_large_shop_are_read_in_little_memory(large_shop: Server) -> None:
    client = client_of(settings(large_shop))
    tracemalloc.start()
    try:
        labels = labels_of(client, "products", None)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sum(map(len, labels.values())) > 100_000
    assert peak < 75_000_000


def test_an_unknown_store_view_fails_at_once_and_names_those_that_exist(server: Server) -> None:
    with pytest.raises(UnknownStoreViewError, match=r"names french, .* are default, deutsch, outlet"):
        discover(settings(server, store_views=["deutsch", "french"]))
    assert requests_of(server, "/V1/") == 2, "it asked on"


def test_what_is_no_store_view_is_not_in_the_way(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    body = b'[null, "admin", [], {"code": "deutsch"}]'
    changing(monkeypatch, "/store/storeViews", lambda answer: replace(answer, body=body))
    discover(settings(server, store_views=["deutsch"]))
    with pytest.raises(UnknownStoreViewError, match=r"names french, .* are deutsch"):
        discover(settings(server, store_views=["french"]))


@pytest.mark.parametrize("source", ["live", "bundled"])
def test_a_catalog_run_fails_for_an_unknown_store_view_before_anything_is_read(source: str, server: Server) -> None:
    catalog = selecting(discover(settings(server, store_views=["deutsch"])), ["orders", "product_store_values"])
    server.clear()
    with pytest.raises(UnknownStoreViewError, match="default, deutsch, outlet"):
        sync(settings(server, store_views=["deutsch", "french"], schema_source=source), catalog)
    assert requests_of(server, "/V1/orders") == 0


def test_store_views_that_may_not_be_seen_are_not_in_the_way(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    server.shop.roles["admin"] = frozenset({"Magento_Catalog::products", ATTRIBUTES})
    config = settings(server, store_views=["deutsch"])
    catalog = selecting(discover(config), ["product_store_values"])
    assert any("store views" in line for line in warnings(caplog))
    assert sync(config, catalog).records("product_store_values")


def test_attributes_are_read_a_page_at_a_time(large_shop: Server) -> None:
    large_shop.clear()
    next(attribute_api._rows(client_of(settings(large_shop)), "products", None))
    assert requests_of(large_shop, "/products/attributes") == 1


def test_labels_that_the_shop_cannot_give_now_are_an_error(server: Server) -> None:
    server.faults.add(Fault("unavailable", path="/products/attributes", times=None))
    with pytest.raises(ShopUnavailableError):
        labels_of(client_of(settings(server)), "products", None)
