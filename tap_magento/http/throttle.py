"""How many requests may be sent, and when: learned from the shop's responses, shared by all threads of a run."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Event

# So many responses in a row without overload allow one more concurrent request.
_SUCCESSES_TO_GROW = 20
_MINUTE = 60.0


class WaitCancelledError(Exception):
    """A wait ended early, as what it was for is no longer wanted: another thread of the same read has failed."""


class Throttle:
    """Limits the rate and the concurrency of requests; all waiting of a run's threads is done here.

    Args:
        max_concurrency: Concurrent requests, at most.
        requests_per_minute: Requests in any 60 seconds, at most; None for no such limit.
        clock: A monotonic clock, in seconds.
        changed: What threads wait on; tests pass one that lets no time pass.
    """

    def __init__(
        self,
        max_concurrency: int,
        requests_per_minute: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        changed: Condition | None = None,
    ) -> None:
        self._max_concurrency = max_concurrency
        self._requests_per_minute = requests_per_minute
        self._clock = clock
        self._changed = changed or Condition()
        self._allowed = max_concurrency
        self._in_flight = 0
        self._successes = 0
        self._not_before = float("-inf")
        self._slowed_at = float("-inf")
        self._sent: deque[float] = deque(maxlen=requests_per_minute)

    @property
    def allowed(self) -> int:
        """How many requests may be in flight now."""
        return self._allowed

    @contextmanager
    def acquire(self, cancelled: Event | None = None) -> Iterator[float]:
        """Wait until a request may be sent, and count it as in flight inside the block.

        Args:
            cancelled: Ends the wait when it is set and `wake` is called.

        Yields:
            When the request is sent, by the clock; to be handed to `on_overload`.

        Raises:
            WaitCancelledError: If the wait was cancelled.
        """
        with self._changed:
            while (wait := self._wait()) != 0:
                _check(cancelled)
                self._changed.wait(wait)
            _check(cancelled)
            self._in_flight += 1
            sent = self._clock()
            if self._requests_per_minute is not None:
                self._sent.append(sent)
        try:
            yield sent
        finally:
            with self._changed:
                self._in_flight -= 1
                self._changed.notify_all()

    def pause(self, seconds: float, cancelled: Event | None = None) -> None:
        """Wait before a retry.

        Args:
            seconds: How long.
            cancelled: Ends the wait when it is set and `wake` is called.

        Raises:
            WaitCancelledError: If the wait was cancelled.
        """
        until = self._clock() + seconds
        with self._changed:
            while (wait := until - self._clock()) > 0:
                _check(cancelled)
                self._changed.wait(wait)
        _check(cancelled)

    def wake(self) -> None:
        """Make all waiting threads look whether they were cancelled."""
        with self._changed:
            self._changed.notify_all()

    def on_success(self) -> None:
        """Note a good response; after enough of them one more concurrent request is allowed."""
        with self._changed:
            self._successes += 1
            if self._successes >= _SUCCESSES_TO_GROW and self._allowed < self._max_concurrency:
                self._allowed += 1
                self._successes = 0
                self._changed.notify_all()

    def on_overload(self, sent: float, retry_after: float = 0.0) -> None:
        """Halve the concurrency, and hold all requests back as long as the shop asks.

        Requests that were in flight together tell of one overload: only the first of them halves.

        Args:
            sent: When the request that failed was sent.
            retry_after: Seconds until the next request may be sent.
        """
        with self._changed:
            now = self._clock()
            if sent > self._slowed_at:
                self._allowed = max(1, self._allowed // 2)
                self._slowed_at = now
            self._successes = 0
            self._not_before = max(self._not_before, now + retry_after)

    def _wait(self) -> float | None:
        """Compute the seconds to wait: 0 to send now, None until something changes."""
        now = self._clock()
        if self._in_flight >= self._allowed:
            return None
        wait = self._not_before - now
        # Of the last so many requests the first must be a minute ago.
        if self._sent and len(self._sent) == self._requests_per_minute:
            wait = max(wait, self._sent[0] + _MINUTE - now)
        return max(0.0, wait)


def _check(cancelled: Event | None) -> None:
    if cancelled is not None and cancelled.is_set():
        raise WaitCancelledError
