"""Responses that do not arrive whole, or never end."""

from __future__ import annotations

import zlib
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from sample_store.wire import Answer, Dropped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sample_store.faults.fault import Fault

_BOMB = 300_000_000
_BLOCK = 1_000_000
_GZIP = 31
"""Window bits that make zlib write gzip."""


@lru_cache(maxsize=4)
def bomb(size: int) -> bytes:
    """Compress JSON of about so many bytes, nearly all of them spaces, into a thousandth of them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, _GZIP)
    spaces = b" " * _BLOCK
    parts = [packer.compress(b'{"items":[')]
    parts += [packer.compress(spaces) for _ in range(size // _BLOCK)]
    parts += [packer.compress(b'],"total_count":0}'), packer.flush()]
    return b"".join(parts)


_DAMAGES: Mapping[str, Callable[[Answer, Fault], Answer]] = {
    "invalid_json": lambda given, _: replace(given, body=given.body[: len(given.body) // 2]),
    "reset_in_body": lambda given, _: replace(given, breaks=Dropped(reset=True)),
    "truncated": lambda given, _: replace(given, breaks=Dropped(reset=False)),
    "drip": lambda given, fault: replace(given, pause=fault.seconds),
    "drip_headers": lambda given, fault: replace(given, pause=fault.seconds, slow_headers=True),
    "endless": lambda given, _: replace(given, body=b'{"items":[{"entity_id":1}', endless=b',{"entity_id":1}' * 4096),
    "gzip_bomb": lambda given, fault: replace(
        given, body=bomb(fault.amount or _BOMB), headers=(*given.headers, ("Content-Encoding", "gzip"))
    ),
}


def damaged(given: Answer, fault: Fault) -> Answer:
    """Damage a response, unless the fault is of another kind."""
    damage = _DAMAGES.get(fault.kind)
    return given if damage is None else damage(given, fault)
