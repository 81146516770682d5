"""The faults of a server, and how often each was seen."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from sample_store.faults.alterations import altered
from sample_store.faults.damages import damaged
from sample_store.faults.replacements import replacement
from sample_store.wire import Answer, Call, Dropped

if TYPE_CHECKING:
    from collections.abc import Callable

    from sample_store.faults.fault import Fault
    from sample_store.shop import Shop

_OK = 200


class Faults:
    """The faults of a server; safe to use from many threads.

    Of the faults that match a request the first one strikes; faults of the content all do.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._released = threading.Event()

    def add(self, *faults: Fault) -> None:
        """Let things go wrong from now on."""
        with self._lock:
            self._released.clear()
            self._faults.extend(faults)

    def clear(self) -> None:
        """Let everything go right again."""
        with self._lock:
            self._faults.clear()
        self.release()

    def release(self) -> None:
        """Let go of the responses that `timeout` holds back."""
        self._released.set()

    def before(self, call: Call, entity: str | None, shop: Shop) -> tuple[Answer | None, Fault | None]:
        """Strike a request before the shop sees it.

        Args:
            call: The request.
            entity: Name of the list it asks for.
            shop: The shop, whose tokens may expire.

        Returns:
            The response in place of the shop's, if any, and the fault to strike its response, if any.

        Raises:
            Dropped: In place of a response.
        """
        fault = self._take(lambda each: each.key is None and not each.alters and each.matches(call, entity))
        if fault is None:
            return None, None
        if fault.kind == "token_expired":
            shop.accounts.revoke(call.authorization.partition(" ")[2])
        instead = self._in_place(fault)
        return instead and replace(instead, entity=entity), fault

    def after(self, call: Call, given: Answer, fault: Fault | None) -> Answer:
        """Strike a response.

        Args:
            call: The request.
            given: The response.
            fault: What `before` said strikes it.

        Returns:
            The response, or what is left of it.

        Raises:
            Dropped: In place of a response.
        """
        entity = given.entity
        hit = self._take(lambda each: each.key in given.keys and not each.alters and each.matches(call, entity))
        instead = None if hit is None else self._in_place(hit)
        if instead is not None:
            given = replace(instead, entity=entity)
        for alteration in self._take_all(lambda each: each.alters and each.matches(call, entity)):
            given = altered(given, alteration)
        striking = hit or fault
        return given if striking is None or given.status != _OK else damaged(given, striking)

    def _in_place(self, fault: Fault) -> Answer | None:
        if fault.kind == "reset":
            raise Dropped(reset=True)
        if fault.kind == "timeout":
            self._released.wait(fault.seconds)
            raise Dropped(reset=False)
        return replacement(fault)

    def _take_all(self, matches: Callable[[Fault], bool]) -> list[Fault]:
        with self._lock:
            return [fault for number, fault in enumerate(self._faults) if matches(fault) and self._spend(number)]

    def _take(self, matches: Callable[[Fault], bool]) -> Fault | None:
        with self._lock:
            for number, fault in enumerate(self._faults):
                if matches(fault) and self._spend(number):
                    return fault
        return None

    def _spend(self, number: int) -> bool:
        """Count a match, and tell whether the fault strikes now."""
        fault = self._faults[number]
        if fault.times == 0:
            return False
        if fault.skip:
            self._faults[number] = replace(fault, skip=fault.skip - 1)
            return False
        if fault.times is not None:
            self._faults[number] = replace(fault, times=fault.times - 1)
        return True
