"""Write what the documentation says of settings and streams, from the tap itself.

    python scripts/generate_docs.py            # rewrite the generated parts
    python scripts/generate_docs.py --check    # exit 1 if a part is out of date

A generated part stands between a line with ``begin generated: NAME`` and one with ``end generated: NAME``.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tap_magento.http.acl import PATHS
from tap_magento.settings.schema import CONFIG_SCHEMA, GROUPS
from tap_magento.streams.base import MagentoStream
from tap_magento.tap import TapMagento

ROOT = Path(__file__).resolve().parent.parent

_KINDS = {"integer": "integer", "boolean": "boolean", "object": "object", "array": "array"}
# Needs an extra of the SDK that the tap does not install.
_UNUSABLE = {"faker_config"}


def setting_groups() -> dict[str, dict[str, Mapping[str, Any]]]:
    """Collect the tap's settings, and those that the SDK gives to every tap.

    Returns:
        Title of the group to its settings, name to JSON Schema.
    """
    schema = json.loads(json.dumps(CONFIG_SCHEMA))
    TapMagento.append_builtin_config(schema)
    properties = schema["properties"]
    groups = {title: {each.name: properties[each.name] for each in group} for title, group in GROUPS.items()}
    own = {name for group in groups.values() for name in group}
    groups["Singer SDK"] = {name: properties[name] for name in properties if name not in own | _UNUSABLE}
    return groups


def settings_for_people() -> Iterator[str]:
    """Tell the settings as Markdown, a table for each concern.

    Yields:
        Lines.
    """
    required = set(CONFIG_SCHEMA.get("required", ()))
    for title, group in setting_groups().items():
        yield from ("", f"**{title}**", "", "| setting | default | what it does |", "|---|---|---|")
        for name, schema in group.items():
            default = _default(schema) or ("required" if name in required else "")
            notes = " Secret." if schema.get("secret") else ""
            yield f"| `{name}` | {default} | {_line(schema)}{notes} |"
    yield ""


def settings_for_meltano() -> Iterator[str]:
    """Tell the settings as a part of ``meltano.yml``.

    Yields:
        Lines.
    """
    yield "settings:"
    for group in setting_groups().values():
        for name, schema in group.items():
            yield f"  - name: {name}"
            yield f"    label: {json.dumps(schema['title'])}"
            yield from (f"    {line}" for line in _kind(schema))
            if schema.get("secret"):
                yield "    sensitive: true"
            default = _default(schema)
            description = _line(schema) + (f" Default: {default}." if default else "")
            yield f"    description: {json.dumps(description)}"


def settings_for_shells() -> Iterator[str]:
    """Tell the settings as environment variables, all commented out.

    Yields:
        Lines.
    """
    for title, group in setting_groups().items():
        yield from ("", f"# {title}")
        for name, schema in group.items():
            examples = schema.get("examples") or ()
            value = schema.get("default", examples[0] if examples else "")
            yield f"#TAP_MAGENTO_{name.upper()}={value if isinstance(value, str) else json.dumps(value)}"


def streams_for_people() -> Iterator[str]:
    """Tell the streams as a Markdown table.

    Yields:
        Lines.
    """
    yield "| stream | endpoint | key | replication | ACL resource |"
    yield "|---|---|---|---|---|"
    for stream in _streams():
        replication = f"incremental by `{stream.replication_key}`" if stream.replication_key else "complete each time"
        keys = ", ".join(f"`{key}`" for key in stream.primary_keys)
        yield f"| `{stream.name}` | `/V1{stream.path}` | {keys} | {replication} | `{stream.acl_resource}` |"


def rights_for_people() -> Iterator[str]:
    """Tell the rights that a role needs as a Markdown table.

    Yields:
        Lines.
    """
    yield "| box to tick | ACL resource | for |"
    yield "|---|---|---|"
    streams: dict[str, list[str]] = {}
    for stream in _streams():
        streams.setdefault(stream.acl_resource, []).append(f"`{stream.name}`")
    for resource, names in streams.items():
        yield f"| {PATHS[resource]} | `{resource}` | {', '.join(names)} |"


#: File to its generated parts by name.
PARTS: Mapping[str, Mapping[str, Callable[[], Iterator[str]]]] = {
    "README.md": {"streams": streams_for_people, "access": rights_for_people, "settings": settings_for_people},
    "meltano.yml": {"settings": settings_for_meltano},
    ".env.example": {"settings": settings_for_shells},
}


def rewritten(text: str, name: str, lines: Sequence[str]) -> str:
    """Put new lines between a part's markers, indented as they are.

    Args:
        text: The whole file.
        name: Name of the part.
        lines: Its lines.

    Returns:
        The file with the part renewed.

    Raises:
        ValueError: If the file has no such part.
    """
    pattern = re.compile(
        rf"(?P<begin>^(?P<indent> *)\S+ begin generated: {name}\b.*\n)(?:.*\n)*?(?P<end> *\S+ end generated: {name}\b)",
        re.MULTILINE,
    )
    match = pattern.search(text)
    if match is None:
        raise ValueError(f"there is no part '{name}'")
    indented = "".join(f"{match['indent']}{line}".rstrip() + "\n" for line in lines)
    return f"{text[: match.start()]}{match['begin']}{indented}{match['end']}{text[match.end() :]}"


def _streams() -> Iterator[MagentoStream]:
    tap = TapMagento(
        config={
            "store_url": "https://shop.example.com",
            "access_token": "none",
            "schema_source": "bundled",
            "store_views": ["default"],
        }
    )
    for stream in tap.discover_streams():
        if not isinstance(stream, MagentoStream):
            raise TypeError(f"{stream.name} is not read from the shop's REST API")
        yield stream


def _kind(schema: Mapping[str, Any]) -> Iterator[str]:
    if schema.get("enum"):
        yield "kind: options"
        yield "options:"
        for value in schema["enum"]:
            if value is not None:
                yield f"  - {{label: {json.dumps(str(value))}, value: {json.dumps(value)}}}"
        return
    if schema.get("format") == "date-time":
        yield "kind: date_iso8601"
        return
    types = schema.get("type", ["string"])
    first = types if isinstance(types, str) else types[0]
    yield f"kind: {_KINDS.get(first, 'string')}"


def _default(schema: Mapping[str, Any]) -> str:
    return f"`{json.dumps(schema['default'])}`".replace('"', "") if schema.get("default") is not None else ""


def _line(schema: Mapping[str, Any]) -> str:
    description = " ".join(str(schema.get("description") or schema.get("title") or "").split())
    return description.replace("|", "\\|")


def main(arguments: Sequence[str] | None = None) -> int:
    """Rewrite or check the generated parts.

    Args:
        arguments: Of the command line.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a part is out of date")
    check = parser.parse_args(arguments).check
    stale = []
    for file, parts in PARTS.items():
        path = ROOT / file
        old = new = path.read_text(encoding="utf-8")
        for name, lines in parts.items():
            new = rewritten(new, name, list(lines()))
        if new != old:
            stale.append(file)
            if not check:
                path.write_text(new, encoding="utf-8")
    for file in stale:
        print(f"{file} {'is out of date: run make docs' if check else 'rewritten'}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
