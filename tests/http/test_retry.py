from __future__ import annotations

from collections.abc import Callable, Generator

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.http.errors import PageSizeError, ShopFailedError, ShopUnavailableError, UnverifiedHostError
from tap_magento.http.retry import RetryPolicy, retry_waits


class Clock:
    def __init__(self) -> None:
        self.now = 500.0

    def __call__(self) -> float:
        return self.now


def begun(
    clock: Clock, seconds: float = 900, known: Callable[[], bool] = lambda: True
) -> Generator[float, Exception, None]:
    generator = retry_waits(RetryPolicy(seconds), known, clock)
    assert next(generator) == 0.0, "nothing has gone wrong yet"
    return generator


def waited(generator: Generator[float, Exception, None], clock: Clock, error: Exception) -> list[float]:
    """Fail with the same error until it is final; each try takes no time."""
    found: list[float] = []
    while len(found) < 1_000:
        try:
            found.append(generator.send(error))
        except StopIteration:
            return found
        clock.now += found[-1]
    pytest.fail("it never ends")


def unavailable(retry_after: str | None = None) -> ShopUnavailableError:
    response = requests.Response()
    response.status_code = 503
    if retry_after is not None:
        response.headers["Retry-After"] = retry_after
    return ShopUnavailableError("maintenance", response)


def capped(maximum: int) -> PageSizeError:
    return PageSizeError(maximum, requests.Response())


def test_waits_double_up_to_a_minute_until_an_outage_has_lasted_too_long() -> None:
    clock = Clock()
    found = waited(begun(clock, 300), clock, unavailable())
    assert found == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert sum(found) <= 300


def test_the_time_of_the_tries_counts() -> None:
    clock = Clock()
    generator = begun(clock, 100)
    clock.now += 99.5  # a time-out
    with pytest.raises(StopIteration):
        generator.send(unavailable())


def test_without_patience_the_first_error_is_final() -> None:
    clock = Clock()
    assert waited(begun(clock, 0), clock, unavailable()) == []


def test_the_shop_says_how_long_to_wait_at_least() -> None:
    clock = Clock()
    generator = begun(clock)
    assert generator.send(unavailable("30")) == 30
    assert generator.send(unavailable("0")) == 2
    assert generator.send(unavailable()) == 4


def test_a_wait_that_patience_would_not_survive_is_not_begun() -> None:
    clock = Clock()
    assert waited(begun(clock, 900), clock, unavailable("3600")) == []


def test_a_stranger_is_tried_three_times() -> None:
    clock = Clock()
    stranger = UnverifiedHostError("html", requests.Response())
    assert waited(begun(clock, known=lambda: False), clock, stranger) == [1, 2]
    assert sum(waited(begun(clock, known=lambda: True), clock, stranger)) > 800


def test_rows_that_magento_fails_on_are_tried_twice() -> None:
    clock = Clock()
    assert waited(begun(clock), clock, ShopFailedError("Report ID", requests.Response())) == [1]


def test_a_page_that_is_too_large_is_asked_for_again_at_once() -> None:
    clock = Clock()
    generator = begun(clock)
    assert generator.send(capped(20)) == 0
    assert generator.send(unavailable()) == 2


def test_a_shop_that_refuses_every_page_size_is_not_hammered() -> None:
    clock = Clock()
    found = waited(begun(clock, 300), clock, capped(0))
    assert found[0] == 0
    assert all(found[1:])
    assert len(found) < 12


@given(
    seconds=st.floats(0, 2_000),
    errors=st.lists(
        st.sampled_from([unavailable(), unavailable("7"), unavailable("500"), capped(20)]), min_size=300, max_size=300
    ),
)
def test_an_outage_never_lasts_longer_than_patience(seconds: float, errors: list[Exception]) -> None:
    clock = Clock()
    generator = begun(clock, seconds)
    for error in errors:
        try:
            clock.now += generator.send(error)
        except StopIteration:
            return
        assert clock.now - 500 <= seconds
    pytest.fail("it never ends")
