"""Customers and their groups."""

from tap_magento.streams.array import ArrayStream
from tap_magento.streams.list import ListStream
from tap_magento.streams.nested import NestedStream


class Customers(ListStream):
    """Registered customers; an address saved in the storefront does not move `updated_at`."""

    name = "customers"
    path = "/V1/customers/search"
    acl_resource = "Magento_Customer::customer"
    primary_keys, key_column = ("id",), "entity_id"
    replication_key = "updated_at"
    attributes_of = {"": "customers", "addresses": "customer_addresses"}


class CustomerAddresses(NestedStream):
    """Addresses of customers."""

    name = "customer_addresses"
    parent_stream_type = Customers
    path, columns = "addresses[]", {"customer_id": "id"}
    primary_keys = ("id",)


class CustomerGroups(ListStream):
    """Customer groups; the group of those not logged in has the id 0."""

    name = "customer_groups"
    path = "/V1/customerGroups/search"
    acl_resource = "Magento_Customer::group"
    primary_keys, key_column = ("id",), "customer_group_id"


class CustomerAttributes(ArrayStream):
    """Attributes of customers."""

    name = "customer_attributes"
    path = "/V1/attributeMetadata/customer"
    acl_resource = "Magento_Customer::customer"
    primary_keys = ("attribute_code",)


class CustomerAddressAttributes(ArrayStream):
    """Attributes of customers' addresses."""

    name = "customer_address_attributes"
    path = "/V1/attributeMetadata/customerAddress"
    acl_resource = "Magento_Customer::customer"
    primary_keys = ("attribute_code",)
