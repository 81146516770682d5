"""Where in Magento's admin a right is given: the ACL resources of the API and their places in the tree of a role.

Learned from the modules' ``acl.xml`` (docs/MAGENTO.md, Access rights).
"""

from __future__ import annotations

from collections.abc import Mapping

#: ACL resource to the boxes to tick, from the outermost.
PATHS: Mapping[str, str] = {
    "Magento_Sales::sales": "Sales",
    "Magento_Sales::actions_view": "Sales > Operations > Orders > Actions > View",
    "Magento_Sales::sales_invoice": "Sales > Operations > Invoices",
    "Magento_Sales::shipment": "Sales > Operations > Shipments",
    "Magento_Sales::sales_creditmemo": "Sales > Operations > Credit Memos",
    "Magento_Sales::transactions_fetch": "Sales > Operations > Transactions > Fetch",
    "Magento_Cart::manage": "Sales > Operations > Carts > Manage carts",
    "Magento_Catalog::catalog": "Catalog",
    "Magento_Catalog::products": "Catalog > Inventory > Products",
    "Magento_Catalog::categories": "Catalog > Inventory > Categories",
    "Magento_Catalog::catalog_inventory": "Catalog > Inventory",
    "Magento_Customer::customer": "Customers",
    "Magento_Customer::manage": "Customers > All Customers",
    "Magento_Customer::group": "Customers > Customer Groups",
    "Magento_SalesRule::quote": "Marketing > Promotions > Cart Price Rules",
    "Magento_Cms::page": "Content > Elements > Pages",
    "Magento_Cms::block": "Content > Elements > Blocks",
    "Magento_Backend::store": "Stores > Settings > All Stores",
    "Magento_CatalogInventory::cataloginventory": "Stores > Settings > Configuration > Inventory Section",
    "Magento_CheckoutAgreements::checkoutagreement": "Stores > Settings > Terms and Conditions",
    "Magento_Tax::manage_tax": "Stores > Taxes",
    "Magento_Catalog::attributes_attributes": "Stores > Attributes > Product",
    "Magento_Catalog::sets": "Stores > Attributes > Attribute Set",
    "Magento_InventoryApi::source": "Stores > Inventory > Sources",
    "Magento_InventoryApi::stock": "Stores > Inventory > Stocks",
    "Magento_InventoryApi::stock_source_link": "Stores > Inventory > Source to Stock Assigning",
}


def place_of(resource: str) -> str:
    """Tell where a resource is granted.

    Args:
        resource: One ACL resource, or several with commas between, as Magento names them in a refusal.

    Returns:
        ``Magento_Sales::sales_invoice (Sales > Operations > Invoices)``; the resource alone where it is of a module
        that is not known here.
    """
    return ", ".join(
        f"{each} ({PATHS[each]})" if each in PATHS else each for each in (part.strip() for part in resource.split(","))
    )
