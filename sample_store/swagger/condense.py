"""Make `facts.json`: names and types of what the store serves, out of a real shop's schema.

python -m sample_store.swagger.condense SWAGGER_JSON_GZ
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path
from typing import Any

from sample_store.documents import DOCUMENTS
from sample_store.entities import BY_PATH
from sample_store.services import SERVICES
from sample_store.swagger.spec import ALWAYS, REF, closure

_FACTS = Path(__file__).with_name("facts.json")
_PARAMETERS = {"id", "sku"}


def condense(spec: dict[str, Any]) -> dict[str, Any]:
    """Keep of a shop's schema what the store needs to write one of its own.

    Args:
        spec: Swagger 2.0 as `/rest/all/schema?services=all` answers an administrator.

    Returns:
        `routes`: by method and path the service and the type of the response; `definitions`: by name the types
        of its properties. A type is one of JSON Schema's or the name of a definition; `[]` behind
        it means an array, `*` before it that the property is required.
    """
    served = {
        f"{method.upper()} {path}": operation
        for path, operations in spec["paths"].items()
        for method, operation in operations.items()
        if _is_served(method, path.removeprefix("/V1/"))
    }
    routes = {
        route: [operation["tags"][0], _type(operation["responses"]["200"]["schema"])]
        for route, operation in served.items()
    }
    definitions = spec["definitions"]
    kept = closure(definitions, served.values(), ALWAYS)
    return {
        "routes": dict(sorted(routes.items())),
        "definitions": {name: _definition(definitions[name]) for name in sorted(kept)},
    }


def _is_served(method: str, below: str) -> bool:
    if any((service.method.lower(), service.path) == (method, below) for service in SERVICES):
        return True
    if method != "get":
        return False
    if below in BY_PATH or below in DOCUMENTS:
        return True
    name = below.rpartition("/")[2].strip("{}")
    singles = {entity.single for entity in BY_PATH.values()}
    return name in _PARAMETERS and below.replace(f"{{{name}}}", "{}") in singles


def _definition(definition: dict[str, Any]) -> dict[str, str] | str:
    if definition["type"] == "array":
        return _type(definition)
    required = definition.get("required", ())
    properties: dict[str, Any] = definition.get("properties", {})
    return {name: "*" * (name in required) + _type(node) for name, node in properties.items()}


def _type(node: dict[str, Any]) -> str:
    if "$ref" in node:
        return str(node["$ref"]).removeprefix(REF)
    return f"{_type(node['items'])}[]" if node["type"] == "array" else str(node["type"])


def main() -> None:
    """Write `facts.json` anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("swagger", type=Path, help="a shop's schema, gzipped")
    spec = json.loads(gzip.decompress(parser.parse_args().swagger.read_bytes()))
    _FACTS.write_text(json.dumps(condense(spec), indent=1) + "\n")


if __name__ == "__main__":
    main()
