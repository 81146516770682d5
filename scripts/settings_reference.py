"""The settings as the documentation and Meltano show them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from scripts.markdown import cell
from tap_magento.settings.schema import CONFIG_SCHEMA, GROUPS
from tap_magento.tap import TapMagento

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


def settings_table() -> Iterator[str]:
    """Write the settings as Markdown, a table for each group.

    Yields:
        Lines.
    """
    required = set(CONFIG_SCHEMA.get("required", ()))
    for title, group in setting_groups().items():
        yield from ("", f"**{title}**", "", "| setting | default | what it does |", "|---|---|---|")
        for name, schema in group.items():
            default = _default(schema) or ("required" if name in required else "")
            notes = " Secret." if schema.get("secret") else ""
            yield f"| `{name}` | {default} | {_description(schema)}{notes} |"
    yield ""


def settings_declared() -> Iterator[str]:
    """Write the settings as Meltano declares them, each with its label and description.

    Yields:
        Lines of YAML.
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
            description = _description(schema) + (f" Default: {default}." if default else "")
            yield f"    description: {json.dumps(description)}"


def settings_declared_briefly() -> Iterator[str]:
    """Write the settings as Meltano declares them, a line each.

    Yields:
        Lines of YAML.
    """
    yield "settings:"
    for group in setting_groups().values():
        for name, schema in group.items():
            kind = "" if schema.get("enum") else next(_kind(schema))
            parts = [f"name: {name}", *([kind] if kind and kind != "kind: string" else [])]
            if schema.get("secret"):
                parts.append("sensitive: true")
            yield f"  - {{{', '.join(parts)}}}"


def settings_in_environment() -> Iterator[str]:
    """Write the settings as environment variables, all commented out.

    Yields:
        Lines.
    """
    for title, group in setting_groups().items():
        yield from ("", f"# {title}")
        for name, schema in group.items():
            examples = schema.get("examples") or ()
            value = schema.get("default", examples[0] if examples else "")
            yield f"#TAP_MAGENTO_{name.upper()}={value if isinstance(value, str) else json.dumps(value)}"


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


def _description(schema: Mapping[str, Any]) -> str:
    return cell(schema.get("description") or schema.get("title") or "")
