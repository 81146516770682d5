"""What an audit asks is put into search criteria, and lists in memory answer these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.http.audit_endpoint import AuditEndpoint
from tap_magento.http.endpoint import ListEndpoint, ListRequest
from tap_magento.reading.audit_source import ContradictionError
from tap_magento.reading.ledger import LAST_KEY
from tap_magento.reading.page_size import PageSize
from tap_magento.reading.search import Filter
from tap_magento.reading.types import ListSpec
from tests.support.clients import Query, ScriptedShop
from tests.support.live_shop import criteria_of
from tests.support.memory import MemoryList

SPEC = ListSpec("entity_id", "id", "updated_at")
SINCE = (Filter("updated_at", "gteq", "2026-01-01 00:00:00"),)
FAILURE = {"message": "Internal Error. Details are available in Magento log file. Report ID: webapi-1"}


class Shop:
    """A shop with one list.

    Attributes:
        bad: Keys of rows that it fails on.
        says_counts: Whether its responses have a count.
    """

    def __init__(self, times: Mapping[int, str]) -> None:
        self.list = MemoryList.of(times)
        self.bad: set[int] = set()
        self.says_counts = True
        self.script = ScriptedShop(self._respond)
        self.last: dict[str, str] = {}

    def _respond(self, _: str, query: Query) -> tuple[int, Any]:
        self.last = dict(query)
        criteria = criteria_of("https://shop/?" + "&".join(f"{name}={value}" for name, value in query.items()))
        found = self.list.matching(criteria)
        begin = (criteria.page - 1) * (criteria.page_size or 1)
        page = found[begin : begin + (criteria.page_size or 1)]
        if any(row["id"] in self.bad for row in page):
            return 500, FAILURE
        return 200, {"items": page or None, **({"total_count": len(found)} if self.says_counts else {})}

    def endpoint(self, *condition: tuple[Filter, ...], page_size: int = 500) -> AuditEndpoint:
        request = ListRequest("/V1/things", "things", SPEC, "items[id],total_count")
        client = self.script.client(retry_timeout=0)
        return AuditEndpoint(ListEndpoint(client, request, PageSize(page_size)), SPEC, condition)


def dated(*keys: int, old: tuple[int, ...] = ()) -> dict[int, str]:
    return {key: "2020-01-01 00:00:00" if key in old else "2026-10-01 00:00:00" for key in keys}


@given(keys=st.sets(st.integers(0, 40)), low=st.integers(0, 40), size=st.integers(0, 40))
def test_ranges_include_both_ends(keys: set[int], low: int, size: int) -> None:
    endpoint = Shop(dated(*keys)).endpoint()
    inside = {key for key in keys if low <= key <= low + size}
    assert endpoint.count(low, low + size) == len(inside)
    assert endpoint.is_empty(low, low + size) is not bool(inside)
    assert endpoint.count(0, LAST_KEY) == len(keys)


@given(keys=st.sets(st.integers(0, 40)), named=st.sets(st.integers(0, 40), min_size=1), page_size=st.integers(1, 9))
def test_keys_are_counted_and_listed_by_name(keys: set[int], named: set[int], page_size: int) -> None:
    endpoint = Shop(dated(*keys)).endpoint(page_size=page_size)
    assert endpoint.count_among(sorted(named)) == len(keys & named)
    assert set(endpoint.keys_among(sorted(named)) or ()) == keys & named


def test_a_start_date_bounds_counts_but_not_what_is_asked_by_key() -> None:
    endpoint = Shop(dated(1, 2, 3, old=(2,))).endpoint(SINCE)
    assert endpoint.count(0, LAST_KEY) == 2
    assert endpoint.count_among([1, 2]) == 1
    assert set(endpoint.keys_among([1, 2]) or ()) == {1, 2}
    assert not endpoint.is_empty(2, 2)


def test_the_end_of_the_list_is_no_filter() -> None:
    shop = Shop(dated(1))
    shop.endpoint().count(0, LAST_KEY)
    assert str(LAST_KEY) not in shop.last.values()


def test_a_row_that_cannot_be_served_is_counted_and_there() -> None:
    shop = Shop(dated(1, 2, 3))
    shop.bad = {1}
    endpoint = shop.endpoint()
    assert endpoint.count(0, LAST_KEY) == 3
    assert endpoint.keys_among([1, 2]) is None
    assert not endpoint.is_empty(1, 1)
    assert endpoint.is_empty(4, 9)


def test_a_shop_that_does_not_count_cannot_be_audited() -> None:
    shop = Shop(dated(1, 2, 3))
    shop.says_counts = False
    with pytest.raises(ContradictionError, match="does not say how many"):
        shop.endpoint().count(0, 9)
    with pytest.raises(ContradictionError, match="does not say how many"):
        shop.endpoint().count_among([1])
