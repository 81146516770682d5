from __future__ import annotations

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.exceptions import (
    PageSizeError,
    RejectedRequestError,
    ShopFailedError,
    ShopUnavailableError,
    TokenRejectedError,
    UnverifiedHostError,
)
from tap_magento.http.retry import Retries, RetryPolicy
from tests.support.clock import FakeClock


def retries_of(clock: FakeClock, seconds: float = 900) -> Retries:
    return Retries(RetryPolicy(seconds), clock.monotonic, clock.jitter)


def waits(clock: FakeClock, error: ShopUnavailableError, seconds: float = 900, *, verified: bool = True) -> list[float]:
    """Fail with the same error until it is final; each try takes no time."""
    retries, found = retries_of(clock, seconds), list[float]()
    while len(found) < 1_000:
        wait = retries.wait_after(error, verified=verified)
        if wait is None:
            return found
        found.append(wait)
        clock.now += wait
    pytest.fail("it never ends")


def unavailable(retry_after: str | None = None) -> ShopUnavailableError:
    response = requests.Response()
    response.status_code = 503
    if retry_after is not None:
        response.headers["Retry-After"] = retry_after
    return ShopUnavailableError("maintenance", response)


def limited(maximum: int) -> PageSizeError:
    return PageSizeError(maximum, requests.Response())


def test_waits_double_up_to_a_minute_until_an_outage_has_lasted_too_long() -> None:
    found = waits(FakeClock(), unavailable(), 300)
    assert found == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert sum(found) <= 300


def test_waits_are_spread_over_a_second() -> None:
    retries = Retries(RetryPolicy(900), FakeClock().monotonic)
    for shortest in (1, 2, 4):
        wait = retries.wait_after(unavailable(), verified=True)
        assert wait is not None
        assert shortest <= wait <= shortest + 1


def test_the_time_of_the_tries_counts() -> None:
    clock = FakeClock()
    retries = retries_of(clock, 100)
    clock.now += 99.5  # a timeout
    assert retries.wait_after(unavailable(), verified=True) is None


def test_without_a_retry_timeout_the_first_error_is_final() -> None:
    assert waits(FakeClock(), unavailable(), 0) == []


def test_retry_after_is_the_shortest_wait() -> None:
    retries = retries_of(FakeClock())
    assert retries.wait_after(unavailable("30"), verified=True) == 30
    assert retries.wait_after(unavailable("0"), verified=True) == 2
    assert retries.wait_after(unavailable(), verified=True) == 4


def test_a_wait_beyond_the_retry_timeout_is_not_begun() -> None:
    assert waits(FakeClock(), unavailable("3600"), 900) == []


def test_an_unverified_host_is_tried_three_times() -> None:
    html = UnverifiedHostError("html", requests.Response())
    assert waits(FakeClock(), html, verified=False) == [1, 2]
    assert sum(waits(FakeClock(), html, verified=True)) > 800


@pytest.mark.parametrize(
    ("kind", "found"),
    [(ShopFailedError, [1]), (RejectedRequestError, [1, 2]), (TokenRejectedError, [1, 2, 4])],
)
def test_errors_that_waiting_helps_little_are_tried_a_few_times(
    kind: type[ShopUnavailableError], found: list[float]
) -> None:
    assert waits(FakeClock(), kind("it failed", requests.Response())) == found


def test_a_page_that_is_too_large_is_requested_again_at_once() -> None:
    retries = retries_of(FakeClock())
    assert retries.wait_after(limited(20), verified=True) == 0
    assert retries.wait_after(unavailable(), verified=True) == 1


def test_a_shop_that_refuses_every_page_size_is_not_hammered() -> None:
    found = waits(FakeClock(), limited(0), 300)
    assert found[0] == 0
    assert all(found[1:])
    assert len(found) < 12


@given(
    seconds=st.floats(0, 2_000),
    errors=st.lists(
        st.sampled_from([unavailable(), unavailable("7"), unavailable("500"), limited(20)]), min_size=300, max_size=300
    ),
)
def test_an_outage_never_lasts_longer_than_the_retry_timeout(
    seconds: float, errors: list[ShopUnavailableError]
) -> None:
    clock = FakeClock(500)
    retries = retries_of(clock, seconds)
    for error in errors:
        wait = retries.wait_after(error, verified=True)
        if wait is None:
            return
        clock.now += wait
        assert clock.now - 500 <= seconds
    pytest.fail("it never ends")
