from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading.page_size import PageSize


def test_a_page_size_begins_with_the_most() -> None:
    size = PageSize(100)
    assert (size.rows, size.maximum) == (100, 100)


def test_slow_pages_become_as_large_as_can_be_read_in_time() -> None:
    size = PageSize(100, seconds=5.0)
    size.on_page(100, 20.0)
    assert size.rows == 25
    size.on_page(25, 4.0)
    assert size.rows == 25, "in time"


def test_quick_pages_grow_slowly_up_to_the_most() -> None:
    size = PageSize(100, seconds=5.0)
    size.on_failure(2)
    seen = [size.rows]
    while size.rows < size.maximum:
        size.on_page(size.rows, 0.1)
        seen.append(size.rows)
    assert seen[:6] == [1, 2, 3, 4, 6, 8]
    assert seen[-1] == 100
    assert len(seen) < 20


def test_the_time_of_a_row_is_known_after_a_page() -> None:
    size = PageSize(100)
    assert size.seconds_per_row is None
    size.on_page(0, 0.1)
    assert size.seconds_per_row is None
    size.on_page(50, 1.0)
    assert size.seconds_per_row == 0.02


@pytest.mark.parametrize("rows", [0, 1, 24])
def test_a_page_that_is_not_full_tells_nothing(rows: int) -> None:
    size = PageSize(100, seconds=5.0)
    size.on_page(100, 20.0)
    size.on_page(rows, 60.0)
    assert size.rows == 25
    size.on_page(rows, 0.01)
    assert size.rows == 25


def test_a_page_that_failed_is_asked_for_in_halves() -> None:
    size = PageSize(100)
    size.on_failure(100)
    assert size.rows == 50
    size.on_failure(100)
    assert size.rows == 50, "the same failure, told by another thread"
    size.on_failure(50)
    assert size.rows == 25


def test_a_single_row_that_fails_says_nothing_of_pages() -> None:
    size = PageSize(100)
    size.on_failure(1)
    assert size.rows == 100


def test_what_the_shop_serves_at_most_is_never_passed() -> None:
    size = PageSize(100)
    size.limit(20)
    assert (size.rows, size.maximum) == (20, 20)
    size.on_page(20, 0.1)
    assert size.rows == 20
    size.limit(50)
    assert size.maximum == 20
    size.limit(0)
    assert size.rows == 1


@given(
    maximum=st.integers(1, 300),
    events=st.lists(
        st.one_of(
            st.tuples(st.just("served"), st.integers(0, 400), st.floats(0, 1_000)),
            st.tuples(st.just("failed"), st.integers(1, 400), st.just(0.0)),
            st.tuples(st.just("capped"), st.integers(0, 400), st.just(0.0)),
        )
    ),
)
def test_a_page_size_stays_between_one_and_the_most(maximum: int, events: list[tuple[str, int, float]]) -> None:
    size = PageSize(maximum)
    for event, rows, seconds in events:
        if event == "served":
            size.on_page(rows, seconds)
        elif event == "failed":
            size.on_failure(rows)
        else:
            size.limit(rows)
        assert 1 <= size.rows <= size.maximum <= maximum
