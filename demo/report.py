"""What the demonstration shows to a person."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from rich import box
from rich.console import Console
from rich.table import Table

from demo.pipeline import LOADER, TAP, Run
from demo.postgres import Database
from demo.truth import Comparison

#: Revenue: the total of the orders that are not cancelled, in the shop's one global currency.
REVENUE = """\
SELECT created_at::date AS day, count(*) AS orders, sum(base_grand_total * base_to_global_rate) AS revenue
FROM orders WHERE state IS DISTINCT FROM 'canceled' GROUP BY 1 ORDER BY 1"""

_LATEST = "SELECT increment_id, state, grand_total, updated_at FROM orders ORDER BY entity_id DESC LIMIT 5"
_ATTRIBUTES = """\
SELECT sku, custom_attributes -> 'acme_deposit' AS deposit, label AS origin \
FROM products JOIN attribute_options ON attribute_code = 'acme_origin' AND value = custom_attributes ->> 'acme_origin' \
LIMIT 5"""
_DAYS = 7
_WORST = 3
_NO_LIMIT = 100_000
_DEMO = ".venv/bin/python -m demo"


def say(console: Console, what: str, text: str) -> None:
    """Tell a step that is done.

    Args:
        console: Where to tell.
        what: A word or two.
        text: One line.
    """
    console.print(f"[green]✓[/] [bold]{what:<12}[/] {text}", highlight=False)


def show_tables(console: Console, database: Database, runs: tuple[Run, Run], found: Mapping[str, Comparison]) -> None:
    """Show what each run moved, and how each table stands beside the shop.

    Args:
        console: Where to show.
        database: The database.
        runs: The first run and the second.
        found: Table to its comparison, for those that can be compared.
    """
    view = table_of("Rows loaded, by table", left="table")
    for heading in ("1st run", "2nd run", "now"):
        view.add_column(heading, justify="right")
    if found:
        view.add_column("compared with the shop")
    for table in database.tables():
        ((rows,),) = database.query(f'SELECT count(*) FROM "{table}"')  # noqa: S608  names of tables, from the database
        moved = [f"{run.loaded.get(table, 0):,}" for run in runs]
        verdict = [_verdict(found[table])] if table in found else []
        view.add_row(table, *moved, f"{rows:,}", *verdict)
    console.print(view)
    if any(each.unseen or each.deleted for each in found.values()):
        console.print(
            "Deleted rows stay in their tables and are listed in the table 'deletions'. Magento does not date every "
            "change: README, 'Changes that incremental sync cannot detect'.",
            highlight=False,
        )


def show_revenue(console: Console, database: Database, shop: Mapping[str, Decimal] | None) -> bool:
    """Show the revenue of the last days.

    Args:
        console: Where to show.
        database: The database.
        shop: The shop's own revenue, by day; None if it is not known.

    Returns:
        Whether the database's revenue is the shop's, to the cent, on every day.
    """
    loaded = {str(day): (orders, revenue) for day, orders, revenue in database.query(REVENUE) if day}
    view = table_of(f"Revenue by day, the last {_DAYS} of {len(loaded)}", left="day")
    for heading in ("orders", "by SQL", *(("the shop's own",) if shop is not None else ())):
        view.add_column(heading, justify="right")
    for day, (orders, revenue) in list(loaded.items())[-_DAYS:]:
        own = [f"{shop.get(day, Decimal(0)):,.2f}"] if shop is not None else []
        view.add_row(day, f"{orders:,}", f"{revenue:,.2f}", *own)
    console.print(view)
    if shop is None:
        return True
    wrong = [day for day in loaded.keys() | shop.keys() if shop.get(day) != loaded.get(day, (0, None))[1]]
    if wrong:
        console.print(f"[red]NOT EQUAL on {len(wrong)} days, the first is {min(wrong)}[/]")
        return False
    total = sum((revenue for _, revenue in loaded.values()), Decimal(0))
    console.print(f"[green]Equal to the cent on each of {len(loaded)} days, {total:,.2f} in all.[/]")
    return True


def show_ways_on(console: Console, database: Database, *, is_sample: bool) -> None:
    """Say how to look further.

    Args:
        console: Where to say it.
        database: The database.
        is_sample: Whether the shop was a generated one.
    """
    ways = [
        ("query the database", f'{_DEMO} sql "{_LATEST}"'),
        ("keep it running, for psql and other tools", f"{_DEMO} serve"),
        ("build dbt models over the tables, and a report with charts", "make demo-dbt"),
        ("see where each stream stands", f"{_DEMO} meltano state get dev:{TAP}-to-{LOADER}"),
        ("see every stream and field", f"{_DEMO} meltano select {TAP} --list --all"),
    ]
    if is_sample:
        ways += [
            ("see attributes that only this shop has", f'{_DEMO} sql "{_ATTRIBUTES}"'),
            ("read a shop of your own", "MAGENTO_URL=https://... MAGENTO_USERNAME=... MAGENTO_PASSWORD=... make demo"),
        ]
    console.print("\n[bold]Look further[/]")
    for why, command in ways:
        console.print(f"  [dim]# {why}[/]", highlight=False)
        console.print(f"  {command}", highlight=False, soft_wrap=True, markup=False)
    console.print(f"\nThe database stays in {database.folder}, its tables in the schema '{database.schema}'.\n")


def show_query(console: Console, database: Database, statement: str) -> None:
    """Show a query's answer as a table.

    Args:
        console: Where to show.
        database: The database.
        statement: SQL.
    """
    with database.cursor() as cursor:
        cursor.execute(statement.encode())
        view = Table(*(column.name for column in cursor.description or ()))
        for row in cursor if cursor.description else ():
            view.add_row(*("" if value is None else str(value) for value in row))
    # As wide as its rows, so that no value is cut.
    natural = console.measure(view, options=console.options.update(max_width=_NO_LIMIT)).maximum
    Console(file=console.file, width=max(console.width, natural)).print(view)


def show_connection(console: Console, database: Database) -> None:
    """Show how to connect to the database.

    Args:
        console: Where to show.
        database: The database, running.
    """
    console.print("The database runs until Ctrl-C. Connect from another terminal or tool with")
    for line in (database.psql, database.sqlalchemy_url):
        console.print(f"  {line}", highlight=False, soft_wrap=True, markup=False)


def table_of(title: str, left: str) -> Table:
    """Make an empty table.

    Args:
        title: Stands above it.
        left: Heading of its first column.

    Returns:
        The table, to be given further columns.
    """
    view = Table(title=f"\n{title}", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    view.add_column(left, no_wrap=True)
    return view


def _verdict(found: Comparison) -> str:
    if not found.is_right:
        worst = ", ".join(f"{key[0]} {'/'.join(fields[:_WORST])}" for key, fields in list(found.wrong.items())[:_WORST])
        return f"[red]NOT EQUAL: {len(found.wrong)} wrong ({worst}), {found.doubled} doubled[/]"
    exceptions = [
        f"{len(keys)} {what}"
        for keys, what in ((found.unseen, "undetectable changes"), (found.deleted, "deleted"))
        if keys
    ]
    return "[green]equal[/]" + (f"[yellow] but {', '.join(exceptions)}[/]" if exceptions else "")
