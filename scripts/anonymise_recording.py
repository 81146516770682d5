"""Make a small recording without a shop's own values out of a recording of its answers.

Usage: `python -m scripts.anonymise_recording SOURCE TARGET [--rows 3]`

SOURCE holds what `sample_store.Shop.recorded` reads: `index.json`, `<list>.jsonl.gz`, `<list>@<store view>.jsonl.gz`,
`exchanges.jsonl.gz`. TARGET gets the same with few rows a list, as plain JSON lines: rows that together show the
fields, types and oddities of all (`scripts.shapes`), with invented texts (`scripts.invent`). Ids, amounts, moments and
Magento's own codes stay as they are. The same source always gives the same target.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sample_store.documents import DOCUMENTS
from sample_store.entities import BY_NAME
from sample_store.recorded import lines
from scripts.invent import Inventor
from scripts.shapes import Row, Shape, cut, pick, shape

PRODUCT_ATTRIBUTES = "product_attributes"
CATEGORY_ATTRIBUTES = "categories/attributes"
#: Attributes of products that are kept, besides those that a few rows of attributes show: each type of value has one.
KEPT_ATTRIBUTES = re.compile(
    r"lab_\w+|category_ids|color|size|activity|special_price|special_from_date|description|url_key"
)


class Recording:
    """Reads a recording and writes it smaller.

    Args:
        source: The folder of the recording.
        rows: How many rows of a list to keep at most.
    """

    def __init__(self, source: Path, rows: int = 3) -> None:
        self._source = source
        self._rows = rows
        self._index = json.loads((source / "index.json").read_text(encoding="utf-8"))
        self._views: list[str] = self._index["views"]
        self._inventor = Inventor([*self._views, "admin", "base"])
        self._attributes = list(self._some_attributes())
        self._codes: set[str] = set()
        self._values: set[str] = set()

    def write(self, target: Path) -> None:
        """Write the small recording.

        Args:
            target: Its folder. It is made where it is missing; files in it are replaced.
        """
        target.mkdir(parents=True, exist_ok=True)
        names = [name for name in self._index["entities"] if name != PRODUCT_ATTRIBUTES]
        counts = {name: self._write_list(target, name) for name in names}
        counts[PRODUCT_ATTRIBUTES] = self._save(target, PRODUCT_ATTRIBUTES, map(self._attribute, self._attributes))
        (target / "exchanges.jsonl").write_text(_lines(self._exchanges()), encoding="ascii")
        entities = {name: {"rows": rows} for name, rows in counts.items()}
        index = {"shop": self._index["shop"], "views": self._views, "entities": entities}
        (target / "index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")

    def _some_attributes(self) -> Iterator[Row]:
        """Choose attributes of products that show all kinds of them."""
        rows = list(self._read(PRODUCT_ATTRIBUTES))
        shown = {row["attribute_code"] for row in pick([cut(row) for row in rows], 2 * self._rows)}
        for row in rows:
            if row["attribute_code"] in shown or KEPT_ATTRIBUTES.fullmatch(row["attribute_code"]):
                yield row

    def _attribute(self, row: Row) -> Row:
        """Shorten an attribute; of its options keep those that the chosen rows have, too."""
        options = row["options"]
        used = [each for each in options[2:] if each["value"] in self._values]
        shortened: Row = cut(row)
        return {**shortened, "options": options[:2] + used}

    def _write_list(self, target: Path, name: str) -> int:
        field = BY_NAME[name].key_field or "sku"
        by_view = {view: {row[field]: row for row in self._rows_of(name, view)} for view in self._views}
        by_view = {view: rows for view, rows in by_view.items() if rows}
        # A row that only some store views have would not be the same shop in the others.
        rows = [row for row in self._rows_of(name) if all(row[field] in others for others in by_view.values())]
        chosen = pick(rows, self._rows, lambda row: shape(row) | _differences(row, by_view, row[field]))
        everywhere = {view: [others[row[field]] for row in chosen] for view, others in by_view.items()} | {"": chosen}
        for view, rows in everywhere.items():
            for each in (each for row in rows for each in row.get("custom_attributes", ())):
                self._codes.add(each["attribute_code"])
                self._values.update(each["value"].split(",") if isinstance(each["value"], str) else each["value"])
            if view:
                self._save(target, f"{name}@{view}", rows)
        return self._save(target, name, chosen)

    def _rows_of(self, name: str, view: str = "") -> Iterator[Row]:
        """Read the rows of a list, shortened, products with the chosen attributes alone."""
        codes = {row["attribute_code"] for row in self._attributes}
        for row in map(cut, self._read(f"{name}@{view}" if view else name)):
            if name == "products":
                row["custom_attributes"] = [
                    each for each in row["custom_attributes"] if each["attribute_code"] in codes
                ]
            yield row

    def _exchanges(self) -> Iterator[Row]:
        """Keep the documents, the lists without rows of their own, and one error of each kind."""
        errors = set()
        for exchange in self._read("exchanges"):
            path, _, query = exchange["request"]["url"].removeprefix("/rest/all/V1/").partition("?")
            if exchange["status"] != 200:  # noqa: PLR2004 - HTTP's OK
                message = re.sub(r"webapi-\w+", "", json.loads(exchange["body"])["message"])
                if (exchange["status"], message) not in errors:
                    errors.add((exchange["status"], message))
                    yield exchange
            elif (path in DOCUMENTS and not query) or query == "searchCriteria=":
                yield {**exchange, "body": _encoded(self._inventor.value(self._document(path, exchange["body"])))}

    def _document(self, path: str, text: str) -> Any:
        body = json.loads(text)
        if path == CATEGORY_ATTRIBUTES:
            items = [self._attribute(row) for row in body["items"] if row["attribute_code"] in self._codes]
            return {**body, "items": items, "total_count": len(items)}
        if path.startswith("attributeMetadata/"):
            return pick([cut(row) for row in body], 2 * self._rows)
        return body if path.startswith("store/") else cut(body)

    def _read(self, name: str) -> Iterator[Row]:
        yield from map(json.loads, lines(self._source, name))

    def _save(self, target: Path, name: str, rows: Iterable[Row]) -> int:
        invented = [self._inventor.value(row) for row in rows]
        (target / f"{name}.jsonl").write_text(_lines(invented), encoding="ascii")
        return len(invented)


def _differences(row: Row, by_view: Mapping[str, Mapping[Any, Row]], key: Any) -> Shape:
    """Tell what a row is in the store views' scopes: which of its fields are others there."""
    return {
        (view, name)
        for view, others in by_view.items()
        for name in ("name", "price")
        if others[key].get(name) != row.get(name)
    }


def _lines(rows: Iterable[Row]) -> str:
    return "".join(f"{_encoded(row)}\n" for row in rows)


def _encoded(value: Any) -> str:
    """Write JSON as PHP does: ASCII alone, slashes escaped."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/")


def main() -> None:
    """Read the arguments and write the recording."""
    parser = argparse.ArgumentParser(description="Make a small recording without a shop's own values.")
    parser.add_argument("source", type=Path, help="folder of the recording")
    parser.add_argument("target", type=Path, help="folder to write to")
    parser.add_argument("--rows", type=int, default=3, help="rows to keep of each list (default: 3)")
    options = parser.parse_args()
    Recording(options.source, options.rows).write(options.target)
    size = sum(path.stat().st_size for path in options.target.iterdir())
    print(f"{options.target}: {size:,} bytes")


if __name__ == "__main__":
    main()
