"""The attributes that every shop has, and a few that its owner made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sample_store import module
from sample_store.attributes import CATEGORY, Attribute, Option, put_attributes

if TYPE_CHECKING:
    from sample_store.php import Row
    from sample_store.shop import Shop

COLOR, SIZE = 93, 144
_OTHER_SETS = ((1, 1), (2, 2), (3, 3), (5, 5), (6, 6), (7, 7), (8, 8))
"""Attribute sets of customers, addresses, categories and sales, and their entity types."""
COLORS = {50: "Blue", 53: "Green", 58: "Red"}
SIZES = {166: "XS", 167: "S", 168: "M"}
_GERMAN = {"Blue": "Blau", "Green": "Grün", "Red": "Rot", "Wool": "Wolle", "Foam": "Schaumstoff"}


def _options(labels: dict[int, str]) -> tuple[Option, ...]:
    return tuple(
        Option(str(value), label, {"deutsch": _GERMAN[label]} if label in _GERMAN else {})
        for value, label in labels.items()
    )


_STATUS = _options({1: "Enabled", 2: "Disabled"})
_VISIBILITY = _options({1: "Not Visible Individually", 2: "Catalog", 3: "Search", 4: "Catalog, Search"})
_MODES = tuple(Option(value, value.capitalize()) for value in ("PRODUCTS", "PAGE", "PRODUCTS_AND_PAGE"))

PRODUCT_ATTRIBUTES = {
    73: Attribute("name", "text", scope="store", label="Product Name"),
    74: Attribute("sku", "text", "static", label="SKU"),
    75: Attribute("description", "textarea", scope="store"),
    76: Attribute("short_description", "textarea", scope="store"),
    77: Attribute("price", "price", scope="website"),
    78: Attribute("special_price", "price", scope="website"),
    79: Attribute("special_from_date", "date", scope="website"),
    80: Attribute("special_to_date", "date", scope="website"),
    81: Attribute("cost", "price", scope="website"),
    82: Attribute("weight", "weight"),
    84: Attribute("meta_title", "text", scope="store"),
    85: Attribute("meta_keyword", "textarea", scope="store"),
    86: Attribute("meta_description", "textarea", "varchar", "store"),
    87: Attribute("image", "media_image", scope="store", label="Base"),
    88: Attribute("small_image", "media_image", scope="store"),
    89: Attribute("thumbnail", "media_image", scope="store"),
    90: Attribute("media_gallery", "gallery", "static"),
    92: Attribute("tier_price", "text", "decimal", "website"),
    COLOR: Attribute("color", "select", options=_options(COLORS), user_defined=True, labels={3: "Farbe"}),
    94: Attribute("news_from_date", "date", scope="website"),
    95: Attribute("news_to_date", "date", scope="website"),
    97: Attribute("status", "select", scope="website", label="Enable Product", options=_STATUS),
    99: Attribute("visibility", "select", scope="store", options=_VISIBILITY),
    105: Attribute("category_ids", "text", "static", label="Categories"),
    107: Attribute("required_options", "text", "static"),
    108: Attribute("has_options", "text", "static"),
    109: Attribute("image_label", "text", scope="store"),
    112: Attribute("created_at", "date", "static"),
    113: Attribute("updated_at", "date", "static"),
    121: Attribute("url_key", "text", scope="store", label="URL Key"),
    123: Attribute("msrp", "price", scope="website", label="Minimum Advertised Price"),
    126: Attribute("samples_title", None, scope="store"),
    128: Attribute("links_exist", None, "int"),
    136: Attribute("tax_class_id", "select", scope="website", options=_options({0: "None", 2: "Taxable Goods"})),
    137: Attribute("eco_collection", "boolean", user_defined=True),
    SIZE: Attribute("size", "select", options=_options(SIZES), user_defined=True, labels={3: "Größe"}),
    145: Attribute("material", "multiselect", options=_options({32: "Wool", 44: "Foam"}), user_defined=True),
}
"""By id, with the ids, inputs, types and scopes of Magento 2.4.7."""

CATEGORY_ATTRIBUTES = {
    45: Attribute("name", "text", scope="store"),
    46: Attribute("is_active", "select", scope="store", options=_options({1: "Yes", 0: "No"})),
    47: Attribute("description", "textarea", scope="store"),
    48: Attribute("image", "image", scope="store"),
    49: Attribute("meta_title", "text", scope="store", label="Page Title"),
    50: Attribute("meta_keywords", "textarea", scope="store"),
    51: Attribute("meta_description", "textarea", scope="store"),
    52: Attribute("display_mode", "select", "varchar", "store", options=_MODES),
    54: Attribute("is_anchor", "select", options=_options({1: "Yes", 0: "No"})),
    55: Attribute("path", "text", "static"),
    56: Attribute("position", "text", "static"),
    65: Attribute("level", "text", "static"),
    66: Attribute("children_count", "text", "static"),
    67: Attribute("available_sort_by", "multiselect", scope="store", options=(Option("position", "Position"),)),
    69: Attribute("include_in_menu", "select", scope="store", options=_options({1: "Yes", 0: "No"})),
    72: Attribute("filter_price_range", "text", "decimal", "store", label="Layered Navigation Price Step"),
    119: Attribute("url_key", "text", scope="store", label="URL Key"),
    120: Attribute("url_path", "text", scope="store"),
}
"""The same for categories."""


def add_attributes(shop: Shop) -> None:
    """Put attributes, attribute sets and their groups."""
    put_attributes(shop, PRODUCT_ATTRIBUTES.items())
    put_attributes(shop, CATEGORY_ATTRIBUTES.items(), CATEGORY)
    if shop.module:
        put_attributes(shop, module.PRODUCT_ATTRIBUTES.items())
        put_attributes(shop, module.CATEGORY_ATTRIBUTES.items(), CATEGORY)
    sets = [_attribute_set(4, "Default", 4), _attribute_set(9, "Top", 4)]
    shop.put_all("attribute_sets", sets)
    shop.put_all("eav_attribute_sets", [*sets, *(_attribute_set(key, "Default", kind) for key, kind in _OTHER_SETS)])
    shop.put_all(
        "attribute_groups",
        [
            {"attribute_group_id": str(key), "attribute_group_name": name, "attribute_set_id": owner}
            for owner, first in ((4, 7), (9, 17))
            for key, name in enumerate(("Product Details", "Images", "Search Engine Optimization"), start=first)
        ],
    )


def _attribute_set(key: int, name: str, entity_type: int) -> Row:
    return {"attribute_set_id": key, "attribute_set_name": name, "sort_order": key, "entity_type_id": entity_type}
