"""The attributes of products and categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sample_store.php import Row
    from sample_store.shop import Shop

COLOR, SIZE = 93, 144
COLORS = {50: "Blue", 53: "Green", 58: "Red"}
SIZES = {166: "XS", 167: "S", 168: "M"}


def add_attributes(shop: Shop) -> None:
    """Put attributes, attribute sets and their groups."""
    shop.put_all("product_attributes", _attributes())
    shop.put_all("category_attributes", [_attribute(45, "name", "text", "varchar", "Name")])
    shop.put_all(
        "attribute_sets",
        [
            {
                "attribute_set_id": key,
                "attribute_set_name": name,
                "sort_order": key,
                "entity_type_id": 4,
            }
            for key, name in ((4, "Default"), (9, "Top"))
        ],
    )
    shop.put_all(
        "attribute_groups",
        [
            {
                "attribute_group_id": str(key),
                "attribute_group_name": name,
                "attribute_set_id": 4 if key < 10 else 9,  # noqa: PLR2004 - half of them each
            }
            for key, name in ((7, "Product Details"), (8, "Images"), (17, "Product Details"))
        ],
    )


def _attributes() -> list[Row]:
    return [
        _attribute(73, "name", "text", "varchar", "Product Name"),
        _attribute(75, "description", "textarea", "text", "Description"),
        _attribute(77, "price", "price", "decimal", "Price"),
        _attribute(87, "image", "media_image", "varchar", "Base"),
        _attribute(COLOR, "color", "select", "int", "Color", COLORS),
        _attribute(94, "news_from_date", "date", "datetime", "Set Product as New From"),
        _attribute(104, "category_ids", "text", "static", "Categories"),
        _attribute(119, "msrp", "price", "decimal", "Manufacturer's Suggested Retail Price"),
        _attribute(121, "url_key", "text", "varchar", "URL Key"),
        _attribute(136, "tax_class_id", "select", "int", "Tax Class", {2: "Taxable Goods"}),
        _attribute(137, "eco_collection", "boolean", "int", "Eco Collection", {1: "Yes", 0: "No"}),
        _attribute(SIZE, "size", "select", "int", "Size", SIZES),
        _attribute(145, "material", "multiselect", "text", "Material", {32: "Wool", 44: "Foam"}),
    ]


def _attribute(  # noqa: PLR0913, PLR0917 - a row's fields
    key: int, code: str, shown: str, stored: str, label: str, options: dict[int, str] | None = None
) -> Row:
    return {
        "is_wysiwyg_enabled": False,
        "is_html_allowed_on_front": True,
        "used_for_sort_by": False,
        "is_filterable": bool(options),
        "is_filterable_in_search": False,
        "is_used_in_grid": False,
        "is_visible_in_grid": False,
        "is_filterable_in_grid": False,
        "position": 0,
        "apply_to": [],
        "is_searchable": "1",
        "is_visible_in_advanced_search": "0",
        "is_comparable": "0",
        "is_used_for_promo_rules": "0",
        "is_visible_on_front": "0",
        "used_in_product_listing": "1",
        "is_visible": True,
        "scope": "store" if shown in {"text", "textarea"} else "global",
        "attribute_id": key,
        "attribute_code": code,
        "frontend_input": shown,
        "entity_type_id": "4",
        "is_required": False,
        "options": [{"label": name, "value": str(value)} for value, name in (options or {}).items()],
        "is_user_defined": bool(options),
        "default_frontend_label": label,
        "frontend_labels": [],
        "backend_type": stored,
        "is_unique": "0",
        "validation_rules": [],
    }
