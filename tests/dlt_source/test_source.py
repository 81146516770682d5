"""The shop through dlt into DuckDB and parquet files; `make dlt` runs it, where dlt is installed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from demo.shops import truth
from demo.truth import compare
from sample_store import Server, Shop, serve

dlt = pytest.importorskip("dlt")
duckdb = pytest.importorskip("duckdb")

from tap_magento.dlt_source import magento  # noqa: E402  it needs dlt

pytestmark = pytest.mark.filterwarnings("ignore")  # dlt's own
NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
TABLES = ("orders", "order_items", "invoices", "products", "categories", "store_views", "attribute_options")

Rows = list[dict[str, Any]]


@pytest.fixture
def clock() -> list[datetime]:
    return [NOON]


@pytest.fixture
def server(clock: list[datetime]) -> Iterator[Server]:
    with serve(Shop.generate(orders=60, seed=7, clock=lambda: clock[0], module=True)) as running:
        yield running


def source(server: Server, **settings: Any) -> Any:
    return magento(
        store_url=server.url,
        username=server.shop.username,
        password=settings.pop("password", server.shop.password),
        settings={"retry_timeout": 0, **settings},
    )


def pipeline(folder: Path, destination: Any) -> Any:
    return dlt.pipeline("shop", destination=destination, dataset_name="magento", pipelines_dir=str(folder / "dlt"))


def into_duckdb(folder: Path) -> Any:
    return pipeline(folder, dlt.destinations.duckdb(str(folder / "shop.duckdb")))


def table_of(folder: Path, name: str) -> Rows:
    with duckdb.connect(str(folder / "shop.duckdb"), read_only=True) as connection:
        return rows_of(connection.sql(f"SELECT * FROM magento.{name}"))


def rows_of(found: Any) -> Rows:
    names, types = found.columns, [str(each) for each in found.types]
    return [
        {
            name: json.loads(value, parse_float=Decimal) if kind == "JSON" and value is not None else _plain(value)
            for name, value, kind in zip(names, row, types, strict=True)
            if not name.startswith("_")
        }
        for row in found.fetchall()
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return value.isoformat() if isinstance(value, date) else value


def truths(shop: Shop) -> dict[str, Rows]:
    return {name: truth(shop, name) or [] for name in TABLES}


def _primary_key(server: Server, name: str) -> list[str]:
    columns = source(server).resources[name].compute_table_schema()["columns"]
    return [column for column, hints in columns.items() if hints.get("primary_key")]


def test_two_runs_into_duckdb_are_the_shop(server: Server, clock: list[datetime], tmp_path: Path) -> None:
    into_duckdb(tmp_path).run(source(server))
    before = truths(server.shop)
    for name, rows in before.items():
        assert rows
        assert not compare(table_of(tmp_path, name), rows, _primary_key(server, name)).wrong
    first = sum(row["grand_total"] for row in table_of(tmp_path, "orders"))
    assert first == sum(Decimal(str(row["grand_total"])) for row in before["orders"])

    clock[0] = NOON + timedelta(hours=1)
    server.shop.live(seed=3)
    again = into_duckdb(tmp_path)
    again.run(source(server))
    counts = again.last_trace.last_normalize_info.row_counts
    for name, rows in truths(server.shop).items():
        found = compare(table_of(tmp_path, name), rows, _primary_key(server, name), before[name])
        assert found.is_right, f"{name}: {found.wrong}, {found.doubled} doubled"
    assert 0 < counts["orders"] < len(before["orders"])
    deleted = {(row["stream"], row["key"]) for row in table_of(tmp_path, "deletions")}
    gone = {row["entity_id"] for row in before["orders"]} - {row["entity_id"] for row in server.shop.rows("orders")}
    assert gone
    assert {("orders", str(key)) for key in gone} <= deleted
    assert len(table_of(tmp_path, "order_addresses")) > len(before["orders"])


def test_two_runs_into_parquet_files_are_the_shop(server: Server, clock: list[datetime], tmp_path: Path) -> None:
    files = dlt.destinations.filesystem((tmp_path / "lake").as_uri())
    wanted = ("orders", "order_items")
    pipeline(tmp_path, files).run(source(server).with_resources(*wanted), loader_file_format="parquet")
    before = truths(server.shop)
    clock[0] = NOON + timedelta(hours=1)
    server.shop.live(seed=3)
    pipeline(tmp_path, files).run(source(server).with_resources(*wanted), loader_file_format="parquet")
    for name in wanted:
        key = ", ".join(_primary_key(server, name))
        found = duckdb.sql(
            f"SELECT * FROM read_parquet('{tmp_path}/lake/magento/{name}/*.parquet', union_by_name=true) "
            f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY _extracted_at DESC) = 1"
        )
        json_columns = {
            column
            for column, hints in source(server).resources[name].compute_table_schema()["columns"].items()
            if hints["data_type"] == "json"
        }
        rows = [
            {
                column: json.loads(value, parse_float=Decimal) if column in json_columns and value else value
                for column, value in row.items()
            }
            for row in rows_of(found)
        ]
        compared = compare(rows, truths(server.shop)[name], _primary_key(server, name), before[name])
        assert compared.is_right, f"{name}: {compared.wrong}"


def test_only_the_resources_that_are_chosen_are_read(server: Server, tmp_path: Path) -> None:
    run = into_duckdb(tmp_path)
    run.run(source(server).with_resources("order_addresses"))
    assert {name for name in run.last_trace.last_normalize_info.row_counts if not name.startswith("_")} == {
        "order_addresses"
    }
    assert not any(request.path.endswith("/V1/products") for request in server.requests)
    assert any(request.path.endswith("/V1/orders") for request in server.requests)


def test_one_source_can_be_run_twice(server: Server, tmp_path: Path) -> None:
    shop = source(server).with_resources("orders")
    into_duckdb(tmp_path).run(shop)
    into_duckdb(tmp_path).run(shop)
    assert len(table_of(tmp_path, "orders")) == 60


def test_a_wrong_password_fails_in_the_taps_words_and_keeps_no_state(server: Server, tmp_path: Path) -> None:
    run = into_duckdb(tmp_path)
    with pytest.raises(Exception, match="password") as failure:
        run.run(source(server, password="made-up").with_resources("orders"))
    assert "made-up" not in str(failure.value)
    assert not run.state.get("sources")


def test_a_missing_right_fails_and_names_it(server: Server, tmp_path: Path) -> None:
    server.shop.roles.update(dict.fromkeys(server.shop.roles, frozenset({"Magento_Catalog::products"})))
    with pytest.raises(Exception, match="Magento_Sales"):
        into_duckdb(tmp_path).run(source(server).with_resources("orders", "products"))
    info = into_duckdb(tmp_path).run(source(server, on_missing_access="skip").with_resources("orders", "products"))
    assert not info.has_failed_jobs
    assert table_of(tmp_path, "products")


def test_a_run_that_is_killed_keeps_its_place(server: Server, tmp_path: Path) -> None:
    into_duckdb(tmp_path).run(source(server).with_resources("orders"))
    server.shop.live()
    broken = source(server).with_resources("orders", "invoices")

    def dies(row: Any) -> Any:
        raise KeyboardInterrupt(row["entity_id"])

    broken.invoices.add_map(dies)
    with pytest.raises(BaseException, match=r"."):
        into_duckdb(tmp_path).run(broken)
    into_duckdb(tmp_path).run(source(server).with_resources("orders", "invoices"))
    for name in ("orders", "invoices"):
        found = compare(table_of(tmp_path, name), server.shop.rows(name), ["entity_id"])
        assert not found.doubled
        assert found.equal | found.wrong.keys() == {(row["entity_id"],) for row in server.shop.rows(name)}


def test_an_unknown_stream_is_named(server: Server) -> None:
    with pytest.raises(Exception, match="ordres"):
        source(server).with_resources("ordres")


def test_settings_of_singer_are_refused(server: Server) -> None:
    with pytest.raises(ValueError, match="add_map"):
        source(server, stream_maps={"orders": {"__alias__": "o"}})
