"""Catalog: categories, and how products and categories are described."""

from collections.abc import Iterator

from singer_sdk.helpers.types import Record
from typing_extensions import override

from tap_magento.streams.list import ListStream
from tap_magento.streams.nested import NestedStream


class Categories(ListStream):
    """Categories, as a list."""

    name = "categories"
    path = "/V1/categories/list"
    acl_resource = "Magento_Catalog::categories"
    primary_keys, key_column = ("id",), "entity_id"
    replication_key = "updated_at"
    attributes_of = {"": "categories"}


class CategoryStoreValues(ListStream):
    """What differs of the categories between store views."""

    name = "category_store_values"
    path = "/V1/categories/list"
    acl_resource = "Magento_Catalog::categories"
    primary_keys, key_column = ("id", "store_code"), "entity_id"
    replication_key = "updated_at"
    entity = "categories"
    attributes_of = {"": "categories"}
    store_scoped = True
    needs_setting = "store_views"


class ProductAttributes(ListStream):
    """Product attributes, with their options and labels."""

    name = "product_attributes"
    path = "/V1/products/attributes"
    acl_resource = "Magento_Catalog::attributes_attributes"
    primary_keys, key_column = ("attribute_id",), "attribute_id"


class AttributeOptions(NestedStream):
    """Options of product attributes, labelled in the store view that is read."""

    name = "attribute_options"
    parent_stream_type = ProductAttributes
    path, position = "options[]", "position"
    columns = {"attribute_id": "attribute_id", "attribute_code": "attribute_code"}
    constants = {"store_code": "store_code"}
    primary_keys = ("attribute_id", "value", "store_code")

    @override
    def extract(self, row: Record) -> Iterator[Record]:
        """Leave out the empty option, which stands for no value, and repeated ones: the first label is shown."""
        seen = {"", None}
        for option in super().extract(row):
            if option["value"] not in seen:
                seen.add(option["value"])
                yield option


class CategoryAttributes(ListStream):
    """Category attributes."""

    name = "category_attributes"
    path = "/V1/categories/attributes"
    acl_resource = "Magento_Catalog::attributes_attributes"
    primary_keys, key_column = ("attribute_id",), "attribute_id"


class AttributeSets(ListStream):
    """Attribute sets of all entity types; `entity_type_id` 4 is the product's."""

    name = "attribute_sets"
    path = "/V1/eav/attribute-sets/list"
    acl_resource = "Magento_Catalog::sets"
    primary_keys, key_column = ("attribute_set_id",), "attribute_set_id"


class AttributeGroups(ListStream):
    """Groups of attributes in the attribute sets of products."""

    name = "attribute_groups"
    path = "/V1/products/attribute-sets/groups/list"
    acl_resource = "Magento_Catalog::sets"
    primary_keys, key_column = ("attribute_group_id",), "attribute_group_id"
