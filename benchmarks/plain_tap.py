"""What users have today: a tap of a few lines, as the SDK's template suggests, that reads by page number.

Sorted by `updated_at`, all else as the SDK has it by default.
"""

from __future__ import annotations

from typing import Any

from singer_sdk import RESTStream, StreamSchema, Tap
from singer_sdk import typing as th
from singer_sdk.authenticators import BearerTokenAuthenticator
from singer_sdk.helpers.types import Context
from singer_sdk.pagination import PageNumberPaginator
from singer_sdk.schema.source import SchemaDirectory
from typing_extensions import override

from tap_magento.schema import bundled as schemas


class Orders(RESTStream[int]):
    """Orders, page after page."""

    name = "orders"
    path = "/orders"
    primary_keys = ("entity_id",)
    replication_key = "updated_at"
    is_sorted = True
    records_jsonpath = "$.items[*]"
    schema = StreamSchema(SchemaDirectory(schemas))

    @property
    @override
    def url_base(self) -> str:
        return f"{self.config['store_url']}/rest/all/V1"

    @property
    @override
    def authenticator(self) -> BearerTokenAuthenticator:
        return BearerTokenAuthenticator(token=self.config["access_token"])

    @override
    def get_new_paginator(self) -> PageNumberPaginator:
        return PageNumberPaginator(start_value=1)

    @override
    def get_url_params(self, context: Context | None, next_page_token: int | None) -> dict[str, Any]:
        return {
            "searchCriteria[sortOrders][0][field]": "updated_at",
            "searchCriteria[sortOrders][0][direction]": "ASC",
            "searchCriteria[pageSize]": self.config["page_size"],
            "searchCriteria[currentPage]": next_page_token,
        }


class PlainTap(Tap):
    """The plain tap."""

    name = "plain-tap"
    config_jsonschema = th.PropertiesList(
        th.Property("store_url", th.StringType, required=True),
        th.Property("access_token", th.StringType, required=True, secret=True),
        th.Property("page_size", th.IntegerType, default=100),
    ).to_dict()

    @override
    def discover_streams(self) -> list[Orders]:
        return [Orders(self)]


if __name__ == "__main__":
    PlainTap.cli()
