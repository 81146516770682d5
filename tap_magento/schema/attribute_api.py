"""The shop's EAV attributes and their options, read from its API."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tap_magento.http.client import Client
from tap_magento.http.endpoint import ListEndpoint, ListRequest
from tap_magento.http.request import Request
from tap_magento.http.response import parse_array
from tap_magento.http.retry import RetryPolicy
from tap_magento.reading.complete import read_completely
from tap_magento.reading.page_size import PageSize
from tap_magento.reading.ranges import KeyRange
from tap_magento.reading.types import BadRow, CountMismatch, InconsistentResponseError, ListSpec, Source
from tap_magento.schema.attributes import Attribute, attribute_from

_logger = logging.getLogger("tap-magento")

_SPEC = ListSpec("attribute_id", "attribute_id")
_PAGE = 100
# What an attribute's type and scope need; labels come with its options, which can be many.
_TYPE_FIELDS = "items[attribute_id,attribute_code,scope,frontend_input,backend_type],total_count"

#: Where the attributes of an entity are listed, by the stream of the entity.
ATTRIBUTE_PATHS: Mapping[str, str] = {
    "products": "/V1/products/attributes",
    "categories": "/V1/categories/attributes",
    "customers": "/V1/attributeMetadata/customer",
    "customer_addresses": "/V1/attributeMetadata/customerAddress",
}
# Those that give all their attributes as one array.
_ARRAYS = frozenset({"customers", "customer_addresses"})


def attributes_of(client: Client, entity: str, policy: RetryPolicy | None = None) -> Sequence[Attribute]:
    """Read the attributes of an entity, without their options.

    Args:
        client: Sends the requests.
        entity: A key of `ATTRIBUTE_PATHS`.
        policy: How long and how often to retry, if not as the settings say.

    Returns:
        The attributes, in the order of their ids.

    Raises:
        MagentoError: If they cannot be read.
        ShopUnavailableError: If the shop stayed unavailable.
        InconsistentResponseError: If the shop does not honour the filters or the sort.
    """
    return [attribute_from(row) for row in _rows(client, entity, policy, fields=_TYPE_FIELDS)]


def labels_of(client: Client, entity: str, store_code: str | None) -> dict[str, Mapping[str, str]]:
    """Read what the ids of select and multiselect attributes stand for.

    Args:
        client: Sends the requests.
        entity: A key of `ATTRIBUTE_PATHS`.
        store_code: The store view whose language is wanted, if not the one of the settings.

    Returns:
        Attribute code to option id to label.

    Raises:
        MagentoError: If they cannot be read.
        ShopUnavailableError: If the shop stayed unavailable.
        InconsistentResponseError: If the shop does not honour the filters or the sort.
    """
    attributes = map(attribute_from, _rows(client, entity, None, store_code=store_code))
    return {attribute.code: attribute.options for attribute in attributes if attribute.has_labels}


def _rows(
    client: Client, entity: str, policy: RetryPolicy | None, fields: str | None = None, store_code: str | None = None
) -> Iterator[dict[str, Any]]:
    """Read the rows that have an `attribute_code`, but for those that the shop fails on."""
    if entity in _ARRAYS:
        request = Request(ATTRIBUTE_PATHS[entity], "attributes", store_code=store_code)
        rows = client.send(request, parse_array, policy)
        yield from (row for row in rows if isinstance(row, dict) and row.get("attribute_code"))
        return
    yield from _listed(client, ListRequest(ATTRIBUTE_PATHS[entity], "attributes", _SPEC, fields, store_code), policy)


def _listed(client: Client, request: ListRequest, policy: RetryPolicy | None) -> Iterator[dict[str, Any]]:
    endpoint = ListEndpoint(client, request, PageSize(_PAGE), policy)
    source = Source(endpoint.fetch, endpoint.count, endpoint.locate, endpoint.page_size)
    are_any, mismatch = False, ""
    for item in read_completely(KeyRange(_SPEC), source):
        if isinstance(item, CountMismatch):
            mismatch = item.reason
        elif isinstance(item, BadRow):
            # As when the module is gone that its options came from: no reason to know none of the others.
            _logger.warning("Attribute %s cannot be read and is left out: %s", item.cursor.key, item.reason)
        else:
            are_any = True
            yield from (row for row in item.page.rows if row.get("attribute_code"))
    if mismatch and not are_any:
        raise InconsistentResponseError(f"attributes: {mismatch}")
