"""Run the demonstration, or look at what it left behind.

python -m demo                      read a shop into PostgreSQL, change it, read what changed
python -m demo sql "SELECT ..."     query the database of the last demonstration
python -m demo serve                keep that database running, and show how to connect to it
python -m demo models               build the dbt models over its tables, write a report (make demo-dbt)
python -m demo meltano ARGS...      run Meltano as the demonstration does, for example: state list

With MAGENTO_URL, and MAGENTO_TOKEN or MAGENTO_USERNAME and MAGENTO_PASSWORD, in the environment it reads that shop
in place of a generated one.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

import psycopg
from rich.console import Console

from demo.models import show_models
from demo.pipeline import Pipeline, PipelineError
from demo.places import HOME, cluster_of
from demo.postgres import running
from demo.report import show_connection, show_query
from demo.shops import settings_from_environment
from demo.show import show_own_shop, show_sample_store


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says.

    Args:
        arguments: Of the command line.

    Returns:
        The exit code.
    """
    # So that everything that was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    console = Console()
    try:
        return _run(console, arguments)
    except (PipelineError, psycopg.Error) as error:
        console.print(f"[red]{type(error).__name__}[/]")
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 130


def _run(console: Console, arguments: Sequence[str]) -> int:
    match arguments:
        case []:
            return _demonstrate(console)
        case ["sql", statement]:
            with running(cluster_of(HOME)) as database:
                show_query(console, database, statement)
        case ["serve"]:
            with running(cluster_of(HOME)) as database:
                show_connection(console, database)
                signal.pause()
        case ["models"]:
            with running(cluster_of(HOME)) as database:
                show_models(console, database)
        case ["meltano", *rest]:
            with running(cluster_of(HOME)) as database:
                return Pipeline(HOME, database, settings_from_environment() or {}).meltano(rest)
        case _:
            console.print(__doc__, markup=False)
            return 2
    return 0


def _demonstrate(console: Console) -> int:
    settings = settings_from_environment()
    if settings is None:
        return show_sample_store(console)
    return show_own_shop(console, settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
