"""What the shop sells: attributes, categories and products of every type."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sample_store.money import amount
from sample_store.php import Row, encode

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Iterator

    from sample_store.shop import Shop

COLOR, SIZE = 93, 144
_COLORS = {50: "Blue", 53: "Green", 58: "Red"}
_SIZES = {166: "XS", 167: "S", 168: "M"}
_CATEGORIES = ("Bags", "Watches", "Tops", "Jackets", "Fitness", "Yoga", "Training", "Größen & mehr")
_SIMPLE = (
    "Duffle Bag",
    "Shoulder Pack",
    "Backpack",
    "Messenger Bag",
    "Analog Watch",
    "Digital Watch",
    "Water Bottle",
    "Foam Roller",
    "Jump Rope",
    "Yoga Brick",
    "Yoga Mat",
    "Résistance Band Ω",
)
_CONFIGURABLE = ("Hoodie", "Running Jacket", "Tank Top", "Pullover")
_VIRTUAL = ("Gift Wrap Service", "Membership")


@dataclass(frozen=True, slots=True)
class Offer:
    """What one line of an order can be: a product, chosen options included.

    Args:
        product: The product's row.
        children: Products that are delivered for it: one for a configurable, many for a bundle.
        cents: Price.
        sku: What the line says.
        option: The line's `product_option`, None where nothing is chosen.
    """

    product: Row
    children: tuple[Row, ...]
    cents: int
    sku: str
    option: Row | None = None

    @property
    def is_virtual(self) -> bool:
        """Whether there is nothing to ship."""
        return self.product["type_id"] in {"virtual", "downloadable"}


def add_catalog(shop: Shop, chance: random.Random, at: Callable[[float], str]) -> list[Offer]:
    """Put attributes, categories and products.

    Args:
        shop: The shop.
        chance: What decides.
        at: Writes a time that many days ago.

    Returns:
        What can be ordered.
    """
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
    _add_categories(shop, chance, at)
    makers = _Products(chance, at, itertools.count(1))
    offers = list(makers.offers())
    # A bulk SQL update stamps many rows alike (MEASURED.md (b)); half of the catalogue was.
    stamp = at(30.5)
    for product in makers.made[len(makers.made) // 3 :: 2]:
        product["updated_at"] = stamp
    shop.put_all("products", makers.made)
    for product in makers.made[:6]:
        local = {**product, "name": f"{product['name']} (deutsch)"}
        shop.put_view("products", "deutsch", local)
    shop.put_all("source_items", _stock(makers.made, chance))
    return offers


class _Products:
    """Makes products, counting keys as it goes."""

    def __init__(self, chance: random.Random, at: Callable[[float], str], keys: Iterator[int]) -> None:
        self._chance = chance
        self._at = at
        self._keys = keys
        self.made: list[Row] = []

    def offers(self) -> Iterator[Offer]:
        """Make everything, and tell what of it can be ordered."""
        simples = [self._product(name, "simple") for name in _SIMPLE]
        for product in simples:
            yield _plain(product)
        for name in _CONFIGURABLE:
            yield from self._configurable(name)
        for name in _VIRTUAL:
            yield _plain(self._product(name, "virtual"))
        yield self._bundle(simples)
        grouped = self._product("Set of Yoga Straps", "grouped")
        del grouped["price"], grouped["weight"]
        grouped["product_links"] = [
            {
                "sku": grouped["sku"],
                "link_type": "associated",
                "linked_product_sku": product["sku"],
                "linked_product_type": "simple",
                "position": number,
                "extension_attributes": {"qty": 0},
            }
            for number, product in enumerate(simples[:3])
        ]

    def _configurable(self, name: str) -> Iterator[Offer]:
        children = [
            (color, size, self._product(f"{name}-{_SIZES[size]}-{_COLORS[color]}", "simple"))
            for color, size in itertools.product(_COLORS, _SIZES)
        ]
        price = self._chance.randrange(1999, 8999)
        parent = self._product(name, "configurable")
        parent["price"] = 0
        parent["extension_attributes"] |= {
            "configurable_product_options": [
                _option(parent["id"] * 2, COLOR, "Color", 1, _COLORS, parent["id"]),
                _option(parent["id"] * 2 + 1, SIZE, "Size", 0, _SIZES, parent["id"]),
            ],
            "configurable_product_links": [child["id"] for _, _, child in children],
        }
        for color, size, child in children:
            child["visibility"] = 1
            child["price"] = amount(price)
            child["custom_attributes"] += [
                {"attribute_code": "color", "value": str(color)},
                {"attribute_code": "size", "value": str(size)},
            ]
            chosen = [
                {"option_id": str(COLOR), "option_value": color},
                {"option_id": str(SIZE), "option_value": size},
            ]
            option = {"extension_attributes": {"configurable_item_options": chosen}}
            yield Offer(parent, (child,), price, child["sku"], option)

    def _bundle(self, parts: list[Row]) -> Offer:
        chosen = parts[7:10]
        bundle = self._product("Yoga Companion Kit", "bundle")
        bundle["price"] = bundle["weight"] = 0
        bundle["extension_attributes"]["bundle_product_options"] = [
            {
                "option_id": number,
                "title": part["name"],
                "required": True,
                "type": "radio",
                "position": number,
                "sku": bundle["sku"],
                "product_links": [
                    {
                        "id": str(number),
                        "sku": part["sku"],
                        "option_id": number,
                        "qty": 1,
                        "position": 1,
                        "is_default": True,
                        "price": part["price"],
                        "price_type": None,
                        "can_change_quantity": 1,
                    }
                ],
            }
            for number, part in enumerate(chosen, start=1)
        ]
        option = {
            "extension_attributes": {
                "bundle_options": [
                    {"option_id": number, "option_qty": 1, "option_selections": [number]}
                    for number, _ in enumerate(chosen, start=1)
                ]
            }
        }
        return Offer(bundle, tuple(chosen), 6800, f"{bundle['sku']}-KIT", option)

    def _product(self, name: str, kind: str) -> Row:
        key = next(self._keys)
        created = self._chance.uniform(200, 400)
        categories = [str(c) for c in self._chance.sample(range(3, 3 + len(_CATEGORIES)), 2)]
        slug = name.lower().replace(" ", "-")
        image = f"/{slug[0]}/{slug[1]}/{slug}.jpg"
        product = {
            "id": key,
            "sku": f"{kind[0].upper()}{key:03d}-{name.upper().replace(' ', '-')}",
            "name": name,
            "attribute_set_id": 9 if kind == "configurable" else 4,
            "price": amount(self._chance.choice((900, 1499, 2200, 3400, 5950, 11995))),
            "status": 1,
            "visibility": 4,
            "type_id": kind,
            "created_at": self._at(created),
            "updated_at": self._at(self._chance.uniform(1, created)),
            "weight": self._chance.choice((1, 0.5, 2)),
            "extension_attributes": {
                "website_ids": [1, 2],
                "category_links": [{"position": 0, "category_id": c} for c in categories],
            },
            "product_links": [],
            "options": [],
            "media_gallery_entries": [
                {
                    "id": key,
                    "media_type": "image",
                    "label": name,
                    "position": 1,
                    "disabled": False,
                    "types": ["image", "small_image", "thumbnail"],
                    "file": image,
                }
            ],
            "tier_prices": [],
            "custom_attributes": [
                {"attribute_code": "image", "value": image},
                {"attribute_code": "url_key", "value": slug},
                {"attribute_code": "tax_class_id", "value": "2"},
                {"attribute_code": "category_ids", "value": categories},
                {"attribute_code": "description", "value": f"<p>{name} für alle Fälle</p>\n"},
                {"attribute_code": "material", "value": self._chance.choice(("32", "32,44"))},
                {"attribute_code": "eco_collection", "value": self._chance.choice("01")},
                {"attribute_code": "msrp", "value": "131.450000"},
                {"attribute_code": "news_from_date", "value": "2024-01-01 00:00:00"},
            ],
        }
        if kind == "virtual":
            del product["weight"]
        self.made.append(product)
        return product


def _plain(product: Row) -> Offer:
    return Offer(product, (), round(product["price"] * 100), product["sku"])


def _option(  # noqa: PLR0913, PLR0917 - a row's fields
    key: int, attribute: int, label: str, position: int, values: Iterable[int], product: int
) -> Row:
    return {
        "id": key,
        "attribute_id": str(attribute),
        "label": label,
        "position": position,
        "values": [{"value_index": value} for value in values],
        "product_id": product,
    }


def _stock(products: list[Row], chance: random.Random) -> Iterator[Row]:
    for key, product in enumerate(products, start=1):
        quantity = chance.randrange(200)
        yield {
            "source_item_id": key,
            "sku": product["sku"],
            "source_code": "default",
            "quantity": quantity,
            "status": int(quantity > 0),
        }


def _add_categories(shop: Shop, chance: random.Random, at: Callable[[float], str]) -> None:
    rows = [_category(1, 0, "Root Catalog", 0, "1"), _category(2, 1, "Default Category", 1, "1/2")]
    rows += [_category(key, 2, name, 2, f"1/2/{key}") for key, name in enumerate(_CATEGORIES, start=3)]
    for row in rows:
        created = chance.uniform(300, 400)
        row["created_at"] = at(created)
        row["updated_at"] = at(chance.uniform(2, created))
    rows[1]["children"] = ",".join(str(row["id"]) for row in rows[2:])
    shop.put_all("categories", rows)
    shop.put_view("categories", "deutsch", {**rows[2], "name": "Taschen"})
    tree: dict[str, Any] = {}
    for row in reversed(rows):
        node = {name: row[name] for name in ("id", "parent_id", "name", "is_active", "position")}
        node |= {"level": row["level"], "product_count": 0}
        children = [tree.pop(key) for key in list(tree) if tree[key]["parent_id"] == row["id"]]
        tree[str(row["id"])] = node | {"children_data": children[::-1]}
    shop.documents["categories"] = encode(tree["1"])


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
        ],
    }


def _attributes() -> list[Row]:
    return [
        _attribute(73, "name", "text", "varchar", "Product Name"),
        _attribute(75, "description", "textarea", "text", "Description"),
        _attribute(77, "price", "price", "decimal", "Price"),
        _attribute(87, "image", "media_image", "varchar", "Base"),
        _attribute(COLOR, "color", "select", "int", "Color", _COLORS),
        _attribute(94, "news_from_date", "date", "datetime", "Set Product as New From"),
        _attribute(104, "category_ids", "text", "static", "Categories"),
        _attribute(119, "msrp", "price", "decimal", "Manufacturer's Suggested Retail Price"),
        _attribute(121, "url_key", "text", "varchar", "URL Key"),
        _attribute(136, "tax_class_id", "select", "int", "Tax Class", {2: "Taxable Goods"}),
        _attribute(137, "eco_collection", "boolean", "int", "Eco Collection", {1: "Yes", 0: "No"}),
        _attribute(SIZE, "size", "select", "int", "Size", _SIZES),
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
