"""What differs between store views: a row an entity and store view, with the values of narrower scope alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from singer_sdk.helpers.types import Context, Record
from singer_sdk.streams.rest import HTTPRequest, PageContext
from typing_extensions import override

from tap_magento.reading.search import SearchCriteria
from tap_magento.records.custom_attributes import code_of
from tap_magento.schema.attributes import LABELS, UNPARSED, VALUES
from tap_magento.schema.discovery import Discovery
from tap_magento.streams.attributed import AttributedStream

_STORE_CODE = "store_code"
# What is in every row: what tells the rows apart and when they changed.
_ALWAYS = ("id", "sku", "updated_at")
# Where the attributes are not known: the fields of narrower scope in 2.4.7.
_USUAL = frozenset({"name", "price", "status", "visibility", "is_active", "include_in_menu", "available_sort_by"})


class StoreValuesStream(AttributedStream):
    """Values of one entity as each of the chosen store views has them; offered when `store_views` names some."""

    primary_keys = ("id", _STORE_CODE)
    key_column = "entity_id"
    replication_key = "updated_at"
    needs_setting = "store_views"

    @cached_property
    @override
    def partitions(self) -> list[dict[str, Any]]:
        return [{_STORE_CODE: code} for code in dict.fromkeys(self.config.get("store_views", []))]

    @override
    def scope_of(self, context: Context | None) -> str | None:
        return _code(context)

    @override
    def is_known(self, names: Sequence[str]) -> bool:
        # The values of attributes of global scope come too, and stay out.
        return names[0] == VALUES or super().is_known(names)

    @override
    def get_url(self, context: Context | None) -> str:
        return f"{self.connection.root_of(_code(context))}/V1{self.path}"

    @override
    def get_http_request(self, *, page: PageContext[SearchCriteria | None]) -> HTTPRequest:
        request = super().get_http_request(page=page)
        request.headers.update(self.connection.scope_headers(_code(page.stream_context)))
        return request

    @override
    def post_process(self, row: Record, context: Context | None = None) -> Record | None:
        row[_STORE_CODE] = _code(context)
        if self._wide and isinstance(row.get(VALUES), list):
            row[VALUES] = [each for each in row[VALUES] if code_of(each) not in self._wide]
        return super().post_process(row, context)

    @override
    def describe(self, schema: dict[str, Any]) -> dict[str, Any]:
        described = super().describe(schema)
        properties = {
            name: self._narrow_attributes(node) if name in (VALUES, LABELS) else node
            for name, node in described["properties"].items()
            if name in _ALWAYS or name in (VALUES, UNPARSED, LABELS) or name in self._narrow
        }
        return {**described, "properties": {_STORE_CODE: {"type": ["string"]}, **properties}}

    @override
    def wanted(self) -> dict[str, Any]:
        wanted = super().wanted()
        properties = {name: node for name, node in wanted["properties"].items() if name != _STORE_CODE}
        return {**wanted, "properties": properties}

    @cached_property
    def _narrow(self) -> frozenset[str]:
        """The codes of the attributes that may differ between websites or store views."""
        attributes = self.discovery.attributes(self.attributes_of)
        if not attributes:
            return _USUAL
        return frozenset(attribute.code for attribute in attributes if attribute.scope != "global")

    @cached_property
    def _wide(self) -> frozenset[str]:
        """The codes of the attributes of global scope, where rows keep Magento's list of all attributes."""
        if self.config.get("custom_attributes") != "list" or VALUES not in self.selected_schema["properties"]:
            return frozenset()
        attributes = Discovery(self.connection, live=True).attributes(self.attributes_of)
        return frozenset(attribute.code for attribute in attributes if attribute.scope == "global")

    def _narrow_attributes(self, node: Mapping[str, Any]) -> dict[str, Any]:
        if "properties" not in node:
            return dict(node)
        return {**node, "properties": {code: each for code, each in node["properties"].items() if code in self._narrow}}


def _code(context: Context | None) -> str:
    if context is None:
        raise ValueError("store values are read for one store view at a time")
    return str(context[_STORE_CODE])
