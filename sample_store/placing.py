"""Placing an order: from what somebody wants to the order's document, summed to the cent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sample_store.lines import items_of, tax_code
from sample_store.money import amount, both, cents
from sample_store.sale import Sale

if TYPE_CHECKING:
    from sample_store.lines import Wish
    from sample_store.php import Row

_SHIPPING = 500
"""Flat rate, in cents a piece."""


def place(wish: Wish, now: str) -> Sale:
    """Place an order.

    Args:
        wish: What is ordered.
        now: The shop's time, which becomes the order's.

    Returns:
        The order, pending.
    """
    items = items_of(wish, now)
    lines = [item for item in items if "parent_item_id" not in item]
    pieces = sum(line["qty_ordered"] for line in lines if not line["is_virtual"])
    subtotal, tax, discount = (
        sum(cents(line[name]) for line in lines) for name in ("row_total", "tax_amount", "discount_amount")
    )
    shipping = _SHIPPING * pieces
    grand = subtotal + tax - discount + shipping
    store = wish.store
    order = {
        **both(
            discount_amount=-discount,
            grand_total=grand,
            discount_tax_compensation_amount=0,
            shipping_amount=shipping,
            shipping_discount_amount=0,
            shipping_incl_tax=shipping,
            shipping_tax_amount=0,
            subtotal=subtotal,
            subtotal_incl_tax=subtotal + tax,
            tax_amount=tax,
            total_due=grand,
        ),
        "base_currency_code": store.currency,
        "base_shipping_discount_tax_compensation_amnt": 0,
        "shipping_discount_tax_compensation_amount": 0,
        "base_to_global_rate": store.rate,
        "base_to_order_rate": wish.currency[1],
        "billing_address_id": wish.key * 2,
        "created_at": now,
        "customer_email": wish.address["email"],
        "customer_firstname": wish.address["firstname"],
        "customer_group_id": 0,
        "customer_is_guest": 1,
        "customer_lastname": wish.address["lastname"],
        "customer_note_notify": 1,
        "email_sent": 1,
        "entity_id": wish.key,
        "global_currency_code": "USD",
        "increment_id": f"{store.key}{wish.key:09d}",
        "is_virtual": int(pieces == 0),
        "order_currency_code": wish.currency[0],
        "protect_code": f"{wish.key * 2654435761 % 2**64:032x}",
        "quote_id": wish.key * 2,
        "remote_ip": "203.0.113.7",
        "state": "new",
        "status": "pending",
        "store_currency_code": store.currency,
        "store_id": store.key,
        "store_name": f"{store.website_name}\n{store.website_name} Store\n{store.name}",
        "store_to_base_rate": 0,
        "store_to_order_rate": 0,
        "total_item_count": len(items),
        "total_qty_ordered": sum(line["qty_ordered"] for line in lines),
        "updated_at": now,
        "weight": sum(line["row_weight"] for line in lines),
        **_extras(wish, pieces),
        "billing_address": _address(wish, "billing", wish.key * 2),
        "payment": _payment(wish.key, grand, shipping),
        "status_histories": [],
        "extension_attributes": _extension(wish, items, tax, pieces),
    }
    return Sale(order, items)


def _extras(wish: Wish, pieces: int) -> Row:
    """Write the fields that are absent, not null, where there is nothing to say."""
    found: Row = {}
    if pieces:
        found["shipping_description"] = "Flat Rate - Fixed"
    if wish.discount:
        found |= {"applied_rule_ids": "1", "coupon_code": "WELCOME"}
        found["discount_description"] = "WELCOME"
    if wish.note is not None:
        found["customer_note"] = wish.note
    if wish.customer is not None:
        found |= {
            "customer_id": wish.customer["id"],
            "customer_group_id": wish.customer["group_id"],
            "customer_is_guest": 0,
            "customer_gender": wish.customer["gender"],
            "customer_dob": f"{wish.customer['dob']} 00:00:00",
        }
    return found


def _address(wish: Wish, kind: str, key: int) -> Row:
    return {**wish.address, "address_type": kind, "entity_id": key, "parent_id": wish.key}


def _payment(key: int, grand: int, shipping: int) -> Row:
    return {
        "account_status": None,
        "additional_information": [*_payment_details(key).values()],
        **both(amount_ordered=grand, shipping_amount=shipping),
        "cc_last4": None,
        "entity_id": key,
        "method": "acme_card" if _is_by_card(key) else "checkmo",
        "parent_id": key,
    }


def _is_by_card(key: int) -> bool:
    return key % 4 == 0


def _payment_details(key: int) -> dict[str, str]:
    """Tell what a payment method notes down: texts, one of which may hold JSON (docs/MAGENTO.md, Values and types)."""
    if not _is_by_card(key):
        return {"method_title": "Check / Money order"}
    return {"method_title": "Card", "raw_response": '{"avs":"Y","scheme":"visa","risk":[1,0.5]}'}


def _extension(wish: Wish, items: list[Row], tax: int, pieces: int) -> Row:
    shipping: Row = {}
    if pieces:
        shipping = {
            "address": _address(wish, "shipping", wish.key * 2 - 1),
            "method": "flatrate_flatrate",
        }
    code = tax_code(wish)
    applied = {"code": code, "title": code, "percent": wish.tax}
    taxed = [item for item in items if item.get("tax_amount")]
    return {
        "shipping_assignments": [{"shipping": shipping, "items": []}],
        "payment_additional_info": [
            {"key": name, "value": value} for name, value in _payment_details(wish.key).items()
        ],
        "applied_taxes": [{**applied, **both(amount=tax)}] if tax else [],
        "item_applied_taxes": [
            {
                "type": "product",
                "item_id": item["item_id"],
                "applied_taxes": [{**applied, **both(amount=cents(item["tax_amount"]))}],
            }
            for item in taxed
        ],
        "converting_from_quote": False,
        "taxes": [
            {
                "tax_id": wish.key,
                "order_id": wish.key,
                **applied,
                **both(amount=tax),
                "base_real_amount": amount(tax),
                "priority": 0,
                "position": 0,
                "process": 0,
            }
        ]
        if tax
        else [],
        "additional_itemized_taxes": [],
    }
