"""What of a shop's schema a request gets to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sample_store import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

REF = "#/definitions/"
ALWAYS = ("error-response", "error-errors", "error-errors-item", "error-parameters", "error-parameters-item")
"""Definitions that every schema has, even one without paths."""


@dataclass(frozen=True, slots=True)
class Spec:
    """All that the shop's schema could say.

    Args:
        content: Swagger 2.0 as somebody sees it who may do everything.
        resources: By method and path the ACL resource that a reading request needs, None for what
            everybody may read. What is left out changes something.
    """

    content: Mapping[str, Any]
    resources: Mapping[tuple[str, str], str | None]


def narrow(spec: Spec, services: str, granted: frozenset[str] | None) -> dict[str, Any]:
    """Leave out of a schema what was not asked for and what the asking one may not call.

    Which right a call needs that changes something is not known here, so whoever may not do
    everything sees only what can be read (docs/MAGENTO.md, Schema (Swagger)).

    Args:
        spec: Everything.
        services: Names of services with commas between them; `all`, or nothing, for all of them.
        granted: ACL resources of who asks, None for all of them.

    Returns:
        Swagger 2.0. Definitions that nothing refers to any more are left out, and `paths` when
        there are none.

    Raises:
        ApiError: A masked 500 for a service that does not exist.
    """
    tags = {tag["name"]: tag for tag in spec.content["tags"]}
    asked = set(tags) if services in {"", "all"} else set(services.split(","))
    if asked - set(tags):
        raise errors.internal()
    paths = {
        path: seen
        for path, operations in spec.content["paths"].items()
        if (seen := dict(_seen(spec, path, operations, asked, granted)))
    }
    shown = {operation["tags"][0] for seen in paths.values() for operation in seen.values()}
    kept = closure(spec.content["definitions"], list(paths.values()), ALWAYS)
    found = dict(spec.content)
    found["tags"] = [tag for name, tag in tags.items() if name in shown]
    found["paths"] = paths
    found["definitions"] = {name: node for name, node in spec.content["definitions"].items() if name in kept}
    if not paths:
        del found["paths"]
    return found


def _seen(
    spec: Spec, path: str, operations: Mapping[str, Any], asked: set[str], granted: frozenset[str] | None
) -> Iterator[tuple[str, Any]]:
    for method, operation in operations.items():
        route = (method, path)
        readable = route in spec.resources and spec.resources[route] in {None, *(granted or ())}
        if operation["tags"][0] in asked and (granted is None or readable):
            yield method, operation


def closure(definitions: Mapping[str, Any], nodes: Iterable[Any], always: Iterable[str] = ()) -> set[str]:
    """Find the definitions that something refers to, directly or through others.

    Args:
        definitions: Definitions by name.
        nodes: What refers to them.
        always: Names that are found in any case.

    Returns:
        Their names.
    """
    found: set[str] = set()
    waiting = [*always]
    for node in nodes:
        waiting.extend(_references(node))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_references(definitions[name]))
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(REF)
        for inner in node.values():
            yield from _references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _references(inner)
