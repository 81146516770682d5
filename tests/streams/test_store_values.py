from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from sample_store import Fault, Server, Shop, serve
from sample_store.scopes import with_values
from tap_magento.streams.base import MagentoStream
from tap_magento.streams.list import ListStream
from tests.faults.support import Clock
from tests.support.in_process import (
    discover,
    discover_some,
    make_tap,
    replicating_fully,
    requests_of,
    schema_of,
    settings,
    sync,
)
from tests.support.messages import Line
from tests.support.ways_in import way_in

pytestmark = pytest.mark.usefixtures("nobody_waits")

STREAM = "product_store_values"
VIEWS = ["deutsch", "outlet"]


@pytest.fixture(autouse=True)
def _frequent_states(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MagentoStream, "STATE_MSG_FREQUENCY", 5)
    monkeypatch.setattr(ListStream, "is_state_due", lambda _: True)


@pytest.fixture
def server() -> Iterator[Server]:
    with serve(Shop.generate(orders=3, module=True, clock=Clock())) as running:
        yield running


@pytest.fixture
def config(server: Server) -> dict[str, Any]:
    return settings(server, store_views=VIEWS, page_size=10)


@pytest.fixture
def catalog(config: Mapping[str, Any]) -> dict[str, Any]:
    return discover_some(config, [STREAM])


def products(server: Server) -> list[int]:
    return [row["id"] for row in server.shop.rows("products")]


def dies_at(view: str, key: int) -> Callable[[Line], bool]:
    def dies(line: Line) -> bool:
        place = {"store_code": view, "id": key}
        return line["type"] == "RECORD" and {name: line["record"][name] for name in place} == place

    return dies


def tick(server: Server, seconds: float) -> None:
    clock = server.shop.clock
    assert isinstance(clock, Clock)
    clock.tick(seconds)


def test_without_store_views_there_are_no_such_streams(server: Server) -> None:
    names = {entry["tap_stream_id"] for entry in discover(settings(server))["streams"]}
    assert not names & {STREAM, "category_store_values"}


def test_the_key_is_the_entity_and_the_store_view(catalog: Mapping[str, Any]) -> None:
    for entry in catalog["streams"]:
        if entry["tap_stream_id"] in (STREAM, "category_store_values"):
            assert sorted(entry["key_properties"]) == ["id", "store_code"]
            assert entry["replication_key"] == "updated_at"


def test_only_fields_and_attributes_of_narrower_scope_are_there(server: Server, catalog: Mapping[str, Any]) -> None:
    scopes = {row["attribute_code"]: row["scope"] for row in server.shop.rows("product_attributes")}
    properties = schema_of(catalog, STREAM)
    attributes = set(properties["custom_attributes"]["properties"])
    assert {scopes[code] for code in attributes} == {"website", "store"}
    assert {"acme_is_vegan", "acme_restocked_at", "description", "special_price"} <= attributes
    assert not {"color", "acme_batch", "weight"} & attributes
    fields = properties.keys() - {"custom_attributes", "custom_attributes_unparsed", "_unparsed"}
    assert fields == {"id", "sku", "store_code", "updated_at", "name", "price", "status", "visibility"}


def test_categories_have_theirs(server: Server) -> None:
    config = settings(server, store_views=["deutsch"])
    catalog = discover_some(config, ["category_store_values"])
    assert {"is_active", "include_in_menu"} <= schema_of(catalog, "category_store_values").keys()
    assert "level" not in schema_of(catalog, "category_store_values")
    names = {record["name"] for record in sync(config, catalog).records("category_store_values")}
    assert "Taschen" in names


def test_a_run_by_a_catalog_requests_the_store_views_once(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    server.clear()
    sync(config, catalog)
    assert requests_of(server, "/store/storeViews") == 1


def test_each_row_has_the_values_of_its_view(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    lines = sync(config, catalog)
    assert lines.keys(STREAM, "store_code", "id") == [(view, key) for view in VIEWS for key in products(server)]
    differing = 0
    for record in lines.records(STREAM):
        local = server.shop.row("products", record["id"], record["store_code"])
        assert local is not None
        assert record["name"] == local["name"]
        assert record.get("price") == pytest.approx(local.get("price"))
        differing += local["name"] != (server.shop.row("products", record["id"]) or {})["name"]
    assert differing > 5


def test_each_view_has_a_bookmark_of_its_own(config: Mapping[str, Any], catalog: Mapping[str, Any]) -> None:
    partitions = sync(config, catalog).state["bookmarks"][STREAM]["partitions"]
    assert [partition["context"] for partition in partitions] == [{"store_code": view} for view in VIEWS]
    assert all(partition["replication_key_value"] for partition in partitions)
    assert not any("backfill" in partition for partition in partitions)


def test_increments_are_read_for_each_view(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    state = sync(config, catalog).state
    tick(server, 3600)
    row = (server.shop.row("products", 7) or {}) | {"updated_at": server.shop.now()}
    server.shop.put("products", row)
    for view in VIEWS:
        server.shop.put_view("products", view, with_values(row, {"name": f"New in {view}"}))
    tick(server, 60)
    server.clear()
    again = sync(config, catalog, state)
    assert again.keys(STREAM, "store_code", "id", "name") == [(view, 7, f"New in {view}") for view in VIEWS]
    assert requests_of(server, "/V1/products") <= 2 * len(VIEWS) + 1  # and the drift report's attributes


def test_a_store_view_added_later_is_read_from_its_own_beginning(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    state = sync({**config, "store_views": ["deutsch"]}, catalog).state
    tick(server, 3600)
    lines = sync(config, catalog, state)
    assert lines.keys(STREAM, "store_code", "id") == [("outlet", key) for key in products(server)]


def test_a_run_killed_in_the_second_view_resumes_there(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    keys = products(server)
    killed = sync(config, catalog, dies_before=dies_at("outlet", keys[30]))
    first, second = killed.state["bookmarks"][STREAM]["partitions"]
    assert "backfill" not in first
    assert second["backfill"]["after"] >= keys[15]
    tick(server, 3600)
    again = sync(config, catalog, killed.state)
    assert "deutsch" not in {view for (view,) in again.keys(STREAM, "store_code")}
    read = set(killed.keys(STREAM, "store_code", "id")) | set(again.keys(STREAM, "store_code", "id"))
    assert read == {(view, key) for view in VIEWS for key in keys}
    assert len(again.records(STREAM)) < len(keys), "it began anew"


def test_a_complete_re_read_replaces_the_rows_only_when_all_views_are_read(
    config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    config = {**config, "emit_activate_version_messages": True}
    lines = sync(config, replicating_fully(catalog, STREAM)).lines
    kinds = [line["type"] for line in lines if line["type"] in ("RECORD", "ACTIVATE_VERSION")]
    assert kinds.count("ACTIVATE_VERSION") == 1
    assert kinds[-1] == "ACTIVATE_VERSION"


@pytest.mark.parametrize("view", VIEWS)
def test_a_complete_re_read_resumed_in_any_view_has_one_version(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any], view: str
) -> None:
    config = {**config, "emit_activate_version_messages": True}
    keys = products(server)
    killed = sync(config, replicating_fully(catalog, STREAM), dies_before=dies_at(view, keys[30]))
    views = killed.state["bookmarks"][STREAM]["partitions"]
    (under_way,) = (each["full_table"] for each in views if "began" in each.get("full_table", {}))
    under_way["version"] = 1_234  # of an earlier second than that in which the test runs
    lines = sync(config, replicating_fully(catalog, STREAM), killed.state).lines
    versions = {line["version"] for line in lines if line["type"] in ("RECORD", "ACTIVATE_VERSION")}
    assert versions == {1_234}, "the loader would drop the rows of the other version"


def test_labels_are_in_the_language_of_the_view(config: Mapping[str, Any]) -> None:
    config = {**config, "option_labels": True, "store_views": ["deutsch", "default"]}
    catalog = discover_some(config, [STREAM])
    labels: dict[str, set[str]] = {"deutsch": set(), "default": set()}
    for record in sync(config, catalog).records(STREAM):
        found = record["custom_attribute_labels"] or {}
        labels[record["store_code"]].update(found.get("acme_allergens") or ())
    assert labels == {"deutsch": {"Nüsse", "Milch", "Ei"}, "default": {"Nuts", "Milk", "Egg"}}


def test_raw_attributes_are_of_narrower_scope_too(server: Server, config: Mapping[str, Any]) -> None:
    config = {**config, "custom_attributes": "list"}
    catalog = discover_some(config, [STREAM])
    scopes = {row["attribute_code"]: row["scope"] for row in server.shop.rows("product_attributes")}
    records = sync(config, catalog).records(STREAM)
    found = {each["attribute_code"] for record in records for each in record["custom_attributes"]}
    assert {scopes[code] for code in found} == {"website", "store"}


def test_what_is_no_attribute_does_not_stop_the_list(config: Mapping[str, Any]) -> None:
    config = {**config, "custom_attributes": "list"}
    stream: Any = make_tap(config, catalog=discover_some(config, [STREAM])).streams[STREAM]
    entry = {"attribute_code": "name", "value": "Chair"}
    odd: list[Any] = [None, "x", [], {}, {"attribute_code": []}, {"attribute_code": "acme_batch", "value": "1"}, entry]
    transform = stream.rows.transformer(
        STREAM, stream.transformed_schema, stream.effective_schema, stream.progress, VIEWS[0]
    )
    record = transform({"id": 1, "custom_attributes": odd})
    assert record
    assert record["custom_attributes"][-1] == entry
    assert "acme_batch" not in json.dumps(record)


def test_attributes_of_global_scope_are_left_out_without_a_word(
    config: Mapping[str, Any], catalog: Mapping[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    record = sync(config, catalog).records(STREAM)[0]
    assert "acme_batch" not in record["custom_attributes"]
    assert not [each for each in caplog.records if "not in the schema" in each.getMessage()]


def test_the_shop_is_asked_for_what_is_needed_alone(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    server.clear()
    sync(config, catalog)
    questions = [request for request in server.requests if request.path.endswith("/V1/products")]
    assert {request.path for request in questions} == {f"/rest/{view}/V1/products" for view in VIEWS}
    for request in questions:
        assert "fields=items" in request.query
        assert "media_gallery" not in request.query
        assert "store_code" not in request.query


def test_a_store_view_named_twice_is_read_once(config: Mapping[str, Any], catalog: Mapping[str, Any]) -> None:
    lines = sync({**config, "store_views": ["deutsch", "deutsch"]}, catalog)
    keys = lines.keys(STREAM, "store_code", "id")
    assert len(keys) == len(set(keys))


def test_a_row_that_cannot_be_read_is_quarantined_in_each_view(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    server.faults.add(Fault("bad_row", entity="products", key=5, times=None))
    first = sync(config, catalog)
    assert {key for (key,) in first.keys(STREAM, "id")} == {*products(server)} - {5}
    assert [each["quarantined"] for each in first.state["bookmarks"][STREAM]["partitions"]] == [[5], [5]]
    server.faults.clear()
    tick(server, 3600)
    again = sync(config, catalog, first.state)
    assert again.keys(STREAM, "store_code", "id") == [(view, 5) for view in VIEWS]
    assert not any(each["quarantined"] for each in again.state["bookmarks"][STREAM]["partitions"])


def test_a_shop_that_tells_views_by_a_header_has_values_for_each(server: Server) -> None:
    config = way_in(server, "ims") | {"store_views": VIEWS, "option_labels": True, "page_size": 10}
    catalog = discover_some(config, [STREAM])
    assert "acme_grade" in schema_of(catalog, STREAM)["custom_attributes"]["properties"]
    lines = sync(config, catalog)
    assert lines.keys(STREAM, "store_code", "id") == [(view, key) for view in VIEWS for key in products(server)]
    for record in lines.records(STREAM):
        assert record["name"] == (server.shop.row("products", record["id"], record["store_code"]) or {})["name"]
    labels = {
        view: {
            label
            for record in lines.records(STREAM)
            if record["store_code"] == view
            for label in (record["custom_attribute_labels"] or {}).get("acme_allergens") or ()
        }
        for view in VIEWS
    }
    assert labels == {"deutsch": {"Nüsse", "Milch", "Ei"}, "outlet": {"Nuts", "Milk", "Egg"}}
