"""A shop made of rows and answers recorded from a real one."""

from __future__ import annotations

import gzip
import json
from functools import partial
from typing import TYPE_CHECKING, Any

from sample_store.documents import DOCUMENTS
from sample_store.entities import BY_NAME, BY_PATH
from sample_store.swagger import recorded
from sample_store.tables import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sample_store.entities import Entity
    from sample_store.shop import Shop

_SCHEMA = "swagger.json.gz"
_NAMES = {
    "creditmemos": "credit_memos",
    "source_items": "inventory_source_items",
    "sources": "inventory_sources",
    "stocks": "inventory_stocks",
}
"""Lists that were recorded under another name."""
_PREFIX = "/rest/all/V1/"


def load(shop: Shop, folder: Path) -> None:
    """Fill a shop with what was recorded.

    Rows keep their bytes. The documents, and the few lists that were recorded as answers only, are
    taken from the recorded exchanges.

    Args:
        shop: An empty shop.
        folder: Where `index.json`, the rows and the exchanges lie, as JSON lines, gzipped or not; the shop's schema may
            lie beside it.
    """
    index = json.loads((folder / "index.json").read_text())
    shop.views = tuple(index["views"])
    known = {name: BY_NAME[_NAMES.get(name, name)] for name in index["entities"]}
    for name, entity in known.items():
        shop.tables.put(entity, _records(entity, folder, name))
        for view in shop.views:
            if rows := [(row.key, row.body or b"") for row in _records(entity, folder, f"{name}@{view}")]:
                shop.tables.put_view(entity, view, rows)
    # Both lists of attribute sets have the same rows; one of them was recorded.
    if "attribute_sets" in known and "eav_attribute_sets" not in known:
        shop.tables.put(BY_NAME["eav_attribute_sets"], _records(known["attribute_sets"], folder, "attribute_sets"))
    schema = folder.parent / _SCHEMA
    if schema.exists():
        shop.read_schema = partial(recorded, schema)
    for exchange in map(json.loads, lines(folder, "exchanges")):
        _take(shop, exchange, {entity.name for entity in known.values()})


def lines(folder: Path, name: str) -> Iterator[bytes]:
    """Read what was recorded under a name, a line at a time.

    Args:
        folder: The folder of the recording.
        name: A list, a list in a store view's scope (`products@default`), or `exchanges`.

    Yields:
        The lines of `<name>.jsonl` or `<name>.jsonl.gz`; none when neither exists.
    """
    if (plain := folder / f"{name}.jsonl").exists():
        with plain.open("rb") as file:
            yield from file
    elif (packed := folder / f"{name}.jsonl.gz").exists():
        with gzip.open(packed) as file:
            yield from file


def _records(entity: Entity, folder: Path, name: str) -> Iterator[Record]:
    for number, line in enumerate(lines(folder, name), start=1):
        row = json.loads(line)
        key = row[entity.key_field] if entity.key_field else number
        yield Record(
            key if entity.text_key else int(key),
            row.get(entity.time_column or "", ""),
            row.get(entity.created_column or "", ""),
            line.strip(),
        )


def _take(shop: Shop, exchange: dict[str, Any], known: set[str]) -> None:
    path, _, query = exchange["request"]["url"].removeprefix(_PREFIX).partition("?")
    if exchange["status"] != 200:  # noqa: PLR2004 - HTTP's OK
        return
    if path in DOCUMENTS and not query:
        shop.documents[path] = exchange["body"].encode()
    entity = BY_PATH.get(path)
    if entity is not None and entity.name not in known and query == "searchCriteria=":
        for number, row in enumerate(json.loads(exchange["body"])["items"], start=1):
            hidden = {} if entity.key_field else {entity.key_column: number}
            shop.put(entity.name, {**row, **hidden})
