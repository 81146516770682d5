"""The lists the shop serves: address, key, time column, access right and filterable columns.

Learned from MEASURED.md (b) and Magento's own routes. A filter names the database column, which is
not always the JSON's key: products are filtered by `entity_id` and answer `id`.
"""

from __future__ import annotations

from dataclasses import dataclass

_AMOUNTS = "grand_total base_grand_total subtotal base_subtotal"
_SALES = f"increment_id store_id state order_id billing_address_id {_AMOUNTS}"


@dataclass(frozen=True, slots=True)
class Entity:
    """One list of the API.

    Args:
        name: What the store and its tests call it.
        path: Address below `/rest/<store>/V1/`.
        resource: The ACL resource a role needs.
        key_column: Column to filter and sort by; unique.
        key_field: The same in the JSON, None where the API hides it.
        time_column: Column that moves with changes, None where there is none.
        created_column: Column with the time of creation.
        columns: Further columns to filter by; they read the JSON's field of the same name.
        aliases: Columns whose field in the JSON has another name.
        eav: Attributes in tables of their own: an unknown filter is a 400, an unknown sort ignored.
        text_key: The key is text, not a number.
        optional_criteria: Whether `searchCriteria` may be left out.
        single: Address of one row with `{}` for its key or field, None where there is none.
        single_field: The field `single` asks for.
        missing: What the 404 for one row says.
    """

    name: str
    path: str
    resource: str
    key_column: str
    key_field: str | None
    time_column: str | None = None
    created_column: str | None = None
    columns: frozenset[str] = frozenset()
    aliases: tuple[tuple[str, str], ...] = ()
    eav: bool = False
    text_key: bool = False
    optional_criteria: bool = False
    single: str | None = None
    single_field: str | None = None
    missing: str = "The entity that was requested doesn't exist. Verify the entity and try again."


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
        "creditmemos",
        "creditmemos",
        "Magento_Sales::sales_creditmemo",
        "entity_id",
        "entity_id",
        time_column="updated_at",
        created_column="created_at",
        columns=_columns(_SALES),
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
        columns=_columns("order_id parent_id payment_id txn_id txn_type is_closed"),
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
    ),
    Entity(
        "source_items",
        "inventory/source-items",
        "Magento_InventoryApi::source",
        "source_item_id",
        None,
        columns=_columns("sku source_code quantity status"),
    ),
    Entity(
        "sources",
        "inventory/sources",
        "Magento_InventoryApi::source",
        "source_code",
        "source_code",
        columns=_columns("name enabled country_id postcode"),
        text_key=True,
        optional_criteria=True,
    ),
    Entity(
        "stocks",
        "inventory/stocks",
        "Magento_InventoryApi::stock",
        "stock_id",
        "stock_id",
        columns=_columns("name"),
        optional_criteria=True,
    ),
    Entity(
        "stock_source_links",
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

BY_NAME = {entity.name: entity for entity in ENTITIES}
BY_PATH = {entity.path: entity for entity in ENTITIES}
