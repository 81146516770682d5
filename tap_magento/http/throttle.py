"""How fast a shop can bear to be asked: learned from its answers, shared by all streams of a run."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

# So many good answers in a row let one more request go out at once.
_SUCCESSES_TO_GROW = 20
_MINUTE = 60.0


class Throttle:
    """Lets requests through, fewer at once while the shop is burdened.

    Args:
        max_concurrency: Requests at once, at most.
        requests_per_minute: Requests in any minute, at most; None for no such limit.
        clock: Our monotonic clock, in seconds.
    """

    def __init__(
        self,
        max_concurrency: int,
        requests_per_minute: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_concurrency = max_concurrency
        self._requests_per_minute = requests_per_minute
        self._clock = clock
        self._changed = Condition()
        self._allowed = max_concurrency
        self._in_flight = 0
        self._successes = 0
        self._not_before = 0.0
        self._slowed_at = float("-inf")
        self._sent: deque[float] = deque(maxlen=requests_per_minute)

    @property
    def allowed(self) -> int:
        """How many requests may be under way at once, now."""
        return self._allowed

    @contextmanager
    def turn(self) -> Iterator[float]:
        """Wait until another request may go out, and count it as under way meanwhile.

        Yields:
            When it went out, by our clock; to be handed to `burdened`.
        """
        with self._changed:
            while (wait := self._wait()) != 0:
                self._changed.wait(wait)
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

    def on_success(self) -> None:
        """Note an answer; after enough of them one more request may go out at once."""
        with self._changed:
            self._successes += 1
            if self._successes >= _SUCCESSES_TO_GROW and self._allowed < self._max_concurrency:
                self._allowed += 1
                self._successes = 0
                self._changed.notify_all()

    def on_overload(self, sent: float, retry_after: float | None = None) -> None:
        """Halve what may be under way, and hold everything back as long as the shop asks.

        Requests that were under way together tell of one burden: only the first of them halves.

        Args:
            sent: When the request that failed went out.
            retry_after: Seconds the shop asks to wait.
        """
        with self._changed:
            now = self._clock()
            if sent > self._slowed_at:
                self._allowed = max(1, self._allowed // 2)
                self._slowed_at = now
            self._successes = 0
            self._not_before = max(self._not_before, now + (retry_after or 0.0))

    def _wait(self) -> float | None:
        """Give the seconds to wait: 0 to go now, None until something changes."""
        now = self._clock()
        if self._in_flight >= self._allowed:
            return None
        wait = self._not_before - now
        # Of the last so many requests the first must be a minute ago.
        if self._sent and len(self._sent) == self._requests_per_minute:
            wait = max(wait, self._sent[0] + _MINUTE - now)
        return max(0.0, wait)
