"""Amounts: whole cents inside, numbers as Magento writes them outside."""

from __future__ import annotations

Number = int | float


def amount(cents: int) -> Number:
    """Write cents as Magento does: 10 for 1000, 10.5 for 1050 (MEASURED.md (d))."""
    whole, rest = divmod(cents, 100)
    return cents / 100 if rest else whole


def number(text: str) -> Number:
    """Read a decimal as attributes have it, such as `7.990000`, into the number Magento writes for it."""
    value = float(text)
    return int(value) if value.is_integer() else value


def cents(number: Number | None) -> int:
    """Read an amount back into cents; 0 for none."""
    return round((number or 0) * 100)


def both(**amounts: int) -> dict[str, Number]:
    """Write amounts in the order's and in the base currency, which are one in this shop.

    Args:
        amounts: Cents by the field's name without `base_`.

    Returns:
        Each amount under its name and under its name with `base_` before it.
    """
    found: dict[str, Number] = {}
    for name, value in amounts.items():
        found[name] = found[f"base_{name}"] = amount(value)
    return found


def share(total: int, part: int, whole: int) -> int:
    """Tell how much of a sum falls to `part` of `whole` pieces, to the cent, rounded down."""
    return total * part // whole if whole else 0
