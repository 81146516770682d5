"""The ids and SKUs of all products, for the endpoints that are asked product by product."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from tap_magento.http.client import Client
from tap_magento.http.endpoint import ListEndpoint, ListRequest
from tap_magento.http.request import RequestCounter
from tap_magento.reading.complete import read_completely
from tap_magento.reading.page_size import PageSize
from tap_magento.reading.ranges import KeyRange
from tap_magento.reading.types import Batch, ListSpec, Source

_SPEC = ListSpec("entity_id", "id")
_PAGE = 300


class Product(NamedTuple):
    """What tells a product from others.

    Attributes:
        id: Its id.
        sku: Its SKU, as it is spelled.
    """

    id: int
    sku: str


def batches_of_products(client: Client, about: str, counter: RequestCounter, size: int) -> Iterator[list[Product]]:
    """List all products.

    Args:
        client: Sends the requests.
        about: What they are listed for, as a person calls it: a stream's name.
        counter: Counts the requests.
        size: How many products a batch has.

    Yields:
        Batches, in the order of the products' ids.

    Raises:
        MagentoError: If the products cannot be listed.
        ShopUnavailableError: If the shop stayed unavailable.
    """
    products = _products(client, about, counter)
    while batch := list(islice(products, size)):
        yield batch


def _products(client: Client, about: str, counter: RequestCounter) -> Iterator[Product]:
    request = ListRequest("/V1/products", about, _SPEC, fields="items[id,sku],total_count", counter=counter)
    endpoint = ListEndpoint(client, request, PageSize(_PAGE))
    for item in read_completely(
        KeyRange(_SPEC), Source(endpoint.fetch, endpoint.count, endpoint.locate, endpoint.page_size)
    ):
        if isinstance(item, Batch):
            yield from (Product(row["id"], row["sku"]) for row in item.page.rows if row.get("sku"))
