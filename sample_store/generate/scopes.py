"""What the store views say of products and categories: their own names, texts, prices and choices.

A value has a scope (docs/MAGENTO.md, Store views): one of scope `store` may differ in each view, one of scope
`website` is the same in all views of a website, one of scope `global` is the same everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sample_store import module
from sample_store.generate.attributes import CATEGORY_ATTRIBUTES, PRODUCT_ATTRIBUTES
from sample_store.generate.stores import STORES
from sample_store.money import amount, cents
from sample_store.scopes import values_of, with_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sample_store.attributes import Attribute
    from sample_store.generate.stores import Store
    from sample_store.php import Row
    from sample_store.shop import Shop

_FACTORS = {1: 95, 2: 90}
"""Percent of its price that a thing costs on a website that has prices of its own."""
_SHARES = {"default": (1, 6), "outlet": (2, 4), "deutsch": (7, 8)}
"""How many of how many rows have values of their own in a store view."""
_GERMAN = {
    "Bags": "Taschen",
    "Watches": "Uhren",
    "Tops": "Oberteile",
    "Jackets": "Jacken",
    "Training": "Übungen",
}
_ENABLED, _DISABLED = 1, 2
_TEXTS = {"text", "textarea"}
_KEYS = {"sku", "url_path"}


def add_product_scopes(shop: Shop, products: Iterable[Row]) -> None:
    """Put what store views say of products."""
    known = PRODUCT_ATTRIBUTES | (module.PRODUCT_ATTRIBUTES if shop.module else {})
    attributes = {each.code: each for each in known.values()}
    for product in products:
        for store, local in _local(product, attributes):
            shop.put_view("products", store.code, with_values(product, local))


def add_category_scopes(shop: Shop, categories: Iterable[Row]) -> None:
    """Put what store views say of categories."""
    known = CATEGORY_ATTRIBUTES | (module.CATEGORY_ATTRIBUTES if shop.module else {})
    attributes = {each.code: each for each in known.values()}
    for category in categories:
        for store, local in _local(category, attributes):
            if category["name"] in _GERMAN and store.code == "deutsch":
                local["name"] = _GERMAN[category["name"]]
            if store.code == "default":
                del local["name"]
            shop.put_view("categories", store.code, with_values(category, local))


def _local(row: Row, attributes: Mapping[str, Attribute]) -> Iterator[tuple[Store, dict[str, object]]]:
    """Tell the values that store views have of their own, of those that have any."""
    for store in STORES:
        scopes = _scopes(row["id"], store)
        own = {
            name: changed
            for name, value in values_of(row).items()
            if name in attributes
            and attributes[name].scope in scopes
            and (changed := _changed(attributes[name], value, store, row["id"])) != value
        }
        if own:
            yield store, own


def _scopes(key: int, store: Store) -> set[str]:
    """Tell at which scopes a row has values of its own in a store view."""
    scopes = set()
    if key % (5 if store.website == 1 else 3) <= 1:
        scopes.add("website")
    share, of = _SHARES[store.code]
    if key % of < share:
        scopes.add("store")
    return scopes


def _changed(attribute: Attribute, value: object, store: Store, key: int) -> object:
    """Say a value as a store view says it."""
    if attribute.code == "status":
        return _DISABLED if key % 7 == 0 and store.website != 1 else _ENABLED
    if attribute.shown == "price":
        return _price(value, _FACTORS[store.website])
    if attribute.shown in _TEXTS and attribute.backend != "decimal" and attribute.code not in _KEYS:
        return f"{value}-{store.code}" if attribute.code == "url_key" else f"{value} ({store.code})"
    if attribute.shown == "boolean" and value in {"0", "1"}:
        return str(1 - int(str(value)))
    if attribute.user_defined and attribute.options:
        values = [option.value for option in attribute.options]
        return values[(values.index(str(value)) + 1) % len(values)] if value in values else values[0]
    return value


def _price(value: object, percent: int) -> object:
    if isinstance(value, (int, float)):
        return amount(cents(value) * percent // 100)
    text = str(value)
    return f"{float(text) * percent / 100:.6f}" if text.replace(".", "").isdigit() else text
