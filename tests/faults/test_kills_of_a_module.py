"""A list of a third-party module, killed at random moments by real signals: nothing is missing in the end."""

from __future__ import annotations

import json
import random
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from demo.truth import compare
from sample_store import ServerOptions, Shop, serve
from tests.faults.processes import started
from tests.faults.support import Clock, settings
from tests.faults.test_kills import lines_until_killed

pytestmark = pytest.mark.slow

KILLS = 6
SEED = 3
STREAM = {
    "name": "deliveries",
    "path": "/acme/deliveries",
    "key_field": "id",
    "key_column": "delivery_id",
    "replication_key": "updated_at",
}


def test_kills_lose_nothing_of_a_configured_stream(tmp_path: Path) -> None:
    chance, clock = random.Random(SEED), Clock()
    shop = Shop.generate(orders=120, seed=SEED, clock=clock, module=True)
    shop.roles[shop.username] = frozenset({"Acme_Delivery::deliveries"})  # so no other list is offered
    table: dict[int, dict[str, Any]] = {}
    state: dict[str, Any] = {}
    endings: Counter[int] = Counter()

    def load(lines: list[bytes]) -> None:
        nonlocal state
        for message in map(json.loads, lines):
            if message["type"] == "STATE":
                state = message["value"]
            elif message["type"] == "RECORD" and message["stream"] == "deliveries":
                table[message["record"]["id"]] = message["record"]

    with serve(shop, options=ServerOptions(workers=4, per_request=0.005)) as server:
        config = settings(server, max_concurrency=3, schema_source="live", streams=[STREAM])
        while endings[-signal.SIGKILL] + endings[128 + signal.SIGTERM] < KILLS:
            with started(tmp_path, config, state) as process:
                lines = lines_until_killed(process, chance)
                code = process.wait()
                assert code in {0, -signal.SIGKILL, 128 + signal.SIGTERM}, process.log
            endings[code] += 1
            load(lines)
            clock.tick(chance.choice([0, 1, 600]))
            shop.live(chance.randrange(1000))
        for _ in range(2):
            clock.tick(3600)
            with started(tmp_path, config, state) as process:
                lines = process.out.read().splitlines(keepends=True)
                assert process.wait() == 0, process.log
            load(lines)
    rows = shop.rows("acme_deliveries")
    assert len(rows) > 50
    assert compare(list(table.values()), rows, ["id"]).wrong == {}, f"seed {SEED}"
