"""The one clock of all tests: time passes by waiting, and by nothing else."""

from __future__ import annotations

from threading import Condition

from typing_extensions import override

from tap_magento.runtime.clock import Clock


class FakeClock(Clock):
    """A monotonic clock that is moved on by each wait, in place of waiting.

    Attributes:
        now: What it shows; tests may move it on.
        waits: How long the waits would have been, in their order.
    """

    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now
        self.waits: list[float] = []

    @override
    def monotonic(self) -> float:
        return self.now

    @override
    def condition(self) -> Condition:
        return _PassingTime(self)

    @override
    def jitter(self, seconds: float) -> float:
        return seconds


class _PassingTime(Condition):
    """Waits with an end let the time pass; those for another thread wait for it."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    @override
    def wait(self, timeout: float | None = None) -> bool:
        if timeout is None:
            return super().wait()
        assert timeout > 0, "a wait without a purpose"
        self._clock.waits.append(timeout)
        self._clock.now += timeout
        return False
