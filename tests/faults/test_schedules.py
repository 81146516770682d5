"""Whatever goes wrong in whatever order: in the end the tables are the shop."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from functools import partial
from typing import get_args

import pytest

from sample_store import Fault, Server, ServerOptions, serve
from sample_store.faults import Kind
from tap_magento.tap import TapMagento
from tests.faults.support import KEYS, Clock, Tables, kill, run, settings, shop_of, terminate

SEEDS = range(200 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 30)


@pytest.mark.parametrize("seed", SEEDS)
def test_any_schedule_of_faults_kills_and_changes_ends_with_the_shops_rows(seed: int) -> None:
    schedule = Schedule(random.Random(seed))
    with serve(schedule.shop, options=schedule.options) as server:
        for _ in range(schedule.chance.randint(1, 3)):
            schedule.bad_run(server)
        schedule.good_runs(server)
    assert schedule.tables.problems(schedule.shop) == [], f"seed {seed}"


class Schedule:
    """A small shop, and what is going to happen to whoever reads it."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.clock = Clock()
        self.shop = shop_of(chance.randint(4, 10), chance.randrange(1000), self.clock)
        self.options = ServerOptions(
            max_page_size=chance.choice([None, None, 1, 4]), memory_rows=chance.choice([None, None, 1, 3])
        )
        self.tables = Tables(chance.sample(list(KEYS), chance.randint(1, 2)))
        self._config = {
            "page_size": chance.choice([2, 3, 5, 20]),
            "max_concurrency": chance.choice([1, 2, 4, 8]),
            "retry_timeout": 10,
        }

    def bad_run(self, server: Server) -> None:
        """Run the tap while things go wrong and the shop lives on."""
        server.faults.clear()
        server.faults.add(*(self._fault() for _ in range(self.chance.randint(0, 3))))
        self._run(server, {self.chance.randrange(50): event for event in self._events()})
        self.clock.tick(self.chance.choice([0, 1, 400, 4000]))

    def good_runs(self, server: Server) -> None:
        """Run the tap to its end: once to complete a first read, once for what has changed since it began."""
        server.faults.clear()
        for _ in range(2):
            self.clock.tick(3600)
            assert self._run(server, {}) is None

    def _run(self, server: Server, events: dict[int, Callable[[TapMagento], None]]) -> BaseException | None:
        done = run(settings(server, **self._config), self.tables, events)
        self.tables.load(done.lines)
        return done.error

    def _events(self) -> list[Callable[[TapMagento], None]]:
        changes = [partial(self._change, self.chance.randrange(1000)) for _ in range(self.chance.randint(0, 2))]
        ends: list[Callable[[TapMagento], None]] = self.chance.choices([kill, terminate], k=self.chance.randint(0, 1))
        return [*changes, *ends]

    def _change(self, seed: int, _: TapMagento) -> None:
        self.clock.tick(seed % 20)
        self.shop.live(seed)

    def _fault(self) -> Fault:
        kind = self.chance.choice(get_args(Kind))
        return Fault(
            kind,
            entity=self.chance.choice([None, *self.tables.streams]),
            skip=self.chance.randrange(10),
            times=self.chance.choice([1, 2, 3, 10, None]),
            key=self.chance.randint(1, 20),
            retry_after=self.chance.choice([None, "5"]),
            location="http://127.0.0.1:9/elsewhere" if kind == "redirect" else "",
            seconds=0.01,
        )
