"""`python -m benchmarks.dlt_rows URL TOKEN STEP STREAM [STREAM ...]`: take the rows of a shop from the dlt source.

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


def main(url: str, token: str, step: str, *streams: str) -> int:
    """Take the rows.

    Args:
        url: The shop.
        token: What it is read with.
        step: How far.
        streams: The names of the streams.

    Returns:
        How many rows there were.
    """
    settings = {"max_concurrency": WORKERS, "page_size": PAGE, **SETTINGS}
    source = magento(store_url=url, access_token=token, settings=settings).with_resources(*streams)
    if step == "rows":
        return sum(1 for _ in source)
    with TemporaryDirectory() as folder:
        pipeline = dlt.pipeline("shop", destination="duckdb", pipelines_dir=folder)
        found = pipeline.extract(source)
        if step == "normalize":
            counts = pipeline.normalize().row_counts
            return sum(counts.get(stream, 0) for stream in streams)
        tables = [each["table_metrics"] for metrics in found.metrics.values() for each in metrics]
        return sum(each[stream].items_count for each in tables for stream in streams if stream in each)


if __name__ == "__main__":
    main(*sys.argv[1:])
