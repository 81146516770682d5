"""A clock that lets no time pass, for runs that would wait."""

from __future__ import annotations

import time
from threading import Condition

from typing_extensions import override

from tap_magento.runtime.clock import Clock


class FakeClock(Clock):
    """The machine's clock, moved on by each wait in place of waiting.

    Attributes:
        waits: How long the waits would have been, in their order.
    """

    def __init__(self) -> None:
        self.waits: list[float] = []

    @override
    def monotonic(self) -> float:
        return time.monotonic() + sum(self.waits)

    @override
    def condition(self) -> Condition:
        return _Skipping(self.waits)

    @override
    def jitter(self, seconds: float) -> float:
        return seconds


class _Skipping(Condition):
    def __init__(self, waits: list[float]) -> None:
        super().__init__()
        self._waits = waits

    @override
    def wait(self, timeout: float | None = None) -> bool:
        if timeout is None:
            return super().wait()
        self._waits.append(timeout)
        return False
