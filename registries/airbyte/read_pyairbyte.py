"""PyAirbyte reads a shop into a database, on from the last time.

`python read_pyairbyte.py PROGRAM CONFIG CACHE FOLDER [STREAM ...]`

CACHE is a file for DuckDB, or the host, port and schema of a PostgreSQL, separated by commas. All streams are read if
none is named. The rows of each table then are in FOLDER, one line of JSON each. The last line printed is JSON: how many
rows were read, or how the read failed.

For proofs, the environment may have `SOURCE_MAGENTO_WAITS`: once the streams are chosen, a line is printed and one from
the standard input waited for. And `SOURCE_MAGENTO_KILLS`, for example `record 300 source`: at the 300th record
(`state`: before the 300th state is saved) SIGKILL ends the source (`pyairbyte`: PyAirbyte itself).
"""

from __future__ import annotations

import json
import os
import signal
import sys
from itertools import count
from pathlib import Path
from typing import Any

import airbyte as ab
from airbyte.caches import DuckDBCache, PostgresCache
from airbyte.exceptions import PyAirbyteError
from airbyte.shared.sql_processor import SqlProcessorBase

_METHODS = {"record": "process_record_message", "state": "_finalize_state_messages"}


def main(program: str, config: str, cache: str, folder: str, *streams: str) -> None:
    """Read once; the cache keeps the state.

    Args:
        program: The path of `source-magento`.
        config: A file with its configuration.
        cache: Where the rows go.
        folder: Where a copy of the tables goes.
        *streams: What to read.
    """
    if killing := os.environ.get("SOURCE_MAGENTO_KILLS"):
        place, times, whom = killing.split()
        _kill_at(_METHODS[place], int(times), whom)
    try:
        found = _read(program, config, cache, Path(folder), streams)
    except PyAirbyteError as error:
        found = {"error": type(error).__name__, "text": str(error)}
    print(json.dumps(found))


def _read(program: str, config: str, cache: str, folder: Path, streams: tuple[str, ...]) -> dict[str, Any]:
    settings = json.loads(Path(config).read_text(encoding="utf-8"))
    source = ab.get_source("source-magento", config=settings, local_executable=program)
    source.check()
    source.select_streams(list(streams) or "*")
    if os.environ.get("SOURCE_MAGENTO_WAITS"):
        print("chosen", flush=True)
        sys.stdin.readline()
    into = _cache(cache)
    result = source.read(cache=into)
    as_json = "to_jsonb" if "," in cache else "to_json"
    for name in result.streams:
        statement = f"SELECT CAST({as_json}(t) AS text) AS line FROM {into.schema_name}.{name} AS t"  # noqa: S608  our own
        rows = into.run_sql_query(statement)
        (folder / f"{name}.jsonl").write_text("".join(f"{row['line']}\n" for row in rows), encoding="utf-8")
    return {"read": result.processed_records}


def _cache(given: str) -> Any:
    if "," not in given:
        return DuckDBCache(db_path=given, schema_name="magento")
    host, port, schema = given.split(",")
    return PostgresCache(
        host=host, port=int(port), username="postgres", password="", database="postgres", schema_name=schema
    )


def _kill_at(method: str, times: int, whom: str) -> None:
    original = getattr(SqlProcessorBase, method)
    been = count(1)

    def passing_by(*arguments: Any, **named: Any) -> Any:
        if next(been) == times:
            for process in [os.getpid()] if whom == "pyairbyte" else _children():
                os.kill(process, signal.SIGKILL)
        return original(*arguments, **named)

    setattr(SqlProcessorBase, method, passing_by)


def _children() -> list[int]:
    of_threads = Path("/proc/self/task").glob("*/children")
    return [int(process) for children in of_threads for process in children.read_text(encoding="ascii").split()]


if __name__ == "__main__":
    main(*sys.argv[1:])
