"""What a shop's work costs, and what it was asked to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from sample_store import Request, ServerOptions

#: A shop's costs in seconds, at full size, as measured on a real one with a million orders: a request without rows
#: takes 40 ms and an order 10 ms; each request counts its range, 0.45 us a row, and walks the rows before its page,
#: 2.4 us a row.
SHOP = ServerOptions(
    workers=8, per_request=0.04, per_row=0.01, per_offset_row=2.4 / 1_000_000, per_counted_row=0.45 / 1_000_000
)


def faster(shop: ServerOptions, times: float) -> ServerOptions:
    """Scale a shop's costs down, all alike.

    Args:
        shop: The shop.
        times: How many times faster.

    Returns:
        The same shop, faster.
    """
    return ServerOptions(
        workers=shop.workers,
        per_request=shop.per_request / times,
        per_row=shop.per_row / times,
        per_offset_row=shop.per_offset_row / times,
        per_counted_row=shop.per_counted_row / times,
    )


@dataclass(frozen=True, slots=True)
class Work:
    """What a shop did for one run.

    Attributes:
        pages: Requests that were answered with rows, and the one that found the end.
        probes: Requests for one row, which count or locate.
        rows: Rows answered.
        offset_rows: Rows skipped before pages of rows.
        counted_rows: Rows counted, by pages and probes.
        cost: Seconds all of it costs by the model.
        probes_cost: Seconds of these for the probes.
        seconds: From the beginning of the first request to the end of the last one, by the clock.
    """

    pages: int
    probes: int
    rows: int
    offset_rows: int
    counted_rows: int
    cost: float
    probes_cost: float
    seconds: float

    @classmethod
    def of(cls, requests: Sequence[Request], shop: ServerOptions) -> Work:
        """Sum up.

        Args:
            requests: What the shop was asked.
            shop: What it costs.

        Returns:
            The work.
        """
        lists = [request for request in requests if request.entity]
        probes = [request for request in lists if _is_probe(request)]
        pages = [request for request in lists if not _is_probe(request)]
        ends = [request.started + request.seconds for request in lists]
        return cls(
            pages=len(pages),
            probes=len(probes),
            rows=sum(request.rows for request in pages),
            offset_rows=sum(request.offset_rows for request in pages),
            counted_rows=sum(request.counted_rows for request in lists),
            cost=sum(_cost(request, shop) for request in lists),
            probes_cost=sum(_cost(request, shop) for request in probes),
            seconds=max(ends, default=0.0) - min((request.started for request in lists), default=0.0),
        )


def _is_probe(request: Request) -> bool:
    return parse_qs(request.query).get("searchCriteria[pageSize]") == ["1"]


def _cost(request: Request, shop: ServerOptions) -> float:
    return (
        shop.per_request
        + shop.per_row * request.rows
        + shop.per_offset_row * request.offset_rows
        + shop.per_counted_row * request.counted_rows
    )
