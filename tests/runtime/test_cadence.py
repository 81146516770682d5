from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tap_magento.runtime.cadence import StateCadence


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_small_state_follows_each_page() -> None:
    cadence = StateCadence(Clock())
    for _ in range(100):
        cadence.add_records(100_000)
        assert cadence.is_due(2_000)
        cadence.add_state(2_000)


def test_a_large_state_waits_until_records_outweigh_it() -> None:
    cadence = StateCadence(Clock())
    cadence.add_records(49_999)
    assert not cadence.is_due(1_000)
    cadence.add_records(1)
    assert cadence.is_due(1_000)
    cadence.add_state(1_000)
    assert not cadence.is_due(1)


def test_a_large_state_waits_no_longer_than_thirty_seconds() -> None:
    clock = Clock()
    cadence = StateCadence(clock)
    clock.now += 29.9
    assert not cadence.is_due(1_000_000)
    clock.now += 0.1
    assert cadence.is_due(1_000_000)
    cadence.add_state(1_000_000)
    clock.now += 29.9
    assert not cadence.is_due(1)


@given(pages=st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**6), st.floats(0, 40)), min_size=1))
def test_states_are_a_small_share_of_the_records_or_rare(pages: list[tuple[int, int, float]]) -> None:
    clock = Clock()
    cadence = StateCadence(clock)
    records = states = 0
    last = clock.now
    for size, state, seconds in pages:
        clock.now += seconds
        cadence.add_records(size)
        records += size
        if cadence.is_due(state):
            assert states + state <= 0.02 * records or clock.now - last >= 30
            states += state
            last = clock.now
            cadence.add_state(state)
        else:
            assert clock.now - last < 30
