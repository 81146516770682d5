"""The streams, one module a domain."""

from tap_magento.streams import catalog, sales, stores
from tap_magento.streams.base import MagentoStream

#: All streams, in the order of the documentation.
STREAMS: tuple[type[MagentoStream], ...] = (
    sales.Orders,
    sales.OrderItems,
    sales.Invoices,
    catalog.Products,
    catalog.Categories,
    catalog.ProductAttributes,
    catalog.AttributeOptions,
    catalog.ProductStoreValues,
    catalog.CategoryStoreValues,
    stores.Websites,
    stores.StoreGroups,
    stores.StoreViews,
    stores.StoreConfigs,
)
