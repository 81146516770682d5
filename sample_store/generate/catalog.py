"""What the shop sells: attributes, categories and products of every type."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sample_store import module
from sample_store.generate.attributes import COLOR, COLORS, SIZE, SIZES, add_attributes
from sample_store.generate.categories import add_categories
from sample_store.generate.details import custom, engraving, link, option, texts, tier, wrapping
from sample_store.generate.inventory import add_inventory
from sample_store.generate.scopes import add_product_scopes
from sample_store.money import amount

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    from sample_store.generate.many import Further
    from sample_store.php import Row
    from sample_store.shop import Shop

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


def add_catalog(shop: Shop, chance: random.Random, at: Callable[[float], str], further: Further) -> list[Offer]:
    """Put attributes, categories and products.

    Args:
        shop: The shop.
        chance: What decides.
        at: Writes a time that many days ago.
        further: Product attributes beyond the believable ones.

    Returns:
        What can be ordered.
    """
    add_attributes(shop)
    further.put(shop)
    categories = add_categories(shop, chance, at)
    makers = _Products(chance, at, categories)
    offers = list(makers.offers())
    # A bulk SQL update stamps many rows alike (docs/MAGENTO.md, Timestamps); half of the catalogue was.
    stamp = at(30.5)
    for product in makers.made[len(makers.made) // 3 :: 2]:
        product["updated_at"] = stamp
    for product in makers.made:
        values = further.values(product) | (module.product_values(product) if shop.module else {})
        product["custom_attributes"] += custom(values)
    shop.put_all("products", makers.made)
    add_product_scopes(shop, makers.made)
    add_inventory(shop, makers.made, chance)
    return offers


class _Products:
    """Makes products, counting keys as it goes."""

    def __init__(self, chance: random.Random, at: Callable[[float], str], categories: list[str]) -> None:
        self._chance = chance
        self._at = at
        self._categories = categories
        self._keys = itertools.count(1)
        self.made: list[Row] = []

    def offers(self) -> Iterator[Offer]:
        """Make everything, and tell what of it can be ordered."""
        simples = [self._product(name, "simple") for name in _SIMPLE]
        simples[0]["tier_prices"] = [tier(3, 7.5), tier(10, 7)]
        simples[2]["tier_prices"] = [tier(2, 30, 32000), tier(5, 28.9, 2, percent=15)]
        simples[1]["options"] = [engraving(simples[1])]
        simples[3]["options"] = [engraving(simples[3]), wrapping(simples[3])]
        for kind, other in (("related", 1), ("upsell", 2), ("crosssell", 3)):
            simples[0]["product_links"].append(link(simples[0], simples[other], kind, other))
        for product in simples:
            yield _plain(product)
        for name in _CONFIGURABLE:
            yield from self._configurable(name)
        for name in _VIRTUAL:
            yield _plain(self._product(name, "virtual"))
        yield self._bundle(simples)
        yield self._downloadable()
        grouped = self._product("Set of Yoga Straps", "grouped")
        del grouped["price"], grouped["weight"]
        grouped["product_links"] = [
            link(grouped, product, "associated", number) | {"extension_attributes": {"qty": 0}}
            for number, product in enumerate(simples[:3])
        ]

    def _configurable(self, name: str) -> Iterator[Offer]:
        children = [
            (color, size, self._product(f"{name}-{SIZES[size]}-{COLORS[color]}", "simple"))
            for color, size in itertools.product(COLORS, SIZES)
        ]
        price = self._chance.randrange(1999, 8999)
        parent = self._product(name, "configurable")
        parent["price"] = 0
        parent["extension_attributes"] |= {
            "configurable_product_options": [
                option(parent["id"] * 2, COLOR, "Color", 1, COLORS, parent["id"]),
                option(parent["id"] * 2 + 1, SIZE, "Size", 0, SIZES, parent["id"]),
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
            choice = {"extension_attributes": {"configurable_item_options": chosen}}
            yield Offer(parent, (child,), price, child["sku"], choice)

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
                    _selection(number, number, part, 1),
                    _selection(number + len(chosen), number, parts[number], 2),
                ],
            }
            for number, part in enumerate(chosen, start=1)
        ]
        choice = {
            "extension_attributes": {
                "bundle_options": [
                    {"option_id": number, "option_qty": 1, "option_selections": [number]}
                    for number, _ in enumerate(chosen, start=1)
                ]
            }
        }
        return Offer(bundle, tuple(chosen), 6800, f"{bundle['sku']}-KIT", choice)

    def _downloadable(self) -> Offer:
        product = self._product("Yoga for Beginners", "downloadable")
        file = {"sort_order": 1, "sample_type": "file", "sample_file": "/y/o/yoga.mp4"}
        product["extension_attributes"] |= {
            "downloadable_product_links": [
                {
                    "id": 1,
                    "title": "Video",
                    "sort_order": 1,
                    "is_shareable": 2,
                    "price": 6,
                    "number_of_downloads": 0,
                    "link_type": "file",
                    "link_file": "/y/o/yoga.mp4",
                    "sample_type": None,
                }
            ],
            "downloadable_product_samples": [{"id": 1, "title": "Trailer", **file}],
        }
        choice = {"extension_attributes": {"downloadable_option": {"downloadable_links": [1]}}}
        return replace(_plain(product), option=choice)

    def _product(self, name: str, kind: str) -> Row:
        key = next(self._keys)
        created = self._chance.uniform(200, 400)
        categories = self._chance.sample(self._categories, 2)
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
                *custom(texts(name, key, image)),
            ],
        }
        if kind in {"virtual", "downloadable"}:
            del product["weight"]
        self.made.append(product)
        return product


def _selection(key: int, option: int, part: Row, position: int) -> Row:
    return {
        "id": str(key),
        "sku": part["sku"],
        "option_id": option,
        "qty": 1,
        "position": position,
        "is_default": position == 1,
        "price": part["price"],
        "price_type": None,
        "can_change_quantity": 1,
    }


def _plain(product: Row) -> Offer:
    return Offer(product, (), round(product["price"] * 100), product["sku"])
