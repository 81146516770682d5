"""An attribute that somebody adds to a running shop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sample_store.attributes import PRODUCT, Attribute, Option, put_attributes
from sample_store.scopes import put_everywhere, with_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sample_store.shop import Shop

_SAMPLES = {
    "boolean": "1",
    "date": "2026-03-31 00:00:00",
    "datetime": "2026-03-31 17:30:00",
    "media_image": "/s/a/sample.jpg",
    "price": "12.500000",
    "weight": "0.250000",
}


def numbered(first: int, labels: Sequence[str]) -> tuple[Option, ...]:
    """Make options of labels, with ids that follow each other."""
    return tuple(Option(str(first + number), label) for number, label in enumerate(labels))


def add_attribute(shop: Shop, attribute: Attribute, values: Mapping[int, str] | None) -> None:
    """Add a product attribute, and values of it, as saving these products would.

    Args:
        shop: The shop.
        attribute: The attribute.
        values: Values by product id; where None, every other product gets one that fits. The
            products' `updated_at` moves.
    """
    with shop.writing:
        put_attributes(shop, [(shop.next_key(PRODUCT), attribute)])
        if values is None:
            values = {product["id"]: _sample(attribute) for product in shop.rows("products")[::2]}
        for key, value in values.items():
            product = shop.row("products", key)
            if product is None:
                raise ValueError(f"There is no product {key}")
            changed = with_values(product, {attribute.code: value}) | {"updated_at": shop.now()}
            put_everywhere(shop, "products", changed)


def _sample(attribute: Attribute) -> str:
    if attribute.options:
        last = attribute.options[-1].value
        return f"{attribute.options[0].value},{last}" if attribute.shown == "multiselect" else last
    known = _SAMPLES.get(attribute.shown or "")
    if known is not None:
        return known
    return {"int": "42", "decimal": "4.2000"}.get(attribute.backend, f"Some {attribute.code}")
