"""The list that the third-party module adds: deliveries, with a key and a time of their own.

It is what Magento's own repositories would make of a flat table: any column filters and sorts, and
the key is filtered by a name that is not the JSON's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sample_store.entity import Entity

if TYPE_CHECKING:
    from sample_store.php import Row
    from sample_store.shop import Shop
    from sample_store.swagger import Definitions, Routes

DELIVERIES = Entity(
    "acme_deliveries",
    "acme/deliveries",
    "Acme_Delivery::deliveries",
    "delivery_id",
    "id",
    time_column="updated_at",
    created_column="created_at",
    columns=frozenset({"order_id", "status", "courier", "fee", "is_express"}),
    single="acme/deliveries/{}",
)

_SERVICE = "acmeDeliveryDeliveryRepositoryV1"
_NAME = "acme-delivery-data-delivery"
ROUTES: Routes = {
    "GET /V1/acme/deliveries": (_SERVICE, f"{_NAME}-search-results-interface"),
    "GET /V1/acme/deliveries/{id}": (_SERVICE, f"{_NAME}-interface"),
}
"""What the shop's schema says of its addresses, and below of its rows."""
DEFINITIONS: Definitions = {
    f"{_NAME}-search-results-interface": {
        "items": f"*{_NAME}-interface[]",
        "search_criteria": "*framework-search-criteria-interface",
        "total_count": "*integer",
    },
    f"{_NAME}-interface": {
        "id": "*integer",
        "order_id": "*integer",
        "status": "*string",
        "courier": "string",
        "fee": "number",
        "is_express": "boolean",
        "stops": "acme-delivery-data-stop-interface[]",
        "created_at": "*string",
        "updated_at": "*string",
    },
    "acme-delivery-data-stop-interface": {"place": "*string", "reached_at": "string"},
}

_STATUSES = ("planned", "on the way", "delivered")
_EVERY = 2


def deliver(shop: Shop, order: Row) -> None:
    """Plan the delivery of an order; not every order has one."""
    key = order["entity_id"]
    if key % _EVERY == 0:
        return
    shop.put("acme_deliveries", _delivery(shop.next_key("acme_deliveries"), key, order["created_at"]))


def move_on(shop: Shop, key: int) -> int:
    """Let a delivery reach its next stop, and tell how many did."""
    row = shop.row("acme_deliveries", key)
    if row is None:
        return 0
    now = shop.now()
    status = _STATUSES[min(_STATUSES.index(row["status"]) + 1, len(_STATUSES) - 1)]
    stops = [*row["stops"], {"place": f"Depot {len(row['stops']) + 1}", "reached_at": now}]
    shop.put("acme_deliveries", row | {"status": status, "stops": stops, "updated_at": now})
    return 1


def _delivery(key: int, order: int, now: str) -> Row:
    return {
        "id": key,
        "order_id": order,
        "status": _STATUSES[key % len(_STATUSES)],
        "courier": "Söhne & Co" if key % 3 else None,
        "fee": (0, 4.9, 12)[key % 3],
        "is_express": key % 5 == 0,
        "stops": [{"place": "Depot", "reached_at": now}] if key % 2 else [],
        "created_at": now,
        "updated_at": now,
    }
