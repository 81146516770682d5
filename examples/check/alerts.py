"""What Airflow tells a person: the example's daily DAG on a shop in which something is wrong, of each kind."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from demo.postgres import Database
from examples.check.airflow import Airflow, DagRun, airflow_running
from examples.check.site import site_of
from sample_store import Fault, Server, Shop
from tap_magento.http.acl import PATHS

_DAG = "shop_daily"
_TABLES = ("orders", "customers", "invoices")
_ORDERS = 60
_ORDER = 7
_WITHOUT_INVOICES = frozenset(PATHS) - {"Magento_Sales::sales_invoice"}
_TOLD = "TO A PERSON: "
# A plugin from a package index is discovered once; this project's own in each run, unless it is given a catalog.
_CATALOG = "TAP_MAGENTO__CATALOG"
_WITH_CATALOG = {_CATALOG: "catalog.json"}


@dataclass(frozen=True, slots=True)
class Case:
    """Something that is wrong with a shop.

    Attributes:
        name: What.
        goes_wrong: Makes it so.
        failed: The task that fails; None if all is well.
        told: What a person is told.
        settings: Settings of the tap, other than usual.
    """

    name: str
    goes_wrong: Callable[[Server], None]
    failed: str | None
    told: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)


def _nothing(_: Server) -> None:
    """All is well."""


def _row_is_bad(server: Server) -> None:
    row = server.shop.row("orders", _ORDER) or {}
    server.shop.put("orders", {**row, "updated_at": server.shop.now()})
    server.faults.add(Fault("bad_row", entity="orders", key=_ORDER, times=None))


def _counts_are_wrong(server: Server) -> None:
    server.faults.add(Fault("total_count_high", entity="orders", times=None))


def _right_is_lost(server: Server) -> None:
    server.shop.roles[server.shop.username] = _WITHOUT_INVOICES


_CASES = (
    Case("all is well", _nothing, None),
    Case("a row quarantined", _row_is_bad, "alert", "alert: 'orders': 1 row cannot be read and is quarantined"),
    Case(
        "an audit that cannot be settled",
        _counts_are_wrong,
        "alert",
        "alert: 'orders': the audit could not be settled: the shop counts 67 rows where there are at most 60 keys",
    ),
    Case(
        "a stream that is not offered",
        _right_is_lost,
        "alert",
        "alert: 'invoices' cannot be read: it is selected, and the shop does not offer it",
    ),
    Case(
        "a stream without access",
        _right_is_lost,
        "run",
        "run: The run failed: invoices: the role of this user lacks Magento_Sales::sales_invoice",
        _WITH_CATALOG,
    ),
    Case(
        "a stream without access, skipped",
        _right_is_lost,
        "alert",
        "alert: 'invoices' cannot be read: the role of this user lacks Magento_Sales::sales_invoice",
        {**_WITH_CATALOG, "TAP_MAGENTO_ON_MISSING_ACCESS": "skip"},
    ),
)


def check_alerts() -> bool:
    """Run the DAG once for each thing that can be wrong with a shop.

    Returns:
        Whether each time the right task failed, a person was told, and all else was loaded.
    """
    found = []
    with site_of(Shop.generate(orders=_ORDERS), _TABLES) as site:
        catalog = site.home / "catalog.json"
        catalog.write_bytes(_discovered(site.environment))
        for settings, cases in groupby(_CASES, key=lambda case: case.settings):
            own = {name: str(site.home / value) if name == _CATALOG else value for name, value in settings.items()}
            with airflow_running(site.home / "airflow", {**site.environment, **own}) as airflow:
                found += [_is_told(case, airflow, site.server, site.database) for case in cases]
    return all(found)


def _discovered(environment: Mapping[str, str]) -> bytes:
    """Have Meltano make a catalog, in which the tables are selected."""
    command = [environment["MELTANO"], "invoke", "--dump=catalog", "tap-magento"]
    done = subprocess.run(command, env=dict(environment), check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout


def _is_told(case: Case, airflow: Airflow, server: Server, database: Database) -> bool:
    """Run the DAG, print what a person is told, and tell whether that is right."""
    customer = max(key for key in server.shop.keys("customers") if isinstance(key, int))
    row = server.shop.row("customers", customer) or {}
    server.shop.put("customers", {**row, "updated_at": server.shop.now(), "firstname": case.name})
    case.goes_wrong(server)
    run = airflow.run(_DAG)
    server.faults.clear()
    server.shop.roles[server.shop.username] = None
    (loaded,) = database.query(f"SELECT firstname FROM customers WHERE id = {customer}")  # noqa: S608  our own number
    told = list(_told(run))
    is_right = (
        [task.name for task in run.tasks if task.state == "failed"] == ([case.failed] if case.failed else [])
        and len(told) == bool(case.told)
        and all(text.startswith(case.told) for text in told)
        and loaded == (case.name,)
    )
    states = ", ".join(f"{task.name} {task.state}" for task in run.tasks)
    print(
        f"{case.name}: {'as it should be' if is_right else 'NOT as it should be'}: {states}; told: {told}", flush=True
    )
    if not is_right:
        print(run.log_of_failed())
    return is_right


def _told(run: DagRun) -> Iterator[str]:
    """Find what a person is told, of the notifier of the example."""
    for task in run.tasks:
        for line in task.log.splitlines():
            _, mark, text = line.partition(_TOLD)
            if mark:
                yield text
