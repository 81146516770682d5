"""How long to wait before asking again, and when to give up."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass

from tap_magento.http.errors import PageSizeError, ShopFailedError, ShopUnavailableError, UnverifiedHostError

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How much is tried before an error is final.

    Attributes:
        seconds: How long an outage may last.
        unverified_tries: How often to try what may not be the shop at all: a wrong address should not cost the
            time of an outage.
        row_failure_tries: How often to try rows that Magento itself fails on: waiting does not help there.
    """

    seconds: float
    unverified_tries: int = 3
    row_failure_tries: int = 2


def retry_waits(
    retry_policy: RetryPolicy, known: Callable[[], bool], clock: Callable[[], float] = time.monotonic
) -> Generator[float, Exception, None]:
    """Decide after each error whether to try again.

    Args:
        retry_policy: How much to try.
        known: Tells whether the shop has given a good answer before.
        clock: Our monotonic clock, in seconds.

    Yields:
        Seconds to wait, for each error sent in. It ends when the last error is final.
    """
    began = clock()
    tries, wait = 1, _FIRST_WAIT
    error = yield 0.0
    while tries < _most_tries(error, retry_policy, known=known()):
        this_wait = _wait_after(error, wait)
        if clock() - began + this_wait > retry_policy.seconds:
            return
        tries, wait = tries + 1, min(2 * wait, _LONGEST_WAIT)
        error = yield this_wait


def _most_tries(error: Exception, retry_policy: RetryPolicy, *, known: bool) -> float:
    if isinstance(error, ShopFailedError):
        return retry_policy.row_failure_tries
    if isinstance(error, UnverifiedHostError) and not known:
        return retry_policy.unverified_tries
    return float("inf")


def _wait_after(error: Exception, wait: float) -> float:
    if isinstance(error, PageSizeError) and wait == _FIRST_WAIT:
        return 0.0  # it is known now how many rows the shop serves
    asked = error.retry_after if isinstance(error, ShopUnavailableError) else None
    return max(wait, asked or 0.0)
