"""What somebody orders, and the items it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sample_store.money import amount, both

if TYPE_CHECKING:
    from sample_store.generate.catalog import Offer
    from sample_store.generate.stores import Store
    from sample_store.php import Row

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

    @property
    def currency(self) -> tuple[str, int]:
        """The currency that is paid in, and the worth of a unit of the base currency in it."""
        if self.store.code == "outlet" and self.key % 3 == 0:
            return "MXN", 17
        return self.store.currency, 1


def items_of(wish: Wish, now: str) -> list[Row]:
    """Write the items of an order to be.

    Args:
        wish: What is ordered.
        now: The shop's time.

    Returns:
        For each line its item, followed by the items of its children.
    """
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
        "is_virtual": int(product["type_id"] in {"virtual", "downloadable"}),
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
            "tax_code": tax_code(wish),
            "tax_percent": wish.tax,
            **both(amount=tax),
            "real_amount": amount(tax),
            "real_base_amount": amount(tax),
            "taxable_item_type": "product",
        }
    ]


def tax_code(wish: Wish) -> str:
    """Tell the code of the tax rate that an order falls under."""
    return "DE-*" if wish.store.currency == "EUR" else "US-MI-*"
