"""The models say what the shop says: to the cent for every day, order by order, on PostgreSQL and on DuckDB."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from demo.models import build, build_on, figures, write_report
from demo.pipeline import Pipeline
from demo.places import HOME, ROOT, cluster_of
from demo.postgres import Database, running
from demo.shops import settings_for
from sample_store import Shop, serve

ORDERS = 500
PYTHON = ROOT / ".venv" / "dbt" / "bin" / "python"
TARGETS = ("postgres", "duckdb")
ASK_DUCKDB = """
import csv, sys, duckdb
csv.writer(sys.stdout).writerows(duckdb.connect(sys.argv[1]).sql(sys.argv[2]).fetchall())
"""

Row = dict[str, Any]
ByDay = dict[str, Decimal]


@dataclass(frozen=True)
class Models:
    """The shop, and its models in both databases."""

    shop: Shop
    database: Database
    duckdb: Path

    def query(self, target: str, statement: str) -> list[list[str]]:
        """Ask a database; every value as text, with every digit."""
        if target == "postgres":
            return [["" if value is None else str(value) for value in row] for row in self.database.query(statement)]
        arguments = [str(PYTHON), "-c", ASK_DUCKDB, str(self.duckdb), statement]
        done = subprocess.run(arguments, capture_output=True, text=True, check=True, encoding="utf-8")
        return list(csv.reader(io.StringIO(done.stdout)))

    def by_day(self, target: str, statement: str) -> ByDay:
        """Ask a database for amounts by day; days without one are left out."""
        return {day: Decimal(amount) for day, amount in self.query(target, statement) if Decimal(amount)}

    def order(self, chosen: Callable[[Row], bool]) -> Row:
        """Find the shop's first order of a kind."""
        return next(order for order in self.shop.rows("orders") if chosen(order))

    def lines(self, target: str, order: Row) -> list[list[str]]:
        """Read the lines of an order."""
        return self.query(
            target,
            "SELECT line_type, coalesce(product_type, ''), coalesce(sku, ''), qty_ordered, base_subtotal_amount, "
            "base_discount_amount, base_tax_amount, base_total_amount, base_canceled_amount, base_refunded_amount, "
            f"base_revenue, base_net_revenue FROM analytics.fct_order_lines WHERE order_id = {order['entity_id']} "
            "ORDER BY coalesce(order_item_id, 9223372036854775807), line_type DESC",
        )


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Models]:
    """A shop that was read, lived on and was read again, and the models of its tables."""
    home = tmp_path_factory.mktemp("dbt")
    shop = Shop.generate(orders=ORDERS, module=True)
    with running(cluster_of(home), fresh=True) as database, serve(shop) as server:
        pipeline = Pipeline(home, database, settings_for(server))
        pipeline.install()
        pipeline.run()
        shop.live()
        pipeline.run()
        file = home / "shop.duckdb"
        copy = [str(PYTHON), str(ROOT / "dbt" / "copy_to_duckdb.py"), str(database.folder), str(file)]
        subprocess.run(copy, check=True)
        done = build_on(database), build("duckdb", {"MAGENTO_DBT_DUCKDB": str(file)})
        assert all(" WARN=0 ERROR=0 SKIP=0 " in line for line in done)
        yield Models(shop, database, file)


@pytest.mark.parametrize("table", ["fct_orders", "fct_order_lines"])
@pytest.mark.parametrize("target", TARGETS)
def test_revenue_is_the_shops_own_on_every_day(models: Models, target: str, table: str) -> None:
    statement = f"SELECT CAST(ordered_on AS text), sum(reporting_revenue) FROM analytics.{table} GROUP BY 1"
    own = {day: amount for day, amount in models.shop.revenue_by_day().items() if amount}
    assert len(own) > 100
    assert models.by_day(target, statement) == own


@pytest.mark.parametrize("table", ["fct_orders", "fct_order_lines"])
@pytest.mark.parametrize("target", TARGETS)
def test_revenue_in_the_websites_currencies_is_the_shops_own(models: Models, target: str, table: str) -> None:
    own: ByDay = defaultdict(Decimal)
    for order in models.shop.rows("orders"):
        if order["state"] != "canceled":
            own[f"{order['created_at'][:10]} {order['base_currency_code']}"] += money(order["base_grand_total"])
    day = "CAST(ordered_on AS text) || ' ' || base_currency_code"
    statement = f"SELECT {day}, sum(base_revenue) FROM analytics.{table} GROUP BY 1"
    assert models.by_day(target, statement) == own


@pytest.mark.parametrize("target", TARGETS)
def test_refunds_are_the_shops_own_on_every_day(models: Models, target: str) -> None:
    own: ByDay = defaultdict(Decimal)
    for memo in models.shop.rows("credit_memos"):
        own[memo["created_at"][:10]] += Decimal(str(memo["base_grand_total"]))
    statement = "SELECT CAST(refunded_on AS text), sum(base_amount) FROM analytics.fct_refunds GROUP BY 1"
    assert len(own) > 20
    assert models.by_day(target, statement) == own


@pytest.mark.parametrize("target", TARGETS)
def test_deleted_orders_are_left_out(models: Models, target: str) -> None:
    loaded = {int(key) for (key,) in models.query("postgres", "SELECT entity_id FROM orders")}
    own = {order["entity_id"] for order in models.shop.rows("orders")}
    assert loaded - own  # the loader keeps them
    modelled = {int(key) for (key,) in models.query(target, "SELECT order_id FROM analytics.fct_orders")}
    assert modelled == own


@pytest.mark.parametrize("target", TARGETS)
def test_currencies_are_not_mixed(models: Models, target: str) -> None:
    order = models.order(lambda order: order["base_currency_code"] == "EUR" and order["state"] == "complete")
    peso = models.order(lambda order: order["order_currency_code"] == "MXN" and order["state"] == "complete")
    for each in (order, peso):
        ((base, ordered, reporting, currency),) = models.query(
            target,
            "SELECT base_revenue, order_revenue, reporting_revenue, reporting_currency_code "
            f"FROM analytics.fct_orders WHERE order_id = {each['entity_id']}",
        )
        assert Decimal(base) == money(each["base_grand_total"])
        assert Decimal(ordered) == money(each["grand_total"])
        assert Decimal(reporting) == money(each["base_grand_total"]) * money(each["base_to_global_rate"])
        assert currency == "USD"


@pytest.mark.parametrize("target", TARGETS)
def test_a_configurable_is_one_line_with_the_variants_colour_and_size(models: Models, target: str) -> None:
    order = models.order(lambda order: len(types(order)) == 2 and set(types(order)) == {"configurable", "simple"})
    (parent,) = (item for item in order["items"] if item["product_type"] == "configurable")
    lines = [line for line in models.lines(target, order) if line[0] == "product"]
    assert [line[1:3] for line in lines] == [["configurable", parent["sku"]]]
    assert numbers(lines[0], 3, 5) == [money(parent["qty_ordered"]), money(parent["base_row_total"])]
    ((color, size, variant),) = models.query(
        target,
        "SELECT color, size, variant_product_id FROM analytics.fct_order_lines "
        f"WHERE order_id = {order['entity_id']} AND line_type = 'product'",
    )
    (product,) = (row for row in models.shop.rows("products") if row["sku"] == parent["sku"])
    assert int(variant) == product["id"]
    assert [color, size] == [label(models.shop, product, code) for code in ("color", "size")]
    assert color
    assert size


@pytest.mark.parametrize("target", TARGETS)
def test_a_bundle_is_one_line(models: Models, target: str) -> None:
    order = models.order(lambda order: "bundle" in types(order) and order["state"] == "complete")
    parents = [item for item in order["items"] if not item.get("parent_item_id")]
    assert len(order["items"]) > len(parents)
    lines = [line for line in models.lines(target, order) if line[0] == "product"]
    assert [line[2] for line in lines] == [item["sku"] for item in parents]
    assert sum(numbers(line, 4, 5)[0] for line in lines) == money(order["base_subtotal"])
    assert sum(numbers(line, 5, 6)[0] for line in lines) == -money(order["base_discount_amount"])
    assert sum(numbers(line, 6, 7)[0] for line in lines) == money(order["base_tax_amount"])


@pytest.mark.parametrize("target", TARGETS)
def test_a_cancelled_order_has_a_total_and_no_revenue(models: Models, target: str) -> None:
    order = models.order(lambda order: order["state"] == "canceled")
    lines = [numbers(line, 7, 12) for line in models.lines(target, order)]
    total, canceled, refunded, revenue, net = (sum(column) for column in zip(*lines, strict=True))
    assert total == canceled == money(order["base_grand_total"]) > 0
    assert refunded == revenue == net == 0


@pytest.mark.parametrize("target", TARGETS)
def test_a_partly_refunded_order_keeps_the_rest(models: Models, target: str) -> None:
    def is_partly_refunded(order: Row) -> bool:
        return 0 < money(order.get("base_total_refunded")) < money(order["base_subtotal"]) / 2

    order = models.order(is_partly_refunded)
    lines = [numbers(line, 7, 12) for line in models.lines(target, order)]
    total, canceled, refunded, revenue, net = (sum(column) for column in zip(*lines, strict=True))
    assert total == revenue == money(order["base_grand_total"])
    assert refunded == money(order["base_total_refunded"])
    assert net == total - canceled - refunded > 0


@pytest.mark.parametrize("target", TARGETS)
def test_guests_are_told_apart_by_a_pseudonym(models: Models, target: str) -> None:
    orders = models.shop.rows("orders")
    guests = [order for order in orders if order.get("customer_id") is None]
    order = guests[0]
    ((key, kind, count, first),) = models.query(
        target,
        "SELECT customer_key, customer_type, orders + canceled_orders, customers.first_order_at "
        "FROM analytics.fct_orders JOIN analytics.dim_customers AS customers USING (customer_key) "
        f"WHERE order_id = {order['entity_id']}",
    )
    same = [each for each in guests if each["customer_email"].lower() == order["customer_email"].lower()]
    assert key.startswith("guest-")
    assert order["customer_email"] not in key
    assert kind == "guest"
    assert int(count) == len(same)
    assert first == min(each["created_at"] for each in same if each["state"] != "canceled")


@pytest.mark.parametrize("target", TARGETS)
def test_every_column_is_described(models: Models, target: str) -> None:
    manifest = json.loads((HOME / "dbt" / target / "manifest.json").read_text())
    described = {
        (node["name"], column["name"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        for column in node["columns"].values()
        if column["description"]
    }
    columns = models.query(
        target,
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'analytics'",
    )
    assert {(table, column) for table, column in columns} == described


def test_the_report_is_one_file(models: Models, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    found = figures(models.database)
    write_report(found, page)
    text = page.read_text()
    assert f"{found['totals'][0]['net_revenue']:,.2f}" in text
    assert found["totals"][0]["orders"] == sum(order["state"] != "canceled" for order in models.shop.rows("orders"))
    without_programs = re.sub(r"(<script[^>]*>).*?</script>", r"\1", text, flags=re.DOTALL)
    assert "<script" in without_programs
    for request in ("src=", "href=", "url(", "@import"):
        assert request not in without_programs


def money(value: float | str | None) -> Decimal:
    return Decimal(str(value or 0))


def numbers(line: list[str], first: int, end: int) -> list[Decimal]:
    return [Decimal(value) for value in line[first:end]]


def types(order: Row) -> list[str]:
    return [item["product_type"] for item in order["items"]]


def label(shop: Shop, product: Row, code: str) -> str:
    (attribute,) = (row for row in shop.rows("product_attributes") if row["attribute_code"] == code)
    (value,) = (each["value"] for each in product["custom_attributes"] if each["attribute_code"] == code)
    (found,) = (option["label"] for option in attribute["options"] if option["value"] == value)
    return str(found)
