"""`/rest/<store>/schema`: Magento's shape, what the asking one may see, and what the rows really are."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sample_store import Shop
from sample_store.app import Limits, answer
from sample_store.documents import DOCUMENTS
from sample_store.entities import BY_NAME, ENTITIES
from sample_store.services import SERVICES
from sample_store.swagger import generated
from sample_store.swagger.condense import condense
from sample_store.swagger.expand import facts
from sample_store.wire import Call
from tests.sample_store.asking import Client, Clock

TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}
REF = "#/definitions/"
ORDERS, PRODUCTS = "salesOrderRepositoryV1", "catalogProductRepositoryV1"


def _ask(shop: Shop, path: str, query: str = "", token: str | None = None, method: str = "GET") -> Any:
    bearer = f"Bearer {token}" if token else ""
    given = answer(shop, Call(method, path, query, bearer, url=f"http://127.0.0.1:8080{path}"), Limits())
    return json.loads(given.body) if given.status == 200 else given.status


def _schema(shop: Shop, services: str = "all", user: str | None = "admin") -> Any:
    token = shop.accounts.issue(user, shop.accounts.lifetime) if user else None
    return _ask(shop, "/rest/all/schema", f"services={services}", token)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].removeprefix(REF)
        for inner in node.values():
            yield from _references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _references(inner)


@pytest.fixture(scope="module")
def recorded(magento: Path) -> Shop:
    """A shop that shows a real one's schema."""
    return Shop.recorded(magento / "recorded")


def test_the_recorded_schema_is_the_real_shops(recorded: Shop, magento: Path) -> None:
    assert _schema(recorded) == json.loads(gzip.decompress((magento / "swagger.json.gz").read_bytes()))


@pytest.mark.parametrize(("user", "paths", "definitions"), [("admin", 5, 84), (None, 0, 5)])
def test_services_are_counted_as_measured(recorded: Shop, user: str | None, paths: int, definitions: int) -> None:
    """docs/MAGENTO.md, Schema (Swagger): 5 paths and 84 definitions for an administrator, no paths for a guest."""
    seen = _schema(recorded, f"{ORDERS},{PRODUCTS}" if user else ORDERS, user)
    assert (len(seen.get("paths", {})), len(seen["definitions"])) == (paths, definitions)


def test_a_recorded_shop_shows_a_role_what_it_may_read(recorded: Shop) -> None:
    recorded.accounts.add("sales", "x", frozenset({"Magento_Sales::actions_view"}))
    paths = _schema(recorded, user="sales")["paths"]
    assert {"/V1/orders", "/V1/orders/{id}", "/V1/orders/items"} <= set(paths)
    assert not {"/V1/products", "/V1/invoices"} & set(paths)
    assert set(_schema(recorded, user=None)["paths"]) < set(paths)


def test_definitions_are_those_of_a_real_shop_in_other_words(magento: Path) -> None:
    def silent(node: Any) -> Any:
        if isinstance(node, dict):
            said = {key: value for key, value in node.items() if not (key == "description" and isinstance(value, str))}
            return {key: silent(value) for key, value in said.items()}
        return [silent(inner) for inner in node] if isinstance(node, list) else node

    real = json.loads(gzip.decompress((magento / "swagger.json.gz").read_bytes()))
    own = generated({}, {}).content
    for name, definition in own["definitions"].items():
        assert silent(definition) == silent(real["definitions"][name]), name
    for path, operations in own["paths"].items():
        for method, operation in operations.items():
            theirs = real["paths"][path][method]
            for part in ("tags", "operationId"):
                assert operation[part] == theirs[part]
            assert operation["responses"]["200"] == theirs["responses"]["200"]
            if method == "post":
                assert operation["parameters"] == theirs["parameters"]


def test_the_facts_are_those_of_the_recorded_schema(magento: Path) -> None:
    assert condense(json.loads(gzip.decompress((magento / "swagger.json.gz").read_bytes()))) == facts()


def test_every_address_of_the_store_is_told(module_shop: Shop) -> None:
    paths = set(_schema(module_shop)["paths"])
    assert {f"/V1/{entity.path}" for entity in ENTITIES} <= paths
    assert {f"/V1/{path}" for path in DOCUMENTS} <= paths
    assert {f"/V1/{service.path}" for service in SERVICES} <= paths


def test_references_lead_somewhere(module_shop: Shop) -> None:
    for services in ("all", ORDERS):
        seen = _schema(module_shop, services)
        assert set(_references(seen["paths"])) | set(_references(seen["definitions"])) <= set(seen["definitions"])


def test_without_services_it_is_all_of_them(module_shop: Shop) -> None:
    token = module_shop.token()
    everything = _schema(module_shop)
    assert _ask(module_shop, "/rest/schema", "", token) == everything | {"basePath": "/rest/default"}
    assert _ask(module_shop, "/rest/deutsch/schema", "", token) == everything | {"basePath": "/rest/deutsch"}
    assert everything["swagger"] == "2.0"
    assert everything["host"] == "127.0.0.1:8080"
    assert everything["info"] == {"version": "2.4", "title": "Magento Community"}


def test_a_role_sees_what_it_may_read(clock: Clock) -> None:
    shop = Shop.generate(5, clock=clock)
    shop.accounts.add("sales", "x", frozenset({"Magento_Sales::actions_view"}))
    anonymous = {f"/V1/{document.path}" for document in DOCUMENTS.values() if document.resource is None}
    assert set(_schema(shop, user=None)["paths"]) == anonymous
    sales = _schema(shop, user="sales")
    orders = {"/V1/orders", "/V1/orders/{id}", "/V1/orders/items", "/V1/orders/items/{id}"}
    assert set(sales["paths"]) == anonymous | orders
    assert "catalog-data-product-interface" not in sales["definitions"]
    assert _ask(shop, "/rest/all/schema", f"services={ORDERS}").keys() == sales.keys() - {"paths"}
    assert _schema(shop, PRODUCTS, "sales")["definitions"].keys() == {
        name for name in sales["definitions"] if name.startswith("error-")
    }


def test_what_is_refused(client: Client) -> None:
    def status(path: str, **headers: str) -> tuple[int, str]:
        given = client.session.get(f"{client.server.url}{path}", headers={**client.headers, **headers}, timeout=20)
        return given.status_code, given.text

    code, text = status("/rest/all/schema?services=nosuchV1")
    assert code == 500
    assert "Report ID: webapi-" in text
    assert status(f"/rest/all/schema?services={ORDERS},nosuchV1")[0] == 500
    assert status("/rest/nosuch/schema")[0] == 400
    posted = client.session.post(f"{client.server.url}/rest/all/schema", headers=client.headers, timeout=20)
    assert posted.status_code == 404
    assert status("/rest/all/schema", Authorization="Bearer nonsense")[0] == 200


class _Rows:
    """Compares rows with definitions: known names, declared types."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        self._definitions = definitions
        self.used: set[tuple[str, str]] = set()

    def faults(self, value: Any, node: dict[str, Any], path: str) -> Iterator[str]:
        if value is None:  # declared nowhere, and sent all the same (docs/MAGENTO.md, Values and types)
            return
        if "$ref" in node:
            name = node["$ref"].removeprefix(REF)
            yield from self._object(value, name, path)
        elif node["type"] == "array":
            if not isinstance(value, list):
                yield f"{path}: {value!r} is no array"
                return
            for inner in value:
                yield from self.faults(inner, node["items"], f"{path}[]")
        elif not isinstance(value, TYPES[node["type"]]) or isinstance(value, bool) != (node["type"] == "boolean"):
            yield f"{path}: {value!r} is no {node['type']}"

    def _object(self, value: Any, name: str, path: str) -> Iterator[str]:
        if value == []:  # how PHP writes an object without fields
            return
        properties = self._definitions[name].get("properties", {})
        for key, inner in value.items():
            if key not in properties:
                yield f"{path}.{key} is unknown"
                continue
            self.used.add((name, key))
            yield from self.faults(inner, properties[key], f"{path}.{key}")


def test_rows_are_what_the_schema_says(module_shop: Shop) -> None:
    seen = _schema(module_shop)
    rows = _Rows(seen["definitions"])
    found: set[str] = set()
    for entity in BY_NAME.values():
        token = module_shop.token()
        listed = _ask(module_shop, f"/rest/all/V1/{entity.path}", "searchCriteria=", token)
        node = seen["paths"][f"/V1/{entity.path}"]["get"]["responses"]["200"]["schema"]
        found.update(rows.faults(listed, node, entity.name))
    for path in DOCUMENTS:
        node = seen["paths"][f"/V1/{path}"]["get"]["responses"]["200"]["schema"]
        found.update(rows.faults(json.loads(module_shop.documents[path]), node, path))
    # In the real shop, too, categories are no string, and values of conditions are numbers at times.
    known = (".custom_attributes[].value: ['", ".condition.conditions[].value: 3 ")
    assert all(any(part in fault for part in known) for fault in found), found
    assert found
    module = {
        (name, key)
        for name, definition in seen["definitions"].items()
        for key in definition.get("properties", ())
        if "acme" in name or key.startswith("acme_")
    }
    assert len(module) > 25
    assert module <= rows.used
