"""The two demonstrations: of a generated shop, whose truth is known, and of a shop of one's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from demo import report
from demo.pipeline import Pipeline, Run
from demo.places import HOME, cluster_of
from demo.postgres import Database, running
from demo.shops import problem_of, settings_for, truth
from demo.truth import Comparison, compare
from sample_store import Shop, serve

ORDERS = 500

Rows = list[dict[str, Any]]


def show_sample_store(console: Console) -> int:
    """Read a generated shop, let it live on, read what changed, and compare everything.

    Args:
        console: Where to tell.

    Returns:
        0 if the tables and the revenue are the shop's own, else 1.
    """
    shop = Shop.generate(orders=ORDERS, module=True)
    with _ready(console) as database, serve(shop) as server:
        pipeline = Pipeline(HOME, database, settings_for(server))
        report.say(console, "Shop", f"a generated one with {ORDERS} orders and a module of its own, at {server.url}")
        first = _run(console, "First run", pipeline)
        before = _truths(shop, database)
        report.say(console, "Meanwhile", str(shop.live()))
        second = _run(console, "Second run", pipeline)
        found = _compared(shop, database, before)
        report.show_tables(console, database, (first, second), found)
        is_revenue_right = report.show_revenue(console, database, shop.revenue_by_day())
        report.show_ways_on(console, database, is_sample=True)
    return int(not is_revenue_right or not all(each.is_right for each in found.values()))


def show_own_shop(console: Console, settings: Mapping[str, str]) -> int:
    """Read a shop twice.

    Args:
        console: Where to tell.
        settings: How to reach it, as the tap's settings in environment variables.

    Returns:
        0; 1 if the shop cannot be read.
    """
    # Before the last demonstration's database is replaced.
    problem = problem_of(settings)
    if problem:
        console.print(problem, markup=False, highlight=False, soft_wrap=True)
        return 1
    with _ready(console) as database:
        pipeline = Pipeline(HOME, database, settings)
        report.say(console, "Shop", settings["TAP_MAGENTO_STORE_URL"])
        runs = (_run(console, "First run", pipeline), _run(console, "Second run", pipeline))
        report.show_tables(console, database, runs, {})
        report.show_revenue(console, database, None)
        report.show_ways_on(console, database, is_sample=False)
    return 0


@contextmanager
def _ready(console: Console) -> Iterator[Database]:
    """Begin anew: an empty database, no state, plugins installed."""
    console.print("\n[bold]tap-magento: a shop in, PostgreSQL out[/]\n")
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    with running(cluster_of(HOME), fresh=True) as database:
        report.say(console, "Database", f"PostgreSQL in {_short(database.folder)}")
        with console.status("Installing tap-magento and target-postgres ..."):
            Pipeline(HOME, database, {}).install()
        report.say(console, "Plugins", "tap-magento and target-postgres installed")
        yield database


def _run(console: Console, name: str, pipeline: Pipeline) -> Run:
    with console.status(f"{name} ...") as status:
        run = pipeline.run(lambda stream: status.update(f"{name}: {stream} ..."))
    report.say(console, name, f"meltano run tap-magento target-postgres [dim]({run.seconds:.0f} s)[/]")
    return run


def _truths(shop: Shop, database: Database) -> dict[str, Rows]:
    lists = {table: truth(shop, table) for table in database.tables()}
    return {table: rows for table, rows in lists.items() if rows is not None}


def _compared(shop: Shop, database: Database, before: Mapping[str, Rows]) -> dict[str, Comparison]:
    return {
        table: compare(database.rows(table), rows, database.keys(table), before.get(table, ()))
        for table, rows in _truths(shop, database).items()
    }


def _short(path: Path) -> str:
    return str(path.relative_to(HOME.parent)) if path.is_relative_to(HOME.parent) else str(path)
