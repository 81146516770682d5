"""What tests and demos in another process ask the store, beside Magento's API: `/_store/...`."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from sample_store import errors
from sample_store.app import refusal
from sample_store.entities import BY_NAME
from sample_store.faults import Fault
from sample_store.unseen import OPERATIONS
from sample_store.wire import Answer, Call

if TYPE_CHECKING:
    from sample_store.server import Server

_PREFIX = "/_store/"


def answer(server: Server, call: Call) -> Answer | None:
    """Answer a request to the store itself.

    - `GET truth/<list>`: the rows in key order; `GET revenue`: the sums by day.
    - `GET requests`: how many were made, by list; `GET log`: each of them, with the number of its
      rows in place of their keys.
    - `POST live?seed=S`: let the shop live on; `POST unseen?seed=S&kind=K`: change it without a trace.
    - `POST faults`: add the faults of a JSON list; `DELETE faults`: take all away.

    Args:
        server: The server.
        call: The request.

    Returns:
        The answer, None for a request to the shop.
    """
    if not call.path.startswith(_PREFIX):
        return None
    command, _, argument = call.path.removeprefix(_PREFIX).partition("/")
    run = _COMMANDS.get(f"{call.method} {command}")
    if run is None:
        return Answer(b'{"message":"The store knows no such command."}', 404)
    try:
        return Answer(run(server, argument, call))
    except errors.ApiError as error:
        return refusal(error)


def _truth(server: Server, name: str, _: Call) -> bytes:
    if name not in BY_NAME:
        raise errors.message(404, f"The store has no list {name}.")
    return b"[%s]" % b",".join(server.shop.tables.bodies(BY_NAME[name]))


def _revenue(server: Server, _: str, __: Call) -> bytes:
    return _json({day: str(total) for day, total in server.shop.revenue_by_day().items()})


def _requests(server: Server, _: str, __: Call) -> bytes:
    return _json(Counter(request.entity or request.path for request in tuple(server.requests)))


def _log(server: Server, _: str, __: Call) -> bytes:
    return _json([asdict(request) | {"keys": request.rows} for request in tuple(server.requests)])


def _live(server: Server, _: str, call: Call) -> bytes:
    (seed,) = parse_qs(call.query).get("seed", ["1"])
    return _json(asdict(server.shop.live(int(seed))))


def _unseen(server: Server, _: str, call: Call) -> bytes:
    parameters = parse_qs(call.query)
    (seed,) = parameters.get("seed", ["1"])
    kinds = parameters.get("kind", [])
    unknown = set(kinds) - set(OPERATIONS)
    if unknown:
        raise errors.message(400, f"The store knows no such change: {', '.join(sorted(unknown))}")
    return _json(server.shop.unseen(int(seed), *kinds))


def _add_faults(server: Server, _: str, call: Call) -> bytes:
    try:
        faults = [Fault(**each) for each in json.loads(call.body)]
    except (TypeError, ValueError) as error:
        raise errors.message(400, str(error)) from error
    server.faults.add(*faults)
    return _json({})


def _clear_faults(server: Server, _: str, __: Call) -> bytes:
    server.faults.clear()
    return _json({})


_COMMANDS = {
    "GET truth": _truth,
    "GET revenue": _revenue,
    "GET requests": _requests,
    "GET log": _log,
    "POST live": _live,
    "POST unseen": _unseen,
    "POST faults": _add_faults,
    "DELETE faults": _clear_faults,
}


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
