"""A sample store, and runs over it an hour apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any

from sample_store import Server, Shop, serve
from tests.support.in_process import bundled_catalog, selecting, settings, sync
from tests.support.messages import Messages

NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)


class HourlyRuns:
    """Runs over a shop; before each an hour passes.

    Attributes:
        server: The shop's server; it counts the requests of the last run.
        state: The last run's state.
    """

    def __init__(self, server: Server, clock: list[datetime], **config: Any) -> None:
        self.server = server
        self.shop = server.shop
        self._clock = clock
        self.config = settings(server, schema_source="bundled", max_concurrency=1, **config)
        self.catalog = bundled_catalog()
        self.state: Mapping[str, Any] | None = None

    def run(self, *streams: str, catalog: Mapping[str, Any] | None = None, **more: Any) -> Messages:
        """Run the tap over some streams."""
        self.let_pass(timedelta(hours=1))
        self.server.clear()
        lines = sync(self.config | more, catalog or selecting(self.catalog, streams), self.state)
        self.state = lines.state
        return lines

    def let_pass(self, time: timedelta) -> None:
        """Let time pass in the shop."""
        self._clock[0] += time

    def part(self, stream: str) -> dict[str, Any]:
        """A stream's part of the state."""
        part: dict[str, Any] = (self.state or {})["bookmarks"][stream]
        return part


@contextmanager
def hourly_runs(**config: Any) -> Iterator[HourlyRuns]:
    """Serve a shop of sixty orders."""
    clock = [NOON]
    with serve(Shop.generate(orders=60, seed=7, clock=lambda: clock[0])) as server:
        yield HourlyRuns(server, clock, **config)
