from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests

from sample_store import ServerOptions, Shop, serve
from tests.sample_store.asking import Client, Clock, Connect


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop(clock: Clock) -> Shop:
    return Shop.generate(orders=80, seed=1, clock=clock)


@pytest.fixture(scope="session")
def module_shop() -> Shop:
    """A shop with a third-party module, to look at and not to change."""
    return Shop.generate(orders=80, seed=1, clock=Clock(), module=True)


@pytest.fixture(scope="session")
def plain_shop() -> Shop:
    """The same shop without the module, to look at and not to change."""
    return Shop.generate(orders=80, seed=1, clock=Clock())


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.fixture
def connect(session: requests.Session) -> Iterator[Connect]:
    with ExitStack() as served:

        def _connect(shop: Shop, options: ServerOptions | None = None) -> Client:
            server = served.enter_context(serve(shop, options=options))
            return Client(server, session, {"Authorization": f"Bearer {shop.token()}"})

        yield _connect


@pytest.fixture
def client(shop: Shop, connect: Connect) -> Client:
    return connect(shop)
