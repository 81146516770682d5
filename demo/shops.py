"""The shop that the demonstration reads: the sample store, or one that the environment names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from demo.nested import NESTED
from sample_store import Server, Shop
from sample_store.entities import BY_NAME

_CREDENTIALS = {
    "MAGENTO_TOKEN": "TAP_MAGENTO_ACCESS_TOKEN",
    "MAGENTO_USERNAME": "TAP_MAGENTO_USERNAME",
    "MAGENTO_PASSWORD": "TAP_MAGENTO_PASSWORD",
}
# Tables that the shop answers as one document.
_DOCUMENTS = {
    "websites": "store/websites",
    "store_groups": "store/storeGroups",
    "store_views": "store/storeViews",
    "store_configs": "store/storeConfigs",
    "countries": "directory/countries",
    "customer_attributes": "attributeMetadata/customer",
    "customer_address_attributes": "attributeMetadata/customerAddress",
}
# Tables whose list has another name in the store.
_LISTS = {"attribute_sets": "eav_attribute_sets"}

# What a row of a table holds twice: the names that lead there. The tap leaves it out.
_COPIES = {
    "orders": (("items", "parent_item"), ("extension_attributes", "shipping_assignments", "items")),
    "order_items": (("parent_item",),),
}


def truth(shop: Shop, table: str) -> list[dict[str, Any]] | None:
    """Read from a sample store, past its API, what a table should hold.

    Args:
        shop: The shop.
        table: Name of the table.

    Returns:
        The rows as the API answers them, without copies; None if the shop has no list of that name.
    """
    if table in NESTED:
        nested = NESTED[table]
        return [row for parent in truth(shop, nested.parent) or () for row in nested.rows_in(parent)]
    if table in BY_NAME:
        return without_copies(table, shop.rows(_LISTS.get(table, table)))
    if table == "attribute_options":
        return list(_options(shop))
    if table == "currencies":
        return list(_exchange_rates(shop))
    if table in _DOCUMENTS:
        documents: list[dict[str, Any]] = json.loads(shop.documents[_DOCUMENTS[table]])
        return documents
    return None


def without_copies(table: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Take out of rows what they hold twice.

    Args:
        table: The table that they are for.
        rows: The rows as the API answers them; they are changed.

    Returns:
        The same rows.
    """
    for path in _COPIES.get(table, ()):
        _take_out(rows, path)
    return rows


def settings_for(server: Server) -> dict[str, str]:
    """Say how to reach a sample store.

    Args:
        server: The store.

    Returns:
        The tap's settings as environment variables.
    """
    return {
        "TAP_MAGENTO_STORE_URL": server.url,
        "TAP_MAGENTO_USERNAME": server.shop.username,
        "TAP_MAGENTO_PASSWORD": server.shop.password,
    }


def settings_from_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str] | None:
    """Say how to reach the shop that the environment names.

    Args:
        environment: Has `MAGENTO_URL`, and `MAGENTO_TOKEN` or `MAGENTO_USERNAME` and `MAGENTO_PASSWORD`; all further
            settings of the tap by their own names, `TAP_MAGENTO_...`.

    Returns:
        The tap's settings as environment variables; None if no shop is named.
    """
    if not environment.get("MAGENTO_URL"):
        return None
    own = {name: value for name, value in environment.items() if name.startswith("TAP_MAGENTO_")}
    credentials = {theirs: environment[ours] for ours, theirs in _CREDENTIALS.items() if environment.get(ours)}
    return {**own, "TAP_MAGENTO_STORE_URL": environment["MAGENTO_URL"], **credentials}


def problem_of(settings: Mapping[str, str]) -> str:
    """Find out whether a shop can be read.

    Args:
        settings: The tap's settings as environment variables.

    Returns:
        What the tap says is wrong; empty if nothing is.
    """
    others = {name: value for name, value in os.environ.items() if not name.startswith("TAP_MAGENTO_")}
    command = [sys.executable, "-m", "tap_magento", "--config=ENV", "--discover"]
    done = subprocess.run(command, env={**others, **settings}, capture_output=True, text=True, check=False)
    return done.stderr.strip().rpartition("\n")[2] if done.returncode else ""


def _options(shop: Shop) -> Iterator[dict[str, Any]]:
    for attribute in shop.rows("product_attributes"):
        for position, option in enumerate(attribute.get("options", ())):
            if option["value"]:
                yield {
                    **option,
                    "attribute_id": attribute["attribute_id"],
                    "store_code": "all",
                    "attribute_code": attribute["attribute_code"],
                    "position": position,
                }


def _exchange_rates(shop: Shop) -> Iterator[dict[str, Any]]:
    document = json.loads(shop.documents["directory/currency"])
    own = {name: value for name, value in document.items() if isinstance(value, str)}
    yield from ({**own, **rate} for rate in document["exchange_rates"])


def _take_out(node: Any, path: Sequence[str]) -> None:
    if isinstance(node, list):
        for item in node:
            _take_out(item, path)
    elif isinstance(node, dict):
        name, *rest = path
        if rest:
            _take_out(node.get(name), rest)
        else:
            node.pop(name, None)
