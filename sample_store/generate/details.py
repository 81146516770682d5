"""Smaller parts of the catalogue: choices, prices by quantity, stock."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sample_store.php import Row


def custom(values: Mapping[str, str]) -> list[Row]:
    """Write values as `custom_attributes` has them."""
    return [{"attribute_code": code, "value": value} for code, value in values.items()]


def texts(name: str, key: int, image: str) -> dict[str, str]:
    """Tell what else is to be said of a product: by code, less of it for some than for others."""
    found = {"required_options": "0", "has_options": "0", "small_image": image, "thumbnail": image}
    if key % 2:
        found |= {"short_description": f"{name}, briefly", "meta_title": name, "image_label": name}
    if key % 5 == 0:
        found |= {"special_price": "7.990000", "special_from_date": "2026-01-01 00:00:00"}
        found["special_to_date"] = "2027-12-31 00:00:00"
    if key % 4:
        found["cost"] = f"{key}.250000"
    return found


def option(  # noqa: PLR0913, PLR0917 - a row's fields
    key: int, attribute: int, label: str, position: int, values: Iterable[int], product: int
) -> Row:
    """Write what a configurable product is chosen by."""
    return {
        "id": key,
        "attribute_id": str(attribute),
        "label": label,
        "position": position,
        "values": [{"value_index": value} for value in values],
        "product_id": product,
    }


def tier(quantity: int, value: float, group: int = 1, percent: int | None = None) -> Row:
    """Write the price from a quantity on.

    Args:
        quantity: From how many on.
        value: The price.
        group: Id of the customer group, 32000 for all.
        percent: How much less it is, None for a price of its own.
    """
    extension = {"website_id": 0} if percent is None else {"website_id": 0, "percentage_value": percent}
    return {"customer_group_id": group, "qty": quantity, "value": value, "extension_attributes": extension}


def link(product: Row, other: Row, kind: str, position: int) -> Row:
    """Write a link from one product to another."""
    return {
        "sku": product["sku"],
        "link_type": kind,
        "linked_product_sku": other["sku"],
        "linked_product_type": other["type_id"],
        "position": position,
    }


def wrapping(product: Row) -> Row:
    """Write a custom option with values to choose from."""
    values = (("Red paper", 1), ("Blue paper", 2.5))
    return {
        "product_sku": product["sku"],
        "option_id": 1000 + product["id"],
        "title": "Wrapping",
        "type": "drop_down",
        "sort_order": 2,
        "is_require": False,
        "values": [
            {
                "title": title,
                "sort_order": number,
                "price": price,
                "price_type": "fixed",
                "option_type_id": product["id"] * 10 + number,
            }
            for number, (title, price) in enumerate(values, start=1)
        ],
    }


def engraving(product: Row) -> Row:
    """Write a custom option: a text of the customer's own on the product."""
    return {
        "product_sku": product["sku"],
        "option_id": product["id"],
        "title": "Engraving",
        "type": "field",
        "sort_order": 1,
        "is_require": False,
        "price": 3.5,
        "price_type": "fixed",
        "max_characters": 20,
    }
