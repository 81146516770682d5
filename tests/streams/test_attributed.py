from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft7Validator

from sample_store import Fault, Server, Shop, serve
from sample_store.faults import Faults
from sample_store.wire import Answer, Call
from tests.support.in_process import discover, discover_some, requests_of, schema_of, settings, sync

pytestmark = pytest.mark.usefixtures("nobody_waits")

VALUES, UNPARSED, LABELS = "custom_attributes", "custom_attributes_unparsed", "custom_attribute_labels"


def products(config: Mapping[str, Any], deselected: list[list[str]] | None = None) -> dict[int, dict[str, Any]]:
    """Discover the products and read them, by their id."""
    catalog = discover_some(config, ["products"], {"products": deselected or []})
    return {record["id"]: record for record in sync(config, catalog).records("products")}


def raw(server: Server, key: int, view: str = "all") -> dict[str, Any]:
    row = server.shop.row("products", key, view) or {}
    return {each["attribute_code"]: each["value"] for each in row["custom_attributes"]}


def messages(caplog: pytest.LogCaptureFixture, part: str) -> list[str]:
    return [message for record in caplog.records if part in (message := record.getMessage())]


def test_attributes_are_an_object_of_typed_values(server: Server) -> None:
    record, given = products(settings(server))[1], raw(server, 1)
    found = record[VALUES]
    assert Decimal(str(found["acme_deposit"])) == Decimal(given["acme_deposit"])
    assert found["acme_shelf_days"] == int(given["acme_shelf_days"])
    assert found["acme_is_vegan"] is True
    assert found["acme_harvested_on"] == given["acme_harvested_on"][:10]
    assert found["acme_restocked_at"] == given["acme_restocked_at"].replace(" ", "T") + "+00:00"
    assert found["acme_origin"] == int(given["acme_origin"])
    assert found["acme_grade"] == given["acme_grade"]
    assert found["acme_allergens"] == given["acme_allergens"].split(",")
    assert found["acme_batch"] == "000001"
    assert found["acme_story"] == given["acme_story"]
    assert record[UNPARSED] is None
    assert LABELS not in record


def test_every_record_is_valid_and_no_value_is_lost(server: Server) -> None:
    config = settings(server, option_labels=True)
    catalog = discover_some(config, ["products", "categories"])
    lines = sync(config, catalog)
    for name in ("products", "categories"):
        schema = {"type": "object", "properties": schema_of(catalog, name), "additionalProperties": False}
        validator = Draft7Validator(schema)
        records = lines.records(name)
        assert records
        for record in records:
            assert not [error.message for error in validator.iter_errors(record)]
    for row in server.shop.rows("products"):
        (record,) = (each for each in lines.records("products") if each["id"] == row["id"])
        codes = {each["attribute_code"] for each in row[VALUES] if each["value"] not in (None, "")}
        kept = {code for code, value in record[VALUES].items() if value is not None}
        zero_dates = {code for code, value in raw(server, row["id"]).items() if str(value).startswith("0000")}
        assert codes - zero_dates <= kept | set(record[UNPARSED] or {})


def test_the_raw_list_is_kept_on_request(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    config = settings(server, custom_attributes="list")
    schema = schema_of(discover(config), "products")
    assert schema[VALUES]["type"] == ["array", "null"]
    assert not {UNPARSED, LABELS} & schema.keys()
    for key, record in products(config).items():
        # What is no text comes as its JSON: `category_ids` is a list among texts.
        found = {each["attribute_code"]: each["value"] for each in record[VALUES]}
        for code, value in raw(server, key).items():
            assert found[code] == value or json.loads(found[code]) == value
    assert not messages(caplog, "does not fit")


def test_values_that_do_not_fit_are_kept_as_text_and_told_once_an_attribute(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    found = products(settings(server))
    assert found[3][VALUES]["acme_deposit"] is None
    assert found[3][UNPARSED] == {"acme_deposit": "abc", "acme_net_weight": "1,5 kg"}
    assert found[5][UNPARSED] == {"acme_shelf_days": "12 days"}
    assert found[7][VALUES]["acme_harvested_on"] is None
    assert found[7][UNPARSED] == {"acme_restocked_at": "soon"}
    told = messages(caplog, "does not fit its type; it is null")
    assert len([line for line in told if "acme_shelf_days" in line]) == 1
    assert len(told) == len(set(told)) == 7
    counted = [line for line in messages(caplog, "did not fit") if "acme_shelf_days" in line]
    assert counted == ["products: 2 values of field 'custom_attributes.acme_shelf_days' did not fit its type"]


def test_labels_stand_beside_the_ids(server: Server) -> None:
    found = products(settings(server, option_labels=True))
    origins = {"3001": "Germany", "3002": "Italy", "3003": "Côte d'Ivoire"}
    allergens = {"3011": "Nuts", "3012": "Milk", "3013": "Egg"}
    for key in (1, 6, 9, 10):
        given = raw(server, key)
        assert found[key][LABELS]["acme_origin"] == origins[given["acme_origin"]]
        assert found[key][LABELS]["acme_allergens"] == [allergens[id_] for id_ in given["acme_allergens"].split(",")]
    assert "acme_batch" not in found[1][LABELS]


def test_labels_are_in_the_language_of_the_view_that_is_read(server: Server) -> None:
    found = products(settings(server, option_labels=True, store_code="deutsch"))
    labels = {record[LABELS]["acme_origin"] for record in found.values() if "acme_origin" in (record[LABELS] or {})}
    assert labels - {None} == {"Deutschland", "Italien", "Elfenbeinküste"}


def test_an_id_without_an_option_has_null_for_a_label(server: Server) -> None:
    row = server.shop.row("products", 6) or {}
    given = [each for each in row[VALUES] if each["attribute_code"] != "acme_origin"]
    server.shop.put("products", row | {VALUES: [*given, {"attribute_code": "acme_origin", "value": "999"}]})
    try:
        record = products(settings(server, option_labels=True))[6]
    finally:
        server.shop.put("products", row)
    assert record[VALUES]["acme_origin"] == 999
    assert record[LABELS]["acme_origin"] is None


def test_labels_alone_can_be_selected(server: Server) -> None:
    config = settings(server, option_labels=True)
    found = products(config, [["properties", VALUES], ["properties", UNPARSED]])
    assert VALUES not in found[1]
    assert found[1][LABELS]["acme_allergens"]
    assert found[1][LABELS]["acme_origin"]


def test_a_label_can_be_selected_without_its_id(server: Server) -> None:
    config = settings(server, option_labels=True)
    found = products(config, [["properties", VALUES, "properties", "acme_allergens"]])
    assert "acme_allergens" not in found[1][VALUES]
    assert found[1][VALUES]["acme_shelf_days"] == 10
    assert found[1][LABELS]["acme_allergens"] == ["Nuts", "Egg"]


def test_what_did_not_fit_goes_with_the_attributes(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    found = products(settings(server), [["properties", VALUES]])
    assert not {VALUES, UNPARSED} & found[3].keys()
    assert not any(VALUES in request.query for request in server.requests)
    assert not messages(caplog, "does not fit")


def test_deselected_labels_are_not_asked_for(server: Server) -> None:
    config = settings(server, option_labels=True, schema_source="bundled")
    products(config, [["properties", LABELS]])
    assert requests_of(server, "/products/attributes") == 0


def test_labels_of_attributes_that_are_not_known_are_not_asked_for(server: Server) -> None:
    found = products(settings(server, option_labels=True, schema_source="bundled"))
    assert requests_of(server, "/products/attributes") == 0
    assert found[1][VALUES]["acme_shelf_days"] == "10"


def test_labels_that_may_not_be_seen_any_more_are_not_nulled_and_cost_no_other_stream(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    config = settings(server, option_labels=True, on_missing_access="skip")
    catalog = discover_some(config, ["products", "orders"])
    server.shop.roles["admin"] = frozenset({"Magento_Catalog::products", "Magento_Sales::actions_view"})
    lines = sync(config, catalog)
    assert lines.records("orders")
    assert not lines.records("products")
    (line,) = messages(caplog, "left out, as `on_missing_access`")
    assert "Magento_Catalog::attributes_attributes" in line


def test_products_are_read_where_attributes_were_never_to_be_seen(server: Server) -> None:
    server.shop.roles["admin"] = frozenset({"Magento_Catalog::products"})
    found = products(settings(server, option_labels=True))
    assert found[1][VALUES]["acme_shelf_days"] == "10"
    assert found[1].get(LABELS) is None


def test_deselected_attributes_cause_no_warning(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    crumb = ["properties", VALUES, "properties"]
    found = products(settings(server), [[*crumb, "acme_batch"], [*crumb, "acme_deposit"], ["properties", "weight"]])
    assert not {"acme_batch", "acme_deposit"} & found[1][VALUES].keys()
    assert found[1][VALUES]["acme_shelf_days"] == 10
    assert not messages(caplog, "not in the catalog")


def test_deselecting_all_attributes_asks_for_none(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    found = products(settings(server, audit="off"), [["properties", VALUES], ["properties", UNPARSED]])
    assert not {VALUES, UNPARSED} & found[1].keys()
    (query,) = {request.query.partition("fields=")[2] for request in server.requests if request.entity == "products"}
    assert "id,sku" in query
    assert VALUES not in query
    assert not messages(caplog, "not in the catalog")


def test_an_attribute_made_after_discovery_is_left_out_with_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    with serve(Shop.generate(orders=1)) as server:
        config = settings(server)
        catalog = discover_some(config, ["products"])
        server.shop.add_attribute("brand_new", values={1: "a", 2: "b", 3: "c"})
        records = sync(config, catalog).records("products")
        assert not any("brand_new" in record[VALUES] for record in records)
        (line,) = messages(caplog, "'custom_attributes.brand_new' is not in the catalog")
        assert "Refresh the catalog" in line
        (line,) = messages(caplog, "the catalog is out of date")
        assert "'custom_attributes.brand_new' is new" in line


def test_an_unknown_field_is_left_out_with_one_warning(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    after = Faults.after

    def adding(faults: Faults, call: Call, given: Answer, fault: Fault | None) -> Answer:
        answer = after(faults, call, given, fault)
        if not call.path.endswith("/V1/products") or not answer.keys:
            return answer
        found = json.loads(answer.body)
        for row in found.get("items", ()):  # counts have none
            row["surprise"] = {"a": 1}
        return replace(answer, body=json.dumps(found).encode())

    monkeypatch.setattr(Faults, "after", adding)
    found = products(settings(server))
    assert len(found) > 10
    assert not any("surprise" in record for record in found.values())
    (line,) = messages(caplog, "'surprise'")
    assert "Refresh the catalog" in line
