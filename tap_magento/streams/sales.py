"""Sales: orders and what becomes of them."""

from tap_magento.streams.list import ListStream


class Orders(ListStream):
    """Orders, with their items, addresses, payment and history."""

    name = "orders"
    duplicates = (("items", "parent_item"), ("extension_attributes", "shipping_assignments", "items"))
    path = "/V1/orders"
    acl_resource = "Magento_Sales::actions_view"
    primary_keys = ("entity_id",)
    key_field, key_column = "entity_id", "entity_id"
    replication_key = "updated_at"
    time_is_indexed = True


class OrderItems(ListStream):
    """Order items; their `updated_at` moves with partial shipments, when the order's does not."""

    name = "order_items"
    duplicates = (("parent_item",),)
    path = "/V1/orders/items"
    acl_resource = "Magento_Sales::actions_view"
    primary_keys = ("item_id",)
    key_field, key_column = "item_id", "item_id"
    replication_key = "updated_at"


class Invoices(ListStream):
    """Invoices, with their items and comments."""

    name = "invoices"
    path = "/V1/invoices"
    acl_resource = "Magento_Sales::sales_invoice"
    primary_keys = ("entity_id",)
    key_field, key_column = "entity_id", "entity_id"
    replication_key = "updated_at"
    time_is_indexed = True
