"""Many believable orders of about 10 kB each, as JSON that is put together from ready pieces."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from typing import Any

from sample_store import Shop
from sample_store.php import encode
from tap_magento.schema import bundled as schemas

#: What an order of a real shop takes as JSON (docs/MAGENTO.md, Cost of requests: 10,473 bytes at 100 orders a page).
BYTES = 10_000
_GENERATED = 600
_TEMPLATES = 100
_KEY, _TIME = 8_765_432_109_876_543, "9999-99-99 99:99:99"
_FIRST_TIME = datetime(2020, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders with the keys 1 to `count`, the later key with the later change.

    Attributes:
        count: How many.
        templates: Orders as JSON in three parts: between the first two goes the key, between the last two the time of
            the last change. The orders take turns in using them.
    """

    count: int
    templates: Sequence[tuple[bytes, bytes, bytes]]

    def row(self, key: int) -> bytes:
        """Write an order.

        Args:
            key: Its key.

        Returns:
            The order as JSON.
        """
        head, middle, tail = self.templates[key % len(self.templates)]
        time = (_FIRST_TIME + timedelta(seconds=key)).strftime("%Y-%m-%d %H:%M:%S")
        return b"%s%d%s%s%s" % (head, key, middle, time.encode(), tail)

    def page(self, keys: range, total: int) -> bytes:
        """Write the answer of the list.

        Args:
            keys: Keys of the orders on the page.
            total: The answer's `total_count`.

        Returns:
            The answer as JSON.
        """
        rows = b",".join(self.row(key) for key in keys)
        return b'{"items":[%s],"search_criteria":{"filter_groups":[]},"total_count":%d}' % (rows, total)


def believable_orders(count: int, size: int = BYTES) -> Orders:
    """Make orders of which each has about a given size.

    Args:
        count: How many.
        size: Bytes an order should have; of the orders that the sample store makes up the nearest ones are taken.

    Returns:
        The orders.
    """
    rows = Shop.generate(orders=_GENERATED).rows("orders")
    rows.sort(key=lambda row: abs(len(encode(row)) - size))
    schema = json.loads(files(schemas).joinpath("orders.json").read_text(encoding="utf-8"))
    believable = (_in_order({**row, "entity_id": _KEY, "updated_at": _TIME}, schema) for row in rows[:_TEMPLATES])
    return Orders(count, tuple(map(_template, believable)))


def _in_order(value: Any, schema: Mapping[str, Any]) -> Any:
    """Put the fields into the order in which Magento sends them, which is the schema's and not the sample store's."""
    if isinstance(value, list):
        return [_in_order(item, schema.get("items", {})) for item in value]
    if not isinstance(value, dict):
        return value
    known = {name: node for name, node in schema.get("properties", {}).items() if name in value}
    return {name: _in_order(value[name], known.get(name, {})) for name in {**known, **value}}


def _template(row: Mapping[str, Any]) -> tuple[bytes, bytes, bytes]:
    head, _, rest = encode(row).partition(str(_KEY).encode())
    middle, _, tail = rest.partition(json.dumps(_TIME).strip('"').encode())
    return head, middle, tail
