"""The addresses that answer one document as a whole, such as the list of websites."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """An address that answers one document as a whole, without search criteria.

    Args:
        path: Address below `/rest/<store>/V1/`, which is also its name in the store.
        resource: The ACL resource a role needs, None for what everybody may read.
    """

    path: str
    resource: str | None


DOCUMENTS: dict[str, Document] = {
    document.path: document
    for document in (
        Document("store/websites", "Magento_Backend::store"),
        Document("store/storeGroups", "Magento_Backend::store"),
        Document("store/storeViews", "Magento_Backend::store"),
        Document("store/storeConfigs", "Magento_Backend::store"),
        Document("directory/countries", None),
        Document("directory/currency", None),
        Document("attributeMetadata/customer", "Magento_Customer::customer"),
        Document("attributeMetadata/customerAddress", "Magento_Customer::customer"),
        Document("products/types", "Magento_Catalog::products"),
        Document("modules", "Magento_Backend::admin"),
        Document("categories", "Magento_Catalog::categories"),
    )
}
