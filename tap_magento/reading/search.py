"""Magento's search criteria as an immutable value.

Filters in one group are ORed, groups are ANDed. Fields are database columns or attribute codes, which are not always
the names in the response (docs/MAGENTO.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import quote, urlencode

Condition = Literal["eq", "gt", "gteq", "lt", "lteq", "in", "nin", "null", "notnull"]

# A page this far along is past the end of any range that is counted so: Magento counts for it and loads no row.
PAST_THE_END = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Filter:
    """One comparison.

    Attributes:
        field: The column to compare.
        condition: How to compare it.
        value: What to compare it with, as Magento writes it.
    """

    field: str
    condition: Condition
    value: str | int


#: Filters of which one must hold.
Group = tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class SearchCriteria:
    """What to ask a list for.

    Attributes:
        groups: Groups of filters; each must hold.
        sort: Columns to sort by, ascending, the most significant first. Magento sorts descending unless told.
        page_size: How many rows at most.
        page: Which page, from 1.
    """

    groups: tuple[Group, ...] = ()
    sort: tuple[str, ...] = ()
    page_size: int | None = None
    page: int = 1

    def where(self, *groups: Group) -> SearchCriteria:
        """Demand more.

        Args:
            groups: Groups to add.

        Returns:
            New criteria that demand these as well.
        """
        return replace(self, groups=self.groups + groups)

    def limited(self, page_size: int) -> SearchCriteria:
        """Set the number of rows.

        Args:
            page_size: How many rows at most.

        Returns:
            New criteria with that page size.
        """
        return replace(self, page_size=page_size)

    def counting(self) -> SearchCriteria:
        """Ask for the number of rows, by the first page of one row.

        Returns:
            New criteria whose response has the right ``total_count`` and at most one row. At a million rows that is
            five times as fast as a page past the end, for which the database walks all of them (docs/MAGENTO.md).
        """
        return replace(self, sort=(), page_size=1, page=1)

    def counting_past_the_end(self) -> SearchCriteria:
        """Ask for the number of rows where some may be unreadable.

        Returns:
            New criteria whose response has the right ``total_count``; for it no row is loaded.
        """
        return replace(self, sort=(), page_size=1, page=PAST_THE_END)

    def ranked(self, rank: int) -> SearchCriteria:
        """Ask for one row by its rank.

        Args:
            rank: The row's number in the order of the criteria, from 1.

        Returns:
            New criteria whose response has that row alone.
        """
        return replace(self, page_size=1, page=rank)

    def to_params(self) -> dict[str, str]:
        """Spell the criteria as Magento's query parameters.

        Returns:
            Parameter names to values, unquoted, in the order of the criteria. Never empty: a list
            without any ``searchCriteria`` is refused (docs/MAGENTO.md).
        """
        params = {}
        for g, group in enumerate(self.groups):
            for f, filter_ in enumerate(group):
                name = f"searchCriteria[filterGroups][{g}][filters][{f}]"
                params[f"{name}[field]"] = filter_.field
                params[f"{name}[conditionType]"] = filter_.condition
                params[f"{name}[value]"] = str(filter_.value)
        for s, field in enumerate(self.sort):
            params[f"searchCriteria[sortOrders][{s}][field]"] = field
            params[f"searchCriteria[sortOrders][{s}][direction]"] = "ASC"
        if self.page_size is not None:
            params["searchCriteria[pageSize]"] = str(self.page_size)
        params["searchCriteria[currentPage]"] = str(self.page)
        return params


def encode(params: Mapping[str, str]) -> str:
    """Quote query parameters as Magento reads them.

    Args:
        params: Names to values, unquoted.

    Returns:
        The query string. A space is ``%20``: Magento verifies signatures with PHP's ``rawurldecode``,
        to which ``+`` is a plus (docs/MAGENTO.md).
    """
    return urlencode(params, safe=",", quote_via=quote)
