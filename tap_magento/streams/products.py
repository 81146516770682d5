"""Products, and what is nested in them."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from singer_sdk.helpers.types import Record
from typing_extensions import override

from tap_magento.records.attribute_values import attribute_values
from tap_magento.schema.attributes import LABELS, UNPARSED, VALUES
from tap_magento.streams.list import ListStream
from tap_magento.streams.nested import NestedStream


class Products(ListStream):
    """Products of all types, disabled and invisible ones too."""

    name = "products"
    path = "/V1/products"
    acl_resource = "Magento_Catalog::products"
    primary_keys, key_column = ("id",), "entity_id"
    replication_key = "updated_at"
    attributes_of = {"": "products"}
    sorted_arrays = {"extension_attributes.configurable_product_options[].values": "value_index"}


class ProductStoreValues(ListStream):
    """What differs of the products between store views."""

    name = "product_store_values"
    path = "/V1/products"
    acl_resource = "Magento_Catalog::products"
    primary_keys, key_column = ("id", "store_code"), "entity_id"
    replication_key = "updated_at"
    entity = "products"
    attributes_of = {"": "products"}
    store_scoped = True
    needs_setting = "store_views"


class ProductMedia(NestedStream):
    """Images and videos of products."""

    name = "product_media"
    parent_stream_type = Products
    path, columns = "media_gallery_entries[]", {"product_id": "id", "product_sku": "sku"}
    primary_keys = ("product_id", "id")


class ProductLinks(NestedStream):
    """Related, up-sell, cross-sell and grouped products."""

    name = "product_links"
    parent_stream_type = Products
    path, columns = "product_links[]", {"product_id": "id", "product_sku": "sku"}
    primary_keys = ("product_id", "link_type", "linked_product_sku")


class ProductOptions(NestedStream):
    """Custom options of products."""

    name = "product_options"
    parent_stream_type = Products
    path, columns = "options[]", {"product_id": "id"}
    primary_keys = ("option_id",)


class ProductOptionValues(NestedStream):
    """Values of custom options of products."""

    name = "product_option_values"
    parent_stream_type = Products
    path, columns = "options[].values[]", {"product_id": "id", "option_id": "options[].option_id"}
    primary_keys = ("option_type_id",)


class ProductTierPrices(NestedStream):
    """Tier prices of products."""

    name = "product_tier_prices"
    parent_stream_type = Products
    path = "tier_prices[]"
    columns = {"product_id": "id", "product_sku": "sku", "website_id": "tier_prices[].extension_attributes.website_id"}
    primary_keys = ("product_id", "customer_group_id", "website_id", "qty")


class ProductCategories(NestedStream):
    """Categories of products."""

    name = "product_categories"
    parent_stream_type = Products
    path, columns = "extension_attributes.category_links[]", {"product_id": "id", "product_sku": "sku"}
    primary_keys = ("product_id", "category_id")


class ProductWebsites(NestedStream):
    """Websites of products."""

    name = "product_websites"
    parent_stream_type = Products
    path, columns = "extension_attributes.website_ids[]", {"product_id": "id", "product_sku": "sku"}
    primary_keys = ("product_id", "website_id")
    value = "website_id"


class ProductStockItems(NestedStream):
    """Stock settings and quantity of products, where a module adds them to the list; Magento 2.4.7 does not.

    For quantities see `inventory_source_items` and `inventory_salable_quantities`.
    """

    name = "product_stock_items"
    parent_stream_type = Products
    path, columns = "extension_attributes.stock_item", {"product_id": "id", "product_sku": "sku"}
    primary_keys = ("item_id",)
    selected_by_default = False


class ConfigurableOptions(NestedStream):
    """Attributes by which the variants of configurable products differ."""

    name = "configurable_options"
    parent_stream_type = Products
    path, columns = "extension_attributes.configurable_product_options[]", {"product_id": "id"}
    primary_keys = ("id",)


class ConfigurableVariants(NestedStream):
    """Variants of configurable products."""

    name = "configurable_variants"
    parent_stream_type = Products
    path, columns = "extension_attributes.configurable_product_links[]", {"parent_id": "id", "parent_sku": "sku"}
    primary_keys = ("parent_id", "child_id")
    value = "child_id"


class BundleOptions(NestedStream):
    """Options of bundle products."""

    name = "bundle_options"
    parent_stream_type = Products
    path, columns = "extension_attributes.bundle_product_options[]", {"product_id": "id"}
    primary_keys = ("option_id",)


class BundleSelections(NestedStream):
    """Products that an option of a bundle offers."""

    name = "bundle_selections"
    parent_stream_type = Products
    path, columns = "extension_attributes.bundle_product_options[].product_links[]", {"product_id": "id"}
    primary_keys = ("id",)


class DownloadableLinks(NestedStream):
    """Files of downloadable products."""

    name = "downloadable_links"
    parent_stream_type = Products
    path, columns = "extension_attributes.downloadable_product_links[]", {"product_id": "id"}
    primary_keys = ("id",)


class DownloadableSamples(NestedStream):
    """Samples of downloadable products."""

    name = "downloadable_samples"
    parent_stream_type = Products
    path, columns = "extension_attributes.downloadable_product_samples[]", {"product_id": "id"}
    primary_keys = ("id",)


class ProductAttributeValues(NestedStream):
    """Values of attributes, one a row; the labels of ids where `option_labels` is set."""

    name = "product_attribute_values"
    parent_stream_type = Products
    path, columns = VALUES, {"product_id": "id", "product_sku": "sku"}
    primary_keys = ("product_id", "attribute_code", "position")
    selected_by_default = False

    @cached_property
    @override
    def schema(self) -> dict[str, Any]:
        parent = self.parent.schema["properties"]
        return {
            "type": ["object"],
            "properties": {
                "product_id": {**parent["id"], "type": ["integer"]},
                "product_sku": parent["sku"],
                "attribute_code": {"type": ["string"], "description": "Attribute (`product_attributes`)."},
                "position": {
                    "type": ["integer"],
                    "description": "Place among several values of one attribute, from 0.",
                },
                "value": {"type": ["string", "null"], "description": "The value as text."},
                "label": {"type": ["string", "null"], "description": "What the value, an option's id, stands for."},
            },
        }

    @override
    def needed_of_parent(self) -> dict[str, Any]:
        whole = self.parent.effective_schema
        names = ("id", "sku", VALUES, UNPARSED, LABELS)
        properties = {name: whole["properties"][name] for name in names if name in whole["properties"]}
        return {**whole, "properties": properties}

    @override
    def extract(self, row: Record) -> Iterator[Record]:
        names = self.selected_schema["properties"]
        for each in attribute_values(row):
            found = {"product_id": row["id"], "product_sku": row.get("sku"), **each}
            yield {name: found[name] for name in found if name in names}
