"""Prices by SKU: `POST products/{base-prices,special-price,tier-prices,cost}-information`, which only read.

SKUs match without regard to case and come back as they were sent; unknown ones are left out without
a word (docs/MAGENTO.md, Price endpoints).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sample_store import errors
from sample_store.money import number
from sample_store.scopes import values_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sample_store.php import Row
    from sample_store.shop import Shop

_UNPRICED = {"bundle", "configurable", "grouped"}
_ALL_GROUPS = 32000
"""The customer group of prices for everybody."""


def requested_skus(body: bytes) -> list[str]:
    """Read the SKUs out of a request's body, `{"skus": ["a", "b"]}`.

    Args:
        body: The body.

    Returns:
        The SKUs as they are spelled there.

    Raises:
        ApiError: 400 for a body that is no JSON or has no SKUs.
    """
    try:
        content: Any = json.loads(body or b"{}")
    except ValueError:
        raise errors.message(400, "Decoding error.") from None
    if not isinstance(content, dict):
        raise errors.message(400, "Decoding error.")
    if not isinstance(content.get("skus"), list):
        raise errors.required("skus")
    return [str(sku) for sku in content["skus"]]


def base_prices(shop: Shop, skus: Iterable[str]) -> Iterator[Row]:
    """Yield prices: the global one, and one for each store view with a price of its own."""
    for sku, product in _found(shop, skus):
        if product["type_id"] not in _UNPRICED:
            for store, price in _values(shop, product, "price"):
                yield {"price": price, "store_id": store, "sku": sku}


def special_prices(shop: Shop, skus: Iterable[str]) -> Iterator[Row]:
    """Yield special prices with the dates they hold between, for the products that have one."""
    for sku, product in _found(shop, skus):
        for store, price in _values(shop, product, "special_price"):
            local = values_of(_scopes(shop, product)[store])
            yield {
                "price": number(str(price)),
                "store_id": store,
                "sku": sku,
                "price_from": local.get("special_from_date"),
                "price_to": local.get("special_to_date"),
            }


def tier_prices(shop: Shop, skus: Iterable[str]) -> Iterator[Row]:
    """Yield prices by quantity; their customer group is told by its name."""
    groups = {group["id"]: group["code"] for group in shop.rows("customer_groups")}
    groups[_ALL_GROUPS] = "all groups"
    for sku, product in _found(shop, skus):
        for tier in product["tier_prices"]:
            extension = tier["extension_attributes"]
            discount = extension.get("percentage_value")
            yield {
                "price": tier["value"] if discount is None else discount,
                "price_type": "fixed" if discount is None else "discount",
                "website_id": extension["website_id"],
                "sku": sku,
                "customer_group": groups[tier["customer_group_id"]],
                "quantity": tier["qty"],
            }


def costs(shop: Shop, skus: Iterable[str]) -> Iterator[Row]:
    """Yield what products cost the shop itself, for those of which it is known."""
    for sku, product in _found(shop, skus):
        for store, cost in _values(shop, product, "cost"):
            yield {"cost": number(str(cost)), "store_id": store, "sku": sku}


def _found(shop: Shop, skus: Iterable[str]) -> Iterator[tuple[str, Row]]:
    by_sku = {product["sku"].casefold(): product for product in shop.rows("products")}
    for sku in skus:
        product = by_sku.get(sku.casefold())
        if product is not None:
            yield sku, product


def _scopes(shop: Shop, product: Row) -> dict[int, Row]:
    """Read a product in scope `all`, which is store 0, and as the store views have it."""
    stores = {store["code"]: store["id"] for store in json.loads(shop.documents["store/storeViews"])}
    local = {stores[view]: shop.row("products", product["id"], view) or product for view in shop.views}
    return {0: product, **local}


def _values(shop: Shop, product: Row, name: str) -> Iterator[tuple[int, Any]]:
    """Yield the values of a product by store: the global one first, then those that differ from it."""
    shared = values_of(product).get(name)
    for store, row in _scopes(shop, product).items():
        value = values_of(row).get(name)
        if value is not None and (store == 0 or value != shared):
            yield store, value
