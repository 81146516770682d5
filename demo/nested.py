"""Which tables are nested in the rows of which lists, written down once more, without the tap's own code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Nested:
    """Where the rows of a table are nested.

    Attributes:
        parent: The table of the rows that hold them.
        paths: What leads to them; `[]` after a name means each item of an array.
        columns: Columns to where their values are: how many steps down the path, -1 for the row itself, and a name.
        value: The column of values that are no objects.
    """

    parent: str
    paths: Sequence[str]
    columns: Mapping[str, tuple[int, str]]
    value: str = "value"

    def rows_in(self, parent: Row) -> Iterator[Row]:
        """Take the rows out of one of the parent's.

        Args:
            parent: The row that holds them.

        Yields:
            The rows, with their columns.
        """
        for path in self.paths:
            for nodes in _walk([parent], path.split(".")):
                item = nodes[-1]
                columns = {column: _at(nodes[step], name) for column, (step, name) in self.columns.items()}
                yield {**(item if isinstance(item, dict) else {self.value: item}), **columns}


def _walk(nodes: list[Any], steps: Sequence[str]) -> Iterator[list[Any]]:
    if not steps:
        yield nodes
        return
    step, *rest = steps
    inner = nodes[-1].get(step.removesuffix("[]")) if isinstance(nodes[-1], dict) else None
    for item in (inner or ()) if step.endswith("[]") else [inner]:
        if item not in (None, []):
            yield from _walk([*nodes, item], rest)


def _at(node: Any, path: str) -> Any:
    for name in path.split("."):
        node = node.get(name) if isinstance(node, dict) else None
    return node


def _in(parent: str, *paths: str, value: str = "value", **columns: str | tuple[int, str]) -> Nested:
    return Nested(parent, paths, {name: (0, at) if isinstance(at, str) else at for name, at in columns.items()}, value)


_EXTENSION = "extension_attributes"
_BUNDLE = f"{_EXTENSION}.bundle_product_options[]"

#: Table to where its rows are nested.
NESTED: Mapping[str, Nested] = {
    "order_addresses": _in(
        "orders",
        "billing_address",
        f"{_EXTENSION}.shipping_assignments[].shipping.address",
        order_id="entity_id",
    ),
    "order_payments": _in("orders", "payment", order_id="entity_id"),
    "order_status_histories": _in("orders", "status_histories[]", order_id="entity_id"),
    "order_taxes": _in("orders", f"{_EXTENSION}.taxes[]", order_id="entity_id"),
    "order_item_taxes": _in(
        "orders",
        f"items[].{_EXTENSION}.itemized_taxes[]",
        f"{_EXTENSION}.additional_itemized_taxes[]",
        order_id="entity_id",
    ),
    "invoice_items": _in("invoices", "items[]", invoice_id="entity_id"),
    "invoice_comments": _in("invoices", "comments[]", invoice_id="entity_id"),
    "shipment_items": _in("shipments", "items[]", shipment_id="entity_id"),
    "shipment_tracks": _in("shipments", "tracks[]", shipment_id="entity_id"),
    "shipment_comments": _in("shipments", "comments[]", shipment_id="entity_id"),
    "credit_memo_items": _in("credit_memos", "items[]", credit_memo_id="entity_id"),
    "credit_memo_comments": _in("credit_memos", "comments[]", credit_memo_id="entity_id"),
    "cart_items": _in("carts", "items[]", cart_id="id"),
    "customer_addresses": _in("customers", "addresses[]", customer_id="id"),
    "product_media": _in("products", "media_gallery_entries[]", product_id="id", product_sku="sku"),
    "product_links": _in("products", "product_links[]", product_id="id", product_sku="sku"),
    "product_options": _in("products", "options[]", product_id="id"),
    "product_option_values": _in("products", "options[].values[]", product_id="id", option_id=(1, "option_id")),
    "product_tier_prices": _in(
        "products",
        "tier_prices[]",
        product_id="id",
        product_sku="sku",
        website_id=(-1, f"{_EXTENSION}.website_id"),
    ),
    "product_categories": _in("products", f"{_EXTENSION}.category_links[]", product_id="id", product_sku="sku"),
    "product_websites": _in(
        "products", f"{_EXTENSION}.website_ids[]", value="website_id", product_id="id", product_sku="sku"
    ),
    "configurable_options": _in("products", f"{_EXTENSION}.configurable_product_options[]", product_id="id"),
    "configurable_variants": _in(
        "products",
        f"{_EXTENSION}.configurable_product_links[]",
        value="child_id",
        parent_id="id",
        parent_sku="sku",
    ),
    "bundle_options": _in("products", _BUNDLE, product_id="id"),
    "bundle_selections": _in("products", f"{_BUNDLE}.product_links[]", product_id="id"),
    "downloadable_links": _in("products", f"{_EXTENSION}.downloadable_product_links[]", product_id="id"),
    "downloadable_samples": _in("products", f"{_EXTENSION}.downloadable_product_samples[]", product_id="id"),
    "inventory_stock_channels": _in("inventory_stocks", f"{_EXTENSION}.sales_channels[]", stock_id="stock_id"),
    "sales_rule_labels": _in("sales_rules", "store_labels[]", rule_id="rule_id"),
    "tax_rate_titles": _in("tax_rates", "titles[]", tax_rate_id="id"),
    "regions": _in("countries", "available_regions[]", country_id="id"),
}
