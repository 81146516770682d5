from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from sample_store import Fault, Server, Shop, serve
from sample_store.attributes import Attribute, Option, put_attributes
from tests.support.in_process import bundled_catalog, requests_of, selecting, settings, sync
from tests.support.messages import Line

OPTIONS, PARENT = "attribute_options", "product_attributes"


@pytest.fixture
def server() -> Iterator[Server]:
    with serve(Shop.generate(orders=1, module=True)) as running:
        yield running


@pytest.fixture
def config(server: Server) -> dict[str, Any]:
    return settings(server, schema_source="bundled", page_size=20, max_concurrency=1)


@pytest.fixture
def catalog() -> dict[str, Any]:
    return bundled_catalog()


def expected(server: Server, view: str = "all") -> list[tuple[int, str, str]]:
    """The options that the shop has, but for the empty ones."""
    rows = (server.shop.row(PARENT, row["attribute_id"], view) or {} for row in server.shop.rows(PARENT))
    return [
        (row["attribute_id"], option["value"], option["label"])
        for row in rows
        for option in row["options"]
        if option["value"]
    ]


def test_options_are_cut_out_of_the_attributes(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    lines = sync(config, selecting(catalog, [OPTIONS, PARENT]))
    found = lines.keys(OPTIONS, "attribute_id", "value", "label")
    assert found == expected(server)
    assert len(found) > 20
    assert lines.keys(PARENT, "attribute_id") == [(row["attribute_id"],) for row in server.shop.rows(PARENT)]
    assert {record["store_code"] for record in lines.records(OPTIONS)} == {"all"}


def test_options_cost_no_request_more(server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]) -> None:
    sync(config, selecting(catalog, [PARENT]))
    alone = requests_of(server)
    server.clear()
    sync(config, selecting(catalog, [PARENT, OPTIONS]))
    assert requests_of(server) == alone


def test_options_alone_can_be_selected(server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]) -> None:
    lines = sync(config, selecting(catalog, [OPTIONS]))
    assert lines.keys(OPTIONS, "attribute_id", "value", "label") == expected(server)
    assert {line["stream"] for line in lines.lines if line["type"] in ("SCHEMA", "RECORD")} == {OPTIONS}
    questions = [request for request in server.requests if request.entity == PARENT]
    assert any("options" in request.query for request in questions)
    assert not any("frontend_labels" in request.query for request in questions), "more was asked for than is needed"


def test_options_need_no_property_of_their_parent_selected(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    chosen = selecting(catalog, [OPTIONS, PARENT], {PARENT: [["properties", "options"]]})
    lines = sync(config, chosen)
    assert lines.keys(OPTIONS, "attribute_id", "value", "label") == expected(server)
    assert not any("options" in record for record in lines.records(PARENT))


def test_the_schema_comes_before_the_first_row(config: Mapping[str, Any], catalog: Mapping[str, Any]) -> None:
    lines = sync(config, selecting(catalog, [OPTIONS, PARENT])).lines
    kinds = [line["type"] for line in lines if line.get("stream") == OPTIONS]
    assert kinds[0] == "SCHEMA"
    assert kinds.count("SCHEMA") == 1


def test_the_empty_option_stands_for_no_value(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    raw = [option for row in server.shop.rows(PARENT) for option in row["options"]]
    assert any(option["value"] == "" for option in raw)
    records = sync(config, selecting(catalog, [OPTIONS])).records(OPTIONS)
    assert all(record["value"] for record in records)
    assert "0" in {record["value"] for record in records}, "0 is a value"


def test_keys_are_unique_even_if_the_shop_repeats_an_option(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    twice = (Option("7", "First"), Option("8", "Other"), Option("7", "Again"))
    put_attributes(server.shop, [(900, Attribute("twice", "select", options=twice, user_defined=True))])
    lines = sync(config, selecting(catalog, [OPTIONS]))
    keys = lines.keys(OPTIONS, "attribute_id", "value", "store_code")
    assert len(keys) == len(set(keys))


def test_labels_are_those_of_the_store_view_that_is_read(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    lines = sync({**config, "store_code": "deutsch"}, selecting(catalog, [OPTIONS]))
    assert lines.keys(OPTIONS, "attribute_id", "value", "label") == expected(server, "deutsch")
    assert {record["store_code"] for record in lines.records(OPTIONS)} == {"deutsch"}
    assert "Blau" in {record["label"] for record in lines.records(OPTIONS)}


def test_options_keep_the_shop_s_order(config: Mapping[str, Any], catalog: Mapping[str, Any]) -> None:
    positions: dict[int, list[int]] = {}
    for record in sync(config, selecting(catalog, [OPTIONS])).records(OPTIONS):
        positions.setdefault(record["attribute_id"], []).append(record["position"])
    assert all(found == sorted(found) for found in positions.values())


def test_a_run_that_was_killed_is_made_good_by_the_next(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    def dies(line: Line) -> bool:
        return "3012" in line.get("record", {}).values()

    killed = sync(config, selecting(catalog, [OPTIONS]), dies_before=dies)
    assert killed.records(OPTIONS)
    again = sync(config, selecting(catalog, [OPTIONS]))
    assert again.keys(OPTIONS, "attribute_id", "value", "label") == expected(server)


def test_options_that_may_not_be_read_are_told_of_and_cost_no_other_stream(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    server.shop.roles["admin"] = frozenset({"Magento_Sales::actions_view"})
    lines = sync({**config, "on_missing_access": "skip"}, selecting(catalog, [OPTIONS, "orders"]))
    assert lines.records("orders")
    assert not lines.records(OPTIONS)
    assert any("Magento_Catalog::attributes_attributes" in record.getMessage() for record in caplog.records)


def test_a_complete_re_read_replaces_the_options_only_when_all_are_read(
    config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    lines = sync({**config, "emit_activate_version_messages": True}, selecting(catalog, [OPTIONS, PARENT])).lines
    for stream in (OPTIONS, PARENT):
        kinds = [line["type"] for line in lines if line.get("stream") == stream and line["type"] != "SCHEMA"]
        assert kinds.count("ACTIVATE_VERSION") == 1, stream
        assert kinds[-1] == "ACTIVATE_VERSION"
        versions = {line["version"] for line in lines if line.get("stream") == stream and line["type"] == "RECORD"}
        assert len(versions) == 1


def test_options_are_not_replaced_where_an_attribute_was_set_aside(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    server.faults.add(Fault("bad_row", entity=PARENT, key=93, times=None))
    lines = sync({**config, "emit_activate_version_messages": True}, selecting(catalog, [OPTIONS, PARENT]))
    assert 93 not in {key for (key,) in lines.keys(OPTIONS, "attribute_id")}
    assert lines.records(OPTIONS)
    assert not [line for line in lines.lines if line["type"] == "ACTIVATE_VERSION"]
