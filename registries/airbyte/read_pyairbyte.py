"""PyAirbyte reads a shop into a database, on from the last time.

`python read_pyairbyte.py PROGRAM CONFIG CACHE [STREAM ...]`

CACHE is a file for DuckDB, or the host, port and schema of a PostgreSQL, separated by commas. All streams are read if
none is named. The last line printed is JSON: how many rows were read, how many are in each table, and how many of each
stream the table `deletions` names.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import airbyte as ab
from airbyte.caches import DuckDBCache, PostgresCache


def main(program: str, config: str, cache: str, *streams: str) -> None:
    """Read once; the cache keeps the state.

    Args:
        program: The path of `source-magento`.
        config: A file with its configuration.
        cache: Where the rows go.
        *streams: What to read.
    """
    settings = json.loads(Path(config).read_text(encoding="utf-8"))
    source = ab.get_source("source-magento", config=settings, local_executable=program)
    source.check()
    source.select_streams(list(streams) or "*")
    into = _cache(cache)
    result = source.read(cache=into)
    tables = {name: len(into[name].to_pandas()) for name in result.streams}
    deletions = into["deletions"].to_pandas()
    deleted = Counter(deletions[deletions["restored_at"].isna()]["stream"])
    print(json.dumps({"read": result.processed_records, "tables": tables, "deleted": deleted}))


def _cache(given: str) -> Any:
    if "," not in given:
        return DuckDBCache(db_path=given, schema_name="magento")
    host, port, schema = given.split(",")
    return PostgresCache(
        host=host, port=int(port), username="postgres", password="", database="postgres", schema_name=schema
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
