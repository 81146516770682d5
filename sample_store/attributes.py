"""Attributes of products and categories: what they are, and how `/V1/products/attributes` tells it.

Field names, types and the empty first option are those of the recorded attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sample_store.php import Row
    from sample_store.shop import Shop

PRODUCT, CATEGORY = "product_attributes", "category_attributes"
"""The lists that attributes stand in."""

_ENTITY_TYPES = {CATEGORY: "3", PRODUCT: "4"}
_MODELS = "Magento\\Eav\\Model\\Entity\\Attribute\\"
_STORED = {
    "boolean": "int",
    "date": "datetime",
    "datetime": "datetime",
    "multiselect": "text",
    "price": "decimal",
    "select": "int",
    "textarea": "text",
    "weight": "decimal",
}
_EMPTY = {"label": " ", "value": ""}
_YES_NO = [{"label": "Yes", "value": "1"}, {"label": "No", "value": "0"}]


@dataclass(frozen=True, slots=True)
class Option:
    """A value to choose.

    Args:
        value: What stands in rows.
        label: Its label in scope `all`.
        labels: Labels of its own by code of the store view.
    """

    value: str
    label: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute.

    Args:
        code: Its code.
        shown: Its `frontend_input`, None where the shop has none for it.
        stored: Its `backend_type`; the usual one for `shown` if empty.
        scope: `global`, `website` or `store`.
        label: Its label; made of its code if empty.
        options: What there is to choose, in order, without the empty choice.
        user_defined: Whether it came with the shop's owner or a module, not with Magento.
        labels: Labels of its own by id of the store view.
    """

    code: str
    shown: str | None = "text"
    stored: str = ""
    scope: str = "global"
    label: str = ""
    options: tuple[Option, ...] = ()
    user_defined: bool = False
    labels: Mapping[int, str] = field(default_factory=dict)

    @property
    def backend(self) -> str:
        """Its `backend_type`."""
        return self.stored or _STORED.get(self.shown or "", "varchar")

    def row(self, key: int, kind: str = PRODUCT, view: str = "all") -> Row:
        """Write the attribute as the API answers it.

        Args:
            key: Its id.
            kind: The list it stands in.
            view: The scope, which decides about the options' labels.

        Returns:
            The row.
        """
        found: Row = {
            "is_wysiwyg_enabled": False,
            "is_html_allowed_on_front": True,
            "used_for_sort_by": False,
            "is_filterable": self.shown == "select" and self.user_defined,
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
            "scope": self.scope,
            "attribute_id": key,
            "attribute_code": self.code,
            "frontend_input": self.shown,
            "entity_type_id": _ENTITY_TYPES[kind],
            "is_required": False,
            "options": self.choices(view),
            "is_user_defined": self.user_defined,
            "default_frontend_label": self.title,
            "frontend_labels": [{"store_id": store, "label": label} for store, label in self.labels.items()],
            "backend_type": self.backend,
            "is_unique": "0",
            "validation_rules": [],
        }
        if self.shown == "multiselect":
            found["backend_model"] = f"{_MODELS}Backend\\ArrayBackend"
        elif self.shown in {"select", "boolean"}:
            found["source_model"] = f"{_MODELS}Source\\{'Boolean' if self.shown == 'boolean' else 'Table'}"
        return found

    @property
    def title(self) -> str:
        """Its label."""
        return self.label or self.code.replace("_", " ").capitalize()

    def metadata(self) -> Row:
        """Write the attribute as `/V1/attributeMetadata/customer` answers those of customers."""
        return {
            "frontend_input": self.shown,
            "input_filter": "date" if self.shown == "date" else "",
            "store_label": self.title,
            "validation_rules": [],
            "multiline_count": 2 if self.shown == "multiline" else 0,
            "visible": True,
            "required": False,
            "data_model": "",
            "options": self.choices(),
            "frontend_class": "",
            "user_defined": self.user_defined,
            "sort_order": 0,
            "frontend_label": self.title,
            "note": "",
            "system": not self.user_defined,
            "backend_type": self.backend,
            "attribute_code": self.code,
        }

    def choices(self, view: str = "all") -> list[Row]:
        """Write its options, labelled for a scope."""
        if self.shown == "boolean":
            return _YES_NO
        if not self.options:
            return []
        options = [{"label": each.labels.get(view, each.label), "value": each.value} for each in self.options]
        return [_EMPTY, *options] if self.user_defined else options


def put_attributes(shop: Shop, attributes: Iterable[tuple[int, Attribute]], kind: str = PRODUCT) -> None:
    """Put attributes, and what store views say of those whose options have labels of their own.

    Args:
        shop: The shop.
        attributes: Ids and attributes.
        kind: The list they stand in.
    """
    translated: list[tuple[int, Attribute]] = []

    def rows() -> Iterator[Row]:
        for key, attribute in attributes:
            if any(option.labels for option in attribute.options):
                translated.append((key, attribute))
            yield attribute.row(key, kind)

    shop.put_all(kind, rows())
    for key, attribute in translated:
        for view in sorted({view for option in attribute.options for view in option.labels}):
            shop.put_view(kind, view, attribute.row(key, kind, view))
