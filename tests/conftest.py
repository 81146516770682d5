"""What holds for all tests."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from sample_store import Server, Shop, serve
from tap_magento.runtime import redaction
from tap_magento.tap import TapMagento
from tests.support.clock import FakeClock
from tests.support.shared import MAGENTO

# Machines differ in speed: no test fails for being slow. HYPOTHESIS_PROFILE=nightly looks much further.
settings.register_profile("quick", deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("nightly", settings.get_profile("quick"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what compares the project with Magento's own schemas, where those are not beside it.

    What takes many seconds comes first: at the end it would leave the other workers with nothing to do.
    """
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    if MAGENTO.is_dir():
        return
    beside = [item for item in items if "magento" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=beside)
    items[:] = [item for item in items if item not in beside]


def pytest_collection_finish() -> None:
    """Leave the thousands of tests out of every later garbage collection: they took a tenth of the time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def magento() -> Path:
    """Magento's own schemas and a whole recording; they lie beside the project, not in it."""
    return MAGENTO


@pytest.fixture(autouse=True)
def _one_log_handler() -> Iterator[None]:
    """Take away the handlers of a test's taps: the SDK adds one a tap, and each writes each line."""
    root = logging.getLogger()
    before = list(root.handlers)
    yield
    root.handlers[:] = [handler for handler in root.handlers if handler in before]


@pytest.fixture(autouse=True)
def _few_secrets() -> None:
    """Forget other tests' tokens: thousands would have to be struck out of every line of the log."""
    redaction._secrets.__init__()  # type: ignore[misc]


@pytest.fixture
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no time pass where something would be waited for."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(TapMagento, "clock", FakeClock)


@pytest.fixture(scope="module")
def shared_server() -> Iterator[Server]:
    """A module's store, which has a module of its own installed."""
    with serve(Shop.generate(orders=10, module=True)) as running:
        yield running


@pytest.fixture
def server(shared_server: Server) -> Iterator[Server]:
    """The module's store, without what the last test did to its faults and roles."""
    shared_server.clear()
    roles = dict(shared_server.shop.roles)
    yield shared_server
    shared_server.faults.clear()
    shared_server.shop.roles.update(roles)
