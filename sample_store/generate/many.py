"""A shop with more attributes and options than anybody should have, made quickly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sample_store.attributes import Attribute, Option, put_attributes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sample_store.php import Row
    from sample_store.shop import Shop

_CHOICES = ("select", "multiselect")
_OTHERS = ("text", "price", "boolean", "date", "textarea", "datetime")
_SCOPES = ("global", "website", "store")
_FIRST_KEY = 1000
_FIRST_OPTION = 10_000_000
_EACH = 20
"""Attributes that a product has a value of, of these."""


@dataclass(frozen=True, slots=True)
class Further:
    """Product attributes beyond the believable ones; every other one has options.

    Args:
        attributes: How many.
        options: How many options they have between them.
    """

    attributes: int = 0
    options: int = 0

    def put(self, shop: Shop) -> None:
        """Put them all."""
        put_attributes(shop, self._made())

    def values(self, product: Row) -> dict[str, str]:
        """Tell the values that a product has of them: a few, by code."""
        if not self.attributes:
            return {}
        chosen = sorted({(product["id"] * 37 + number * 101) % self.attributes for number in range(_EACH)})
        values = {_code(number): self._value(product, number) for number in chosen}
        return {code: value for code, value in values.items() if value}

    def _made(self) -> Iterator[tuple[int, Attribute]]:
        for number in range(self.attributes):
            options = tuple(Option(str(each), f"Option {each}") for each in self._choices(number))
            scope = _SCOPES[number % 3]
            attribute = Attribute(_code(number), _shown(number), scope=scope, options=options, user_defined=True)
            yield _FIRST_KEY + number, attribute

    def _choices(self, number: int) -> range:
        """Tell the ids of an attribute's options: the even ones share them evenly."""
        if number % 2:
            return range(0)
        holders = (self.attributes + 1) // 2
        shares = (self.options * part // holders for part in (number // 2, number // 2 + 1))
        return range(*(_FIRST_OPTION + share for share in shares))

    def _value(self, product: Row, number: int) -> str:
        if not number % 2:
            choices = self._choices(number)
            return str(choices[product["id"] % len(choices)]) if choices else ""
        values = {
            "price": f"{number}.500000",
            "boolean": str(product["id"] % 2),
            "date": f"{product['created_at'][:10]} 00:00:00",
            "datetime": f"{product['created_at']}",
        }
        return values.get(_shown(number), f"Text {number} of {product['sku']}")


def _code(number: int) -> str:
    return f"further_{number:04d}"


def _shown(number: int) -> str:
    """Tell the input of an attribute: the even ones have options."""
    return _OTHERS[number // 2 % len(_OTHERS)] if number % 2 else _CHOICES[number // 2 % len(_CHOICES)]
