"""Fifty kills at random moments, by real signals: nothing is missing in the end."""

from __future__ import annotations

import fcntl
import json
import random
import signal
import termios
import time
from array import array
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sample_store import Fault, ServerOptions, Shop, serve
from tests.faults.processes import Process, started
from tests.faults.support import KEYS, Clock, Tables, settings

pytestmark = pytest.mark.slow

KILLS = 50
#: A pipe takes 64 kB, and less of lines that fill its pages badly.
FULL_PIPE = 40_000
SEED = 2


def test_fifty_kills_lose_nothing(tmp_path: Path) -> None:
    chance, clock, tables = random.Random(SEED), Clock(), Tables()
    shop = Shop.generate(orders=60, seed=SEED, clock=clock)
    endings: Counter[int] = Counter()
    with serve(shop, options=ServerOptions(workers=4, per_request=0.005)) as server:
        config = settings(server, max_concurrency=3)
        while endings[-signal.SIGKILL] + endings[128 + signal.SIGTERM] < KILLS:
            with started(tmp_path, config, tables.state) as process:
                lines = lines_until_killed(process, chance)
                code = process.wait()
                log = process.log
            assert code in {0, -signal.SIGKILL, 128 + signal.SIGTERM}, log
            endings[code] += 1
            if code == 128 + signal.SIGTERM:
                assert_ended_in_order(lines, log)
            tables.load(line for line in lines if is_read_here(line))
            clock.tick(chance.choice([0, 1, 600]))
            if code == 0 or not chance.randrange(5):
                shop.live(chance.randrange(1000))
        for _ in range(2):  # to complete a first read, and to read what has changed since it began
            clock.tick(3600)
            with started(tmp_path, config, tables.state) as process:
                lines = process.out.read().splitlines(keepends=True)
                assert process.wait() == 0, process.log
            tables.load(line for line in lines if is_read_here(line))
    assert tables.problems(shop) == [], f"seed {SEED}"
    assert min(endings[-signal.SIGKILL], endings[128 + signal.SIGTERM]) > KILLS // 4


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_waits_for_the_shop_ends_when_told_to(tmp_path: Path, number: signal.Signals, workers: int) -> None:
    with serve(Shop.generate(orders=3)) as server:
        # Categories come first, and are so few that the pipe takes them all.
        server.faults.add(Fault("maintenance", entity="categories", skip=2, times=None))
        with started(tmp_path, settings(server, page_size=2, max_concurrency=workers), {}) as process:
            while process.is_running and not any(request.status == 503 for request in server.requests):
                time.sleep(0.01)
            process.send(number)
            messages = [json.loads(line) for line in process.out]
            assert process.wait() == 128 + number, process.log
            assert "Traceback" not in process.log
    records = [
        message["record"]["id"] for message in messages if message.get("stream") == "categories" and "record" in message
    ]
    assert f"Stopped by a signal in 'categories', after {len(records)} rows of it" in process.log
    assert messages[-1]["type"] == "STATE"
    assert messages[-1]["value"]["bookmarks"]["categories"]["backfill"]["after"] == records[-1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_a_run_whose_target_has_stalled(tmp_path: Path, number: signal.Signals) -> None:
    with serve(Shop.generate(orders=200)) as server, started(tmp_path, settings(server), {}) as process:
        while unread(process) < FULL_PIPE:
            time.sleep(0.01)
        while process.is_running:  # signals that come at the same moment are one
            process.send(number)
            time.sleep(0.1)
        *whole, _ = process.out.read().split(b"\n")
        assert process.wait() == 128 + number, process.log
        assert "Traceback" not in process.log
    assert {json.loads(line)["type"] for line in whole} >= {"SCHEMA", "RECORD"}


def unread(process: Process) -> int:
    """Tell how many bytes of a process wait in its pipe."""
    count = array("i", [0])
    fcntl.ioctl(process.out, termios.FIONREAD, count)
    return count[0]


def lines_until_killed(process: Process, chance: random.Random) -> list[bytes]:
    """Take lines until a random moment, then send a signal; give the whole lines that were written."""
    last = chance.randrange(150)
    lines = []
    for line in process.out:
        lines.append(line)
        if len(lines) > last:
            break
    time.sleep(chance.random() * 0.02)  # it goes on meanwhile, until the pipe is full
    process.send(chance.choice([signal.SIGTERM, signal.SIGKILL]))
    lines += process.out.read().splitlines(keepends=True)
    return [line for line in lines if line.endswith(b"\n")] if process.wait() < 0 else lines


def assert_ended_in_order(lines: list[bytes], log: str) -> None:
    """Only whole lines; the state tells of all records of a first read; no traceback for the person."""
    assert "Traceback" not in log
    assert all(line.endswith(b"\n") for line in lines)
    last: dict[str, int] = {}
    bookmarks: dict[str, Any] = {}
    for message in map(json.loads, lines):
        if message["type"] == "STATE":
            bookmarks = message["value"]["bookmarks"]
        elif message["type"] == "RECORD" and message["stream"] in KEYS:
            last[message["stream"]] = message["record"][KEYS[message["stream"]]]
    for name, key in last.items():
        assert bookmarks[name].get("backfill", {}).get("after", key) == key


def is_read_here(line: bytes) -> bool:
    message = json.loads(line)
    return message["type"] == "STATE" or message["stream"] in KEYS
