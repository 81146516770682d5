"""Sales: what becomes of orders, and carts."""

from tap_magento.streams.list import ListStream
from tap_magento.streams.nested import NestedStream


class Invoices(ListStream):
    """Invoices."""

    name = "invoices"
    path = "/V1/invoices"
    acl_resource = "Magento_Sales::sales_invoice"
    primary_keys, key_column = ("entity_id",), "entity_id"
    replication_key = "updated_at"
    time_is_indexed = True


class InvoiceItems(NestedStream):
    """Items of invoices."""

    name = "invoice_items"
    parent_stream_type = Invoices
    path, columns = "items[]", {"invoice_id": "entity_id"}
    primary_keys = ("entity_id",)


class InvoiceComments(NestedStream):
    """Comments on invoices."""

    name = "invoice_comments"
    parent_stream_type = Invoices
    path, columns = "comments[]", {"invoice_id": "entity_id"}
    primary_keys = ("entity_id",)


class Shipments(ListStream):
    """Shipments."""

    name = "shipments"
    path = "/V1/shipments"
    acl_resource = "Magento_Sales::shipment"
    primary_keys, key_column = ("entity_id",), "entity_id"
    replication_key = "updated_at"
    time_is_indexed = True


class ShipmentItems(NestedStream):
    """Items of shipments."""

    name = "shipment_items"
    parent_stream_type = Shipments
    path, columns = "items[]", {"shipment_id": "entity_id"}
    primary_keys = ("entity_id",)


class ShipmentTracks(NestedStream):
    """Tracking numbers of shipments; adding one does not move the shipment's `updated_at`."""

    name = "shipment_tracks"
    parent_stream_type = Shipments
    path, columns = "tracks[]", {"shipment_id": "entity_id"}
    primary_keys = ("entity_id",)


class ShipmentComments(NestedStream):
    """Comments on shipments."""

    name = "shipment_comments"
    parent_stream_type = Shipments
    path, columns = "comments[]", {"shipment_id": "entity_id"}
    primary_keys = ("entity_id",)


class CreditMemos(ListStream):
    """Credit memos: refunds."""

    name = "credit_memos"
    path = "/V1/creditmemos"
    acl_resource = "Magento_Sales::sales_creditmemo"
    primary_keys, key_column = ("entity_id",), "entity_id"
    replication_key = "updated_at"
    time_is_indexed = True


class CreditMemoItems(NestedStream):
    """Items of credit memos."""

    name = "credit_memo_items"
    parent_stream_type = CreditMemos
    path, columns = "items[]", {"credit_memo_id": "entity_id"}
    primary_keys = ("entity_id",)


class CreditMemoComments(NestedStream):
    """Comments on credit memos."""

    name = "credit_memo_comments"
    parent_stream_type = CreditMemos
    path, columns = "comments[]", {"credit_memo_id": "entity_id"}
    primary_keys = ("entity_id",)


class Transactions(ListStream):
    """Payment transactions; they have no `updated_at`, so those that are not closed are read again in each run."""

    name = "transactions"
    path = "/V1/transactions"
    acl_resource = "Magento_Sales::transactions_fetch"
    primary_keys, key_column = ("transaction_id",), "transaction_id"
    replication_key, closed_by = "created_at", "is_closed"


class Carts(ListStream):
    """Carts, of which orders were made or not."""

    name = "carts"
    path = "/V1/carts/search"
    acl_resource = "Magento_Cart::manage"
    primary_keys, key_column = ("id",), "entity_id"
    replication_key = "updated_at"
    selected_by_default = False


class CartItems(NestedStream):
    """Items of active carts; those of inactive ones are not sent."""

    name = "cart_items"
    parent_stream_type = Carts
    path, columns = "items[]", {"cart_id": "id"}
    primary_keys = ("item_id",)
    selected_by_default = False


class NegotiableQuotes(NestedStream):
    """Negotiable quotes of B2B, a cart each. Learned from Adobe's documents, not tried on a live shop."""

    name = "negotiable_quotes"
    parent_stream_type = Carts
    path, columns = "extension_attributes.negotiable_quote", {"cart_id": "id"}
    primary_keys = ("quote_id",)
    is_commerce = True
    selected_by_default = False
