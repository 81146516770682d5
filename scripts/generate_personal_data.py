"""Write the table of docs/PERSONAL_DATA.md, from what the bundled schemas note.

python scripts/generate_personal_data.py            # rewrite the table
python scripts/generate_personal_data.py --check    # exit 1 if it is out of date
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from tap_magento.records.nested import NestedRows, nested_schema
from tap_magento.records.personal_data import PSEUDONYMISED
from tap_magento.schema.annotations import PERSONAL, PersonalData, annotated
from tap_magento.schema.discovery import BUNDLED
from tap_magento.schema.nodes import Schema
from tap_magento.schema.selection import without
from tap_magento.streams import STREAMS
from tap_magento.streams.array import ArrayStream
from tap_magento.streams.base import MagentoStream
from tap_magento.streams.list import ListStream
from tap_magento.streams.nested import NestedStream

PAGE = Path(__file__).resolve().parent.parent / "docs" / "PERSONAL_DATA.md"

_BEGIN, _END = "<!-- begin generated: personal data -->", "<!-- end generated: personal data -->"


def table() -> Iterator[str]:
    """Tell the personal fields of each stream as a Markdown table.

    Yields:
        Lines.
    """
    yield "| stream | kind | with `pseudonymise` | fields |"
    yield "|---|---|---|---|"
    for stream in STREAMS:
        fields: dict[PersonalData, list[str]] = defaultdict(list)
        for path, kind in annotated(schema_of(stream), PERSONAL).items():
            fields[kind].append(f"`{'.'.join(path)}`")
        for kind, names in fields.items():
            yield f"| `{stream.declared_name()}` | {kind} | {_becomes(kind)} | {', '.join(names)} |"


def schema_of(stream: type[MagentoStream]) -> Schema:
    """Give the bundled schema of a stream, with what is noted of its fields.

    Args:
        stream: The stream.

    Returns:
        JSON Schema; an empty one for streams without rows of the shop.
    """
    if issubclass(stream, NestedStream):
        parent = stream.parent_stream_type
        if parent is None or not issubclass(parent, MagentoStream):
            raise TypeError(f"{stream.__name__} has no parent")
        paths = (stream.path,) if isinstance(stream.path, str) else stream.path
        rows = NestedRows(paths, stream.columns, stream.value, stream.position)
        return nested_schema(schema_of(parent), rows, stream.declared_keys())
    if not issubclass(stream, ListStream | ArrayStream):
        return {}
    duplicates = stream.duplicates if issubclass(stream, ListStream) else ()
    return without(BUNDLED.get_schema(stream.entity or stream.declared_name()), *duplicates)


def _becomes(kind: PersonalData) -> str:
    if kind == "birth_date":
        return "1 January of the year"
    return "pseudonym" if kind in PSEUDONYMISED else "null"


def main(arguments: Sequence[str] | None = None) -> int:
    """Rewrite the page, or see whether it is up to date.

    Args:
        arguments: Of the command line.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 if the table is out of date")
    is_check = parser.parse_args(arguments).check
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    written = f"{before}{_BEGIN}\n{chr(10).join(table())}\n{_END}{after}"
    if written == page:
        return 0
    if is_check:
        print(f"{PAGE.name} is out of date. Run: make docs", file=sys.stderr)
        return 1
    PAGE.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
