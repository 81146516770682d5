"""An order in the making: its own fields and its items, and the document the API answers for it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sample_store.money import converted

if TYPE_CHECKING:
    from sample_store.php import Row

_SHIPPING_TOTALS = (
    "shipping_amount",
    "shipping_canceled",
    "shipping_discount_amount",
    "shipping_incl_tax",
    "shipping_invoiced",
    "shipping_refunded",
    "shipping_tax_amount",
    "shipping_tax_refunded",
)
_EXTENSION = "extension_attributes"
_LAST = ("billing_address", "payment", "status_histories")


@dataclass
class Sale:
    """An order taken apart, to be changed and put together again; amounts are in the base currency.

    Attributes:
        order: The order's own fields, everything but `items`.
        items: Its items in order, each without the copy of its parent.
    """

    order: Row
    items: list[Row]

    @classmethod
    def of(cls, document: Row) -> Sale:
        """Take an order as the API answers it apart."""
        order = deepcopy(document)
        if order["base_to_order_rate"] != 1:
            order = converted(order, 1)
        items = [{name: value for name, value in item.items() if name != "parent_item"} for item in order.pop("items")]
        return cls(order, items)

    @property
    def lines(self) -> list[Row]:
        """The items that carry prices and quantities: all but the children."""
        return [item for item in self.items if "parent_item_id" not in item]

    def children(self, line: Row) -> list[Row]:
        """Find the items that are delivered for a line."""
        return [item for item in self.items if item.get("parent_item_id") == line["item_id"]]

    def rows(self) -> list[Row]:
        """Write the items as `/V1/orders/items` answers them: without Magento's extension attributes."""
        rows: list[Row] = self.as_shown(_with_parents([_alone(item) for item in self.items]))
        return rows

    def as_shown(self, value: Any) -> Any:
        """Write rows about the order in its currency: all that is in hand is in the base currency."""
        rate = self.order["base_to_order_rate"]
        return value if rate == 1 else converted(value, rate)

    def document(self) -> Row:
        """Write the order as `/V1/orders` answers it.

        Magento repeats every item in full in the shipping assignment, and the order's shipping
        totals there too; that is half of an order's JSON (docs/MAGENTO.md, Orders and order items).
        """
        rows = _with_parents(self.items)
        order = dict(self.order)
        extension = dict(order.pop(_EXTENSION))
        (assignment,) = extension["shipping_assignments"]
        total = {
            name: self.order[name]
            for field in _SHIPPING_TOTALS
            for name in (f"base_{field}", field)
            if name in self.order
        }
        shipping = {**assignment["shipping"], "total": total}
        extension["shipping_assignments"] = [{"shipping": shipping, "items": rows}]
        history = {name: order.pop(name) for name in _LAST}
        document: Row = self.as_shown({**order, "items": rows, **history, _EXTENSION: extension})
        return document


def _alone(item: Row) -> Row:
    """Leave out the taxes of an item, which only its order knows; what a module added stays."""
    extension = {name: value for name, value in item.get(_EXTENSION, {}).items() if name != "itemized_taxes"}
    row = {name: value for name, value in item.items() if name != _EXTENSION}
    return row | {_EXTENSION: extension} if extension else row


def _with_parents(items: list[Row]) -> list[Row]:
    """Write a full copy of its parent into each child, as Magento does."""
    by_key = {item["item_id"]: item for item in items}
    return [
        {**item, "parent_item": by_key[item["parent_item_id"]]} if "parent_item_id" in item else item for item in items
    ]
