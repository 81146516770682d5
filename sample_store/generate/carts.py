"""Carts: those that became orders, and those that somebody still fills."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sample_store.generate.stores import STORES
from sample_store.money import amount

if TYPE_CHECKING:
    from sample_store.generate.catalog import Offer
    from sample_store.generate.stores import Store
    from sample_store.php import Row
    from sample_store.sale import Sale
    from sample_store.shop import Shop

_GUEST = {"email": None, "firstname": None, "lastname": None}


def ordered_cart(shop: Shop, sale: Sale) -> Row:
    """Make the cart that an order came from.

    Inactive carts have no items (docs/MAGENTO.md, Lists: keys and sort columns).
    """
    order = sale.order
    key = order["quote_id"]
    address = {name: value for name, value in order["billing_address"].items() if name in _ADDRESS}
    cart = _cart(key, STORES[order["store_id"] - 1], order["created_at"], _customer(shop, order.get("customer_id")))
    cart["currency"] |= {
        "quote_currency_code": order["order_currency_code"],
        "base_to_quote_rate": order["base_to_order_rate"],
    }
    return cart | {
        "is_active": False,
        "is_virtual": bool(order["is_virtual"]),
        "items_count": len(sale.lines),
        "items_qty": order["total_qty_ordered"],
        "billing_address": {"id": key * 2, **address, "same_as_billing": 0, "save_in_address_book": 0},
        "reserved_order_id": order["increment_id"],
    }


def open_cart(shop: Shop, key: int, now: str) -> Row:
    """Make an active cart with items, a customer's or a guest's.

    Args:
        shop: The shop, for what it sells and to whom.
        key: The cart's id, which decides about the rest.
        now: The time of the cart.
    """
    customer = _customer(shop, key % len(shop.customers) + 1 if key % 3 else None)
    store = STORES[customer["store_id"] - 1 if "store_id" in customer else key % len(STORES)]
    chosen = [shop.offers[(key * 7 + number * 11) % len(shop.offers)] for number in range(1 + key % 4)]
    items = [_item(key, number, offer) for number, offer in enumerate(chosen)]
    return _cart(key, store, now, customer) | {
        "is_active": True,
        "is_virtual": all(offer.is_virtual for offer in chosen),
        "items": items,
        "items_count": len(items),
        "items_qty": sum(item["qty"] for item in items),
        "extension_attributes": {"shipping_assignments": []},
    }


_ADDRESS = {
    "city",
    "company",
    "country_id",
    "email",
    "firstname",
    "lastname",
    "postcode",
    "region",
    "region_code",
    "region_id",
    "street",
    "telephone",
    "vat_id",
}


def _cart(key: int, store: Store, now: str, customer: Row) -> Row:
    return {
        "id": key,
        "created_at": now,
        "updated_at": now,
        "customer": customer,
        "orig_order_id": 0,
        "currency": {
            "global_currency_code": "USD",
            "base_currency_code": store.currency,
            "store_currency_code": store.currency,
            "quote_currency_code": store.currency,
            "store_to_base_rate": 0,
            "store_to_quote_rate": 0,
            "base_to_global_rate": store.rate,
            "base_to_quote_rate": 1,
        },
        "customer_is_guest": "id" not in customer,
        "customer_note_notify": True,
        "customer_tax_class_id": 3,
        "store_id": store.key,
    }


def _customer(shop: Shop, key: int | None) -> Row:
    found = None if key is None else shop.row("customers", key)
    return found or dict(_GUEST)


def _item(cart: int, number: int, offer: Offer) -> Row:
    item: Row = {
        "item_id": cart * 10 + number,
        "sku": offer.sku,
        "qty": 1 + number,
        "name": offer.product["name"],
        "price": amount(offer.cents),
        "product_type": offer.product["type_id"],
        "quote_id": str(cart),
    }
    return item if offer.option is None else item | {"product_option": offer.option}
