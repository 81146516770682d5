"""Prices that products do not show: read by POST, in batches of SKUs. The endpoints only read.

A batch has 500 SKUs: from 1,001 on the shop's database takes a hundred times as long (`docs/MAGENTO.md`, Price
endpoints).
"""

from collections.abc import Iterator

from typing_extensions import override

from tap_magento.http.request import Request
from tap_magento.streams.array import ArrayStream
from tap_magento.streams.skus import batches_of_products

_BATCH = 500


class BasePrices(ArrayStream):
    """Base prices by store view; `store_id` 0 is the global price."""

    name = "base_prices"
    path = "/V1/products/base-prices-information"
    acl_resource = "Magento_Catalog::catalog"
    primary_keys = ("sku", "store_id")
    selected_by_default = False

    @override
    def requests(self) -> Iterator[Request]:
        return _requests(self)


class SpecialPrices(ArrayStream):
    """Special prices by store view, with their period."""

    name = "special_prices"
    path = "/V1/products/special-price-information"
    acl_resource = "Magento_Catalog::catalog"
    primary_keys = ("sku", "store_id")
    selected_by_default = False

    @override
    def requests(self) -> Iterator[Request]:
        return _requests(self)


class TierPrices(ArrayStream):
    """Tier prices by website, customer group (by name) and quantity."""

    name = "tier_prices"
    path = "/V1/products/tier-prices-information"
    acl_resource = "Magento_Catalog::catalog"
    primary_keys = ("sku", "website_id", "customer_group", "quantity")
    selected_by_default = False

    @override
    def requests(self) -> Iterator[Request]:
        return _requests(self)


class Costs(ArrayStream):
    """Costs by store view."""

    name = "costs"
    path = "/V1/products/cost-information"
    acl_resource = "Magento_Catalog::catalog"
    primary_keys = ("sku", "store_id")
    selected_by_default = False

    @override
    def requests(self) -> Iterator[Request]:
        return _requests(self)


def _requests(stream: ArrayStream) -> Iterator[Request]:
    for products in batches_of_products(stream.run.client, stream.name, stream.progress, _BATCH):
        skus = [product.sku for product in products]
        yield Request(stream.path, stream.name, method="POST", json={"skus": skus}, counter=stream.progress)
