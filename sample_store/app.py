"""From a request to its answer: routes, access rights, lists, documents and single rows.

Magento first resolves the store view (400), then the route (404), then the access right (401), and
only then looks at the parameters (400); docs/MAGENTO.md, Authentication; Errors; Store views.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from sample_store import errors
from sample_store.auth import TFA_PATH
from sample_store.cloud import TOKEN_PATH
from sample_store.criteria import Criteria, Tree, parse_criteria, parse_query
from sample_store.documents import DOCUMENTS
from sample_store.entities import BY_NAME, BY_PATH, MODULE_ENTITIES
from sample_store.php import encode
from sample_store.projection import project
from sample_store.services import find_service
from sample_store.swagger import narrow
from sample_store.wire import Answer, Call

if TYPE_CHECKING:
    from sample_store.entities import Entity
    from sample_store.services import Service
    from sample_store.shop import Shop

_METHODS = {"GET", "POST", "PUT", "DELETE"}
_REST = re.compile(r"/(?:index\.php/)?rest/(?:(\w+)/)?V1/(.+)", re.ASCII)
_SCHEMA = re.compile(r"/(?:index\.php/)?rest/(?:(\w+)/)?schema/?", re.ASCII)
_VERSION = b"Magento/2.4 (Community)"
_SINGLES = tuple(
    (re.compile(re.escape(entity.single).replace(r"\{\}", "([^/]+)")), entity)
    for entity in BY_NAME.values()
    if entity.single
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the shop refuses.

    Args:
        max_page_size: Largest page allowed, None for any (docs/MAGENTO.md, Page size limits).
        memory_rows: Rows a page may load before PHP's memory is exhausted, None for any number.
    """

    max_page_size: int | None = None
    memory_rows: int | None = None


def entity_of(path: str) -> Entity | None:
    """Find the list that a URL's path asks for, None when it asks for something else."""
    _, version, rest = path.partition("/V1/")
    return BY_PATH.get(rest.rstrip("/")) if version else None


def answer(shop: Shop, call: Call, limits: Limits) -> Answer:
    """Answer a request.

    Args:
        shop: The shop.
        call: The request.
        limits: What it refuses.

    Returns:
        The answer, errors included.
    """
    try:
        cloud = shop.accounts.cloud
        if cloud is None:
            return _route(shop, call, limits)
        if call.path == TOKEN_PATH:
            return cloud.issue(call)
        return _route(shop, cloud.inside(call), limits)
    except errors.ApiError as error:
        return refusal(error)


def refusal(error: errors.ApiError) -> Answer:
    """Turn an error into the answer that carries it."""
    return Answer(error.body, error.status, error.content_type, error.headers)


def _route(shop: Shop, call: Call, limits: Limits) -> Answer:
    if call.path == "/magento_version":
        return Answer(_VERSION, content_type=errors.TEXT)
    if not call.path.startswith(("/rest/", "/index.php/rest/")):
        raise errors.page(404, "Not Found")
    if call.method not in _METHODS:
        raise errors.bad_method(call.method)
    schema = _SCHEMA.fullmatch(call.path)
    match = schema or _REST.fullmatch(call.path)
    if match is None:
        raise errors.no_route()
    view = match[1] or shop.views[0]
    if view != "all" and view not in shop.views:
        raise errors.no_store()
    if schema is not None:
        return _schema(shop, call, view)
    path = match[2].rstrip("/")
    service = find_service(call.method, path)
    if service is not None:
        return _serve(shop, call, *service)
    if call.method == "POST":
        return _sign_in(shop, call, path)
    if call.method != "GET":
        raise errors.no_route()
    return _get(shop, call, limits, view, path)


def _serve(shop: Shop, call: Call, service: Service, parts: tuple[str, ...]) -> Answer:
    shop.accounts.authorize(call, service.resource)
    parameters = parse_query(call.query)
    content = service.run(shop, parts, parameters, call.body)
    rows = content if isinstance(content, list) else content["items"]
    return Answer(_projected(encode(content), parameters), keys=tuple(dict.fromkeys(row["sku"] for row in rows)))


def _schema(shop: Shop, call: Call, view: str) -> Answer:
    """Answer what the asking one may call: no right is needed for it (docs/MAGENTO.md, Schema (Swagger))."""
    if call.method != "GET":
        raise errors.no_route()
    services = parse_query(call.query).get("services", "")
    seen = narrow(shop.swagger, str(services), shop.accounts.granted(call))
    host = call.url.partition("://")[2].partition("/")[0]
    return Answer(encode(seen | {"host": host, "basePath": f"/rest/{view}"}))


def _sign_in(shop: Shop, call: Call, path: str) -> Answer:
    if path == "integration/admin/token":
        return Answer(encode(shop.accounts.sign_in(call.body, call.content_type)))
    if path == TFA_PATH and shop.accounts.two_factors:
        return Answer(encode(shop.accounts.sign_in_with_code(call.body, call.content_type)))
    raise errors.no_route()


def _get(shop: Shop, call: Call, limits: Limits, view: str, path: str) -> Answer:
    parameters = parse_query(call.query)
    entity = BY_PATH.get(path)
    if entity is not None and _is_there(shop, entity):
        shop.accounts.authorize(call, entity.resource)
        return _list(shop, entity, parameters, limits, view)
    document = DOCUMENTS.get(path)
    if document is not None:
        shop.accounts.authorize(call, document.resource)
        return Answer(_projected(shop.documents[path], parameters))
    for pattern, single in _SINGLES:
        match = pattern.fullmatch(path)
        if match and _is_there(shop, single):
            shop.accounts.authorize(call, single.resource)
            return _single(shop, single, unquote(match[1]), parameters, view)
    raise errors.no_route()


def _is_there(shop: Shop, entity: Entity) -> bool:
    return shop.module or entity not in MODULE_ENTITIES


def _list(shop: Shop, entity: Entity, parameters: Tree, limits: Limits, view: str) -> Answer:
    asked = parse_criteria(parameters, optional=entity.optional_criteria)
    criteria = _limited(asked, limits)
    page = shop.tables.page(entity, criteria, view, shop.attributes(entity))
    if limits.memory_rows is not None and len(page.keys) > limits.memory_rows:
        raise errors.fatal()
    rows = b"[%s]" % b",".join(page.bodies)
    body = _projected(rows if entity.bare else _page(rows, page.total, criteria), parameters)
    return Answer(
        body,
        entity=entity.name,
        keys=page.keys,
        total=page.total,
        offset=min(criteria.offset, page.total),
    )


def _limited(criteria: Criteria, limits: Limits) -> Criteria:
    if limits.max_page_size is None:
        return criteria
    if criteria.page_size is None:
        return replace(criteria, page_size=min(20, limits.max_page_size))
    if criteria.page_size > limits.max_page_size:
        raise errors.page_size_over(limits.max_page_size)
    return criteria


def _page(rows: bytes, total: int, criteria: Criteria) -> bytes:
    tail = encode({"search_criteria": criteria.echo(), "total_count": total})
    # PHP knows no empty object: criteria that ask nothing still echo their empty groups.
    return b"".join((b'{"items":', rows, b",", tail[1:]))


def _single(shop: Shop, entity: Entity, value: str, parameters: Tree, view: str) -> Answer:
    if entity.single_field:
        body = shop.tables.find(entity, entity.single_field, value, view)
    else:
        body = shop.tables.get(entity, int(value) if value.isdigit() else 0, view)
    if body is None:
        raise errors.message(404, entity.missing)
    key = json.loads(body)[entity.key_field]
    return Answer(_projected(body, parameters), entity=entity.name, keys=(key,))


def _projected(body: bytes, parameters: Tree) -> bytes:
    fields = parameters.get("fields")
    if not isinstance(fields, str):
        return body
    return encode(project(json.loads(body), fields))
