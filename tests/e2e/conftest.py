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
        schema = f"{tmp_path.name}_{home.name}".replace("-", "_")
        return Pipeline(home, replace(database, schema=schema), settings_for(server))

    return make
