"""The time, and waiting: one place, so that tests need not wait."""

from __future__ import annotations

import time
from threading import Condition

import backoff


class Clock:
    """The machine's monotonic clock."""

    def monotonic(self) -> float:
        """Read the clock.

        Returns:
            Seconds.
        """
        return time.monotonic()

    def condition(self) -> Condition:
        """Make what threads wait on.

        Returns:
            A condition whose waits take their time.
        """
        return Condition()

    def jitter(self, seconds: float) -> float:
        """Spread the waits of several threads.

        Args:
            seconds: A wait.

        Returns:
            The wait and up to one second.
        """
        return float(backoff.random_jitter(seconds))
