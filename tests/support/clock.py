"""Clocks that a test turns: nothing waits for the one on the wall."""

from __future__ import annotations

import time
from threading import Condition

from typing_extensions import override

from tap_magento.runtime.clock import Clock


class HastyClock(Clock):
    """A monotonic clock that is put forward wherever something would wait."""

    def __init__(self) -> None:
        self.skipped = 0.0

    @override
    def monotonic(self) -> float:
        return time.monotonic() + self.skipped

    @override
    def condition(self) -> Condition:
        return _Skipping(self)

    @override
    def jitter(self, seconds: float) -> float:
        return seconds

    def skip(self, seconds: float) -> None:
        """Put the clock forward."""
        self.skipped += seconds


class _Skipping(Condition):
    """Waits for other threads alone."""

    def __init__(self, clock: HastyClock) -> None:
        super().__init__()
        self._clock = clock

    @override
    def wait(self, timeout: float | None = None) -> bool:
        if timeout is None:
            return super().wait()
        self._clock.skip(timeout)
        return False
