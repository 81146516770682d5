"""Copy the loader's tables from PostgreSQL to DuckDB, with every digit.

    python dbt/copy_to_duckdb.py HOST FILE

target-duckdb keeps amounts as binary floating-point numbers. To compare the models of both databases to the cent,
DuckDB gets the rows that PostgreSQL has. Runs in the environment of dbt.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import duckdb
import psycopg2

_SCHEMA = "magento"
_COLUMNS = """
    SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_schema = %s ORDER BY table_name, ordinal_position
"""
_TYPES = {
    "numeric": "DECIMAL(38, 9)",
    "jsonb": "JSON",
    "ARRAY": "JSON",
    "timestamp without time zone": "TIMESTAMP",
    "text": "VARCHAR",
    "character varying": "VARCHAR",
}
_NULL = "\\N"
_CSV = f"""(
    FORMAT csv, AUTO_DETECT false, HEADER false, DELIM ',', QUOTE '"', ESCAPE '"', NULLSTR '{_NULL}',
    ALLOW_QUOTED_NULLS false
)"""


def main(host: str, file: str) -> None:
    """Copy all tables.

    Args:
        host: Folder of the PostgreSQL server's socket.
        file: The DuckDB database.
    """
    with (
        psycopg2.connect(host=host, user="postgres", dbname="postgres") as source,
        duckdb.connect(file) as target,
        tempfile.TemporaryDirectory() as folder,
        source.cursor() as cursor,
    ):
        target.execute(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}")
        cursor.execute(_COLUMNS, (_SCHEMA,))
        tables: dict[str, dict[str, str]] = {}
        for table, column, type_ in cursor:
            tables.setdefault(table, {})[column] = type_
        for table, columns in tables.items():
            exported = Path(folder) / f"{table}.csv"
            # Arrays of JSON as JSON; PostgreSQL has a syntax of its own for arrays.
            selected = ", ".join(f'to_jsonb("{name}")' if t == "ARRAY" else f'"{name}"' for name, t in columns.items())
            # The names come from the database itself.
            query = f"COPY (SELECT {selected} FROM {_SCHEMA}.\"{table}\") TO STDOUT (FORMAT csv, NULL '{_NULL}')"  # noqa: S608
            with exported.open("wb") as out:
                cursor.copy_expert(query, out)
            types = {name: _TYPES.get(t, t.upper()) for name, t in columns.items()}
            defined = ", ".join(f'"{name}" {type_}' for name, type_ in types.items())
            target.execute(f'CREATE OR REPLACE TABLE {_SCHEMA}."{table}" ({defined})')
            target.execute(f"COPY {_SCHEMA}.\"{table}\" FROM '{exported}' {_CSV}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
