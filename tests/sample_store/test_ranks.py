"""Counting by bisection counts what counting by walking counts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sample_store.criteria import Criteria, Filter, Sort
from sample_store.entities import BY_NAME
from sample_store.tables import Record, Tables

ORDERS = BY_NAME["orders"]
TIMES = ("0000-00-00 00:00:00", *(f"2026-01-01 00:00:0{second}" for second in range(5)))
ROWS = st.dictionaries(st.integers(1, 30), st.sampled_from(TIMES), max_size=25)
CONDITIONS = st.sampled_from(("eq", "gt", "gteq", "lt", "lteq", "from", "to", "neq", "in"))
KEY = st.builds(Filter, st.just("entity_id"), CONDITIONS, st.integers(-1, 32).map(str))
TIME = st.builds(
    Filter,
    st.just("updated_at"),
    CONDITIONS,
    st.sampled_from((*TIMES, "2026-01-01", "2027-02-30 00:00:00", "garbage", "")),
)


def _keyset(time: str, key: int) -> Criteria:
    since = Filter("updated_at", "gteq", time)
    later = Filter("updated_at", "gt", time)
    return Criteria(((since,), (later, Filter("entity_id", "gt", str(key)))))


def _bounded(low: str, after: int, high: str, up_to: int) -> Criteria:
    until, earlier = Filter("updated_at", "lteq", high), Filter("updated_at", "lt", high)
    upper = ((until,), (earlier, Filter("entity_id", "lteq", str(up_to))))
    return Criteria((*_keyset(low, after).groups, *upper))


CRITERIA = st.one_of(
    st.lists(st.lists(KEY | TIME, min_size=1, max_size=2).map(tuple), max_size=3).map(tuple).map(Criteria),
    st.builds(_keyset, st.sampled_from(TIMES), st.integers(0, 31)),
    st.builds(_bounded, st.sampled_from(TIMES), st.integers(0, 31), st.sampled_from(TIMES), st.integers(0, 31)),
)


@given(rows=ROWS, criteria=st.lists(CRITERIA, min_size=1, max_size=5))
def test_ranks_count_what_walking_counts(rows: dict[int, str], criteria: list[Criteria]) -> None:
    tables = Tables()
    tables.put(ORDERS, (Record(key, time, time, b"{}") for key, time in rows.items()))
    walked = [tables.page(ORDERS, each).total for each in criteria]
    for _ in range(30):
        tables.page(ORDERS, Criteria())
    assert [tables.page(ORDERS, each).total for each in criteria] == walked
    tables.delete(ORDERS, next(iter(rows), 0))
    assert tables.page(ORDERS, Criteria()).total == max(0, len(rows) - 1)


@given(rows=ROWS, number=st.integers(1, 15), size=st.integers(1, 4))
def test_a_deep_page_is_the_same_without_walking_to_it(rows: dict[int, str], number: int, size: int) -> None:
    tables = Tables()
    tables.put(ORDERS, (Record(key, time, time, b"{}") for key, time in rows.items()))
    asked = Criteria((), (Sort("updated_at", "ASC"),), size, number)
    walked = tables.page(ORDERS, asked)
    for _ in range(30):
        tables.page(ORDERS, Criteria())
    assert tables.page(ORDERS, asked) == walked


def test_a_keyset_is_counted_without_walking() -> None:
    tables = Tables()
    tables.put(ORDERS, (Record(key, TIMES[1], TIMES[1], b"{}") for key in range(1, 101)))
    for _ in range(30):
        tables.page(ORDERS, Criteria())
    ranks = tables._ranks["orders"]
    assert ranks.count(ORDERS, _keyset(TIMES[1], 40)) == 60
    assert ranks.count(ORDERS, Criteria(((Filter("entity_id", "gt", "40"),),))) == 60
    assert ranks.count(ORDERS, _bounded(TIMES[1], 40, TIMES[1], 90)) == 50
    other = Criteria(((Filter("state", "eq", "new"),),))
    assert ranks.count(ORDERS, other) is None
