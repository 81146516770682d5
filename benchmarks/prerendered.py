"""A shop that costs nothing: orders from ready pieces, by key or by page number, whatever else is asked."""

from __future__ import annotations

from multiprocessing.connection import Connection
from threading import Thread
from wsgiref.handlers import format_date_time

from benchmarks.orders import Orders, believable_orders
from sample_store.criteria import Criteria, parse_criteria, parse_query
from sample_store.errors import JSON
from sample_store.wire import Answer, Call, Listener


def serve_prerendered(line: Connection, rows: int) -> None:
    """Serve orders from a process of its own, so that the work is not the tap's.

    Args:
        line: To it goes the address; what comes from it ends the shop.
        rows: How many orders.
    """
    orders = believable_orders(rows)
    headers = (("Date", format_date_time(None)), ("Content-Type", JSON))
    listener = Listener(("127.0.0.1", 0), lambda call, _: Answer(_page(orders, call), headers=headers))
    Thread(target=listener.serve_forever, daemon=True).start()
    line.send(f"http://127.0.0.1:{listener.server_port}")
    line.recv()


def _page(orders: Orders, call: Call) -> bytes:
    criteria = parse_criteria(parse_query(call.query))
    keys = _keys(orders, criteria)
    return orders.page(keys[criteria.offset :][: criteria.page_size], len(keys))


def _keys(orders: Orders, criteria: Criteria) -> range:
    """Find the keys that are asked for; the reader in key order has no other filters than these."""
    after, until = 0, orders.count
    for group in criteria.groups:
        for each in group:
            if (each.field, each.condition) == ("entity_id", "gt"):
                after = max(after, int(each.value))
            elif (each.field, each.condition) == ("entity_id", "lteq"):
                until = min(until, int(each.value))
            else:
                raise ValueError(f"no such filter here: {each}")
    return range(after + 1, until + 1)
