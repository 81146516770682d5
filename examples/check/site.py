"""A shop, a Meltano project that reads it, and the database that it loads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from demo.pipeline import Pipeline
from demo.places import cluster_of
from demo.postgres import Database, running
from demo.shops import settings_for
from examples.check.engines import environment_of
from sample_store import Server, Shop, serve


@dataclass(frozen=True, slots=True)
class Site:
    """Where an example runs.

    Attributes:
        home: Its folder.
        server: Serves the shop.
        database: Is loaded.
        environment: Environment variables with which Meltano's project runs.
    """

    home: Path
    server: Server
    database: Database
    environment: Mapping[str, str]


@contextmanager
def site_of(shop: Shop, tables: Sequence[str]) -> Iterator[Site]:
    """Set up what an example needs, and remove it with the context.

    Args:
        shop: What is read.
        tables: Names of the streams to select.

    Yields:
        The site, its Meltano project installed.
    """
    with (
        TemporaryDirectory() as folder,
        running(cluster_of(Path(folder)), fresh=True) as database,
        serve(shop) as server,
    ):
        pipeline = Pipeline(Path(folder), database, settings_for(server))
        pipeline.install()
        yield Site(Path(folder), server, database, environment_of(pipeline.environment(), tables))
