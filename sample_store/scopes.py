"""What store views say of a row: the row in scope `all` with values of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sample_store.php import Row
    from sample_store.shop import Shop

CUSTOM = "custom_attributes"


def values_of(row: Row) -> dict[str, object]:
    """Tell the values of a row by field and, under the same roof, by attribute code."""
    fields = {name: value for name, value in row.items() if name != CUSTOM}
    return fields | {each["attribute_code"]: each["value"] for each in row.get(CUSTOM, ())}


def with_values(row: Row, values: Mapping[str, object]) -> Row:
    """Change values of a row, and add attributes to it.

    Args:
        row: The row; left as it is.
        values: By field of the row or else by attribute code.

    Returns:
        The changed row.
    """
    fields = {name: values.get(name, value) for name, value in row.items()}
    known = {each["attribute_code"]: each["value"] for each in row.get(CUSTOM, ())}
    custom = known | {name: value for name, value in values.items() if name not in fields}
    return fields | {CUSTOM: [{"attribute_code": code, "value": value} for code, value in custom.items()]}


def put_everywhere(shop: Shop, name: str, row: Row) -> None:
    """Put a row in scope `all` and in every store view, which keep the values of their own.

    Args:
        shop: The shop.
        name: `products` or `categories`.
        row: The row as it is in scope `all` from now on.
    """
    key = row["id"]
    known = values_of(shop.row(name, key) or {})
    views = {view: shop.row(name, key, view) or {} for view in shop.views}
    shop.put(name, row)
    for view, local in views.items():
        own = {code: value for code, value in values_of(local).items() if known.get(code) != value}
        if own:
            shop.put_view(name, view, with_values(row, own))
