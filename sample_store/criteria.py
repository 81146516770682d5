"""Search criteria: what a request's query asks of a list, read as PHP and Magento read it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from sample_store import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

_INT_MAX = 2**63 - 1
_CAMEL = re.compile(r"(?<=[a-z])([A-Z])")
Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filter:
    """One comparison: a column, a condition such as `gteq`, and the value as it was sent."""

    field: str
    condition: str
    value: str


@dataclass(frozen=True, slots=True)
class Sort:
    """One column to sort by; `direction` is None where the request gave none."""

    field: str
    direction: str | None

    @property
    def descending(self) -> bool:
        """Whether rows come in falling order, which is so without a direction too."""
        return self.direction != "ASC"


@dataclass(frozen=True, slots=True)
class Criteria:
    """What to answer: groups of filters are ANDed, the filters inside one group ORed.

    Args:
        groups: Filter groups in the order of the request.
        sorts: Sort columns, the first one first.
        page_size: Rows a page, None or 0 for all rows.
        current_page: Page asked for as sent, counted from 1; None, 0 and less mean page 1.
    """

    groups: tuple[tuple[Filter, ...], ...] = ()
    sorts: tuple[Sort, ...] = ()
    page_size: int | None = None
    current_page: int | None = None

    @property
    def offset(self) -> int:
        """Rows to leave out before the page."""
        if not self.page_size:
            return 0
        return min((max(self.current_page or 1, 1) - 1) * self.page_size, _INT_MAX)

    def echo(self) -> Tree:
        """Make the answer's `search_criteria`: what was asked, and nothing that was not."""
        content: Tree = {
            "filter_groups": [
                {"filters": [{"field": f.field, "value": f.value, "condition_type": f.condition} for f in group]}
                for group in self.groups
            ]
        }
        if self.sorts:
            content["sort_orders"] = [{"field": sort.field, "direction": sort.direction} for sort in self.sorts]
        if self.page_size is not None:
            content["page_size"] = self.page_size
        if self.current_page is not None:
            content["current_page"] = self.current_page
        return content


def parse_query(query: str) -> Tree:
    """Read a query string into nested arrays as PHP does: `a[b][c]=d` is `{"a": {"b": {"c": "d"}}}`.

    Args:
        query: The part of the URL after `?`.

    Returns:
        Parameters by name; a later value overwrites an earlier one of the same name.
    """
    tree: Tree = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        head, _, rest = name.partition("[")
        path = [head, *(rest.rstrip("]").split("][") if rest else [])]
        branch = tree
        for step in path[:-1]:
            inner = branch.get(step)
            if not isinstance(inner, dict):
                inner = branch[step] = {}
            branch = inner
        branch[path[-1] or str(len(branch))] = value
    return tree


def parse_criteria(parameters: Mapping[str, Any], *, optional: bool = False) -> Criteria:
    """Read the search criteria out of a request's parameters, in camelCase or snake_case.

    Args:
        parameters: What `parse_query` made of the query.
        optional: Whether they may be left out altogether.

    Returns:
        The criteria.

    Raises:
        ApiError: As Magento refuses them: 400 when they are missing, a page is no number or a
            direction unknown; 500 when they are malformed (docs/MAGENTO.md, Search criteria).
    """
    snake = _snake(parameters)
    if "search_criteria" not in snake:
        if optional:
            return Criteria()
        raise errors.required("searchCriteria")
    tree = snake["search_criteria"]
    if not isinstance(tree, dict):
        return Criteria()
    return Criteria(
        groups=tuple(_group(group) for group in _list(tree.get("filter_groups", {}))),
        sorts=tuple(_sort(sort) for sort in _list(tree.get("sort_orders", {}))),
        page_size=_int("pageSize", tree.get("page_size")),
        current_page=_int("currentPage", tree.get("current_page")),
    )


def _snake(tree: Mapping[str, Any]) -> Tree:
    return {
        _CAMEL.sub(lambda match: f"_{match[1].lower()}", key): (_snake(value) if isinstance(value, dict) else value)
        for key, value in tree.items()
    }


def _list(value: object) -> list[Tree]:
    if not isinstance(value, dict) or not all(isinstance(v, dict) for v in value.values()):
        raise errors.fatal()
    return list(value.values())


def _group(tree: Tree) -> tuple[Filter, ...]:
    return tuple(_filter(each) for each in _list(tree.get("filters", {})))


def _filter(tree: Tree) -> Filter:
    if "field" not in tree:
        raise errors.internal()
    return Filter(str(tree["field"]), str(tree.get("condition_type") or "eq"), str(tree.get("value", "")))


def _sort(tree: Tree) -> Sort:
    direction = tree.get("direction")
    if direction is not None:
        direction = str(direction).upper()
        if direction not in {"ASC", "DESC"}:
            raise errors.bad_direction()
    return Sort(str(tree.get("field", "")), direction)


def _int(name: str, value: object) -> int | None:
    if value is None:
        return None
    text = str(value)
    if not re.fullmatch(r"-?\d+", text):
        raise errors.not_an_int(name, text)
    return max(-_INT_MAX, min(int(text), _INT_MAX))
