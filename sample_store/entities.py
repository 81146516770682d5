"""The lists the shop serves: address, key, time column, access right and filterable columns.

Learned from MEASURED.md (b) and Magento's own routes. A filter names the database column, which is
not always the JSON's key: products are filtered by `entity_id` and answer `id`.
"""

from __future__ import annotations

from sample_store.deliveries import DELIVERIES
from sample_store.entity import Entity

__all__ = ["BY_NAME", "BY_PATH", "ENTITIES", "MODULE_ENTITIES", "Entity"]

_AMOUNTS = "grand_total base_grand_total subtotal base_subtotal"
_SALES = f"increment_id store_id state order_id billing_address_id {_AMOUNTS}"


def _columns(names: str) -> frozenset[str]:
    return frozenset(names.split())


ENTITIES: tuple[Entity, ...] = (
    Entity(
        "orders",
        "orders",
        "Magento_Sales::actions_view",
        "entity_id",
        "entity_id",
        time_column="updated_at",
        created_column="created_at",
        columns=_columns(
            f"{_SALES} status customer_id customer_email customer_is_guest coupon_code total_due "
            "quote_id customer_group_id is_virtual order_currency_code weight total_qty_ordered"
        ),
        single="orders/{}",
    ),
    Entity(
        "order_items",
        "orders/items",
        "Magento_Sales::actions_view",
        "item_id",
        "item_id",
        time_column="updated_at",
        created_column="created_at",
        columns=_columns("order_id parent_item_id sku name product_id product_type store_id qty_ordered price"),
        single="orders/items/{}",
    ),
    Entity(
        "invoices",
        "invoices",
        "Magento_Sales::sales_invoice",
        "entity_id",
        "entity_id",
        time_column="updated_at",
        created_column="created_at",
        columns=_columns(_SALES),
        single="invoices/{}",
    ),
    Entity(
        "shipments",
        "shipments",
        "Magento_Sales::shipment",
        "entity_id",
        "entity_id",
        time_column="updated_at",
        created_column="created_at",
        columns=_columns("increment_id store_id order_id customer_id total_qty"),
        single="shipment/{}",
    ),
    Entity(
        "credit_memos",
        "creditmemos",
        "Magento_Sales::sales_creditmemo",
        "entity_id",
        "entity_id",
        time_column="updated_at",
        created_column="created_at",
        columns=_columns(f"{_SALES} invoice_id"),
        single="creditmemo/{}",
    ),
    Entity(
        "transactions",
        "transactions",
        "Magento_Sales::transactions_fetch",
        "transaction_id",
        "transaction_id",
        time_column="created_at",
        created_column="created_at",
        columns=_columns("order_id payment_id txn_id txn_type is_closed"),
        # Payments are joined, so `parent_id` alone is ambiguous: a 500 (docs/MAGENTO.md).
        aliases=(("main_table.parent_id", "parent_id"),),
        single="transactions/{}",
    ),
    Entity(
        "products",
        "products",
        "Magento_Catalog::products",
        "entity_id",
        "id",
        time_column="updated_at",
        created_column="created_at",
        columns=_columns("sku name price status visibility type_id attribute_set_id weight"),
        eav=True,
        single="products/{}",
        single_field="sku",
        missing="The product that was requested doesn't exist. Verify the product and try again.",
    ),
    Entity(
        "product_attributes",
        "products/attributes",
        "Magento_Catalog::attributes_attributes",
        "attribute_id",
        "attribute_id",
        columns=_columns("attribute_code frontend_input backend_type is_user_defined is_visible entity_type_id"),
    ),
    Entity(
        "category_attributes",
        "categories/attributes",
        "Magento_Catalog::attributes_attributes",
        "attribute_id",
        "attribute_id",
        columns=_columns("attribute_code frontend_input backend_type is_user_defined is_visible entity_type_id"),
    ),
    Entity(
        "attribute_sets",
        "products/attribute-sets/sets/list",
        "Magento_Catalog::sets",
        "attribute_set_id",
        "attribute_set_id",
        columns=_columns("attribute_set_name sort_order entity_type_id"),
    ),
    Entity(
        "eav_attribute_sets",
        "eav/attribute-sets/list",
        "Magento_Catalog::sets",
        "attribute_set_id",
        "attribute_set_id",
        columns=_columns("attribute_set_name sort_order entity_type_id"),
    ),
    Entity(
        "attribute_groups",
        "products/attribute-sets/groups/list",
        "Magento_Catalog::sets",
        "attribute_group_id",
        "attribute_group_id",
        columns=_columns("attribute_group_name attribute_set_id"),
    ),
    Entity(
        "categories",
        "categories/list",
        "Magento_Catalog::categories",
        "entity_id",
        "id",
        time_column="updated_at",
        created_column="created_at",
        columns=_columns("name parent_id path level position is_active"),
        eav=True,
    ),
    Entity(
        "customers",
        "customers/search",
        "Magento_Customer::customer",
        "entity_id",
        "id",
        time_column="updated_at",
        created_column="created_at",
        columns=_columns("email firstname lastname group_id store_id website_id dob gender"),
        eav=True,
    ),
    Entity(
        "customer_groups",
        "customerGroups/search",
        "Magento_Customer::group",
        "id",
        "id",
        columns=_columns("code tax_class_id"),
        aliases=(("customer_group_id", "id"), ("customer_group_code", "code")),
    ),
    Entity(
        "carts",
        "carts/search",
        "Magento_Cart::manage",
        "entity_id",
        "id",
        time_column="updated_at",
        created_column="created_at",
        columns=_columns("is_active store_id items_count items_qty reserved_order_id is_virtual"),
        aliases=(("customer_id", "customer.id"),),
    ),
    Entity(
        "checkout_agreements",
        "carts/licence/list",
        "Magento_Sales::sales",
        "agreement_id",
        "agreement_id",
        columns=_columns("name is_active is_html mode"),
        bare=True,
    ),
    Entity(
        "inventory_source_items",
        "inventory/source-items",
        "Magento_InventoryApi::source",
        "source_item_id",
        None,
        columns=_columns("sku source_code quantity status"),
    ),
    Entity(
        "inventory_sources",
        "inventory/sources",
        "Magento_InventoryApi::source",
        "source_code",
        "source_code",
        columns=_columns("name enabled country_id postcode"),
        text_key=True,
        optional_criteria=True,
    ),
    Entity(
        "inventory_stocks",
        "inventory/stocks",
        "Magento_InventoryApi::stock",
        "stock_id",
        "stock_id",
        columns=_columns("name"),
        optional_criteria=True,
    ),
    Entity(
        "inventory_stock_source_links",
        "inventory/stock-source-links",
        "Magento_InventoryApi::stock_source_link",
        "link_id",
        None,
        columns=_columns("stock_id source_code priority"),
    ),
    Entity(
        "sales_rules",
        "salesRules/search",
        "Magento_SalesRule::quote",
        "rule_id",
        "rule_id",
        columns=_columns("name is_active from_date to_date sort_order simple_action coupon_type"),
    ),
    Entity(
        "coupons",
        "coupons/search",
        "Magento_SalesRule::quote",
        "coupon_id",
        "coupon_id",
        time_column="created_at",
        created_column="created_at",
        columns=_columns("rule_id code is_primary type times_used"),
    ),
    Entity(
        "tax_rates",
        "taxRates/search",
        "Magento_Tax::manage_tax",
        "tax_calculation_rate_id",
        "id",
        columns=_columns("code tax_country_id tax_region_id tax_postcode rate"),
    ),
    Entity(
        "tax_rules",
        "taxRules/search",
        "Magento_Tax::manage_tax",
        "tax_calculation_rule_id",
        "id",
        columns=_columns("code priority position id"),
    ),
    Entity(
        "tax_classes",
        "taxClasses/search",
        "Magento_Tax::manage_tax",
        "class_id",
        "class_id",
        columns=_columns("class_name class_type"),
    ),
    Entity(
        "cms_pages",
        "cmsPage/search",
        "Magento_Cms::page",
        "page_id",
        "id",
        time_column="update_time",
        created_column="creation_time",
        columns=_columns("identifier title page_layout sort_order"),
        aliases=(("is_active", "active"),),
    ),
    Entity(
        "cms_blocks",
        "cmsBlock/search",
        "Magento_Cms::block",
        "block_id",
        "id",
        time_column="update_time",
        created_column="creation_time",
        columns=_columns("identifier title"),
        aliases=(("is_active", "active"),),
    ),
)

MODULE_ENTITIES = (DELIVERIES,)
"""Lists that only a shop with the third-party module has."""
BY_NAME = {entity.name: entity for entity in (*ENTITIES, *MODULE_ENTITIES)}
BY_PATH = {entity.path: entity for entity in BY_NAME.values()}
