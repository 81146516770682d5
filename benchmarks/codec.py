"""`python -m benchmarks.codec ROWS PAGE_SIZE`: decode and encode the orders with msgspec, and nothing else.

What no tap in Python can beat that turns every row into a dict and back, with every digit of every number.
"""

from __future__ import annotations

import json
import sys
import time
from decimal import Decimal

import msgspec

from benchmarks.orders import Orders, believable_orders


def decode_and_encode(orders: Orders, page_size: int) -> tuple[float, float]:
    """Decode and encode all pages.

    Args:
        orders: What the pages hold.
        page_size: Orders a page.

    Returns:
        Seconds of processor time and of the clock; making the pages is not counted.
    """
    decoder = msgspec.json.Decoder(float_hook=Decimal)
    encoder = msgspec.json.Encoder(decimal_format="number")
    line = bytearray()
    cpu = wall = 0.0
    for first in range(1, orders.count + 1, page_size):
        keys = range(first, min(first + page_size, orders.count + 1))
        body = orders.page(keys, orders.count)
        cpu_before, wall_before = time.process_time(), time.perf_counter()
        for row in decoder.decode(body)["items"]:
            encoder.encode_into(row, line)
        cpu += time.process_time() - cpu_before
        wall += time.perf_counter() - wall_before
    return cpu, wall


if __name__ == "__main__":
    rows, size = map(int, sys.argv[1:])
    sys.stdout.write(json.dumps(decode_and_encode(believable_orders(rows), size)))
