"""The dbt models over the demonstration's tables, and what they say of the shop."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from demo.pipeline import PipelineError
from demo.places import HOME, ROOT
from demo.postgres import Database
from demo.report import say, table_of

#: Where the models are built, beside the tables of the loader.
SCHEMA = "analytics"
REPORT = HOME / "report.html"

_DBT = ROOT / "dbt"
_BIN = ROOT / ".venv" / "dbt" / "bin"
_LAST_LINES = 25

_FIGURES = {
    "totals": """
        SELECT count(*) FILTER (WHERE NOT is_canceled) AS orders, min(reporting_currency_code) AS currency,
            sum(reporting_total_amount) AS ordered, sum(reporting_canceled_amount) AS canceled,
            sum(reporting_refunded_amount) AS refunded, sum(reporting_net_revenue) AS net_revenue
        FROM analytics.fct_orders""",
    "customers": """
        SELECT count(*) AS customers, count(*) FILTER (WHERE is_repeat_customer) AS repeat_customers,
            count(*) FILTER (WHERE customer_type = 'guest') AS guests
        FROM analytics.dim_customers WHERE orders > 0""",
    "weeks": """
        SELECT dates.week_start::text AS week, coalesce(sum(orders.reporting_net_revenue), 0) AS net_revenue,
            coalesce(sum(orders.reporting_refunded_amount), 0) AS refunded
        FROM analytics.dim_dates AS dates LEFT JOIN analytics.fct_orders AS orders ON ordered_on = date_day
        GROUP BY 1 ORDER BY 1""",
    "best_sellers": """
        SELECT max(name) AS name, sku, sum(qty_ordered - qty_canceled - qty_refunded)::bigint AS pieces,
            sum(reporting_net_revenue) AS net_revenue
        FROM analytics.fct_order_lines WHERE line_type = 'product' GROUP BY sku ORDER BY 4 DESC LIMIT 8""",
    "months": """
        SELECT date_trunc('month', ordered_at)::date::text AS month,
            count(*) FILTER (WHERE ordered_at = first_order_at) AS first_orders,
            count(*) FILTER (WHERE ordered_at > first_order_at) AS repeat_orders
        FROM analytics.fct_orders JOIN analytics.dim_customers USING (customer_key)
        WHERE NOT is_canceled GROUP BY 1 ORDER BY 1""",
    "currencies": """
        SELECT store_code AS store, base_currency_code AS currency, sum(base_net_revenue) AS base_net_revenue,
            sum(reporting_net_revenue) AS net_revenue
        FROM analytics.fct_orders GROUP BY 1, 2 ORDER BY 4 DESC""",
}
_COUNTS = 'SELECT count(*), max(_sdc_extracted_at)::text FROM "{}"'

Rows = list[dict[str, Any]]


def build(target: str, environment: Mapping[str, str]) -> str:
    """Build all models and run their tests.

    Args:
        target: A target of `dbt/profiles.yml`.
        environment: The variables that the target reads.

    Returns:
        dbt's last line, which counts what passed.

    Raises:
        PipelineError: If dbt is not installed, or a model or a test failed.
    """
    program = _BIN / "dbt"
    if not program.exists():
        raise PipelineError("dbt is not installed. Run: make demo-dbt")
    settings = {
        **os.environ,
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_TARGET_PATH": str(HOME / "dbt" / target),
        "DBT_LOG_PATH": str(HOME / "dbt" / "logs"),
        **environment,
    }
    arguments = ("--no-version-check", "--no-use-colors", "build", "--target", target)
    places = ("--project-dir", str(_DBT / "magento"), "--profiles-dir", str(_DBT))
    done = subprocess.run(
        [str(program), *arguments, *places], env=settings, capture_output=True, text=True, encoding="utf-8", check=False
    )
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0:
        raise PipelineError("dbt build failed:\n" + "\n".join(lines[-_LAST_LINES:]) + done.stderr)
    return lines[-1].partition("Done. ")[2]


def build_on(database: Database) -> str:
    """Build the models beside the tables.

    Args:
        database: Has the tables.

    Returns:
        dbt's last line.

    Raises:
        PipelineError: If dbt is not installed, or a model or a test failed.
    """
    return build("postgres", {"MAGENTO_DBT_HOST": str(database.folder)})


def figures(database: Database) -> dict[str, Rows]:
    """Ask the models for what the report shows.

    Args:
        database: Has the models.

    Returns:
        Name of a figure to its rows.
    """
    found = {name: _rows(database, statement) for name, statement in _FIGURES.items()}
    tables = ((table, *database.query(_COUNTS.format(table))[0]) for table in database.tables())
    found["tables"] = [{"table": table, "rows": rows, "extracted": at} for table, rows, at in tables]
    return found


def show_models(console: Console, database: Database) -> None:
    """Build the models, show what they say and write the report.

    Args:
        console: Where to tell.
        database: The database of the last demonstration.

    Raises:
        PipelineError: If there is no demonstration, or dbt failed.
    """
    with console.status("Building the dbt models ..."):
        done = build_on(database)
    say(console, "Models", f"dbt build: {done}")
    found = figures(database)
    _show(console, found)
    write_report(found, REPORT)
    say(console, "Report", str(REPORT.relative_to(ROOT)))


def write_report(found: Mapping[str, Rows], path: Path) -> None:
    """Write a page with charts.

    Args:
        found: The figures.
        path: The page, one file.

    Raises:
        PipelineError: If that fails.
    """
    done = subprocess.run(
        [str(_BIN / "python"), "-m", "demo.charts", str(path)],
        cwd=ROOT,
        input=json.dumps(found, default=_plain),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != 0:
        raise PipelineError(f"The report could not be written:\n{done.stderr}")


def _show(console: Console, found: Mapping[str, Rows]) -> None:
    totals, customers = found["totals"][0], found["customers"][0]
    currency = totals["currency"]
    view = table_of(f"The shop's figures, in {currency}", left="figure")
    view.add_column("", justify="right")
    for name in ("ordered", "canceled", "refunded", "net_revenue"):
        view.add_row(name.replace("_", " "), f"{totals[name]:,.2f}")
    share = customers["repeat_customers"] / max(customers["customers"], 1)
    view.add_row("repeat customers", f"{customers['repeat_customers']:,} of {customers['customers']:,} ({share:.0%})")
    console.print(view)
    console.print(_best_sellers(found["best_sellers"], currency))


def _best_sellers(rows: Rows, currency: str) -> Table:
    view = table_of("Best sellers", left="sku")
    view.add_column("name")
    view.add_column("pieces", justify="right")
    view.add_column(f"net revenue, {currency}", justify="right")
    for row in rows:
        view.add_row(row["sku"], row["name"], f"{row['pieces']:,}", f"{row['net_revenue']:,.2f}")
    return view


def _rows(database: Database, statement: str) -> Rows:
    with database.cursor() as cursor:
        cursor.execute(statement.encode())
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def _plain(value: object) -> object:
    """Give a chart a number: it shows no more digits than that has."""
    return float(value) if isinstance(value, Decimal) else str(value)
