"""Whether and when a failed request is retried."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import backoff

from tap_magento.exceptions import (
    PageSizeError,
    RejectedRequestError,
    ShopFailedError,
    ShopUnavailableError,
    TokenRejectedError,
    UnverifiedHostError,
)

_LONGEST_WAIT = 60.0
#: Spreads the retries of several threads: adds up to a second.
Jitter = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long and how often a request is retried.

    Attributes:
        seconds: How long an outage may last.
        unverified_tries: How often a host is tried that has not given a good response yet: a wrong address should not
            cost the time of an outage.
        row_failure_tries: How often rows are requested that Magento itself fails on: waiting does not help there.
        refusal_tries: How often a request is sent that the shop refuses with a status that is at times transient.
        token_tries: How often a token is renewed that is refused though it was good before.
    """

    seconds: float
    unverified_tries: int = 3
    row_failure_tries: int = 2
    refusal_tries: int = 3
    token_tries: int = 4

    def most_tries(self, error: ShopUnavailableError, *, verified: bool) -> float:
        """Tell how often to try in all.

        Args:
            error: Why the last try failed.
            verified: Whether the host has given a good response before.

        Returns:
            The number of tries; infinity where only the time counts.
        """
        if isinstance(error, TokenRejectedError):
            return self.token_tries
        if isinstance(error, RejectedRequestError):
            return self.refusal_tries
        if isinstance(error, ShopFailedError):
            return self.row_failure_tries
        if isinstance(error, UnverifiedHostError) and not verified:
            return self.unverified_tries
        return float("inf")

    def is_outage(self, error: ShopUnavailableError) -> bool:
        """Tell whether a request that failed so is retried until the time is over.

        Args:
            error: The failure, of a host that has given a good response before.

        Returns:
            Whether it is no failure that a few tries settle.
        """
        return math.isinf(self.most_tries(error, verified=True))


class Retries:
    """The retries of one request: decides after each failure.

    Args:
        policy: How long and how often.
        clock: A monotonic clock, in seconds.
        jitter: Spreads the waits.
    """

    def __init__(self, policy: RetryPolicy, clock: Callable[[], float], jitter: Jitter = backoff.random_jitter) -> None:
        self._policy = policy
        self._clock = clock
        self._jitter = jitter
        self._began = clock()
        self._tries = 0
        self._waits = backoff.expo(max_value=_LONGEST_WAIT)
        next(self._waits)  # its first value starts the generator

    def wait_after(self, error: ShopUnavailableError, *, verified: bool) -> float | None:
        """Decide whether to retry.

        Args:
            error: Why the last try failed.
            verified: Whether the host has given a good response before.

        Returns:
            Seconds to wait before the next try; None if the error is final. No wait goes beyond what is left of the
            policy's time, so a `Retry-After` further away makes the error final.
        """
        self._tries += 1
        if self._tries >= self._policy.most_tries(error, verified=verified):
            return None
        if isinstance(error, PageSizeError) and self._tries == 1:
            return 0.0  # it is known now how many rows the shop serves
        wait = max(self._jitter(next(self._waits)), error.retry_after or 0.0)
        return None if self._clock() - self._began + wait > self._policy.seconds else wait
