"""Orders, and what is nested in them."""

from tap_magento.streams.list import ListStream
from tap_magento.streams.nested import NestedStream


class Orders(ListStream):
    """Orders, with their items, addresses, payment and history."""

    name = "orders"
    path = "/V1/orders"
    acl_resource = "Magento_Sales::actions_view"
    primary_keys, key_column = ("entity_id",), "entity_id"
    replication_key = "updated_at"
    time_is_indexed = True
    duplicates = (("items", "parent_item"), ("extension_attributes", "shipping_assignments", "items"))
    named_by = {
        "order_items": "order_id",
        "invoices": "order_id",
        "shipments": "order_id",
        "credit_memos": "order_id",
        "transactions": "order_id",
    }


class OrderItems(ListStream):
    """Order items; their `updated_at` moves with partial shipments, when the order's does not."""

    name = "order_items"
    path = "/V1/orders/items"
    acl_resource = "Magento_Sales::actions_view"
    primary_keys, key_column = ("item_id",), "item_id"
    replication_key = "updated_at"
    duplicates = (("parent_item",),)


class OrderAddresses(NestedStream):
    """Billing and shipping addresses of orders."""

    name = "order_addresses"
    parent_stream_type = Orders
    path = ("billing_address", "extension_attributes.shipping_assignments[].shipping.address")
    columns = {"order_id": "entity_id"}
    primary_keys = ("entity_id",)


class OrderPayments(NestedStream):
    """Payments of orders, one each."""

    name = "order_payments"
    parent_stream_type = Orders
    path, columns = "payment", {"order_id": "entity_id"}
    primary_keys = ("entity_id",)


class OrderStatusHistories(NestedStream):
    """Status changes and comments of orders; a comment does not move the order's `updated_at`."""

    name = "order_status_histories"
    parent_stream_type = Orders
    path, columns = "status_histories[]", {"order_id": "entity_id"}
    primary_keys = ("entity_id",)


class OrderTaxes(NestedStream):
    """Taxes of orders, one row a tax rate; older versions have only `applied_taxes` in `orders`."""

    name = "order_taxes"
    parent_stream_type = Orders
    path, columns = "extension_attributes.taxes[]", {"order_id": "entity_id"}
    primary_keys = ("tax_id",)


class OrderItemTaxes(NestedStream):
    """Taxes of order items and of shipping; on the versions that have `order_taxes`."""

    name = "order_item_taxes"
    parent_stream_type = Orders
    path = ("items[].extension_attributes.itemized_taxes[]", "extension_attributes.additional_itemized_taxes[]")
    columns = {"order_id": "entity_id"}
    primary_keys = ("tax_item_id",)
