"""`python -m benchmarks.dlt_rows URL STEP`: take the orders of a shop from the dlt source.

Step `rows` takes them from the source alone, `extract` and `normalize` as far as these steps of a pipeline. It runs in
the environment of `make dlt`.
"""

from __future__ import annotations

import sys
from tempfile import TemporaryDirectory

import dlt

from benchmarks.programs import SETTINGS
from benchmarks.speed import PAGE, WORKERS
from tap_magento.dlt_source import magento

STEPS = ("rows", "extract", "normalize")


def main(url: str, step: str) -> int:
    """Take the orders.

    Args:
        url: The shop.
        step: How far.

    Returns:
        How many there were.
    """
    settings = {"access_token": "any", "max_concurrency": WORKERS, "page_size": PAGE, **SETTINGS}
    source = magento(store_url=url, settings=settings).with_resources("orders")
    if step == "rows":
        return sum(1 for _ in source)
    with TemporaryDirectory() as folder:
        pipeline = dlt.pipeline("orders", destination="duckdb", pipelines_dir=folder)
        found = pipeline.extract(source)
        if step == "normalize":
            return int(pipeline.normalize().row_counts["orders"])
        tables = [each["table_metrics"] for metrics in found.metrics.values() for each in metrics]
        return sum(each["orders"].items_count for each in tables if "orders" in each)


if __name__ == "__main__":
    main(*sys.argv[1:])
