"""The streams as the documentation shows them: by domain, by permission, and table by table."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from scripts.markdown import cell
from scripts.relations import edges_from
from tap_magento.http.acl import PATHS
from tap_magento.streams import DOMAINS, STREAMS, make_streams
from tap_magento.streams.array import ArrayStream
from tap_magento.streams.base import MagentoStream
from tap_magento.streams.deletions import Deletions
from tap_magento.streams.list import ListStream
from tap_magento.tap import TapMagento

#: What Magento gives to everybody.
_ANYONE = "anonymous"
# Objects whose fields are listed with the table's own columns: the others have tables of their own.
_LISTED_OBJECTS = ("extension_attributes",)


@cache
def all_streams() -> tuple[MagentoStream, ...]:
    """Make all streams that any shop offers, from the bundled schemas.

    Returns:
        The streams, in the order of the documentation.
    """
    tap = TapMagento(
        config={
            "store_url": "https://shop.example.com",
            "access_token": "none",
            "schema_source": "bundled",
            "store_views": ["default"],
        }
    )
    return tuple(make_streams(tap, tap.shared, {stream.declared_name() for stream in STREAMS}))


def streams_by_domain() -> Iterator[str]:
    """Write the streams as a Markdown table, a row a domain.

    Yields:
        Lines.
    """
    yield "| domain | streams |"
    yield "|---|---|"
    for domain, streams in _domains().items():
        yield f"| {domain} | {', '.join(map(_link, streams))} |"


def selection() -> Iterator[str]:
    """Write which streams Meltano selects: all but those that are heavy or rarely wanted.

    Yields:
        Lines of YAML.
    """
    yield "select:"
    yield "  - '*.*'"
    for stream in all_streams():
        if not stream.selected_by_default:
            yield f"  - '!{stream.name}.*'"


def permissions() -> Iterator[str]:
    """Write the permissions that a role needs as a Markdown table.

    Yields:
        Lines.
    """
    yield "| box to tick | ACL resource | for |"
    yield "|---|---|---|"
    streams: dict[str, list[str]] = {}
    for stream in all_streams():
        streams.setdefault(stream.source.acl_resource, []).append(f"`{stream.name}`")
    for resource, names in sorted(streams.items(), key=lambda item: _order(item[0])):
        if resource == _ANYONE:
            yield f"| none: everybody may read them | | {', '.join(names)} |"
        else:
            yield f"| {PATHS.get(resource, '')} | `{resource}` | {', '.join(names)} |"


def tables() -> Iterator[str]:
    """Write all tables: their columns, keys, replication, permissions and relations.

    Yields:
        Lines of Markdown.
    """
    for domain, streams in _domains().items():
        yield from ("", f"## {domain}", "")
        yield from _diagram(streams)
        for stream in streams:
            yield from _table(stream)
    yield ""


def _domains() -> dict[str, list[MagentoStream]]:
    return {
        domain: [each for each in all_streams() if type(each).__module__ == module.__name__]
        for domain, module in DOMAINS.items()
    }


def _link(stream: MagentoStream) -> str:
    star = "" if stream.selected_by_default else "\\*"
    return f"[`{stream.name}`](docs/TABLES.md#{stream.name}){star}"


def _order(resource: str) -> tuple[bool, int]:
    """Sort permissions as the tree of a role does."""
    return resource == _ANYONE, list(PATHS).index(resource) if resource in PATHS else len(PATHS)


def _diagram(streams: list[MagentoStream]) -> Iterator[str]:
    edges = [(stream.name, *edge) for stream in streams for edge in edges_from(stream.name)]
    if not edges:
        return
    yield from ("```mermaid", "erDiagram")
    for table, column, parent, _ in edges:
        yield f'    {parent} ||--o{{ {table} : "{column}"'
    yield from ("```", "")


def _table(stream: MagentoStream) -> Iterator[str]:
    yield from (f"### {stream.name}", "", cell((inspect.getdoc(type(stream)) or "").split("\n\n")[0]), "")
    for title, text in _facts(stream):
        yield f"- {title}: {text}"
    yield from ("", "| column | type | description |", "|---|---|---|")
    references = {column: f"→ `{parent}.{key}`" for column, parent, key in edges_from(stream.name)}
    for name, node in _columns(stream.schema["properties"]):
        description = " ".join(filter(None, (cell(node.get("description", "")), references.get(name))))
        yield f"| `{name}` | {_type(node)} | {description} |"
    yield ""


def _facts(stream: MagentoStream) -> Iterator[tuple[str, str]]:
    yield "key", ", ".join(f"`{key}`" for key in stream.declared_keys())
    if isinstance(stream, Deletions):
        yield "source", "the audits of the other streams"
        return
    if isinstance(stream, (ListStream, ArrayStream)):
        yield "endpoint", f"`{stream.path}`"
    else:
        yield "rows of", f"[`{stream.source.name}`](#{stream.source.name}), at no request of their own"
    yield "replication", _replication(stream)
    resource = stream.source.acl_resource
    place = f" ({PATHS[resource]})" if resource in PATHS else ""
    yield "permission", "none needed" if resource == _ANYONE else f"`{resource}`{place}"
    if stream.needs_setting:
        yield "available", f"with the setting `{stream.needs_setting}`"
    if stream.is_commerce or stream.source.is_commerce:
        yield "available", "in Adobe Commerce, where the shop's own schema lists it"
    if not stream.selected_by_default:
        yield "selected by default", "no"


def _replication(stream: MagentoStream) -> str:
    key = stream.source.declared_replication_key()
    if key is None:
        return "full table in each sync"
    return f"incremental by `{key}`" + ("" if stream.source is stream else " of the parent row")


def _columns(properties: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, node in properties.items():
        yield name, node
        if name in _LISTED_OBJECTS:
            yield from ((f"{name}.{each}", child) for each, child in (node.get("properties") or {}).items())


def _type(node: Mapping[str, Any]) -> str:
    types = node.get("type", [])
    name = next((each for each in ([types] if isinstance(types, str) else types) if each != "null"), "any")
    if name == "array":
        return f"array of {_type(node.get('items') or {})}"
    if name == "string":
        return {"date-time": "timestamp", "date": "date"}.get(str(node.get("format")), "text")
    return str(name)
