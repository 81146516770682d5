"""What is found out about a stream by requesting one page of it, and the table of `--test`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from tap_magento.exceptions import MagentoError, PageSizeError, ShopUnavailableError
from tap_magento.http.response import ListPage
from tap_magento.runtime.text_table import text_table

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about one stream.

    Attributes:
        stream: Its name.
        rows: How many rows the shop has; None if it did not tell.
        seconds: How long the shop took for one page; None if it gave none.
        problem: What is wrong and what to do; empty if it can be read.
        remark: What is good to know though it can be read.
        audit_requests: How many requests an audit takes that finds nothing; None if there is none.
    """

    stream: str
    rows: int | None = None
    seconds: float | None = None
    problem: str = ""
    remark: str = ""
    audit_requests: int | None = None

    @classmethod
    def of_problem(cls, stream: str, error: Exception) -> Finding:
        """Make the finding of a stream that cannot be read.

        Args:
            stream: Its name.
            error: Why not.

        Returns:
            The finding.
        """
        return cls(stream, problem=str(error).removeprefix(f"{stream}: "))

    def named(self, stream: str, *, is_nested: bool = False) -> Finding:
        """Tell the same of another stream.

        Args:
            stream: Its name.
            is_nested: Whether its rows are nested in the ones that were counted.

        Returns:
            The finding; without a number of rows, and an audit, if they are nested.
        """
        return (
            replace(self, stream=stream, rows=None, audit_requests=None) if is_nested else replace(self, stream=stream)
        )


def timed(function: Callable[[], _T]) -> tuple[_T, float]:
    """Call a function.

    Args:
        function: What to call.

    Returns:
        What it returned, and how many seconds it took.
    """
    started = time.monotonic()
    return function(), time.monotonic() - started


def probe_list(stream: str, fetch: Callable[[int], ListPage], page_size: int) -> Finding:
    """Find out whether a list can be read.

    Args:
        stream: The stream's name.
        fetch: Requests one page of a number of rows, once.
        page_size: The number of rows of the settings.

    Returns:
        What was found.
    """
    try:
        page, seconds = timed(lambda: fetch(page_size))
    except PageSizeError as limit:
        if limit.maximum >= page_size:
            return Finding.of_problem(stream, limit)
        remark = f"the shop serves at most {limit.maximum} rows a page"
        return replace(probe_list(stream, fetch, limit.maximum), remark=remark)
    except (MagentoError, ShopUnavailableError) as error:
        return Finding.of_problem(stream, error)
    return Finding(stream, page.total_count, seconds)


def table(findings: Sequence[Finding]) -> str:
    """Lay out what was found.

    Args:
        findings: What was found.

    Returns:
        Lines for a person: stream, whether it can be read, rows in the shop, seconds a page, what an audit takes, what
        to do.
    """
    head = ("stream", "read", "rows", "s/page", "audit", "what to do")
    return text_table([head, *map(_cells, findings)], right_aligned=(2, 3))


def _cells(finding: Finding) -> tuple[str, str, str, str, str, str]:
    return (
        finding.stream,
        "NO" if finding.problem else "yes",
        "" if finding.rows is None else f"{finding.rows:,}",
        "" if finding.seconds is None else f"{finding.seconds:.2f}",
        "" if finding.audit_requests is None else f"{finding.audit_requests} requests",
        finding.problem or finding.remark,
    )
