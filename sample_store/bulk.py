"""Many rows quickly: rows that share one JSON but for key and times, put together when read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sample_store.tables import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from sample_store.entities import Entity
    from sample_store.tables import Tables


def fill(
    tables: Tables,
    entity: Entity,
    count: int,
    bytes_per_row: int,
    updated_at: Callable[[int], str],
) -> None:
    """Put rows with the keys 1 to `count`.

    Args:
        tables: Where to.
        entity: A list with a time column and a column of creation.
        count: How many rows.
        bytes_per_row: About how long each row's JSON is; 400 at least.
        updated_at: The time of the row with a key, as `YYYY-MM-DD HH:MM:SS`; it is also the row's
            time of creation.
    """
    head = f'{{"{entity.key_field}":'
    rest = '",' + json.dumps(_rest(bytes_per_row), separators=(",", ":"))[1:]
    tables.fill(entity, head, rest.replace("/", "\\/"))
    times = ((key, updated_at(key)) for key in range(1, count + 1))
    tables.put(entity, (Record(key, time, time, None) for key, time in times))


def _rest(size: int) -> dict[str, Any]:
    """Make the part of a row that all rows share: about as mixed as an order's JSON is."""
    row: dict[str, Any] = {
        "state": "complete",
        "status": "complete",
        "store_id": 1,
        "customer_email": "someone@example.com",
        "base_currency_code": "USD",
        "base_grand_total": 123.45,
        "grand_total": 123.45,
        "subtotal": 113,
        "items": [],
    }
    line = _line(0)
    length = len(json.dumps(line, separators=(",", ":"))) + 1
    for number in range(max(0, (size - 350) // length)):
        row["items"].append(_line(number))
    return row


def _line(number: int) -> dict[str, Any]:
    amounts = ("price", "row_total", "discount_amount", "tax_amount", "original_price", "amount")
    return {
        "item_id": number + 1,
        "order_id": 1,
        "sku": f"BULK-{number:04d}",
        "name": "A product of the sample store, one of many",
        "product_type": "simple",
        "created_at": "2026-01-01 00:00:00",
        "updated_at": "2026-01-01 00:00:00",
        "qty_ordered": 1,
        "qty_shipped": 0,
        **{f"base_{name}": 12.34 for name in amounts},
        **dict.fromkeys(amounts, 10),
        "extension_attributes": {"itemized_taxes": []},
    }
