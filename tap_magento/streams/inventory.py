"""Inventory: sources, stocks and quantities."""

from collections.abc import Iterator
from typing import Any

from typing_extensions import override

from tap_magento.http.request import Request
from tap_magento.http.response import parse_array
from tap_magento.reading.search import Filter, SearchCriteria
from tap_magento.streams.array import ArrayStream
from tap_magento.streams.list import ListStream
from tap_magento.streams.nested import NestedStream
from tap_magento.streams.skus import batches_of_products

# The shop computes 4 to 7 ms a SKU, and 1,000 ids fit into an address (docs/MAGENTO.md, Inventory; URL length limits).
_BATCH = 300


class InventorySources(ListStream):
    """Inventory sources: warehouses."""

    name = "inventory_sources"
    path = "/V1/inventory/sources"
    acl_resource = "Magento_InventoryApi::source"
    primary_keys, key_column = ("source_code",), "source_code"
    key_type = "text"


class InventoryStocks(ListStream):
    """Inventory stocks: what websites sell from."""

    name = "inventory_stocks"
    path = "/V1/inventory/stocks"
    acl_resource = "Magento_InventoryApi::stock"
    primary_keys, key_column = ("stock_id",), "stock_id"


class InventoryStockChannels(NestedStream):
    """Websites that sell from a stock."""

    name = "inventory_stock_channels"
    parent_stream_type = InventoryStocks
    path, columns = "extension_attributes.sales_channels[]", {"stock_id": "stock_id"}
    primary_keys = ("stock_id", "type", "code")


class InventoryStockSourceLinks(ListStream):
    """Sources of the stocks."""

    name = "inventory_stock_source_links"
    path = "/V1/inventory/stock-source-links"
    acl_resource = "Magento_InventoryApi::stock_source_link"
    primary_keys, key_column = ("stock_id", "source_code"), "link_id"
    key_type = "hidden"


class InventorySourceItems(ListStream):
    """Quantities by SKU and source; read completely, as they have no time."""

    name = "inventory_source_items"
    path = "/V1/inventory/source-items"
    acl_resource = "Magento_InventoryApi::source"
    primary_keys, key_column = ("sku", "source_code"), "source_item_id"
    key_type = "hidden"


class InventorySalableQuantities(ArrayStream):
    """Salable quantities by website and SKU: of the last reindex, or computed now (`salable_quantities`)."""

    name = "inventory_salable_quantities"
    path = "/V1/inventory/dump-stock-index-data"
    acl_resource = "Magento_InventoryApi::stock"
    primary_keys = ("website_code", "sku")
    selected_by_default = False

    @override
    def requests(self) -> Iterator[Request]:
        client = self.run.client
        websites = client.send(Request("/V1/store/websites", self.name, counter=self.progress), parse_array)
        codes = [
            each["code"] for each in websites if isinstance(each, dict) and each.get("code") not in ("admin", None)
        ]
        if self.config.get("salable_quantities") != "exact":
            yield from (Request(f"{self.path}/website/{code}", self.name, counter=self.progress) for code in codes)
            return
        for products in batches_of_products(client, self.name, self.progress, _BATCH):
            ids = ",".join(str(product.id) for product in products)
            criteria = SearchCriteria(groups=((Filter("entity_id", "in", ids),),)).limited(_BATCH)
            for code in codes:
                path = f"/V1/inventory/export-stock-salable-qty/website/{code}"
                yield Request(path, self.name, criteria.to_params(), counter=self.progress)

    @override
    def rows_in(self, body: Any, request: Request) -> Iterator[dict[str, Any]]:
        """Give each row the website that was requested."""
        code = request.path.rpartition("/")[2]
        rows = body.get("items") or () if isinstance(body, dict) and "items" in body else super().rows_in(body, request)
        yield from ({"website_code": code, **row} for row in rows if isinstance(row, dict))
