"""The category tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_store import module
from sample_store.generate.details import custom
from sample_store.generate.scopes import add_category_scopes
from sample_store.php import Row, encode

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from sample_store.shop import Shop

_CATEGORIES = ("Bags", "Watches", "Tops", "Jackets", "Fitness", "Yoga", "Training", "Größen & mehr")


def add_categories(shop: Shop, chance: random.Random, at: Callable[[float], str]) -> list[str]:
    """Put the categories.

    Args:
        shop: The shop.
        chance: What decides.
        at: Writes a time that many days ago.

    Returns:
        Keys of those that hold products, as catalogue rows write them.
    """
    rows = [_category(1, 0, "Root Catalog", 0, "1"), _category(2, 1, "Default Category", 1, "1/2")]
    rows += [_category(key, 2, name, 2, f"1/2/{key}") for key, name in enumerate(_CATEGORIES, start=3)]
    for row in rows:
        created = chance.uniform(300, 400)
        row["created_at"] = at(created)
        row["updated_at"] = at(chance.uniform(2, created))
    rows[1]["children"] = ",".join(str(row["id"]) for row in rows[2:])
    if shop.module:
        for row in rows:
            row["custom_attributes"] += custom(module.category_values(row))
    shop.put_all("categories", rows)
    add_category_scopes(shop, rows)
    tree: dict[str, Any] = {}
    for row in reversed(rows):
        node = {name: row[name] for name in ("id", "parent_id", "name", "is_active", "position")}
        node |= {"level": row["level"], "product_count": 0}
        children = [tree.pop(key) for key in list(tree) if tree[key]["parent_id"] == row["id"]]
        tree[str(row["id"])] = node | {"children_data": children[::-1]}
    shop.documents["categories"] = encode(tree["1"])
    return [str(row["id"]) for row in rows[2:]]


def _category(key: int, parent: int, name: str, level: int, path: str) -> Row:
    return {
        "id": key,
        "parent_id": parent,
        "name": name,
        "is_active": True,
        "position": key,
        "level": level,
        "children": "",
        "created_at": "",
        "updated_at": "",
        "path": path,
        "include_in_menu": True,
        "custom_attributes": [
            {"attribute_code": "path", "value": path},
            {"attribute_code": "url_key", "value": name.lower().replace(" ", "-")},
            {"attribute_code": "children_count", "value": "0"},
            {"attribute_code": "is_anchor", "value": "1"},
            {"attribute_code": "meta_title", "value": f"{name} in our shop"},
            {"attribute_code": "display_mode", "value": "PRODUCTS"},
            *custom({"description": f"<p>{name}, für alle</p>"} if key % 2 else {}),
        ],
    }
