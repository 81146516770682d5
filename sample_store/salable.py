"""Salable quantities: a whole website at once from the stock index, or page by page, computed now.

The index holds what lies in the sources; an order's reservation is subtracted only where quantities
are computed. Products without a source in the website's stock are in neither (docs/MAGENTO.md, Inventory).
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from sample_store import errors
from sample_store.entities import BY_NAME

if TYPE_CHECKING:
    from sample_store.criteria import Criteria
    from sample_store.php import Row
    from sample_store.shop import Shop


def indexed(shop: Shop, channel: tuple[str, ...]) -> list[Row]:
    """List what the stock index says of every product of a sales channel.

    Args:
        shop: The shop.
        channel: Its type, which is `website`, and its code.

    Returns:
        SKU, quantity and whether it is salable.

    Raises:
        ApiError: 404 for a channel without a stock.
    """
    skus = {product["sku"] for product in shop.rows("products")}
    return [_row(sku, quantity) for sku, quantity in _in_sources(shop, channel).items() if sku in skus]


def computed(shop: Shop, channel: tuple[str, ...], criteria: Criteria) -> Row:
    """List the salable quantities of one page of products, less what orders have reserved.

    Args:
        shop: The shop.
        channel: Its type, which is `website`, and its code.
        criteria: Search criteria for products.

    Returns:
        The page. Its `total_count` is the number of its rows, whatever remains.

    Raises:
        ApiError: 404 for a channel without a stock.
    """
    quantities = _in_sources(shop, channel)
    reserved = _reserved(shop)
    products = BY_NAME["products"]
    page = shop.tables.page(products, criteria, "all", shop.attributes(products))
    skus = [json.loads(body)["sku"] for body in page.bodies]
    rows = [_row(sku, quantities[sku] - reserved[sku]) for sku in skus if sku in quantities]
    return {"items": rows, "search_criteria": criteria.echo(), "total_count": len(rows)}


def _in_sources(shop: Shop, channel: tuple[str, ...]) -> dict[str, float]:
    stock = next((row["stock_id"] for row in shop.rows("inventory_stocks") if _sells_in(row, *channel)), None)
    if stock is None:
        raise errors.message(404, "No linked stock found")
    linked = {row["source_code"] for row in shop.rows("inventory_stock_source_links") if row["stock_id"] == stock}
    found: dict[str, float] = {}
    for item in shop.rows("inventory_source_items"):
        if item["source_code"] in linked:
            in_stock = item["quantity"] if item["status"] else 0
            found[item["sku"]] = found.get(item["sku"], 0) + in_stock
    return found


def _sells_in(stock: Row, kind: str, code: str) -> bool:
    return {"type": kind, "code": code} in stock["extension_attributes"]["sales_channels"]


def _reserved(shop: Shop) -> Counter[str]:
    """Count by SKU what is ordered and neither shipped nor cancelled."""
    found: Counter[str] = Counter()
    for item in shop.rows("order_items"):
        found[item["sku"]] += item["qty_ordered"] - item["qty_shipped"] - item["qty_canceled"]
    return found


def _row(sku: str, quantity: float) -> Row:
    return {"sku": sku, "qty": quantity, "is_salable": quantity > 0}
