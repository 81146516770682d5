from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import pairwise
from threading import Condition, Lock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from tap_magento.http.throttle import Throttle


class HeldBackError(Exception):
    """A request may only go out when another has come back."""


class Clock:
    """A clock that goes on when someone waits for it."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Waiting(Condition):
    """Waits by putting the clock forward."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    @override
    def wait(self, timeout: float | None = None) -> bool:
        if timeout is None:
            raise HeldBackError
        assert timeout > 0
        self._clock.now += timeout
        return False


def pace_of(max_concurrency: int, requests_per_minute: int | None = None) -> tuple[Throttle, Clock]:
    clock = Clock()
    throttle = Throttle(max_concurrency, requests_per_minute, clock)
    throttle._changed = Waiting(clock)
    return throttle, clock


def under_way_at_most(throttle: Throttle) -> int:
    """Send requests until one is held back."""
    sent = 0
    with ExitStack() as stack, suppress(HeldBackError):
        while True:
            stack.enter_context(throttle.turn())
            sent += 1
    return sent


@pytest.mark.parametrize("max_concurrency", [1, 4, 8])
def test_as_many_requests_are_under_way_as_allowed(max_concurrency: int) -> None:
    throttle, _ = pace_of(max_concurrency)
    assert under_way_at_most(throttle) == max_concurrency
    assert under_way_at_most(throttle) == max_concurrency, "all came back"


def test_a_turn_ends_with_an_error_too() -> None:
    throttle, _ = pace_of(1)
    with pytest.raises(ConnectionError), throttle.turn():
        raise ConnectionError
    assert under_way_at_most(throttle) == 1


def test_requests_that_were_under_way_together_tell_of_one_burden() -> None:
    throttle, clock = pace_of(8)
    sent = []
    with ExitStack() as stack:
        for _ in range(8):
            sent.append(stack.enter_context(throttle.turn()))
            clock.now += 1
        for moment in sent:
            clock.now += 1
            throttle.on_overload(moment)
            assert throttle.allowed == 4
    with throttle.turn() as moment:
        clock.now += 1
        throttle.on_overload(moment)
    assert throttle.allowed == 2
    assert under_way_at_most(throttle) == 2


def test_one_request_is_always_allowed() -> None:
    throttle, clock = pace_of(3)
    for _ in range(5):
        with throttle.turn() as sent:
            clock.now += 1
            throttle.on_overload(sent)
    assert throttle.allowed == 1
    assert under_way_at_most(throttle) == 1


def test_recovery_is_slow_and_ends_at_what_the_settings_allow() -> None:
    throttle, clock = pace_of(4)
    for _ in range(2):
        clock.now += 1
        with throttle.turn() as sent:
            throttle.on_overload(sent)
    seen = []
    for _ in range(100):
        throttle.on_success()
        seen.append(throttle.allowed)
    assert seen == [1] * 19 + [2] * 20 + [3] * 20 + [4] * 41


def test_a_burden_begins_the_count_of_good_answers_anew() -> None:
    throttle, clock = pace_of(2)
    throttle.on_overload(clock.now)
    for _ in range(19):
        throttle.on_success()
    throttle.on_overload(clock.now)
    throttle.on_success()
    assert throttle.allowed == 1


def test_everything_is_held_back_as_long_as_the_shop_asks() -> None:
    throttle, clock = pace_of(4)
    with throttle.turn() as sent:
        clock.now += 2
        throttle.on_overload(sent, retry_after=30.0)
    with throttle.turn() as next_sent:
        assert next_sent == sent + 32
    with throttle.turn() as at_once:
        assert at_once == next_sent


def test_a_shorter_wait_does_not_shorten_a_longer_one() -> None:
    throttle, clock = pace_of(4)
    throttle.on_overload(clock.now, retry_after=30.0)
    throttle.on_overload(clock.now, retry_after=5.0)
    throttle.on_overload(clock.now)
    with throttle.turn() as sent:
        assert sent == 1_030


@given(limit=st.integers(1, 10), pauses=st.lists(st.floats(0, 40), max_size=80))
def test_no_minute_has_more_requests_than_the_settings_allow(limit: int, pauses: list[float]) -> None:
    throttle, clock = pace_of(4, limit)
    sent = []
    for pause in pauses:
        clock.now += pause
        with throttle.turn() as moment:
            sent.append(moment)
    assert all(later - earlier >= 59.999 for earlier, later in zip(sent, sent[limit:], strict=False))


def test_a_minute_that_ends_between_two_ticks_of_the_clock_is_a_whole_one() -> None:
    throttle, clock = pace_of(4, 1)
    clock.now += 1.9852461400642865
    sent = []
    for _ in range(3):
        with throttle.turn() as moment:
            sent.append(moment)
    assert [round(later - earlier) for earlier, later in pairwise(sent)] == [60, 60]


def test_the_first_requests_of_a_minute_are_not_held_back() -> None:
    throttle, clock = pace_of(4, 3)
    for _ in range(3):
        with throttle.turn() as sent:
            assert sent == 1_000
    clock.now += 10
    with throttle.turn() as sent:
        assert sent == 1_060


@given(
    max_concurrency=st.integers(1, 12),
    events=st.lists(st.tuples(st.booleans(), st.floats(0, 5), st.none() | st.floats(0, 100)), max_size=200),
)
def test_what_is_allowed_stays_between_one_and_the_settings(
    max_concurrency: int, events: list[tuple[bool, float, float | None]]
) -> None:
    throttle, clock = pace_of(max_concurrency)
    for good, pause, retry_after in events:
        with throttle.turn() as sent:
            clock.now += pause
            if good:
                throttle.on_success()
            else:
                throttle.on_overload(sent, retry_after)
        assert 1 <= throttle.allowed <= max_concurrency


def test_threads_keep_to_the_limit() -> None:
    throttle, lock = Throttle(3), Lock()
    under_way = most = 0

    def ask() -> None:
        nonlocal under_way, most
        with throttle.turn():
            with lock:
                under_way += 1
                most = max(most, under_way)
            with lock:
                under_way -= 1
        throttle.on_success()

    with ThreadPoolExecutor(12) as threads:
        for done in [threads.submit(ask) for _ in range(300)]:
            done.result()
    assert most <= 3
    assert under_way == 0
