"""Placing an order: from what somebody wants to the order's document, summed to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sample_store.money import amount, both, cents
from sample_store.sale import Sale

if TYPE_CHECKING:
    from sample_store.generate.catalog import Offer
    from sample_store.generate.stores import Store
    from sample_store.php import Row

_SHIPPING = 500
"""Flat rate, in cents a piece."""
_CHILD_ZEROS = (
    "amount_refunded",
    "discount_amount",
    "discount_invoiced",
    "price",
    "row_invoiced",
    "row_total",
    "tax_amount",
    "tax_invoiced",
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody orders.

    Args:
        key: Id of the order.
        first_item: Id of its first item; the others follow.
        store: Where.
        address: To where, without ids.
        customer: Whose account, None for a guest.
        lines: What, and how many of it.
        discount: Percent off.
        tax: Percent of sales tax.
        note: What the customer has to say, None for nothing.
    """

    key: int
    first_item: int
    store: Store
    address: Row
    customer: Row | None
    lines: tuple[tuple[Offer, int], ...]
    discount: int = 0
    tax: float = 0
    note: str | None = None


def place(wish: Wish, now: str) -> Sale:
    """Place an order.

    Args:
        wish: What is ordered.
        now: The shop's time, which becomes the order's.

    Returns:
        The order, pending.
    """
    items = _items(wish, now)
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
        "base_to_order_rate": 1,
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
        "order_currency_code": store.currency,
        "protect_code": f"{wish.key * 2654435761 % 2**64:032x}",
        "quote_id": wish.key,
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
            "customer_dob": f"{wish.customer['dob']} 00:00:00",
        }
    return found


def _items(wish: Wish, now: str) -> list[Row]:
    items: list[Row] = []
    for offer, quantity in wish.lines:
        key = wish.first_item + len(items)
        items.append(_line(wish, offer, quantity, key, now))
        for number, child in enumerate(offer.children, start=1):
            items.append(_child(wish, child, quantity, key, number) | _times(now))
    return items


def _line(wish: Wish, offer: Offer, quantity: int, key: int, now: str) -> Row:
    total = offer.cents * quantity
    discount = total * wish.discount // 100
    tax = round((total - discount) * wish.tax / 100)
    weight = offer.product.get("weight", 0)
    line = {
        **both(
            amount_refunded=0,
            discount_amount=discount,
            discount_invoiced=0,
            discount_tax_compensation_amount=0,
            original_price=offer.cents,
            price=offer.cents,
            price_incl_tax=offer.cents + round(offer.cents * wish.tax / 100),
            row_invoiced=0,
            row_total=total,
            row_total_incl_tax=total + tax,
            tax_amount=tax,
            tax_invoiced=0,
        ),
        **_basics(wish, offer.product, quantity, key),
        **_times(now),
        "discount_percent": wish.discount,
        "sku": offer.sku,
        "tax_percent": wish.tax,
        "weight": weight,
        "row_weight": weight * quantity,
        "weee_tax_applied": "[]",
        "extension_attributes": {"itemized_taxes": _itemized(wish, key, tax)},
    }
    if wish.discount:
        line["applied_rule_ids"] = "1"
    if offer.option is not None:
        line["product_option"] = offer.option
    return line


def _child(wish: Wish, product: Row, quantity: int, parent: int, number: int) -> Row:
    """Write the item that is delivered for a line: it has quantities, its parent has the price."""
    return {
        **both(**dict.fromkeys(_CHILD_ZEROS, 0)),
        **_basics(wish, product, quantity, parent + number),
        "discount_percent": 0,
        "original_price": 0,
        "parent_item_id": parent,
        "tax_percent": 0,
        "weight": product.get("weight", 0),
        "row_weight": 0,
        "extension_attributes": {"itemized_taxes": []},
    }


def _basics(wish: Wish, product: Row, quantity: int, key: int) -> Row:
    return {
        "free_shipping": 0,
        "is_qty_decimal": 0,
        "is_virtual": int(product["type_id"] == "virtual"),
        "item_id": key,
        "name": product["name"],
        "no_discount": 0,
        "order_id": wish.key,
        "product_id": product["id"],
        "product_type": product["type_id"],
        "qty_canceled": 0,
        "qty_invoiced": 0,
        "qty_ordered": quantity,
        "qty_refunded": 0,
        "qty_shipped": 0,
        "quote_item_id": key,
        "sku": product["sku"],
        "store_id": wish.store.key,
    }


def _times(now: str) -> Row:
    return {"created_at": now, "updated_at": now}


def _itemized(wish: Wish, item: int, tax: int) -> list[Row]:
    if not tax:
        return []
    return [
        {
            "tax_item_id": item,
            "tax_id": wish.key,
            "item_id": item,
            "tax_code": _tax_code(wish),
            "tax_percent": wish.tax,
            **both(amount=tax),
            "real_amount": amount(tax),
            "real_base_amount": amount(tax),
            "taxable_item_type": "product",
        }
    ]


def _tax_code(wish: Wish) -> str:
    return "DE-*" if wish.store.currency == "EUR" else "US-MI-*"


def _address(wish: Wish, kind: str, key: int) -> Row:
    return {**wish.address, "address_type": kind, "entity_id": key, "parent_id": wish.key}


def _payment(key: int, grand: int, shipping: int) -> Row:
    return {
        "account_status": None,
        "additional_information": ["Check / Money order"],
        **both(amount_ordered=grand, shipping_amount=shipping),
        "cc_last4": None,
        "entity_id": key,
        "method": "checkmo",
        "parent_id": key,
    }


def _extension(wish: Wish, items: list[Row], tax: int, pieces: int) -> Row:
    shipping: Row = {}
    if pieces:
        shipping = {
            "address": _address(wish, "shipping", wish.key * 2 - 1),
            "method": "flatrate_flatrate",
        }
    code = _tax_code(wish)
    applied = {"code": code, "title": code, "percent": wish.tax}
    taxed = [item for item in items if item.get("tax_amount")]
    return {
        "shipping_assignments": [{"shipping": shipping, "items": []}],
        "payment_additional_info": [{"key": "method_title", "value": "Check / Money order"}],
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
