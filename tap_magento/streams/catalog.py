"""Catalog: what the shop sells, and how it is described."""

from collections.abc import Iterator
from typing import Any

from singer_sdk.helpers.types import Context, Record
from typing_extensions import override

from tap_magento.streams.attributed import AttributedStream
from tap_magento.streams.list import ListStream
from tap_magento.streams.nested import NestedStream
from tap_magento.streams.store_values import StoreValuesStream


class Products(AttributedStream):
    """Products of all types, disabled and invisible ones too."""

    name = "products"
    attributes_of = "products"
    path = "/products"
    acl_resource = "Magento_Catalog::products"
    primary_keys = ("id",)
    key_column = "entity_id"
    replication_key = "updated_at"


class Categories(AttributedStream):
    """Categories, as a list."""

    name = "categories"
    attributes_of = "categories"
    path = "/categories/list"
    acl_resource = "Magento_Catalog::categories"
    primary_keys = ("id",)
    key_column = "entity_id"
    replication_key = "updated_at"


class ProductAttributes(ListStream):
    """Product attributes, with their options and labels."""

    name = "product_attributes"
    path = "/products/attributes"
    acl_resource = "Magento_Catalog::attributes_attributes"
    primary_keys = ("attribute_id",)
    key_column = "attribute_id"


class AttributeOptions(NestedStream):
    """Options of product attributes, labelled in the store view that is read."""

    name = "attribute_options"
    path = "/products/attributes"
    acl_resource = "Magento_Catalog::attributes_attributes"
    parent_stream_type = ProductAttributes
    entity = "product_attributes"
    needs = ("attribute_code", "options")
    primary_keys = ("attribute_id", "value", "store_code")

    @override
    def describe(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": ["object"],
            "properties": {
                "attribute_id": {"type": ["integer"]},
                "value": {"type": ["string"]},
                "store_code": {"type": ["string"]},
                "attribute_code": {"type": ["string", "null"]},
                "label": {"type": ["string", "null"]},
                "position": {"type": ["integer", "null"]},
            },
        }

    @override
    def rows_in(self, row: Record, context: Context | None) -> Iterator[Record]:
        seen = {""}  # the empty option stands for no value
        for position, option in enumerate(row.get("options") or ()):
            value = (option or {}).get("value") or ""
            if value not in seen:  # a source model may repeat one; its first label is the one that Magento shows
                seen.add(value)
                yield {
                    "attribute_id": row["attribute_id"],
                    "value": value,
                    "store_code": self.config["store_code"],
                    "attribute_code": row.get("attribute_code"),
                    "label": option.get("label"),
                    "position": position,
                }


class ProductStoreValues(StoreValuesStream):
    """What differs of the products between store views."""

    name = "product_store_values"
    entity = "products"
    attributes_of = "products"
    path = "/products"
    acl_resource = "Magento_Catalog::products"


class CategoryStoreValues(StoreValuesStream):
    """What differs of the categories between store views."""

    name = "category_store_values"
    entity = "categories"
    attributes_of = "categories"
    path = "/categories/list"
    acl_resource = "Magento_Catalog::categories"
