"""A shop made of rows and answers recorded from a real one."""

from __future__ import annotations

import gzip
import json
from functools import partial
from typing import TYPE_CHECKING, Any

from sample_store.documents import DOCUMENTS
from sample_store.entities import BY_PATH
from sample_store.swagger import recorded
from sample_store.tables import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sample_store.entities import Entity
    from sample_store.shop import Shop

_SCHEMA = "swagger.json.gz"
_PREFIX = "/rest/all/V1/"


def load(shop: Shop, folder: Path) -> None:
    """Fill a shop with what was recorded.

    Rows keep their bytes. The documents, and the few lists that were recorded as answers only, are
    taken from the recorded exchanges.

    Args:
        shop: An empty shop.
        folder: Where `index.json`, the rows and `exchanges.jsonl.gz` lie; the shop's schema beside it.
    """
    index = json.loads((folder / "index.json").read_text())
    shop.views = tuple(index["views"])
    known = {name: BY_PATH[entry["path"]] for name, entry in index["entities"].items()}
    for name, entity in known.items():
        shop.tables.put(entity, _records(entity, folder / f"{name}.jsonl.gz"))
        for view in shop.views:
            path = folder / f"{name}@{view}.jsonl.gz"
            if path.exists():
                rows = ((r.key, r.body or b"") for r in _records(entity, path))
                shop.tables.put_view(entity, view, rows)
    schema = folder.parent / _SCHEMA
    if schema.exists():
        shop.read_schema = partial(recorded, schema)
    for exchange in _exchanges(folder):
        _take(shop, exchange, {entity.name for entity in known.values()})


def _records(entity: Entity, path: Path) -> Iterator[Record]:
    for number, line in enumerate(_lines(path), start=1):
        row = json.loads(line)
        key = row[entity.key_field] if entity.key_field else number
        yield Record(
            key if entity.text_key else int(key),
            row.get(entity.time_column or "", ""),
            row.get(entity.created_column or "", ""),
            line.strip(),
        )


def _exchanges(folder: Path) -> Iterator[dict[str, Any]]:
    yield from map(json.loads, _lines(folder / "exchanges.jsonl.gz"))


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path) as lines:
        yield from lines


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
