"""The shop's own Swagger laid over the bundled schemas: what its extensions add, with types.

`/rest/<store>/schema?services=...` answers a Swagger 2.0 document of what the token's role may call
(docs/MAGENTO.md, Schema (Swagger)), with every extension attribute of every module. It is generated from PHP comments,
so it promises less than it says: `required` fields come as null, dates are plain strings, integers
hold fractions. The bundled schemas know better, and win wherever they know a field at all; a field
that the document lacks (an older shop, a role that may not see it) stays, but for what Adobe Commerce adds.

What a new field's type is:

- `array`, `boolean`, `integer`, `number`, `object`, `string` as declared, beside `null`; a text stays
  a text, whatever its name looks like. All else a document says of a field is left out.
- A reference is written out. Inside itself it is an object of any fields, and so is an object without
  fields, or one deeper in a new field than anyone reads (`_DEEPEST`).
- Several types of which one is not `null`: that one. `allOf`: an object of all the parts' fields.
- No type: an object if it has `properties`, an array if it has `items`.
- Nothing known (another type, several types, a reference to nothing): a string, which loses nothing:
  `tap_magento.records.transform` makes of an object or list its JSON text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from tap_magento.http.decoding import clean_text
from tap_magento.schema.annotations import EDITION, without_commerce
from tap_magento.schema.nodes import Schema, kind_of

_PREFIX = "#/definitions/"
_SCALARS = ("boolean", "integer", "number", "string")
_KINDS = ("array", "object", *_SCALARS)
_TOLD_BY = (("properties", "object"), ("items", "array"))
# A module's field is a list of objects with lists, seldom more. Without an end, some definitions that
# mention each other would be written out millions of times.
_DEEPEST = 6  # new objects and lists in one another
_MOST = 20_000  # new fields of a stream
_MOST_HOPS = 10  # references to references


@dataclass(frozen=True, slots=True)
class Source:
    """Where the shop's Swagger describes a stream's rows.

    Attributes:
        service: The name for `?services=`, None where no live shop has told it. A shop without it answers 500.
        definition: The name under `definitions`.
    """

    service: str | None
    definition: str


#: By stream, as the document of a shop of 2.4.7 names them (docs/MAGENTO.md), Adobe Commerce's as its published
#: documents do. Rows of `modules` are texts, those of `currencies` parts of one object: these have no definition.
SOURCES: Mapping[str, Source] = {
    "attribute_groups": Source("catalogProductAttributeGroupRepositoryV1", "eav-data-attribute-group-interface"),
    "attribute_sets": Source("catalogAttributeSetRepositoryV1", "eav-data-attribute-set-interface"),
    "base_prices": Source("catalogBasePriceStorageV1", "catalog-data-base-price-interface"),
    "carts": Source("quoteCartRepositoryV1", "quote-data-cart-interface"),
    "categories": Source("catalogCategoryListV1", "catalog-data-category-interface"),
    "category_attributes": Source("catalogCategoryAttributeRepositoryV1", "catalog-data-category-attribute-interface"),
    "checkout_agreements": Source(
        "checkoutAgreementsCheckoutAgreementsListV1", "checkout-agreements-data-agreement-interface"
    ),
    "cms_blocks": Source("cmsBlockRepositoryV1", "cms-data-block-interface"),
    "cms_pages": Source("cmsPageRepositoryV1", "cms-data-page-interface"),
    "companies": Source(None, "company-data-company-interface"),
    "company_credit_histories": Source(None, "company-credit-data-history-data-interface"),
    "company_credits": Source(None, "company-credit-data-credit-data-interface"),
    "company_roles": Source(None, "company-data-role-interface"),
    "company_teams": Source(None, "company-data-team-interface"),
    "costs": Source("catalogCostStorageV1", "catalog-data-cost-interface"),
    "countries": Source("directoryCountryInformationAcquirerV1", "directory-data-country-information-interface"),
    "coupons": Source("salesRuleCouponRepositoryV1", "sales-rule-data-coupon-interface"),
    "credit_memos": Source("salesCreditmemoRepositoryV1", "sales-data-creditmemo-interface"),
    "customer_address_attributes": Source("customerAddressMetadataV1", "customer-data-attribute-metadata-interface"),
    "customer_attributes": Source("customerCustomerMetadataV1", "customer-data-attribute-metadata-interface"),
    "customer_groups": Source("customerGroupRepositoryV1", "customer-data-group-interface"),
    "customer_segments": Source(None, "customer-segment-storefront-compatibility-data-customer-segment-interface"),
    "customers": Source("customerCustomerRepositoryV1", "customer-data-customer-interface"),
    "gift_card_accounts": Source(None, "gift-card-account-api-data-gift-card-account-data-interface"),
    "gift_wrappings": Source(None, "gift-wrapping-data-wrapping-interface"),
    "inventory_salable_quantities": Source(
        "inventoryExportStockApiExportStockIndexDataV1",
        "inventory-export-stock-api-data-product-stock-index-data-interface",
    ),
    "inventory_source_items": Source("inventoryApiSourceItemRepositoryV1", "inventory-api-data-source-item-interface"),
    "inventory_sources": Source("inventoryApiSourceRepositoryV1", "inventory-api-data-source-interface"),
    "inventory_stock_source_links": Source(
        "inventoryApiGetStockSourceLinksV1", "inventory-api-data-stock-source-link-interface"
    ),
    "inventory_stocks": Source("inventoryApiStockRepositoryV1", "inventory-api-data-stock-interface"),
    "invoices": Source("salesInvoiceRepositoryV1", "sales-data-invoice-interface"),
    "negotiable_quotes": Source(None, "negotiable-quote-data-negotiable-quote-interface"),
    "order_items": Source("salesOrderItemRepositoryV1", "sales-data-order-item-interface"),
    "orders": Source("salesOrderRepositoryV1", "sales-data-order-interface"),
    "product_attributes": Source("catalogProductAttributeRepositoryV1", "catalog-data-product-attribute-interface"),
    "products": Source("catalogProductRepositoryV1", "catalog-data-product-interface"),
    "returns": Source(None, "rma-data-rma-interface"),
    "sales_rules": Source("salesRuleRuleRepositoryV1", "sales-rule-data-rule-interface"),
    "shared_catalogs": Source(None, "shared-catalog-data-shared-catalog-interface"),
    "shipments": Source("salesShipmentRepositoryV1", "sales-data-shipment-interface"),
    "special_prices": Source("catalogSpecialPriceStorageV1", "catalog-data-special-price-interface"),
    "store_configs": Source("storeStoreConfigManagerV1", "store-data-store-config-interface"),
    "store_groups": Source("storeGroupRepositoryV1", "store-data-group-interface"),
    "store_views": Source("storeStoreRepositoryV1", "store-data-store-interface"),
    "tax_classes": Source("taxTaxClassRepositoryV1", "tax-data-tax-class-interface"),
    "tax_rates": Source("taxTaxRateRepositoryV1", "tax-data-tax-rate-interface"),
    "tax_rules": Source("taxTaxRuleRepositoryV1", "tax-data-tax-rule-interface"),
    "tier_prices": Source("catalogTierPriceStorageV1", "catalog-data-tier-price-interface"),
    "transactions": Source("salesTransactionRepositoryV1", "sales-data-transaction-interface"),
    "websites": Source("storeWebsiteRepositoryV1", "store-data-website-interface"),
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the document we are.

    Attributes:
        definitions: The document's definitions.
        above: The names of those we are inside of.
        depth: How many new objects and lists we are inside of.
        spent: Counts the new fields.
    """

    definitions: Mapping[str, object]
    above: frozenset[str] = frozenset()
    depth: int = 0
    spent: Iterator[int] = field(default_factory=count)


@dataclass(frozen=True, slots=True)
class _Found:
    """A node with its references followed; `is_inside` itself, if one of them is above it."""

    node: Mapping[str, Any]
    place: _Place
    is_inside: bool = False

    @property
    def kind(self) -> str:
        declared = self.node.get("type")
        if declared is None:
            return next((kind for name, kind in _TOLD_BY if name in self.node), "string")
        kinds = [kind for kind in (declared if isinstance(declared, list) else [declared]) if kind != "null"]
        return kinds[0] if len(kinds) == 1 and kinds[0] in _KINDS else "string"

    @property
    def fields(self) -> dict[str, object]:
        """The fields in the order of their names, these without what no database takes."""
        declared = _mapping(self.node.get("properties"))
        return {clean: declared[name] for name in sorted(declared) if (clean := clean_text(name))}


def overlay(bundled: Schema, spec: Mapping[str, Any], definition: str) -> Schema:
    """Lay a definition of the shop's Swagger over a bundled schema.

    Args:
        bundled: A stream's schema; it stays as it is.
        spec: The decoded Swagger document, broken or not; it stays as it is.
        definition: The definition of the stream's rows, `SOURCES[stream].definition`.

    Returns:
        The bundled fields in their order, with their types, and after them, in the order of their
        names, those that only the shop has, nullable. What Adobe Commerce adds is there where the
        document has it. The same two documents give the same schema, whatever the order of the
        shop's fields.
    """
    place = _Place(_mapping(_mapping(spec).get("definitions")))
    return _merge(bundled, {"$ref": _PREFIX + definition}, place)


def rows_of_list(spec: Mapping[str, Any], path: str, rows_field: str) -> Schema | None:
    """Describe the rows of a list by its path, where no bundled schema knows them.

    Args:
        spec: The decoded Swagger document.
        path: The list's path.
        rows_field: The field of the response that holds the rows.

    Returns:
        The schema of a row; None if the document does not describe it.
    """
    shown = _mapping(spec)
    paths = _mapping(shown.get("paths"))
    node: Any = paths.get(path) or paths.get(f"{path}/")
    for name in ("get", "responses", "200", "schema"):
        node = _mapping(node).get(name)
    response = _resolve(node, _Place(_mapping(shown.get("definitions"))))
    rows = _resolve(response.fields.get(rows_field), response.place)
    row = _resolve(rows.node.get("items"), rows.place)
    if rows.kind != "array" or not row.fields:
        return None
    return {**_convert(rows.node.get("items"), rows.place), "type": ["object"]}


def _merge(bundled: Schema, node: object, place: _Place) -> Schema:
    found, kind = _resolve(node, place), kind_of(bundled)
    shown = found.fields
    if found.kind != kind:
        return without_commerce(bundled)
    if kind == "array":
        return {**bundled, "items": _merge(bundled["items"], found.node.get("items"), found.place)}
    if kind != "object" or not shown:
        return without_commerce(bundled)
    listed: Mapping[str, Schema] = bundled.get("properties") or {}
    known = {name: item for name, item in listed.items() if name in shown or EDITION not in item}
    if not known and (found.is_inside or bundled.get("additionalProperties", True) is not True):
        return bundled  # cut off in the bundled schema, or an object of other things than fields
    properties = {
        name: _merge(item, shown[name], found.place) if name in shown else without_commerce(item)
        for name, item in known.items()
    }
    added = {name: _convert(item, found.place) for name, item in shown.items() if name not in known}
    kept = {name: item for name, item in bundled.items() if known or name != "additionalProperties"}
    return {**kept, "properties": {**properties, **added}}


def _convert(node: object, place: _Place) -> Schema:
    """Make the schema of a field that the bundled one lacks."""
    found = _resolve(node, place)
    inner = replace(found.place, depth=place.depth + 1)
    is_much = next(place.spent) >= _MOST or place.depth >= _DEEPEST
    if found.kind == "object":
        if is_much or found.is_inside or not (shown := found.fields):
            return {"type": ["object", "null"], "additionalProperties": True}
        return {"type": ["object", "null"], "properties": {name: _convert(shown[name], inner) for name in shown}}
    if found.kind == "array" and not is_much:
        return {"type": ["array", "null"], "items": _convert(found.node.get("items"), inner)}
    return {"type": [found.kind if found.kind in _SCALARS else "string", "null"]}


def _resolve(node: object, place: _Place, hops: int = 0) -> _Found:
    """Follow references and put the parts of `allOf` together; a node of nothing if that leads nowhere."""
    shown = _mapping(node)
    if hops > _MOST_HOPS:
        return _Found({}, place)
    if "$ref" in shown:
        name = str(shown["$ref"]).removeprefix(_PREFIX)
        if hops and name in place.above:
            return _Found({}, place, is_inside=True)
        inner = replace(place, above=place.above | {name})
        found = _resolve(place.definitions.get(name), inner, hops + 1)
        return replace(found, is_inside=found.is_inside or name in place.above)
    if isinstance(shown.get("allOf"), list):
        own = [{"properties": shown["properties"]}] if "properties" in shown else []
        return _together([_resolve(part, place, hops + 1) for part in (*own, *shown["allOf"])], place)
    return _Found(shown, place)


def _together(parts: list[_Found], place: _Place) -> _Found:
    if len(parts) == 1:
        return parts[0]
    objects = [part for part in parts if part.kind == "object"]
    if not objects:
        return _Found({}, place)
    fields: dict[str, object] = {}
    for part in reversed(objects):
        fields.update(part.fields)
    above = frozenset().union(*(part.place.above for part in objects))
    is_inside = any(part.is_inside for part in objects)
    return _Found({"type": "object", "properties": fields}, replace(place, above=above), is_inside=is_inside)


def _mapping(node: object) -> Mapping[str, Any]:
    """Take what should be an object; PHP writes an empty one as `[]`."""
    return node if isinstance(node, Mapping) else {}
