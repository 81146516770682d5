"""The shop's own schema: its fields, its attributes and its store views, laid over the bundled schemas."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, TypeVar

import requests
from singer_sdk.schema.source import SchemaDirectory

from tap_magento.exceptions import MagentoError, ShopFailedError, StreamUnavailableError, UnexpectedResponseError
from tap_magento.http.client import Client
from tap_magento.http.decoding import decode
from tap_magento.http.request import Request
from tap_magento.http.retry import RetryPolicy
from tap_magento.reading.types import InconsistentResponseError
from tap_magento.schema import bundled
from tap_magento.schema.annotations import without_commerce
from tap_magento.schema.attribute_api import attributes_of
from tap_magento.schema.attributes import Attribute
from tap_magento.schema.store_views import check_store_views
from tap_magento.schema.swagger import SOURCES, overlay, rows_of_list

_logger = logging.getLogger("tap-magento")
_T = TypeVar("_T")

BUNDLED = SchemaDirectory(bundled)

# Discovery is waited for by a person; a long outage is not sat out.
_LONGEST_OUTAGE = 60.0


class Discovery:
    """What a shop says of its rows; requested once a run, and only as far as somebody wants to know.

    Args:
        client: Sends the requests.
        waiting: Makes a context in which a signal may end the run at once.
        live: Whether to request anything at all; else all is as in the bundled schemas.
    """

    def __init__(self, client: Client, waiting: Callable[[], AbstractContextManager[None]], *, live: bool) -> None:
        self._client = client
        self._waiting = waiting
        self._live = live
        self._reasons: set[str] = set()
        #: Whether something was requested that this shop or this role hides.
        self.is_incomplete = False

    @property
    def is_live(self) -> bool:
        """Whether the shop is asked at all."""
        return self._live

    def check_store_views(self, codes: Sequence[str]) -> None:
        """See that the shop has the store views that are to be read, if it may be asked.

        Args:
            codes: Their codes.

        Raises:
            UnknownStoreViewError: If the shop lacks one of them.
        """
        self._or_bundled("store views", lambda: check_store_views(self._client, codes, self._policy), None)

    def rows(self, entity: str) -> dict[str, Any]:
        """Describe the shop's rows, as they come.

        Args:
            entity: A stream with a bundled schema, for example ``orders``.

        Returns:
            Its JSON Schema; of the bundled schema every field with its type, and what only this shop has. What
            Adobe Commerce adds is there if the shop says so.
        """
        schema: dict[str, Any] = BUNDLED.get_schema(entity)
        if not self._swagger or entity not in SOURCES:
            return without_commerce(schema)
        return dict(overlay(schema, self._swagger, SOURCES[entity].definition))

    def rows_of_list(self, path: str, rows_field: str) -> dict[str, Any] | None:
        """Describe the rows of a list that no bundled schema knows.

        Args:
            path: The list's path.
            rows_field: The field of its response that holds the rows.

        Returns:
            Their JSON Schema; None if the shop's schema does not describe them.
        """
        schema = rows_of_list(self._swagger, path, rows_field)
        return None if schema is None else dict(schema)

    def bundled(self, entity: str) -> dict[str, Any]:
        """Give the bundled schema of a list.

        Args:
            entity: A stream with a bundled schema.

        Returns:
            Its JSON Schema, with annotations.
        """
        schema: dict[str, Any] = BUNDLED.get_schema(entity)
        return schema

    def offers(self, path: str) -> bool | None:
        """Tell whether the shop's schema shows a path to these credentials (`docs/MAGENTO.md`, Schema (Swagger)).

        Args:
            path: A path below the API's root; its parameters are left out at its end.

        Returns:
            Whether it does; None if the schema is not known.
        """
        paths = self._swagger.get("paths")
        if not isinstance(paths, Mapping) or not paths:
            return None
        return any(known.rstrip("/") == path or known.startswith(f"{path}/{{") for known in paths)

    def attributes(self, entity: str) -> Sequence[Attribute]:
        """List the attributes of an entity.

        Args:
            entity: A key of `ATTRIBUTE_PATHS`.

        Returns:
            Its attributes, without their options; none if they are not known.
        """
        if entity not in self._attributes:
            read = partial(attributes_of, self._client, entity, self._policy)
            self._attributes[entity] = self._or_bundled(f"attributes of {entity}", read, ())
        return self._attributes[entity]

    @cached_property
    def _attributes(self) -> dict[str, Sequence[Attribute]]:
        return {}

    @cached_property
    def _swagger(self) -> Mapping[str, Any]:
        spec: Mapping[str, Any] = self._or_bundled("schema", self._read_swagger, {})
        return spec

    def _read_swagger(self) -> Mapping[str, Any]:
        request = Request("/schema", "schema", {"services": "all"})
        try:
            return self._client.send(request, _parse_swagger, self._policy)
        except StreamUnavailableError:
            raise
        except (MagentoError, UnexpectedResponseError) as error:
            # A web server may block the schema alone, and the cloud service may not have it (docs/MAGENTO.md); where
            # the attributes do not come either, the address or the credentials are wrong.
            self.attributes("products")
            raise StreamUnavailableError(str(error)) from error

    @property
    def _policy(self) -> RetryPolicy:
        policy = self._client.retry_policy
        return replace(policy, seconds=min(policy.seconds, _LONGEST_OUTAGE))

    def _or_bundled(self, what: str, read: Callable[[], _T], bundled: _T) -> _T:
        """Read something, or go by the bundled schemas where this shop or this role hides it.

        All other errors end the discovery: a catalog made while the shop could not be reached would be kept, and be
        taken for the shop's (issue 12).
        """
        if not self._live:
            return bundled
        try:
            with self._waiting():
                return read()
        except (StreamUnavailableError, ShopFailedError, InconsistentResponseError) as error:
            self.is_incomplete = True
            _, _, reason = str(error).partition(": ")
            if reason not in self._reasons:  # a permission that is missing for several of them is named once
                self._reasons.add(reason)
                _logger.warning(
                    "Could not read the shop's %s; using the bundled Magento 2.4.7 schemas. Reason: %s", what, error
                )
            return bundled


def _parse_swagger(response: requests.Response) -> Mapping[str, Any]:
    try:
        spec = decode(response.content)
    except ValueError:
        raise ShopFailedError("schema: the response is broken JSON", response) from None
    return spec if isinstance(spec, Mapping) else {}
