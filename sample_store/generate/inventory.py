"""Where things lie: sources, stocks, and how many of each product each source has."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator

    from sample_store.php import Row
    from sample_store.shop import Shop

_COMPOSITE = {"bundle", "configurable", "grouped"}
_STOCKS = {1: ("Default Stock", "base", ("default", "east")), 2: ("Europa", "europe", ("berlin",))}


def add_inventory(shop: Shop, products: Iterable[Row], chance: random.Random) -> None:
    """Put sources, stocks, the links between them, and quantities.

    Args:
        shop: The shop.
        products: What lies in the sources.
        chance: What decides.
    """
    links = [
        (stock, code, priority) for stock, (_, _, codes) in _STOCKS.items() for priority, code in enumerate(codes, 1)
    ]
    lists: dict[str, Iterable[Row]] = {
        "inventory_sources": [
            _source("default", "Default Source", "US", "00000") | {"description": "Default Source", "latitude": 0},
            _source("east", "East Coast", "US", "10001") | {"region_id": 43, "city": "New York", "latitude": 40.7},
            _source("berlin", "Lager Berlin", "DE", "10115") | {"region_id": 82, "region": "Berlin", "latitude": 52.5},
        ],
        "inventory_stocks": [
            {
                "stock_id": key,
                "name": name,
                "extension_attributes": {"sales_channels": [{"type": "website", "code": website}]},
            }
            for key, (name, website, _) in _STOCKS.items()
        ],
        "inventory_stock_source_links": [
            {"link_id": 3 * number, "stock_id": stock, "source_code": code, "priority": priority}
            for number, (stock, code, priority) in enumerate(links, start=1)
        ],
        "inventory_source_items": _items(products, chance),
    }
    for name, rows in lists.items():
        shop.put_all(name, rows)


def _source(code: str, name: str, country: str, postcode: str) -> Row:
    return {
        "source_code": code,
        "name": name,
        "enabled": True,
        "country_id": country,
        "postcode": postcode,
        "use_default_carrier_config": True,
        "carrier_links": [],
        "extension_attributes": {"is_pickup_location_active": False, "frontend_name": name},
    }


def _items(products: Iterable[Row], chance: random.Random) -> Iterator[Row]:
    """Write quantities; every upsert burns keys, so the hidden key has gaps (docs/MAGENTO.md, Inventory)."""
    for number, product in enumerate(products, start=1):
        quantity = chance.randrange(200)
        if product["type_id"] in _COMPOSITE:
            continue
        yield _item(number * 5, product, "default", quantity)
        if number % 2:
            yield _item(number * 5 + 1, product, "berlin", quantity / 4)
        if number % 3 == 0:
            yield _item(number * 5 + 3, product, "east", quantity + 10)


def _item(key: int, product: Row, source: str, quantity: float) -> Row:
    return {
        "source_item_id": key,
        "sku": product["sku"],
        "source_code": source,
        "quantity": int(quantity) if quantity == int(quantity) else quantity,
        "status": int(quantity > 0),
    }
