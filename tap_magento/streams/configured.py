"""Streams of the setting `streams`: lists of the shop's own modules, read as the tap's own are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property, partial
from types import new_class
from typing import Any

from requests import Response
from typing_extensions import override

from tap_magento.exceptions import MagentoError, ShopUnavailableError, StreamUnavailableError
from tap_magento.http.request import Request
from tap_magento.http.response import list_in, parse_json
from tap_magento.http.retry import RetryPolicy
from tap_magento.reading.search import Filter, SearchCriteria
from tap_magento.reading.types import KeyType, ListSpec
from tap_magento.records.transform import UNPARSED_ROW
from tap_magento.schema.annotations import PERSONAL
from tap_magento.schema.inference import infer
from tap_magento.schema.nodes import Schema, kind_of
from tap_magento.schema.selection import without
from tap_magento.streams.list import ListStream
from tap_magento.streams.rows import RowSource

# A schema is inferred from so many rows at most.
_PAGES, _PAGE = 5, 100
# For so many seconds a failure on a column is retried.
_RETRY_SECONDS = 10.0
_MOMENT = {"type": ["string", "null"], "format": "date-time"}
_NEEDED = {"name", "path", "key_field", "key_column"}


class ConfiguredStream(ListStream):
    """A list of the setting `streams`. Its rows are described by the shop's own schema, or by the first of them."""

    acl_resource = ""

    @cached_property
    @override
    def rows(self) -> RowSource:
        return _ConfiguredRows(self)

    @cached_property
    @override
    def spec(self) -> ListSpec:
        key = self.effective_schema["properties"].get(self.key_field, {})
        key_type: KeyType = "text" if kind_of(key) == "string" else "integer"
        return ListSpec(
            self.key_column, str(self.key_field), self.declared_replication_key(), key_type, self.rows_field
        )

    def describe(self) -> dict[str, Any]:
        """Describe the rows as they come.

        Returns:
            Their JSON Schema: as the shop's own schema says, else as the catalog does, else as the first rows show.

        Raises:
            MagentoError: If they cannot be described, or have no field of the names in the settings.
            ShopUnavailableError: If the shop stayed unavailable.
        """
        discovery = self.run.discovery_of(self.name)
        schema = discovery.rows_of_list(self.path, self.rows_field)
        if schema is None and self._input_schema is not None:
            schema = without(self._input_schema, (UNPARSED_ROW,))
        if schema is None and not discovery.is_live:
            raise MagentoError(
                f"`streams`: the schema of '{self.name}' is known to the shop only: set `schema_source` to live, or "
                "give a catalog"
            )
        if schema is None:
            schema = self._inferred()
        return self._with_keys(schema)

    def check(self) -> None:
        """See that the shop filters and sorts the list by the columns in the settings.

        Raises:
            MagentoError: If it does not, with what to change.
            ShopUnavailableError: If the shop stayed unavailable.
            StreamUnavailableError: If these credentials may not read it, or the shop has no such list.
        """
        self._rows(SearchCriteria().limited(1))
        # That the shop serves the list is known now: what it fails on is the column.
        policy = replace(
            self.run.client.retry_policy, seconds=min(self.run.client.retry_policy.seconds, _RETRY_SECONDS)
        )
        columns: dict[str, tuple[str | None, str | int]] = {
            "key_column": (self.key_column, 0),
            "replication_key": (self.declared_replication_key(), "1970-01-01 00:00:00"),
        }
        for setting, (column, value) in columns.items():
            if not column:
                continue
            try:
                self._rows(SearchCriteria(((Filter(column, "gteq", value),),), (column,)).limited(1), policy)
            except StreamUnavailableError:
                raise
            except (MagentoError, ShopUnavailableError) as error:
                raise MagentoError(
                    f"`streams`: the shop serves '{self.name}' ({self.path}), but not filtered and sorted by "
                    f"'{column}'. Set `{setting}` to a column that the list takes in search criteria. Reason: {error}"
                ) from None

    def _inferred(self) -> dict[str, Any]:
        try:
            with self.run.shutdown.waiting():
                return infer(self._first_rows())
        except StreamUnavailableError as error:
            raise MagentoError(
                f"`streams`: no list was found at {self.path}. Correct `path`, give these credentials the "
                f"permission, or remove the stream. Reason: {error}"
            ) from None

    def _first_rows(self) -> Iterator[Mapping[str, Any]]:
        for page in range(1, _PAGES + 1):
            rows = self._rows(SearchCriteria(sort=(self.key_column,), page_size=_PAGE, page=page))
            yield from rows
            if len(rows) < _PAGE:
                return

    def _rows(self, criteria: SearchCriteria, policy: RetryPolicy | None = None) -> list[dict[str, Any]]:
        request = Request(self.path, self.name, criteria.to_params(), counter=self.progress)
        return self.run.client.send(request, self._parse, policy)

    def _parse(self, response: Response) -> list[dict[str, Any]]:
        def take(body: Any) -> list[dict[str, Any]]:
            rows = body.get(self.rows_field, "missing") if isinstance(body, dict) else "missing"
            found = [] if rows is None else list_in(rows)
            if found is None:
                raise ValueError(f"the response has no list in `{self.rows_field}` (`items` of the setting `streams`)")
            return [row for row in found if isinstance(row, dict)]

        return parse_json(response, self.name, take)

    def _with_keys(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Give the key and the replication key the types that reading needs; of an empty list nothing more is known."""
        properties = dict(schema.get("properties") or {})
        for setting, field in (("key_field", self.key_field), ("replication_key", self.declared_replication_key())):
            if field and properties and field not in properties:
                raise MagentoError(
                    f"`streams`: the rows of '{self.name}' have no field '{field}' (`{setting}`). They have: "
                    f"{', '.join(properties)}"
                )
        kind = "string" if kind_of(properties.get(str(self.key_field), {})) == "string" else "integer"
        properties[str(self.key_field)] = {"type": [kind]}
        if key := self.declared_replication_key():
            properties[key] = _MOMENT
        return {"type": ["object"], "properties": properties}


class _ConfiguredRows(RowSource):
    """The rows of a configured list.

    Args:
        stream: The stream.
    """

    def __init__(self, stream: ConfiguredStream) -> None:
        super().__init__(stream.run, stream.run.discovery_of(stream.name), stream.name)
        self._stream = stream

    @cached_property
    @override
    def raw_schema(self) -> dict[str, Any]:
        return self._stream.describe()

    @override
    def with_personal_marks(self, schema: Schema) -> dict[str, Any]:
        """Mark all but the keys: nobody says what a module keeps in its fields."""
        kept = self._stream.required_fields()
        marked = {
            name: node if name in kept else {**node, PERSONAL: "text"} for name, node in schema["properties"].items()
        }
        return {**schema, "properties": marked}


def configured_streams(config: Mapping[str, Any]) -> list[type[ConfiguredStream]]:
    """Make the streams of the setting `streams`.

    Args:
        config: The settings; entries that are not valid are left out, as the validation reports them.

    Returns:
        A class for each.
    """
    entries = config.get("streams")
    valid = [
        entry
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, Mapping) and entry.keys() >= _NEEDED
    ]
    return [new_class("ConfiguredStream", (ConfiguredStream,), exec_body=partial(_declare, entry)) for entry in valid]


def _declare(entry: Mapping[str, Any], namespace: dict[str, Any]) -> None:
    namespace["__doc__"] = f"Rows of `/V1{entry['path']}`, as the setting `streams` declares it."
    namespace["name"] = entry["name"]
    namespace["path"] = f"/V1{entry['path']}"
    namespace["primary_keys"] = (entry["key_field"],)
    namespace["key_field"], namespace["key_column"] = entry["key_field"], entry["key_column"]
    namespace["rows_field"] = entry.get("items", "items")
    if entry.get("replication_key"):
        namespace["replication_key"] = entry["replication_key"]
