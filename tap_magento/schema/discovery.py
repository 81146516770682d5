"""The shop's own schema: its fields, its attributes and its store views, laid over the bundled schemas."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, TypeVar

import backoff
from singer_sdk.schema.source import SchemaDirectory

from tap_magento.http.connection import Connection
from tap_magento.http.errors import MagentoError, ShopFailedError, ShopUnavailableError
from tap_magento.http.response import decode, parse_array, parse_list
from tap_magento.http.retry import retry_waits
from tap_magento.reading.complete import read_completely
from tap_magento.reading.page_size import PageSize
from tap_magento.reading.ranges import KeyRange
from tap_magento.reading.search import SearchCriteria
from tap_magento.reading.types import (
    BadRow,
    Batch,
    Cursor,
    InconsistentResponseError,
    ListSpec,
    Page,
    Source,
    UnreadableRowsError,
)
from tap_magento.schema import bundled as schemas
from tap_magento.schema.attributes import Attribute, attribute_from
from tap_magento.schema.selection import properties_of
from tap_magento.schema.swagger import SOURCES, overlay

_logger = logging.getLogger(__name__)
_T = TypeVar("_T")

BUNDLED = SchemaDirectory(schemas)

_ATTRIBUTES = ListSpec("attribute_id", "attribute_id")
_PAGE = 100
# Discovery is waited for by a person; a long outage is not sat out.
_LONGEST_OUTAGE = 60.0
# What an attribute's type and scope need; labels come with its options, which can be many.
_TYPE_FIELDS = "attribute_id,attribute_code,scope,frontend_input,backend_type"

#: Where the attributes of an entity are listed, by the stream of the entity.
ATTRIBUTE_PATHS: Mapping[str, str] = {"products": "/products/attributes", "categories": "/categories/attributes"}


class Discovery:
    """What a shop says of its rows; asked once a run, and only as far as somebody wants to know.

    Args:
        connection: The shop.
        live: Whether to ask the shop at all; else all is as in the bundled schemas.
    """

    def __init__(self, connection: Connection, *, live: bool) -> None:
        self._connection = connection
        self._live = live
        self._told: set[str] = set()
        #: Whether something was asked for and not had.
        self.is_incomplete = False

    def check_store_views(self, codes: Sequence[str]) -> None:
        """See that the shop has the store views that are to be read, if it may be asked.

        Args:
            codes: Their codes.

        Raises:
            UnknownStoreViewError: If it lacks one of them.
        """
        if self._live and codes:
            self._or_bundled("the store views", lambda: check_store_views(self._connection, codes), None)

    def rows(self, entity: str) -> dict[str, Any]:
        """Say what the shop's rows look like, as they come.

        Args:
            entity: A stream with a bundled schema, for example ``orders``.

        Returns:
            Its JSON Schema; of the bundled schema every field with its type, and what only this shop has.
        """
        bundled: dict[str, Any] = BUNDLED.get_schema(entity)
        if not self._swagger or entity not in SOURCES:
            return bundled
        return dict(overlay(bundled, self._swagger, SOURCES[entity].definition))

    def attributes(self, entity: str) -> Sequence[Attribute]:
        """Tell the attributes of an entity.

        Args:
            entity: A key of `ATTRIBUTE_PATHS`.

        Returns:
            Its attributes, without their options; none if they are not known.
        """
        return self._attributes[entity]

    @cached_property
    def _swagger(self) -> Mapping[str, Any]:
        spec: Mapping[str, Any] = self._or_bundled("the shop's fields", self._read_swagger, {})
        return spec

    @cached_property
    def _attributes(self) -> Mapping[str, Sequence[Attribute]]:
        return {
            entity: self._or_bundled(f"the attributes of {entity}", partial(self._read_attributes, path), ())
            for entity, path in ATTRIBUTE_PATHS.items()
        }

    def _read_swagger(self) -> Mapping[str, Any]:
        def ask() -> Mapping[str, Any]:
            response = self._connection.get("/schema", {"services": "all"}, "schema")
            try:
                spec = decode(response.content)
            except ValueError:
                raise ShopFailedError("schema: the answer is broken JSON", response) from None
            return spec if isinstance(spec, Mapping) else {}

        found: Mapping[str, Any] = with_retries(ask, self._connection)()
        return found

    def _read_attributes(self, path: str) -> Sequence[Attribute]:
        fields = f"items[{_TYPE_FIELDS}],total_count"
        return [attribute_from(row) for row in read_attributes(self._connection, path, fields=fields)]

    def _or_bundled(self, what: str, read: Callable[[], _T], bundled: _T) -> _T:
        if not self._live:
            return bundled
        try:
            with self._connection.shutdown.waiting():
                return read()
        except UnknownStoreViewError:
            raise
        except (MagentoError, ShopUnavailableError) as error:
            self.is_incomplete = True
            # Only an outage says something of the next question: some shops have no schema, some roles no attributes.
            self._live = isinstance(error, (MagentoError, ShopFailedError))
            _, _, reason = str(error).partition(": ")
            if reason not in self._told:  # wrong credentials, or a right that is missing for several questions
                self._told.add(reason)
                _logger.warning("Going on without %s, by the bundled schemas alone: %s", what, error)
            return bundled


def read_attributes(
    connection: Connection, path: str, *, fields: str | None = None, store_code: str | None = None
) -> Iterator[dict[str, Any]]:
    """Read the attributes of an entity, page by page.

    Args:
        connection: The shop.
        path: Where they are listed.
        fields: The ``fields`` parameter; None asks for all.
        store_code: The store view whose labels are wanted, if not the one of the settings.

    Yields:
        The rows as they come, in the order of their ids, but for those without an `attribute_code` and those
        that the shop fails on.

    Raises:
        MagentoError: If they cannot be read.
        ShopUnavailableError: If the shop does not answer now.
    """
    source = _attribute_source(connection, path, fields, store_code)
    try:
        for item in read_completely(KeyRange(_ATTRIBUTES), source):
            if isinstance(item, BadRow):
                # As when the module is gone that its options came from: no reason to know none of the others.
                _logger.warning("Going on without the attribute %s: %s", item.cursor.key, item.reason)
                continue
            if isinstance(item, Batch):
                yield from (row for row in item.page.rows if row.get("attribute_code"))
    except InconsistentResponseError as error:
        raise MagentoError(f"the shop does not answer the question for its attributes as asked: {error}") from None


def _attribute_source(connection: Connection, path: str, fields: str | None, store_code: str | None) -> Source:
    def ask(criteria: SearchCriteria) -> Page:
        params = {**criteria.to_params(), **({"fields": fields} if fields else {})}
        response = connection.get(f"/V1{path}", params, "attributes", store_code)
        return parse_list(response, _ATTRIBUTES, criteria.page_size or _PAGE)

    def fetch(criteria: SearchCriteria) -> Page:
        page = ask(criteria)
        if page.total_count and not page.cursors:
            # What a malformed `fields` does (MEASURED.md (d2), (g)).
            raise InconsistentResponseError(f"there are {page.total_count}, but it sends none")
        return page

    def count(criteria: SearchCriteria) -> int | None:
        return ask(criteria).total_count

    def locate(criteria: SearchCriteria, rank: int) -> Cursor | None:
        page = ask(criteria.ranked(rank))
        if not len(page) and (page.total_count or 0) >= rank:
            raise UnreadableRowsError("the shop does not send it")
        return page.cursors[0] if len(page) else None

    return Source(with_retries(fetch, connection), count, locate, PageSize(_PAGE))


def check_store_views(connection: Connection, codes: Sequence[str]) -> None:
    """See that the shop has the store views that are to be read.

    Args:
        connection: The shop.
        codes: Their codes.

    Raises:
        UnknownStoreViewError: If it lacks one of them.
        MagentoError: If its store views cannot be read.
        ShopUnavailableError: If it does not answer now.
    """
    ask = with_retries(lambda: parse_array(connection.get("/V1/store/storeViews", {}, "store views")), connection)
    rows = (row for row in ask() if isinstance(row, dict))
    known = sorted(str(row.get("code")) for row in rows if row.get("code") != "admin")
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise UnknownStoreViewError(
            f"`store_views` names {', '.join(unknown)}, but the shop's store views are {', '.join(known)}"
        )


class UnknownStoreViewError(MagentoError):
    """The settings name a store view that the shop does not have."""


def labels_of(connection: Connection, path: str, store_code: str | None) -> dict[str, Mapping[str, str]]:
    """Read what the ids of select and multiselect attributes stand for.

    Args:
        connection: The shop.
        path: Where the attributes are listed.
        store_code: The store view whose language is wanted, if not the one of the settings.

    Returns:
        Attribute code to option id to label.

    Raises:
        MagentoError: If they cannot be read.
        ShopUnavailableError: If the shop does not answer now.
    """
    attributes = map(attribute_from, read_attributes(connection, path, store_code=store_code))
    return {attribute.code: attribute.options for attribute in attributes if attribute.has_labels}


def with_retries(function: Callable[..., _T], connection: Connection) -> Callable[..., _T]:
    """Repeat a question of discovery while the shop is unavailable, but not for long.

    Args:
        function: Asks the shop.
        connection: The shop.

    Returns:
        The same function, retried.
    """
    retry_policy = replace(connection.retry_policy, seconds=min(connection.retry_policy.seconds, _LONGEST_OUTAGE))
    decorate = backoff.on_exception(
        lambda: retry_waits(retry_policy, lambda: connection.is_known),
        ShopUnavailableError,
        jitter=backoff.random_jitter,
        logger=None,
    )
    decorated: Callable[..., _T] = decorate(function)
    return decorated


def differences(old: Mapping[str, Any], new: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    """Compare a stream's schema in the catalog with what the shop says today.

    Args:
        old: JSON Schema of the catalog.
        new: JSON Schema of today.
        path: The names that lead to both.

    Yields:
        A phrase for each field that is new, and for each whose type has changed.
    """
    before, now = properties_of(old), properties_of(new)
    for name, schema in now.items():
        here = (*path, name)
        if name not in before:
            yield f"'{'.'.join(here)}' is new"
        elif _type(before[name]) != _type(schema):
            yield f"'{'.'.join(here)}' was {_type(before[name])} and is {_type(schema)}"
        else:
            yield from differences(before[name], schema, here)


def _type(schema: Mapping[str, Any]) -> str:
    types = schema.get("type", [])
    name = next((each for each in ([types] if isinstance(types, str) else types) if each != "null"), "anything")
    inner = schema.get("items")
    if name == "array" and isinstance(inner, Mapping):
        return f"array of {_type(inner)}"
    return str(schema.get("format", name))
