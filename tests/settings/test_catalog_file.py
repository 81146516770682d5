"""Catalogs as people, Meltano and other programs write them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from singer_sdk.exceptions import ConfigurationError
from singer_sdk.singerlib.catalog import Catalog

from tap_magento.settings.catalog_file import check_catalog

KNOWN = {"orders": "updated_at", "modules": None}


def entry(name: str = "orders", root: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    metadata = [{"breadcrumb": [], "metadata": {"selected": True, **(root or {})}}]
    method = {"replication_method": "INCREMENTAL", "replication_key": "updated_at"} if name == "orders" else {}
    return {"tap_stream_id": name, "stream": name, "schema": {"type": "object"}, "metadata": metadata, **method, **more}


def checked(*entries: Any) -> tuple[list[dict[str, Any]], list[str]]:
    catalog, notes = check_catalog({"streams": list(entries)}, KNOWN)
    return catalog.to_dict()["streams"], notes


def test_a_discovered_catalog_stays_as_it_is() -> None:
    modules = entry("modules", replication_method="FULL_TABLE")
    assert checked(entry(), modules) == ([entry(), modules], [])


@pytest.mark.parametrize(
    "given",
    [
        entry(root={"replication-method": "FULL_TABLE"}),
        entry(root={"forced-replication-method": "FULL_TABLE"}),
        entry(root={"replication-method": "FULL_TABLE", "forced-replication-method": "INCREMENTAL"}),
        entry(replication_method="FULL_TABLE"),
    ],
)
def test_a_full_table_sync_may_be_chosen_in_each_place(given: dict[str, Any]) -> None:
    (found,), notes = checked(given)
    assert found["replication_method"] == "FULL_TABLE"
    assert notes == []


def test_the_metadata_s_choice_is_the_person_s() -> None:
    (found,), _ = checked(entry(root={"replication-method": "INCREMENTAL"}, replication_method="FULL_TABLE"))
    assert found["replication_method"] == "INCREMENTAL"


def test_a_catalog_that_leaves_out_the_replication_key_still_has_it() -> None:
    (found,), _ = checked({"tap_stream_id": "orders"})
    assert found["replication_key"] == "updated_at"


@pytest.mark.parametrize(
    ("given", "note"),
    [
        (
            entry("order"),
            (
                "The catalog selects 'order', which is no stream of tap-magento with these settings: it is ignored; "
                "did you mean 'orders'?"
            ),
        ),
        (
            entry(stream="sales_orders"),
            (
                "The catalog gives 'orders' another name in `stream`, which is ignored: to rename a stream, use "
                "`__alias__` in `stream_maps`"
            ),
        ),
        (
            entry(root={"replication-method": "INCREMENTAL", "replication-key": "created_at"}),
            "The catalog gives 'orders' a replication key other than `updated_at`: it is ignored",
        ),
        (
            entry("modules", root={"replication-method": "INCREMENTAL"}),
            "'modules' has no replication key: it is read completely, although the catalog says INCREMENTAL",
        ),
        (entry(root={"selected": False}), "The catalog selects no stream of tap-magento: nothing is read"),
        (entry(root={"selected": "false"}), "The catalog selects no stream of tap-magento: nothing is read"),
    ],
)
def test_what_would_be_ignored_is_told(given: dict[str, Any], note: str) -> None:
    assert note in checked(given)[1]


def test_what_follows_another_stream_is_left_as_it_is() -> None:
    nested = entry("order_items", replication_method="INCREMENTAL")
    catalog, notes = check_catalog({"streams": [nested]}, {"order_items": None}, {"order_items"})
    assert (catalog.to_dict()["streams"], notes) == ([nested], [])


def test_nothing_selected_is_told_of_an_empty_catalog_too() -> None:
    assert checked()[1] == ["The catalog selects no stream of tap-magento: nothing is read"]


def test_unknown_streams_that_are_not_selected_are_not_told() -> None:
    assert checked(entry(), entry("reviews", root={"selected": False}))[1] == []


@pytest.mark.parametrize(
    ("catalog", "problem"),
    [
        ({}, "The catalog has no list of `streams`"),
        ({"streams": {}}, "The catalog has no list of `streams`"),
        ({"streams": [5]}, "Entry 1 of the catalog has no `tap_stream_id`"),
        ({"streams": [entry(), {"stream": "x"}]}, "Entry 2 of the catalog has no `tap_stream_id`"),
        ({"streams": [entry(), entry()]}, "The catalog has 'orders' twice"),
        ({"streams": [entry(metadata={})]}, None),
        ({"streams": [entry(metadata=[5])]}, "The entry of 'orders' in the catalog is malformed"),
        ({"streams": [entry(metadata=[{"breadcrumb": 5, "metadata": {}}])]}, "The entry of 'orders' in the catalog"),
        ({"streams": [entry(schema=5)]}, "The entry of 'orders' in the catalog is malformed"),
        ({"streams": [entry(root={"selected": "perhaps"})]}, "`selected` of 'orders' in the catalog must be"),
        ({"streams": [entry(root={"replication-method": "LOG_BASED"})]}, "The replication method of 'orders'"),
    ],
)
def test_what_cannot_be_used_is_one_line(catalog: dict[str, Any], problem: str | None) -> None:
    if problem is None:
        assert check_catalog(catalog, KNOWN)[0].streams
        return
    with pytest.raises(ConfigurationError) as caught:
        check_catalog(catalog, KNOWN)
    assert str(caught.value).startswith(problem)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["FULL_TABLE", "true", "orders"]),
    lambda each: st.lists(each) | st.dictionaries(st.text() | st.sampled_from(["properties", "type"]), each),
    max_leaves=8,
)
METADATA = JSON | st.lists(
    st.fixed_dictionaries(
        {"breadcrumb": st.lists(st.text()) | JSON},
        optional={
            "metadata": JSON
            | st.dictionaries(st.sampled_from(["selected", "replication-method", "replication-key", "inclusion"]), JSON)
        },
    )
)
ENTRIES = JSON | st.fixed_dictionaries(
    {"tap_stream_id": st.sampled_from([*KNOWN, "x"]) | JSON},
    optional={
        "stream": JSON,
        "schema": JSON,
        "metadata": METADATA,
        "replication_method": JSON,
        "replication_key": JSON,
        "key_properties": JSON,
    },
)


@given(st.fixed_dictionaries({"streams": st.lists(ENTRIES, max_size=3) | JSON}))
def test_any_catalog_is_one_or_one_line(catalog: dict[str, Any]) -> None:
    try:
        found, notes = check_catalog(catalog, KNOWN)
    except ConfigurationError as error:
        lines, found = [str(error)], Catalog()
    else:
        lines = notes
    assert all(line.isprintable() for line in lines)
    for each in found.streams:
        each.metadata.resolve_selection()
