"""Amounts: whole cents inside, numbers as Magento writes them outside."""

from __future__ import annotations

from typing import Any

Number = int | float
_BASES = {"real_amount": "real_base_amount"}
"""Amounts in the base currency that are not named `base_` and more."""


def amount(cents: int) -> Number:
    """Write cents as Magento does: 10 for 1000, 10.5 for 1050 (docs/MAGENTO.md, Values and types)."""
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
    """Write amounts in the base currency, and for the time being in the order's (see `converted`).

    Args:
        amounts: Cents by the field's name without `base_`.

    Returns:
        Each amount under its name and under its name with `base_` before it.
    """
    found: dict[str, Number] = {}
    for name, value in amounts.items():
        found[name] = found[f"base_{name}"] = amount(value)
    return found


def converted(value: Any, rate: int) -> Any:
    """Write amounts in the order's currency, where a row has the same in the base currency.

    Args:
        value: A row, or what is in one.
        rate: Worth of a unit of the base currency; whole, so that sums stay right to the cent.

    Returns:
        The same with `grand_total` for `base_grand_total`, and so on.
    """
    if isinstance(value, list):
        return [converted(each, rate) for each in value]
    if not isinstance(value, dict):
        return value
    found = {name: converted(each, rate) for name, each in value.items()}
    for name in value:
        base = value.get(_BASES.get(name, f"base_{name}"))
        if isinstance(base, (int, float)):
            found[name] = amount(cents(base) * rate)
    return found


def share(total: int, part: int, whole: int) -> int:
    """Tell how much of a sum falls to `part` of `whole` pieces, to the cent, rounded down."""
    return total * part // whole if whole else 0
