"""The shop through dlt into DuckDB and parquet files; `make dlt` runs it, where dlt is installed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest
from dlt.common.storages.exceptions import LoadPackageAlreadyCompleted
from dlt.pipeline.exceptions import PipelineStepFailed

from demo.shops import truth
from demo.truth import compare
from sample_store import Server, Shop, serve
from tap_magento.dlt_source import embedded, magento
from tap_magento.runtime import cadence
from tap_magento.streams import STREAMS
from tests.dlt_source.killed_run import TABLES as TABLES_OF_KILLED
from tests.dlt_source.killed_run import pipeline_in

pytestmark = pytest.mark.filterwarnings("ignore")  # dlt's own
ROOT = Path(__file__).resolve().parents[2]
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


def test_what_is_heavy_is_read_when_it_is_chosen(server: Server, tmp_path: Path) -> None:
    shop = source(server)
    by_default = {each.declared_name(): each.selected_by_default for each in STREAMS}
    offered = by_default.keys() & shop.resources.keys()
    assert not by_default["carts"]
    assert shop.selected_resources.keys() == {name for name in offered if by_default[name]}
    into_duckdb(tmp_path).run(shop.with_resources("carts"))
    assert table_of(tmp_path, "carts")


def test_a_run_that_a_limit_ends_is_gone_on_with_by_the_next(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_BATCH_ROWS", 10)
    monkeypatch.setattr(cadence, "_SHARE", 1.0)  # a state after each page
    counts = []
    for limit in (3, None):
        shop = source(server, page_size=5, max_concurrency=1).with_resources("orders")
        shop.tap_run.add_limit(limit)
        run = into_duckdb(tmp_path)
        run.run(shop)
        counts.append(run.last_trace.last_normalize_info.row_counts["orders"])
    assert counts == [30, 45]  # after the last state before the end of the first run
    assert len(table_of(tmp_path, "orders")) == 60


def test_dlt_takes_one_batch_after_the_other(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_BATCH_ROWS", 5)
    whole = embedded.EmbeddedTap.batches
    taken: list[bool] = []

    def batches(*arguments: Any) -> Iterator[embedded.Batch]:
        for batch in whole(*arguments):
            yield batch
            taken.append(batch.is_taken)

    monkeypatch.setattr(embedded.EmbeddedTap, "batches", batches)
    rows = [*source(server)]
    assert len(taken) > len(rows) / 5
    assert all(taken)


def test_a_resource_under_a_second_name_gets_the_same_rows(server: Server, tmp_path: Path) -> None:
    shop = source(server)
    shop.resources.add(shop.orders.with_name("orders_again"))
    into_duckdb(tmp_path).run(shop.with_resources("orders", "orders_again", "invoices"))
    assert len(table_of(tmp_path, "orders_again")) == len(table_of(tmp_path, "orders")) == 60


def test_one_source_can_be_run_twice(server: Server, tmp_path: Path) -> None:
    shop = source(server).with_resources("orders")
    into_duckdb(tmp_path).run(shop)
    into_duckdb(tmp_path).run(shop)
    assert len(table_of(tmp_path, "orders")) == 60


def test_a_wrong_password_is_tried_once_fails_in_the_taps_words_and_keeps_no_state(
    server: Server, tmp_path: Path
) -> None:
    run = into_duckdb(tmp_path)
    with pytest.raises(Exception, match="password") as failure:
        run.run(source(server, password="made-up").with_resources("orders"))
    assert sum("/token" in request.path for request in server.requests) == 1
    assert "made-up" not in str(failure.value)
    assert not run.state.get("sources")


def test_a_missing_right_fails_and_names_it(server: Server, tmp_path: Path) -> None:
    server.shop.roles.update(dict.fromkeys(server.shop.roles, frozenset({"Magento_Catalog::products"})))
    for stream in ("orders", "order_addresses"):
        run = into_duckdb(tmp_path)
        with pytest.raises(Exception, match=rf"{stream}: .* Magento_Sales::actions_view \(Sales > .* > View\)"):
            run.run(source(server).with_resources(stream, "products"))
        assert not run.has_pending_data


def test_a_missing_right_that_is_skipped_leaves_out_its_stream_alone(server: Server, tmp_path: Path) -> None:
    server.shop.roles.update(dict.fromkeys(server.shop.roles, frozenset({"Magento_Catalog::products"})))
    info = into_duckdb(tmp_path).run(source(server, on_missing_access="skip").with_resources("orders", "products"))
    assert not info.has_failed_jobs
    assert table_of(tmp_path, "products")


def test_all_is_all_that_the_account_may_read(server: Server) -> None:
    server.shop.roles.update(dict.fromkeys(server.shop.roles, frozenset({"Magento_Catalog::products"})))
    shop = source(server)
    assert "products" in shop.selected_resources
    assert "orders" not in shop.selected_resources


def test_a_right_that_is_lost_after_the_start_fails_and_names_it(server: Server, tmp_path: Path) -> None:
    shop = source(server).with_resources("orders", "products")
    server.shop.roles.update(dict.fromkeys(server.shop.roles, frozenset({"Magento_Catalog::products"})))
    run = into_duckdb(tmp_path)
    with pytest.raises(Exception, match="Magento_Sales::actions_view"):
        run.run(shop)
    assert not run.has_pending_data


def test_mapped_rows_have_texts_of_json_or_objects_and_the_tables_are_the_same(server: Server, tmp_path: Path) -> None:
    tables = []
    for form, kind in (("text", str), ("objects", list)):
        shop = magento(
            store_url=server.url,
            username=server.shop.username,
            password=server.shop.password,
            nested_values=form,
        ).with_resources("orders")
        seen: list[Any] = []
        shop.orders.add_map(partial(_see, seen))
        into_duckdb(tmp_path / form).run(shop)
        assert [type(row["items"]) for row in seen] == 60 * [kind]
        tables.append(sorted(table_of(tmp_path / form, "orders"), key=lambda row: int(row["entity_id"])))
    assert tables[0] == tables[1]
    with pytest.raises(ValueError, match="text, objects"):
        magento(store_url=server.url, access_token="made-up", nested_values="dict")


def _see(seen: list[Any], row: Any) -> Any:
    seen.append(row)
    return row


# Before the rows of a list are all there, before what was read and its state are handed on, before what was made of
# it is, after the first table but before the others are loaded, and before dlt puts the loaded package away.
PLACES = [
    ("row", 30),
    (r"normalize/extracted/", 1),
    (r"shop/state\.json$", 2),
    (r"load/normalized/[^/]*$", 1),
    (r"completed_jobs/order.*\.sql", 1),
    (r"load/loaded/", 1),
]


@pytest.mark.parametrize(("place", "times"), PLACES)
def test_after_a_kill_the_next_run_makes_the_tables_the_shop(
    server: Server, clock: list[datetime], tmp_path: Path, place: str, times: int
) -> None:
    for hour in (1, 2):
        command = [server.url, server.shop.password, str(tmp_path), place, str(times if hour == 1 else 1)]
        killed = subprocess.run(
            [sys.executable, "-m", "tests.dlt_source.killed_run", *command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        before = truths(server.shop)
        clock[0] = NOON + timedelta(hours=hour)
        server.shop.live(seed=hour)
        again = pipeline_in(tmp_path)
        if again.has_pending_data:
            _load_what_waits(again)
        again.run(source(server).with_resources(*TABLES_OF_KILLED))
    for name in TABLES_OF_KILLED[:-1]:
        found = compare(table_of(tmp_path, name), truths(server.shop)[name], _primary_key(server, name), before[name])
        assert found.is_right, f"{name}: {found.wrong}, {found.doubled} doubled"
    assert table_of(tmp_path, "deletions")


def _load_what_waits(run: Any) -> None:
    """Load, as docs/DLT.md has it also where dlt was killed between noting that all is loaded and putting it away."""
    try:
        run.run()
    except PipelineStepFailed as error:
        if not isinstance(error.exception, LoadPackageAlreadyCompleted):
            raise
        run.drop()


def test_an_unknown_stream_is_named(server: Server) -> None:
    with pytest.raises(Exception, match="ordres"):
        source(server).with_resources("ordres")


def test_settings_of_singer_are_refused(server: Server) -> None:
    with pytest.raises(ValueError, match="add_map"):
        source(server, stream_maps={"orders": {"__alias__": "o"}})
