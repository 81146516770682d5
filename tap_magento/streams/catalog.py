"""Catalog: what the shop sells, and how it is described."""

from collections.abc import Iterator

from singer_sdk.helpers.types import Record
from typing_extensions import override

from tap_magento.streams.list import ListStream
from tap_magento.streams.nested import NestedStream


class Products(ListStream):
    """Products of all types, disabled and invisible ones too."""

    name = "products"
    attributes_of = "products"
    path = "/V1/products"
    acl_resource = "Magento_Catalog::products"
    primary_keys = ("id",)
    key_field, key_column = "id", "entity_id"
    replication_key = "updated_at"


class Categories(ListStream):
    """Categories, as a list."""

    name = "categories"
    attributes_of = "categories"
    path = "/V1/categories/list"
    acl_resource = "Magento_Catalog::categories"
    primary_keys = ("id",)
    key_field, key_column = "id", "entity_id"
    replication_key = "updated_at"


class ProductAttributes(ListStream):
    """Product attributes, with their options and labels."""

    name = "product_attributes"
    path = "/V1/products/attributes"
    acl_resource = "Magento_Catalog::attributes_attributes"
    primary_keys = ("attribute_id",)
    key_field, key_column = "attribute_id", "attribute_id"


class AttributeOptions(NestedStream):
    """Options of product attributes, labelled in the store view that is read."""

    name = "attribute_options"
    parent_stream_type = ProductAttributes
    primary_keys = ("attribute_id", "value", "store_code")
    path, position = "options[]", "position"
    columns = {"attribute_id": "attribute_id", "attribute_code": "attribute_code"}
    constants = {"store_code": "store_code"}

    @override
    def rows_of(self, row: Record) -> Iterator[Record]:
        """Leave out the empty option, which stands for no value, and repeated ones: the first label is shown."""
        seen = {"", None}
        for option in super().extract(row):
            if option["value"] not in seen:
                seen.add(option["value"])
                yield option


class ProductStoreValues(ListStream):
    """What differs of the products between store views."""

    name, entity = "product_store_values", "products"
    attributes_of, store_scoped, needs_setting = "products", True, "store_views"
    path = "/V1/products"
    acl_resource = "Magento_Catalog::products"
    primary_keys = ("id", "store_code")
    key_field, key_column = "id", "entity_id"
    replication_key = "updated_at"


class CategoryStoreValues(ListStream):
    """What differs of the categories between store views."""

    name, entity = "category_store_values", "categories"
    attributes_of, store_scoped, needs_setting = "categories", True, "store_views"
    path = "/V1/categories/list"
    acl_resource = "Magento_Catalog::categories"
    primary_keys = ("id", "store_code")
    key_field, key_column = "id", "entity_id"
    replication_key = "updated_at"
