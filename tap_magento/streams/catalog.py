"""Catalog: what the shop sells, and how it is described."""

from tap_magento.lists import ListStream


class Products(ListStream):
    """Products of all types, disabled and invisible ones too."""

    name = "products"
    path = "/products"
    acl_resource = "Magento_Catalog::products"
    primary_keys = ("id",)
    key_column = "entity_id"
    replication_key = "updated_at"


class Categories(ListStream):
    """Categories, as a list."""

    name = "categories"
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
