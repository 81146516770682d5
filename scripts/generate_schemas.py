"""Write the bundled JSON Schemas, `tap_magento/schemas/<stream>.json`.

Input are the item schemas of Magento 2.4.7's REST routes, one file a route, as the getters of its
interfaces declare them. Names and types are all that is taken over. The rules:

- Every property has one concrete type and may be null; a primary key may not be null. A type of
  its own for every column is what loaders need: target-postgres makes `jsonb` of an object,
  `jsonb[]` of an array of objects, `text[]` of an array of strings, `numeric`, `bigint`, `boolean`,
  `date` and `timestamp` of the rest.
- Timestamps are `date-time`, calendar days `date`; `CORRECTIONS` lists them by name.
- Amounts, quantities, rates and weights are `number`: Magento writes 10 as well as 36.39 into the
  same field (MEASURED.md (d)).
- An object whose fields 2.4.7 does not know (an empty `extension_attributes`) is an object of any
  fields (`additionalProperties: true`): what a shop's extensions put there is kept. An object with
  known fields is closed, without the keyword: validators let unknown fields pass, and
  `tap_magento.records.transform` drops and reports them.
- An interface that contains itself (`parent_item` of an order item) is written out once; inside
  that copy it is an object of any fields.
- A value of any type (`custom_attributes[].value`: text, but a list for `category_ids`) is a
  string; shaping writes what is no string as compact JSON text, so nothing is lost.

Usage: `python scripts/generate_schemas.py [--check] [FOLDER]`; see `--help`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]

PROJECT = Path(__file__).resolve().parent.parent
DEFAULT_SOURCE = PROJECT.parent / "shared" / "magento" / "item-schemas"
TARGET = PROJECT / "tap_magento" / "schema" / "bundled"


class Source(NamedTuple):
    """Where a stream's schema comes from.

    Attributes:
        route: The item schema's file name without suffix: the route with `__` for `/`.
        key: The primary key, a field of the row itself.
    """

    route: str
    key: str


STREAMS = {
    "categories": Source("categories__list", "id"),
    "invoices": Source("invoices", "entity_id"),
    "order_items": Source("orders__items", "item_id"),
    "orders": Source("orders", "entity_id"),
    "product_attributes": Source("products__attributes", "attribute_id"),
    "products": Source("products", "id"),
    "store_configs": Source("store__storeConfigs", "id"),
    "store_groups": Source("store__storeGroups", "id"),
    "store_views": Source("store__storeViews", "id"),
    "websites": Source("store__websites", "id"),
}

STRING: Json = {"type": ["string", "null"]}
DATE: Json = {"type": ["string", "null"], "format": "date"}
DATE_TIME: Json = {"type": ["string", "null"], "format": "date-time"}
NUMBER: Json = {"type": ["number", "null"]}
ANY_OBJECT: Json = {"type": ["object", "null"], "additionalProperties": True}

# What the getters declare too loosely or wrongly, by field name, at any depth. Every other declared
# type holds for every value of the recorded rows (tests/test_schemas.py).
CORRECTIONS = {
    # `YYYY-MM-DD HH:MM:SS` in UTC wherever they were seen (MEASURED.md (d)).
    "created_at": DATE_TIME,
    "updated_at": DATE_TIME,
    # Not in the recorded rows; the columns are TIMESTAMPs (vault_payment_token,
    # cataloginventory_stock_item), which Magento returns in the same form.
    "expires_at": DATE_TIME,
    "low_stock_date": DATE_TIME,
    # "1973-12-15 00:00:00": a birthday is a calendar day, always at midnight and in no time
    # zone. As a moment in UTC it would be the day before for every reader west of Greenwich.
    "customer_dob": DATE,
    # Looks like a date and is TEXT: what the tax authority's service answered, in its own format.
    "vat_request_date": STRING,
    # A quantity: declared int, but `qty` columns are decimals and shops sell 0.5 of a thing.
    "option_qty": NUMBER,
}

LOOKS_LIKE_TIME = re.compile(r"(_at|_date|_time|_from|_to|dob)$")


def convert(node: Json, interfaces: dict[str, Json] | None = None) -> Json:
    """Turn a node of an item schema into one of the bundled schemas.

    Args:
        node: The declared schema: `type` (`[concrete, "null"]`), `properties`, `items`, `x-*`.
        interfaces: The nodes above this one, by their PHP interface.

    Returns:
        A new schema of names and types only.
    """
    above = interfaces or {}
    if "type" not in node:  # `x-untyped`
        return STRING
    kind = next(name for name in node["type"] if name != "null")
    if kind == "array":
        return {"type": ["array", "null"], "items": convert(node["items"], above)}
    if kind != "object":
        return {"type": [kind, "null"]}
    interface = node.get("x-php", "")
    # A declared schema stops, without `properties`, at an interface that it is inside of.
    repeated = "properties" not in node and interface in above
    declared = above[interface]["properties"] if repeated else node.get("properties")
    if not declared:
        return ANY_OBJECT
    inside = {name: entry for name, entry in above.items() if name != interface}
    if interface and not repeated:
        inside[interface] = node
    return {
        "type": ["object", "null"],
        "properties": {name: convert_property(name, declared[name], inside) for name in declared},
    }


def convert_property(name: str, node: Json, interfaces: dict[str, Json]) -> Json:
    """Turn a declared property into one of the bundled schemas.

    Args:
        name: The field's name.
        node: Its declared schema.
        interfaces: The nodes above it, by their PHP interface.

    Returns:
        Its schema, corrected where `CORRECTIONS` says so.

    Raises:
        ValueError: A text looks like a time by its name, and nobody has decided what it is.
    """
    if name in CORRECTIONS:
        return CORRECTIONS[name]
    schema = convert(node, interfaces)
    if schema == STRING and LOOKS_LIKE_TIME.search(name):
        raise ValueError(f"Is {name!r} a date-time, a date or a text? Say so in CORRECTIONS.")
    return schema


def stream_schema(declared: Json, key: str) -> Json:
    """Make a stream's schema.

    Args:
        declared: The item schema of the stream's route.
        key: The primary key, which is never null.

    Returns:
        The JSON Schema of the stream's rows.
    """
    schema = convert(declared)
    (concrete, _) = schema["properties"][key]["type"]
    properties = {**schema["properties"], key: {"type": [concrete]}}
    return {"type": "object", "properties": properties}


def render(schema: Json) -> str:
    """Write a schema as text: fields in the order Magento declares them, a type on one line."""
    text = json.dumps(schema, indent=2)
    return re.sub(r'\[\s+"(\w+)"(?:,\s+"(\w+)")?\s+\]', _one_line, text) + "\n"


def _one_line(match: re.Match[str]) -> str:
    return json.dumps([name for name in match.groups() if name])


def generate(source: Path) -> dict[str, str]:
    """Make all bundled schemas.

    Args:
        source: The folder of the item schemas.

    Returns:
        File name to text.
    """
    return {
        f"{stream}.json": render(stream_schema(json.loads((source / f"{route}.json").read_text())["item"], key))
        for stream, (route, key) in STREAMS.items()
    }


def committed() -> dict[str, str]:
    """Read the bundled schemas as they are: file name to text."""
    return {path.name: path.read_text() for path in TARGET.glob("*.json")}


def main(arguments: list[str] | None = None) -> int:
    """Write the schemas, or compare them with the committed ones.

    Args:
        arguments: The command line, by default the process's own.

    Returns:
        The exit code: 1 if `--check` finds a difference.
    """
    parser = argparse.ArgumentParser(description="Write the bundled JSON Schemas.")
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT_SOURCE)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if outdated")
    options = parser.parse_args(arguments)
    wanted, present = generate(options.folder), committed()
    outdated = sorted(name for name in wanted | present if wanted.get(name) != present.get(name))
    if options.check:
        print("\n".join(f"outdated: {name}" for name in outdated) or "up to date")
        return 1 if outdated else 0
    for name in outdated:
        if name in wanted:
            (TARGET / name).write_text(wanted[name])
        else:
            (TARGET / name).unlink()
    print(f"{len(outdated)} of {len(wanted)} schemas written to {TARGET}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
