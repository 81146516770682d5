from __future__ import annotations

from urllib.parse import parse_qsl, unquote

from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading.search import PAST_THE_END, Filter, SearchCriteria, encode


def test_criteria_are_spelled_as_magento_reads_them() -> None:
    criteria = SearchCriteria(
        groups=((Filter("updated_at", "gteq", "2026-01-01 00:00:00"),), (Filter("a", "gt", 1), Filter("b", "eq", 2))),
        sort=("updated_at", "entity_id"),
    ).limited(100)
    assert criteria.to_params() == {
        "searchCriteria[filterGroups][0][filters][0][field]": "updated_at",
        "searchCriteria[filterGroups][0][filters][0][conditionType]": "gteq",
        "searchCriteria[filterGroups][0][filters][0][value]": "2026-01-01 00:00:00",
        "searchCriteria[filterGroups][1][filters][0][field]": "a",
        "searchCriteria[filterGroups][1][filters][0][conditionType]": "gt",
        "searchCriteria[filterGroups][1][filters][0][value]": "1",
        "searchCriteria[filterGroups][1][filters][1][field]": "b",
        "searchCriteria[filterGroups][1][filters][1][conditionType]": "eq",
        "searchCriteria[filterGroups][1][filters][1][value]": "2",
        "searchCriteria[sortOrders][0][field]": "updated_at",
        "searchCriteria[sortOrders][0][direction]": "ASC",
        "searchCriteria[sortOrders][1][field]": "entity_id",
        "searchCriteria[sortOrders][1][direction]": "ASC",
        "searchCriteria[pageSize]": "100",
        "searchCriteria[currentPage]": "1",
    }


def test_criteria_are_never_without_a_parameter() -> None:
    assert SearchCriteria().to_params() == {"searchCriteria[currentPage]": "1"}


def test_counts_keep_the_filters_alone() -> None:
    groups = ((Filter("a", "gt", 1),),)
    criteria = SearchCriteria(groups, sort=("a",), page_size=100)
    assert criteria.counting() == SearchCriteria(groups, page_size=1, page=1)
    assert criteria.counting_past_the_end() == SearchCriteria(groups, page_size=1, page=PAST_THE_END)


def test_a_rank_keeps_the_order() -> None:
    criteria = SearchCriteria(((Filter("a", "gt", 1),),), sort=("a", "b"), page_size=100)
    assert criteria.ranked(7) == SearchCriteria(criteria.groups, sort=("a", "b"), page_size=1, page=7)


def test_where_adds_groups() -> None:
    first, second = (Filter("a", "gt", 1),), (Filter("b", "gt", 2),)
    assert SearchCriteria(groups=(first,)).where(second).groups == (first, second)


@given(st.dictionaries(st.text(), st.text()))
def test_encoding_is_undone_by_rawurldecode(params: dict[str, str]) -> None:
    query = encode(params)
    assert "+" not in query
    parts = [part.partition("=") for part in query.split("&") if part]
    pairs = [(unquote(name), unquote(value)) for name, _, value in parts]
    assert dict(pairs) == params
    assert parse_qsl(query, keep_blank_values=True) == pairs
