"""`python -m tests.dlt_source.killed_run URL PASSWORD FOLDER PLACE TIMES`: a load that SIGKILL ends on its way.

dlt goes from one step to the next by renaming a file or a folder: right before the one whose new name has PLACE in it,
for the so manieth time, the program kills itself. Of the place `row` it is the row of an order that is counted.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from itertools import count
from pathlib import Path
from typing import Any

import dlt

from tap_magento.dlt_source import magento

#: What is loaded.
TABLES = ("orders", "order_items", "invoices", "products", "deletions")


def main(url: str, password: str, folder: str, place: str, times: str) -> None:
    """Load a shop into DuckDB until it is time to die.

    Args:
        url: The shop.
        password: Its password.
        folder: Where dlt and DuckDB keep what is theirs.
        place: Where it dies.
        times: How often it has been there by then.
    """
    been = count(1)

    def pass_by(there: str) -> None:
        if re.search(place, there) and next(been) == int(times):
            os.kill(os.getpid(), signal.SIGKILL)

    def see(row: Any) -> Any:
        pass_by("row")
        return row

    def hear(event: str, arguments: Any) -> None:
        if event == "os.rename":
            pass_by(str(arguments[1]))

    source = magento(store_url=url, username="admin", password=password, settings={"retry_timeout": 0})
    source.orders.add_map(see)
    sys.addaudithook(hear)
    pipeline_in(Path(folder)).run(source.with_resources(*TABLES))


def pipeline_in(folder: Path) -> Any:
    """Make the pipeline.

    Args:
        folder: Where dlt and DuckDB keep what is theirs.

    Returns:
        The pipeline; two runs in one folder follow each other.
    """
    destination = dlt.destinations.duckdb(str(folder / "shop.duckdb"))
    return dlt.pipeline("shop", destination=destination, dataset_name="magento", pipelines_dir=str(folder / "dlt"))


if __name__ == "__main__":
    main(*sys.argv[1:])
