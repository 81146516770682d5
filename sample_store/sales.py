"""What happens to an order after it is placed: invoices, shipments, refunds, holds, cancellations.

Each moves `updated_at` of the order and its items exactly as the real shop does (docs/MAGENTO.md, What updated_at does
not show): an invoice, a refund, a hold and a cancellation move the order; a shipment moves it only when the
order's state changes, and always the items.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sample_store.booking import book, chosen, comments, shipped_to, touch
from sample_store.money import amount, both, cents

if TYPE_CHECKING:
    from sample_store.booking import Quantities
    from sample_store.php import Row
    from sample_store.sale import Sale

_WASTE = {
    "base_cost": None,
    "base_weee_tax_row_disposition": 0,
    "weee_tax_applied": "[]",
    "weee_tax_applied_row_amount": 0,
    "weee_tax_row_disposition": 0,
}
"""What items of credit memos say of fees for electronic waste: nothing, at length."""
_EVERY_FEE, _FEE = 4, 25
"""Of how many credit memos one keeps a fee back, and how many cents."""
_PAID = 2
"""State of an invoice that is paid, and of a credit memo that is refunded."""


def open_quantities(sale: Sale, done: str) -> Quantities:
    """Tell what is still to be done.

    Args:
        sale: The order.
        done: `qty_invoiced`, `qty_shipped` or `qty_refunded`.

    Returns:
        Quantities above zero: ordered or, for a refund, invoiced, less those done already.
    """
    of = "qty_invoiced" if done == "qty_refunded" else "qty_ordered"
    found = {}
    for line in sale.lines:
        left = line[of] - line[done] - line["qty_canceled"]
        if left > 0 and not (done == "qty_shipped" and line["is_virtual"]):
            found[line["item_id"]] = left
    return found


def invoice(sale: Sale, quantities: Quantities, key: int, now: str) -> Row:
    """Invoice, and take the money.

    Args:
        sale: The order; changed by it.
        quantities: What is invoiced.
        key: Id of the invoice.
        now: The shop's time.

    Returns:
        The invoice.
    """
    document = book(sale, quantities, key, now, "invoiced")
    order = sale.order
    due = cents(order["total_due"]) - cents(document["grand_total"])
    paid = cents(order.get("total_paid")) + cents(document["grand_total"])
    order |= both(total_due=due, total_paid=paid, total_invoiced=paid)
    order["base_total_invoiced_cost"] = 0
    order["payment"] |= both(amount_paid=paid, shipping_captured=cents(order["shipping_amount"]))
    document |= {"can_void_flag": 0, "state": _PAID}
    document["comments"] = comments(key, "Paid on time, danke schön", now)
    _advance(sale, now)
    order["updated_at"] = now
    shown: Row = sale.as_shown(document)
    return shown


def refund(sale: Sale, quantities: Quantities, key: int, now: str, invoice_key: int | None = None) -> Row:
    """Give money back.

    Args:
        sale: The order; changed by it.
        quantities: What is refunded, of what was invoiced.
        key: Id of the credit memo.
        now: The shop's time.
        invoice_key: Id of the invoice it was made from, None where it was made from the order.

    Returns:
        The credit memo.
    """
    document = book(sale, quantities, key, now, "refunded")
    order = sale.order
    fee = 0 if key % _EVERY_FEE else _FEE
    document |= both(grand_total=cents(document["grand_total"]) - fee)
    back = cents(order.get("total_refunded")) + cents(document["grand_total"])
    order |= both(total_refunded=back, total_offline_refunded=back)
    order |= both(adjustment_negative=cents(order.get("adjustment_negative")) + fee, adjustment_positive=0)
    order["payment"] |= both(amount_refunded=back, shipping_refunded=0)
    document |= {"state": _PAID, **both(adjustment=-fee, adjustment_negative=fee, adjustment_positive=0)}
    document["comments"] = comments(key, "Did not fit", now)
    if invoice_key is not None:
        document["invoice_id"] = invoice_key
    for item in document["items"]:
        item.update(_WASTE)
    note = f"We refunded ${cents(document['grand_total']) / 100:.2f} offline."
    _remember(sale, note, "creditmemo", now)
    if not open_quantities(sale, "qty_refunded") and not open_quantities(sale, "qty_invoiced"):
        _enter(sale, "closed")
    order["updated_at"] = now
    shown: Row = sale.as_shown(document)
    return shown


def ship(sale: Sale, quantities: Quantities, key: int, now: str) -> Row:
    """Send a parcel.

    Args:
        sale: The order; changed by it.
        quantities: What is in it.
        key: Id of the shipment.
        now: The shop's time.

    Returns:
        The shipment.
    """
    order = sale.order
    items = []
    for number, line in enumerate(chosen(sale, quantities), start=1):
        quantity = quantities[line["item_id"]]
        line["qty_shipped"] += quantity
        items.append(
            {
                "entity_id": key * 100 + number,
                "name": line["name"],
                "parent_id": key,
                "price": amount(cents(line["price"]) * order["base_to_order_rate"]),
                "product_id": line["product_id"],
                "sku": line["sku"],
                "weight": line["weight"],
                "order_item_id": line["item_id"],
                "qty": quantity,
            }
        )
    state = order["state"]
    touch(sale, quantities, now)
    _advance(sale, now)
    if order["state"] != state:
        order["updated_at"] = now
    shipment = {
        "billing_address_id": order["billing_address_id"],
        "created_at": now,
        "entity_id": key,
        "increment_id": f"{order['store_id']}{key:09d}",
        "order_id": order["entity_id"],
        "packages": [],
        **shipped_to(order),
        "store_id": order["store_id"],
        "total_qty": sum(quantities.values()),
        "updated_at": now,
        "items": items,
        "tracks": [track(order["entity_id"], key, number, now) for number in range(key % 5, 5, 4)],
        "comments": comments(key, "Handed over to the carrier", now),
        "extension_attributes": {"source_code": "default"},
    }
    if "customer_id" in order:
        shipment["customer_id"] = order["customer_id"]
    return shipment


def hold(sale: Sale, now: str) -> None:
    """Put an order on hold."""
    order = sale.order
    order |= {"hold_before_state": order["state"], "hold_before_status": order["status"]}
    _enter(sale, "holded")
    order["updated_at"] = now


def cancel(sale: Sale, now: str) -> None:
    """Cancel an order of which nothing is invoiced yet."""
    order = sale.order
    for line in sale.lines:
        for item in (line, *sale.children(line)):
            item["qty_canceled"] = item["qty_ordered"]
        line["updated_at"] = now
    for name in ("subtotal", "tax", "discount", "shipping"):
        source = name if name == "subtotal" else f"{name}_amount"
        order |= both(**{f"{name}_canceled": abs(cents(order[source]))})
    order |= both(total_canceled=cents(order["grand_total"]))
    _enter(sale, "canceled")
    touch(sale, {line["item_id"]: 1 for line in sale.lines}, now)
    order["updated_at"] = now


def comment(sale: Sale, text: str, now: str) -> None:
    """Comment on an order, which leaves its `updated_at` as it is."""
    _remember(sale, text, "order", now)


def transactions(sale: Sale, document: Row, key: int) -> list[Row]:
    """Make the records of the payment of an invoice: what was authorised, and what of it was captured.

    Args:
        sale: The order, invoiced.
        document: The invoice.
        key: Id of the authorisation, of which nothing is closed before all is invoiced. The capture
            has the next id.

    Returns:
        Both, the capture inside of the authorisation as well.
    """
    name = f"TX{document['increment_id']}"
    common = {
        "order_id": sale.order["entity_id"],
        "payment_id": sale.order["payment"]["entity_id"],
        "created_at": document["created_at"],
    }
    capture = {
        **common,
        "transaction_id": key + 1,
        "parent_id": key,
        "txn_id": f"{name}-capture",
        "parent_txn_id": name,
        "txn_type": "capture",
        "is_closed": 1,
        "additional_information": [],
        "child_transactions": [],
    }
    authorization = {
        **common,
        "transaction_id": key,
        "txn_id": name,
        "parent_txn_id": None,
        "txn_type": "authorization",
        "is_closed": int(not open_quantities(sale, "qty_invoiced")),
        "additional_information": [f'{{"avs":"Y","amount":"{document["grand_total"]}"}}', "Approved"],
        "child_transactions": [capture],
    }
    return [authorization, capture]


def _advance(sale: Sale, now: str) -> None:
    """Let the order's state follow what is invoiced and shipped."""
    if open_quantities(sale, "qty_invoiced") or open_quantities(sale, "qty_shipped"):
        _enter(sale, "processing")
    elif sale.order["state"] != "complete":
        _enter(sale, "complete")
        _remember(sale, None, "order", now)


def _enter(sale: Sale, state: str) -> None:
    sale.order |= {"state": state, "status": state}


def _remember(sale: Sale, comment: str | None, entity: str, now: str) -> None:
    histories = sale.order["status_histories"]
    histories.append(
        {
            "comment": comment,
            "created_at": now,
            "entity_id": sale.order["entity_id"] * 10 + len(histories),
            "entity_name": entity,
            "is_customer_notified": 0,
            "is_visible_on_front": 0,
            "parent_id": sale.order["entity_id"],
            "status": sale.order["status"],
        }
    )


def track(order: int, shipment: int, number: int, now: str) -> Row:
    """Make the record of a parcel under way; a shipment has up to ten of them."""
    key = shipment * 10 + number
    return {
        "order_id": order,
        "created_at": now,
        "entity_id": key,
        "parent_id": shipment,
        "updated_at": now,
        "weight": None,
        "qty": None,
        "description": None,
        "track_number": f"1Z{key:08d}",
        "title": "UPS",
        "carrier_code": "ups",
    }
