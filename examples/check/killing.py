"""Kills the tap that reads a shard, once, when it has read some of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread

from demo.processes import kill
from sample_store import Server
from tap_magento.reading.shards import BLOCK

_POLL = 0.2
_TAP = b"bin/tap-magento"


@contextmanager
def killing(server: Server, number: int, count: int) -> Iterator[Event]:
    """Kill the tap of a shard, once, while the context lasts.

    Args:
        server: The shop that it reads.
        number: The shard's.
        count: Of how many.

    Yields:
        Set once it is killed.
    """
    was_killed, is_over = Event(), Event()
    killer = Thread(target=_kill, args=(server, number, count, was_killed, is_over), daemon=True)
    killer.start()
    try:
        yield was_killed
    finally:
        is_over.set()
        killer.join()


def _kill(server: Server, number: int, count: int, was_killed: Event, is_over: Event) -> None:
    seen = 0
    while not is_over.wait(_POLL):
        requests, seen = server.requests[seen:], len(server.requests)
        if any(_is_of(request.keys, number, count) for request in requests if request.entity == "orders"):
            break
    while not is_over.is_set():
        if kill(lambda command, environment: _is_tap(command, environment, server, f"{number}/{count}")):
            print(f"Killed the tap of shard {number}/{count}", flush=True)
            was_killed.set()
            return
        time.sleep(_POLL)


def _is_of(keys: Sequence[int | str], number: int, count: int) -> bool:
    """Tell whether these are rows that a shard reads; one row may be what another one looked for."""
    return len(keys) > 1 and any(isinstance(key, int) and key // BLOCK % count == number - 1 for key in keys)


def _is_tap(command: Sequence[bytes], environment: Sequence[bytes], server: Server, shard: str) -> bool:
    if not any(_TAP in each for each in command) or b"--discover" in command:
        return False
    wanted = {f"TAP_MAGENTO_STORE_URL={server.url}".encode(), f"TAP_MAGENTO_SHARD={shard}".encode()}
    return wanted <= set(environment)
