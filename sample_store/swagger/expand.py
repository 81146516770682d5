"""A schema in Magento's shape, written from names and types alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

from sample_store.documents import DOCUMENTS
from sample_store.entities import BY_NAME, BY_PATH
from sample_store.services import SERVICES
from sample_store.swagger.spec import REF, Spec

Definitions = dict[str, dict[str, str] | str]
"""Types by property by definition, written as `condense` writes them."""
Routes = Mapping[str, tuple[str, str]]
"""By method and path the service and the type of the response."""

_PLAIN = {"string", "integer", "number", "boolean"}
_FORMATS = ["application/json", "application/xml"]
_SKUS = {
    "required": ["skus"],
    "properties": {"skus": {"type": "array", "items": {"type": "string"}}},
    "type": "object",
    "xml": {"name": "request"},
}
"""The body of the requests that read by POST."""
_CRITERIA = {
    "[filterGroups][0][filters][0][field]": "string",
    "[filterGroups][0][filters][0][value]": "string",
    "[filterGroups][0][filters][0][conditionType]": "string",
    "[sortOrders][0][field]": "string",
    "[sortOrders][0][direction]": "string",
    "[pageSize]": "integer",
    "[currentPage]": "integer",
}


def facts() -> dict[str, Any]:
    """Read the routes and definitions that a shop without further modules has."""
    found: dict[str, Any] = json.loads(resources.files(__package__).joinpath("facts.json").read_bytes())
    return found


def expand(routes: Routes, definitions: Definitions) -> Spec:
    """Write the whole schema.

    Args:
        routes: By method and path the service and the type of the response.
        definitions: By name the types of its properties.

    Returns:
        The schema as somebody sees it who may do everything. Descriptions say no more than names
        do: it is their presence that matters.
    """
    services = dict.fromkeys(service for service, _ in routes.values())
    paths: dict[str, dict[str, Any]] = {}
    resources = {}
    for route, (service, response) in routes.items():
        verb, _, path = route.partition(" ")
        method = verb.lower()
        paths.setdefault(path, {})[method] = _operation(method, path, service, response)
        resources[method, path] = _resource(method, path)
    content = {
        "securityDefinitions": {"api_key": {"type": "apiKey", "name": "api_key", "in": "header"}},
        "swagger": "2.0",
        "info": {"version": "2.4", "title": "Magento Community"},
        "host": "",
        "basePath": "",
        "schemes": ["http"],
        "tags": [{"name": name, "description": _words(name)} for name in services],
        "paths": paths,
        "definitions": {name: _definition(name, given) for name, given in definitions.items()},
    }
    return Spec(content, resources)


def _resource(method: str, path: str) -> str | None:
    below = path.removeprefix("/V1/")
    found = BY_PATH.get(below) or DOCUMENTS.get(below)
    if found is not None:
        return found.resource
    services = {(service.method.lower(), service.path): service.resource for service in SERVICES}
    if (method, below) in services:
        return services[method, below]
    single = re.sub(r"\{\w+\}", "{}", below)
    return next(entity.resource for entity in BY_NAME.values() if entity.single == single)


def _operation(method: str, path: str, service: str, response: str) -> dict[str, Any]:
    name = "".join(word[0].upper() + word[1:] for word in re.findall(r"\w+", path.replace("-", "")))
    parameters = [
        {"name": parameter, "in": "path", "type": "string", "required": True}
        for parameter in re.findall(r"\{(\w+)\}", path)
    ]
    if path.removeprefix("/V1/") in BY_PATH or "export-stock" in path:
        parameters += [
            {"name": f"searchCriteria{end}", "in": "query", "type": kind, "description": _words(end)}
            for end, kind in _CRITERIA.items()
        ]
    if method == "post":
        parameters = [{"name": f"{method.capitalize()}{name}Body", "in": "body", "schema": _SKUS}]
    responses = {"200": ("200 Success.", response), "401": ("401 Unauthorized", "error-response")}
    responses["default"] = ("Unexpected error", "error-response")
    return {
        "tags": [service],
        "description": _words(service),
        "operationId": f"{method.capitalize()}{name}",
        "consumes": _FORMATS,
        "produces": _FORMATS,
        "parameters": parameters,
        "responses": {code: {"description": text, "schema": _node(kind)} for code, (text, kind) in responses.items()},
    }


def _definition(name: str, given: dict[str, str] | str) -> dict[str, Any]:
    if isinstance(given, str):
        return {"type": "array", "description": _words(name), "items": _node(given.removesuffix("[]"))}
    found: dict[str, Any] = {"type": "object", "description": _words(name)}
    described = not name.endswith("-extension-interface")
    properties = {key: _property(key, kind.lstrip("*"), described=described) for key, kind in given.items()}
    if properties:  # an empty object would be written as an array
        found["properties"] = properties
    required = [key for key, kind in given.items() if kind.startswith("*")]
    return {**found, "required": required} if required else found


def _property(name: str, kind: str, *, described: bool) -> dict[str, Any]:
    node = _node(kind)
    if "$ref" in node or not described:
        return node
    return {"type": node["type"], "description": _words(name), **node}


def _node(kind: str) -> dict[str, Any]:
    if kind.endswith("[]"):
        return {"type": "array", "items": _node(kind.removesuffix("[]"))}
    return {"type": kind} if kind in _PLAIN else {"$ref": f"{REF}{kind}"}


def _words(name: str) -> str:
    """Write a name as a sentence: `base_grand_total` as `Base grand total.`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = " ".join(re.findall(r"[^\W_]+", spaced))
    return f"{words.capitalize()}."
