"""What can go wrong between a shop and its reader, on demand."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

from sample_store import errors
from sample_store.app import refusal
from sample_store.wire import Answer, Call, Dropped

if TYPE_CHECKING:
    from collections.abc import Callable

    from sample_store.shop import Shop
    from sample_store.tables import Key

Kind = Literal[
    "too_many_requests",
    "server_error",
    "memory",
    "bad_row",
    "bad_gateway",
    "unavailable",
    "gateway_timeout",
    "maintenance",
    "reset",
    "reset_in_body",
    "truncated",
    "invalid_json",
    "firewall",
    "redirect",
    "timeout",
    "token_expired",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Args:
        kind: What: an HTTP error by its name; `bad_row`, a 500 for every page with a certain row
            on it, while counts go on working (MEASURED.md (j)); `reset` before and `reset_in_body`
            inside the answer; `truncated`, an answer that ends too early; `invalid_json`;
            `firewall`, an HTML page with status 200; `redirect` to another host; `timeout`, which
            holds the answer back; `token_expired`, after which the client's token is good no more.
        entity: Name of the list whose requests are struck, None for any request.
        path: What the path of a struck request contains.
        skip: How many matching requests pass before the first is struck.
        times: How many are struck, None for all.
        key: The row that cannot be read, for `bad_row`.
        retry_after: Value of the `Retry-After` header, None for none.
        location: Where `redirect` leads.
        seconds: How long `timeout` holds the answer back, unless released before.

    Raises:
        ValueError: For a kind that there is not.
    """

    kind: Kind
    entity: str | None = None
    path: str = ""
    skip: int = 0
    times: int | None = 1
    key: Key | None = None
    retry_after: str | None = None
    location: str = ""
    seconds: float = 60.0

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"No such fault: {self.kind}")

    def matches(self, call: Call, entity: str | None) -> bool:
        """Whether it concerns a request."""
        return self.entity in {None, entity} and self.path in call.path


class Faults:
    """The faults of a server, and how often each was seen; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._released = threading.Event()

    def add(self, *faults: Fault) -> None:
        """Let things go wrong from now on; where several match a request, the first one strikes."""
        with self._lock:
            self._released.clear()
            self._faults.extend(faults)

    def clear(self) -> None:
        """Let everything go right again."""
        with self._lock:
            self._faults.clear()
        self.release()

    def release(self) -> None:
        """Let go of the answers that `timeout` holds back."""
        self._released.set()

    def before(self, call: Call, entity: str | None, shop: Shop) -> tuple[Answer | None, Fault | None]:
        """Strike a request before the shop sees it.

        Args:
            call: The request.
            entity: Name of the list it asks for.
            shop: The shop, whose tokens may expire.

        Returns:
            The answer in place of the shop's, if any, and the fault to strike its answer, if any.

        Raises:
            Dropped: In place of an answer.
        """
        fault = self._take(lambda fault: fault.kind != "bad_row" and fault.matches(call, entity))
        if fault is None:
            return None, None
        if fault.kind == "reset":
            raise Dropped(reset=True)
        if fault.kind == "timeout":
            self._released.wait(fault.seconds)
            raise Dropped(reset=False)
        if fault.kind == "token_expired":
            shop.accounts.revoke(call.authorization.partition(" ")[2])
        return _instead(fault), fault

    def after(self, call: Call, given: Answer, fault: Fault | None) -> Answer:
        """Strike the shop's own answer.

        Args:
            call: The request.
            given: The answer.
            fault: What `before` said strikes it.

        Returns:
            The answer, or what is left of it.
        """
        hit = self._take(
            lambda each: each.kind == "bad_row" and each.key in given.keys and each.matches(call, given.entity)
        )
        if hit is not None:
            return replace(refusal(errors.internal()), entity=given.entity)
        if fault is None or given.status != 200:  # noqa: PLR2004 - HTTP's OK
            return given
        if fault.kind == "invalid_json":
            return replace(given, body=given.body[: len(given.body) // 2])
        if fault.kind in {"reset_in_body", "truncated"}:
            return replace(given, breaks=Dropped(reset=fault.kind == "reset_in_body"))
        return given

    def _take(self, matches: Callable[[Fault], bool]) -> Fault | None:
        with self._lock:
            for number, fault in enumerate(self._faults):
                if not matches(fault) or fault.times == 0:
                    continue
                if fault.skip:
                    self._faults[number] = replace(fault, skip=fault.skip - 1)
                    continue
                if fault.times is not None:
                    self._faults[number] = replace(fault, times=fault.times - 1)
                return fault
        return None


_PAGES = {
    "bad_gateway": (502, "Bad Gateway"),
    "unavailable": (503, "Service Temporarily Unavailable"),
    "gateway_timeout": (504, "Gateway Time-out"),
    "redirect": (302, "Found"),
    "firewall": (200, "Attention Required! Please verify that you are human"),
}


def _instead(fault: Fault) -> Answer | None:
    """Make the answer in place of the shop's, None where the shop's own is struck later."""
    headers = []
    if fault.retry_after is not None:
        headers.append(("Retry-After", fault.retry_after))
    if fault.location:
        headers.append(("Location", fault.location))
    if fault.kind in _PAGES:
        return refusal(errors.page(*_PAGES[fault.kind], tuple(headers)))
    if fault.kind == "too_many_requests":
        error = errors.message(429, "Too Many Requests")
        return replace(refusal(error), headers=tuple(headers))
    if fault.kind == "maintenance":
        return replace(refusal(errors.maintenance()), headers=tuple(headers))
    if fault.kind == "memory":
        return refusal(errors.fatal())
    return refusal(errors.internal()) if fault.kind == "server_error" else None
