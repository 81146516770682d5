"""Write the bundled JSON Schemas, `tap_magento/schema/bundled/<stream>.json`.

Input is `scripts/declared/`: the names and types of the rows of Magento 2.4.7's REST routes, one file a route,
as the getters of its interfaces declare them; those of Adobe Commerce's own routes; and, in `additions.json`,
what Adobe Commerce adds to the others. The rules:

- Every property has one concrete type and may be null; a primary key may not be null. A type of
  its own for every column is what loaders need: target-postgres makes `jsonb` of an object,
  `jsonb[]` of an array of objects, `text[]` of an array of strings, `numeric`, `bigint`, `boolean`,
  `date` and `timestamp` of the rest.
- Timestamps are `date-time`, calendar days `date`; `schemas.yaml` lists them by name.
- Amounts, quantities, rates and weights are `number`: Magento writes 10 as well as 36.39 into the
  same field (docs/MAGENTO.md).
- An object whose fields are not known (an empty `extension_attributes`) is an object of any
  fields (`additionalProperties: true`): what a shop's extensions put there is kept. An object with
  known fields is closed, without the keyword: validators let unknown fields pass, and
  `tap_magento.records.transform` drops and reports them. One whose known fields are all Adobe
  Commerce's stays open.
- An interface that contains itself (`parent_item` of an order item) is written out once, without
  descriptions; inside that copy it is an object of any fields.
- A value of any type (`custom_attributes[].value`: text, but a list for `category_ids`) is a
  string; shaping writes what is no string as compact JSON text, so nothing is lost.

`schemas.yaml` names the streams, corrects types, and says whose data a field holds (`x-personal`), which
0 means none (`x-zero-is-null`) and what is never read (`x-excluded`); what Adobe Commerce adds is marked
too (`x-edition`). See `tap_magento.schema.annotations`.
`descriptions.yaml` says what fields mean.

Usage: `python scripts/generate_schemas.py [--check]`; see `--help`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from ruamel.yaml import YAML

Json = dict[str, Any]
_T = TypeVar("_T")

PROJECT = Path(__file__).resolve().parent.parent
DECLARED = PROJECT / "scripts" / "declared"
TARGET = PROJECT / "tap_magento" / "schema" / "bundled"

SETTINGS: Json = YAML(typ="safe").load(PROJECT / "scripts" / "schemas.yaml")
DESCRIPTIONS: dict[str, str] = YAML(typ="safe").load(PROJECT / "scripts" / "descriptions.yaml")

STRING: Json = {"type": ["string", "null"]}
NUMBER: Json = {"type": ["number", "null"]}
ANY_OBJECT: Json = {"type": ["object", "null"], "additionalProperties": True}

LOOKS_LIKE_TIME = re.compile(r"(_at|_date|_time|_from|_to|dob)$")
# Gift wrapping's amounts, which Adobe Commerce declares as texts.
AMOUNT_AS_TEXT = re.compile(r"gw_.*(price|tax)")


def scalar(kind: str) -> Json:
    """Make the schema of a nullable value: a JSON type, `date` or `date-time`."""
    return {"type": ["string", "null"], "format": kind} if kind.startswith("date") else {"type": [kind, "null"]}


def by_name(section: Mapping[str, list[str]]) -> dict[str, str]:
    """Turn a section of `schemas.yaml` that lists names by what they are into what each name is."""
    return {name: value for value, names in section.items() for name in names}


TYPES = by_name(SETTINGS["types"])
NOTES: Mapping[str, Mapping[str, str | bool | None]] = {
    "x-personal": {**by_name(SETTINGS["personal"]), **dict.fromkeys(SETTINGS["not_personal"])},
    "x-zero-is-null": dict.fromkeys(SETTINGS["zero_is_null"], True),
    "x-excluded": by_name(SETTINGS["excluded"]),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a schema we are.

    Attributes:
        entity: The innermost entity; see `entity_of`.
        parent: The name of the field whose fields these are.
        interfaces: The declared nodes above, by their interface.
        is_copy: Whether we are inside the copy of an interface that contains itself.
    """

    entity: str
    parent: str = ""
    interfaces: Mapping[str, Json] = field(default_factory=dict)
    is_copy: bool = False

    def names(self, name: str) -> Iterator[str]:
        """Give the names under which `schemas.yaml` may speak of a field, the most special one first."""
        yield f"{self.entity}.{name}"
        yield f"{self.parent}.{name}"
        yield name


def interface_of(node: Json) -> str:
    """Tell a node's interface; "" if it has none."""
    return str(node.get("x-php") or node.get("x-definition") or "")


def entity_of(interface: str) -> str:
    """Name an interface's entity: `sales-order-item` of Sales' `OrderItemInterface`."""
    parts = [part for part in interface.removeprefix("Magento\\").split("\\") if part != "Api"]
    dashed = "-".join(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", part) for part in parts).lower()
    return dashed.replace("-data-", "-", 1).removesuffix("-interface")


def convert(node: Json, place: Place) -> Json:
    """Turn a node of an item schema into one of the bundled schemas.

    Args:
        node: The declared schema: `type` (`[concrete, "null"]`), `properties`, `items`, `x-*`.
        place: Where it is.
    """
    if "type" not in node:  # `x-untyped`
        return STRING
    kind = next(name for name in node["type"] if name != "null")
    if kind == "array":
        return {"type": ["array", "null"], "items": convert(node["items"], place)}
    if kind != "object":
        return scalar(kind)
    interface, above = interface_of(node), place.interfaces
    # A declared schema stops, without `properties`, at an interface that it is inside of.
    repeated = not node.get("properties") and interface in above
    declared = above[interface]["properties"] if repeated else node.get("properties")
    if not declared:
        return ANY_OBJECT
    inside = {name: entry for name, entry in above.items() if name != interface}
    if interface and not repeated:
        inside[interface] = node
    inner = Place(entity_of(interface) if interface else place.entity, place.parent, inside, place.is_copy or repeated)
    properties = {name: convert_property(name, declared[name], inner) for name in declared}
    rest = {"additionalProperties": True} if node.get("x-open") else {}
    return {"type": ["object", "null"], "properties": properties, **rest}


def convert_property(name: str, node: Json, place: Place) -> Json:
    """Turn a declared property into one of the bundled schemas, corrected, described and with notes.

    Raises:
        ValueError: A text looks like a time by its name, and nobody has decided what it is.
    """
    corrected = look_up(TYPES, name, place)
    schema = scalar(corrected) if corrected else convert(node, replace(place, parent=name, entity=""))
    if schema == STRING and AMOUNT_AS_TEXT.match(name):
        schema = NUMBER
    if schema == STRING and LOOKS_LIKE_TIME.search(name) and not corrected:
        raise ValueError(f"Is {name!r} a date-time, a date or a text? Say so in schemas.yaml.")
    text = None if place.is_copy else describe(name, place)
    notes: dict[str, object] = {"description": text, "x-edition": node.get("x-edition")}
    notes.update((note, look_up(values, name, place)) for note, values in NOTES.items())
    return {**schema, **{note: value for note, value in notes.items() if value}}


def look_up(values: Mapping[str, _T], name: str, place: Place) -> _T | None:
    """Find what a mapping of names says of a field."""
    return next((values[key] for key in place.names(name) if key in values), None)


def describe(name: str, place: Place) -> str | None:
    """Say what a field means, if `descriptions.yaml` does.

    Amounts are described once, with `{currency}` for theirs: Magento has most in the currency of the
    order and, as `base_...`, in that of the website.
    """
    own, base = look_up(DESCRIPTIONS, name, place), look_up(DESCRIPTIONS, name.replace("base_", "", 1), place)
    if own:
        return own.format(currency="in the order's currency")
    if base and "{currency}" in base:
        return base.format(currency="in the website's base currency")
    return None


def add_field(item: Json, path: str, kind: str) -> None:
    """Add a field of Adobe Commerce to a declared schema.

    Args:
        item: The declared item schema; it is changed.
        path: The way to the field: `items[].extension_attributes.gw_id`.
        kind: Its type, `any`, or `array<type>`.
    """
    *way, name = path.replace("[]", ".[]").split(".")
    is_inside = False
    for step in way:
        item = item["items"] if step == "[]" else item["properties"][step]
        is_inside = is_inside or "x-edition" in item
    if way[-1:] == ["extension_attributes"] and not item.get("properties"):
        item["x-open"] = True
    item.setdefault("properties", {})[name] = {**declare(kind), **({} if is_inside else {"x-edition": "commerce"})}


def declare(kind: str) -> Json:
    """Make the declared schema of a type's name."""
    if inner := re.fullmatch(r"array<(.+)>", kind):
        return {"type": ["array", "null"], "items": declare(inner[1])}
    return {} if kind == "any" else scalar(kind)


def stream_schema(stream: str, declared: Json, keys: list[str]) -> Json:
    """Make a stream's schema of the item schema of its rows; the primary keys are never null."""
    properties = convert(declared, Place(stream))["properties"]
    for key in keys:
        properties[key] = {**properties[key], "type": properties[key]["type"][:1]}
    return {"type": "object", "properties": properties}


def declared_rows(stream: Json) -> Json:
    """Read the item schema of a stream of `schemas.yaml`, with what Adobe Commerce adds to it."""
    if "fields" in stream:
        return {**declare("object"), "properties": {name: declare(kind) for name, kind in stream["fields"].items()}}
    route = stream["route"]
    item: Json = json.loads((DECLARED / f"{route}.json").read_text())
    additions = json.loads((DECLARED / "additions.json").read_text())
    for path, kind in additions.get(route, {}).items():
        add_field(item, path, kind)
    return item


def render(schema: Json) -> str:
    """Write a schema as text: fields in the order Magento declares them, a field without fields on one line."""
    return _render(schema, "") + "\n"


def _render(node: Json, indent: str) -> str:
    if '"properties"' not in (line := json.dumps(node, ensure_ascii=False)):
        return line
    inner = f"{indent} "
    parts = []
    for name, value in node.items():
        if name == "properties":
            fields = ",\n".join(
                f"{inner} {json.dumps(key)}: {_render(item, f'{inner} ')}" for key, item in value.items()
            )
            parts.append(f'"properties": {{\n{fields}\n{inner}}}')
        else:
            parts.append(f"{json.dumps(name)}: {_render(value, inner) if name == 'items' else json.dumps(value)}")
    return "{" + f",\n{inner}".join(parts) + "}"


def generate() -> dict[str, str]:
    """Make all bundled schemas: file name to text."""
    return {
        f"{name}.json": render(stream_schema(name, declared_rows(stream), stream["keys"]))
        for name, stream in SETTINGS["streams"].items()
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
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if outdated")
    options = parser.parse_args(arguments)
    wanted, present = generate(), committed()
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
