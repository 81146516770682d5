"""Invoices and credit memos: what they have in common, to the cent, and what they leave on an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sample_store.money import both, cents, share

if TYPE_CHECKING:
    from sample_store.php import Row
    from sample_store.sale import Sale

Quantities = dict[int, int]
"""How many of which item (`item_id`)."""

_CURRENCIES = (
    "base_currency_code",
    "base_to_global_rate",
    "base_to_order_rate",
    "global_currency_code",
    "order_currency_code",
    "store_currency_code",
    "store_to_base_rate",
    "store_to_order_rate",
    "billing_address_id",
    "store_id",
)


def book(sale: Sale, quantities: Quantities, key: int, now: str, done: str) -> Row:
    """Make what an invoice and a credit memo have in common, and book it on the order.

    Args:
        sale: The order; changed by it.
        quantities: What the document is about.
        key: Id of the document.
        now: The shop's time.
        done: `invoiced` or `refunded`.

    Returns:
        The document, without what only one of the two kinds has.
    """
    order = sale.order
    first = cents(order.get("subtotal_invoiced")) == 0 and done == "invoiced"
    sums = {"subtotal": 0, "tax": 0, "discount": 0}
    items = []
    for number, line in enumerate(chosen(sale, quantities), start=1):
        item, price, tax, discount = _document_item(line, quantities[line["item_id"]])
        items.append({**item, "entity_id": key * 100 + number, "parent_id": key})
        sums["subtotal"] += price
        sums["tax"] += tax
        sums["discount"] += discount
        _book(sale, line, quantities[line["item_id"]], done, (price, tax, discount))
    shipping = cents(order["shipping_amount"]) if first else 0
    grand = sums["subtotal"] + sums["tax"] - sums["discount"] + shipping
    for name, value in (*sums.items(), ("shipping", shipping)):
        booked = f"{name}_{done}"
        sign = -1 if name == "discount" else 1
        order |= both(**{booked: cents(order.get(booked)) + sign * value})
    order |= both(**{f"discount_tax_compensation_{done}": 0})
    touch(sale, quantities, now)
    return {
        **{name: order[name] for name in _CURRENCIES},
        **both(
            grand_total=grand,
            subtotal=sums["subtotal"],
            subtotal_incl_tax=sums["subtotal"] + sums["tax"],
            tax_amount=sums["tax"],
            discount_amount=-sums["discount"],
            shipping_amount=shipping,
            shipping_incl_tax=shipping,
            shipping_tax_amount=0,
            discount_tax_compensation_amount=0,
        ),
        "created_at": now,
        "entity_id": key,
        "increment_id": f"{order['store_id']}{key:09d}",
        "order_id": order["entity_id"],
        **shipped_to(order),
        **({"total_qty": sum(quantities.values())} if done == "invoiced" else {}),
        "updated_at": now,
        "items": items,
    }


def shipped_to(order: Row) -> Row:
    """Name the address that things go to, if there is anything to ship."""
    return {} if order["is_virtual"] else {"shipping_address_id": order["billing_address_id"] - 1}


def _document_item(line: Row, quantity: int) -> tuple[Row, int, int, int]:
    """Make a line of an invoice or credit memo: the line, its price, tax and discount in cents."""
    ordered = line["qty_ordered"]
    price = cents(line["price"]) * quantity
    tax = share(cents(line["tax_amount"]), quantity, ordered)
    discount = share(cents(line["discount_amount"]), quantity, ordered)
    item = {
        **both(
            price=cents(line["price"]),
            price_incl_tax=cents(line["price_incl_tax"]),
            row_total=price,
            row_total_incl_tax=price + tax,
            tax_amount=tax,
            discount_tax_compensation_amount=0,
        ),
        **(both(discount_amount=discount) if discount else {}),
        "name": line["name"],
        "product_id": line["product_id"],
        "sku": line["sku"],
        "order_item_id": line["item_id"],
        "qty": quantity,
    }
    return item, price, tax, discount


def _book(sale: Sale, line: Row, quantity: int, done: str, sums: tuple[int, int, int]) -> None:
    price, tax, discount = sums
    row = "amount_refunded" if done == "refunded" else f"row_{done}"
    for item in (line, *sale.children(line)):
        item[f"qty_{done}"] += quantity
    line |= both(
        **{
            row: cents(line.get(row)) + price,
            f"tax_{done}": cents(line.get(f"tax_{done}")) + tax,
            f"discount_{done}": cents(line.get(f"discount_{done}")) + discount,
        }
    )


def chosen(sale: Sale, quantities: Quantities) -> list[Row]:
    """Find the lines that quantities speak of."""
    return [line for line in sale.lines if line["item_id"] in quantities]


def touch(sale: Sale, quantities: Quantities, now: str) -> None:
    """Move `updated_at` of lines and of their children, whose rows repeat them."""
    for line in chosen(sale, quantities):
        for item in (line, *sale.children(line)):
            item["updated_at"] = now


def comments(key: int, text: str, now: str) -> list[Row]:
    """Write the comments of a document: one on every third, none on the others."""
    if key % 3:
        return []
    return [
        {
            "comment": text,
            "created_at": now,
            "entity_id": key,
            "is_customer_notified": 0,
            "is_visible_on_front": 1,
            "parent_id": key,
        }
    ]
