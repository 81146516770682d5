"""`/rest/<store>/schema`: the shop's own Swagger 2.0, as far as the asking one may see it.

Learned from docs/MAGENTO.md, Schema (Swagger): the schema lists what the caller's role may call and nothing more.
"""

from __future__ import annotations

import csv
import gzip
import json
from typing import TYPE_CHECKING

from sample_store.services import SERVICES
from sample_store.swagger.expand import Definitions, Routes, expand, facts
from sample_store.swagger.spec import Spec, narrow

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Definitions", "Routes", "Spec", "generated", "narrow", "recorded"]

_RESOURCES = "get_endpoints.csv"


def generated(further: Definitions, routes: Routes) -> Spec:
    """Write the schema of a generated shop.

    Args:
        further: What its modules add: definitions of their own, and properties to known ones.
        routes: The addresses that its modules add.

    Returns:
        The schema.
    """
    known = facts()
    definitions: Definitions = known["definitions"]
    for name, given in further.items():
        before = definitions.get(name, {})
        definitions[name] = {**before, **given} if isinstance(before, dict) and isinstance(given, dict) else given
    return expand({**known["routes"], **routes}, definitions)


def recorded(path: Path) -> Spec:
    """Read the schema recorded from a real shop.

    Args:
        path: The gzipped schema. A list of routes and their ACL resources lies beside it.

    Returns:
        The schema.
    """
    with (path.parent / _RESOURCES).open(newline="") as lines:
        needed = {_braces(row["route"]): row["resource"] for row in csv.DictReader(lines)}
    resources = {("get", path): None if resource == "anonymous" else resource for path, resource in needed.items()}
    resources |= {(service.method.lower(), f"/V1/{service.path}"): service.resource for service in SERVICES}
    return Spec(json.loads(gzip.decompress(path.read_bytes())), resources)


def _braces(route: str) -> str:
    """Write `/V1/orders/:id` as `/V1/orders/{id}`."""
    parts = (f"{{{part[1:]}}}" if part.startswith(":") else part for part in route.split("/"))
    return "/".join(parts)
