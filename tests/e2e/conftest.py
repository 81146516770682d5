"""One PostgreSQL server and one installation of the plugins for all tests of a session that want them."""

from __future__ import annotations

import fcntl
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from demo.pipeline import Pipeline
from demo.places import ROOT, cluster_of
from demo.postgres import Database, running
from demo.shops import settings_for
from sample_store import Server
from tests.e2e.warehouse import Warehouse

MakePipeline = Callable[[Server], Pipeline]


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A running PostgreSQL server."""
    with running(cluster_of(tmp_path_factory.mktemp("pg")), fresh=True) as database:
        yield database


@pytest.fixture(scope="session")
def plugins(database: Database, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The plugins, installed in the project's `.meltano`, by one worker of pytest-xdist at a time."""
    with (ROOT / "meltano.yml").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        Pipeline(tmp_path_factory.mktemp("install"), database, {}).install()


@pytest.fixture
def make_pipeline(database: Database, plugins: None, tmp_path: Path) -> MakePipeline:
    """Makes a pipeline from a store, with a state and a database schema of its own."""
    del plugins
    numbers = itertools.count()

    def make(server: Server) -> Pipeline:
        home = tmp_path / f"pipeline{next(numbers)}"
        home.mkdir()
        return Pipeline(home, schema_for(home, database), settings_for(server))

    return make


@pytest.fixture
def warehouse(database: Database, plugins: None, tmp_path: Path) -> Warehouse:
    """Tables of a test's own, filled without Meltano."""
    del plugins
    return Warehouse(tmp_path, schema_for(tmp_path, database))


def schema_for(home: Path, database: Database) -> Database:
    """Name a schema of the database after a folder of pytest's."""
    return replace(database, schema=f"{home.parent.name}_{home.name}".replace("-", "_")[-63:])
