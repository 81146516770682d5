"""The rows of one endpoint: what they look like as they come and as they leave, and what turns one into the other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any

from tap_magento.records.custom_attributes import code_of, compile_custom_attributes
from tap_magento.records.fast_path import with_fast_path
from tap_magento.records.personal_data import protecting
from tap_magento.records.sorting import sorting
from tap_magento.records.transform import UNPARSED_ROW, Row, compile_transform
from tap_magento.runtime.progress import StreamProgress
from tap_magento.schema.annotations import (
    ZERO_IS_NULL,
    PersonalData,
    annotated,
    marked_by,
    personal_fields,
    with_unknown_marked,
    without_annotations,
    without_excluded,
)
from tap_magento.schema.attribute_api import attributes_of as read_attributes
from tap_magento.schema.attribute_api import labels_of
from tap_magento.schema.attributes import LABELS, UNPARSED, VALUES, as_listed, with_attributes, without_columns
from tap_magento.schema.discovery import Discovery
from tap_magento.schema.nodes import Schema
from tap_magento.schema.selection import at_field, fields_parameter, has_field, without
from tap_magento.schema.store_values import STORE_CODE, narrowed
from tap_magento.streams.context import RunContext

_logger = logging.getLogger("tap-magento")

Path = tuple[str, ...]


class RowSource:
    """The rows of one endpoint.

    Args:
        run: What all streams of the run share.
        discovery: What describes the rows.
        entity: The bundled schema of the rows.
        duplicates: The names that lead to what the rows hold a second time.
        attributes_of: The field whose objects carry EAV attributes ("" for the row) to the entity whose they are, a
            key of `ATTRIBUTE_PATHS`.
        sorted_arrays: Arrays whose order changes from request to request to the field to sort them by.
        store_scoped: Whether the rows hold what differs between store views alone.
    """

    def __init__(  # noqa: PLR0913  each is a declaration of the stream
        self,
        run: RunContext,
        discovery: Discovery,
        entity: str,
        duplicates: Sequence[Path] = (),
        attributes_of: Mapping[str, str] = MappingProxyType({}),
        *,
        sorted_arrays: Mapping[str, str] = MappingProxyType({}),
        store_scoped: bool = False,
    ) -> None:
        self._run = run
        self._discovery = discovery
        self._entity = entity
        self._duplicates = () if run.config.get("include_nested_duplicates") else duplicates
        self._attributes_of = attributes_of
        self._sorted_arrays = sorted_arrays
        self._store_scoped = store_scoped

    @cached_property
    def raw_schema(self) -> dict[str, Any]:
        """What the rows look like as they come, as far as known."""
        return self._discovery.rows(self._entity)

    @cached_property
    def schema(self) -> dict[str, Any]:
        """What the rows look like as they leave."""
        schema = self._annotated_schema
        if self._is_dropped:
            schema = without(schema, *self._personal_fields)
        return without_annotations(schema)

    @cached_property
    def _personal_fields(self) -> dict[Path, PersonalData]:
        """The names that lead to personal data, to what it is; none where it is kept as it is."""
        if self._run.config.get("personal_data", "keep") == "keep":
            return {}
        return personal_fields(self._annotated_schema, self._kept_fields)

    @cached_property
    def _kept_fields(self) -> frozenset[Path]:
        prefix = f"{self._entity}."
        named = (name for name in self._run.config.get("personal_data_keep") or () if name.startswith(prefix))
        return frozenset(tuple(name.removeprefix(prefix).split(".")) for name in named)

    def _personal_in(self, schema: Schema) -> dict[Path, PersonalData]:
        """Find the personal fields of a schema from a catalog, which may be older than the settings and the shop."""
        if not self._personal_fields:
            return {}
        return personal_fields(marked_by(schema, self._annotated_schema), self._kept_fields)

    @cached_property
    def _annotated_schema(self) -> dict[str, Any]:
        """What the rows look like as they leave, with what is noted of their fields."""
        schema: dict[str, Any] = without_excluded(without(self.raw_schema, *self._duplicates))
        if self._run.config.get("personal_data", "keep") != "keep":
            schema = self.with_personal_marks(schema)
        for field, entity in self._attributes_of.items():
            if self._keeps_attribute_list:
                continue
            labels = bool(self._run.config.get("option_labels")) and not field
            own = without_columns(self._discovery.attributes(entity), at_field(schema, field))
            schema = dict(with_attributes(schema, own, labels=labels, below=(field,) if field else ()))
        if self._store_scoped:
            schema = narrowed(schema, self._discovery.attributes(self._row_attributes or ""))
        unparsed = {"type": ["object", "null"], "additionalProperties": {"type": ["string", "null"]}}
        return {**schema, "properties": {**schema["properties"], UNPARSED_ROW: unparsed}}

    def with_personal_marks(self, schema: Schema) -> dict[str, Any]:
        """Mark the fields of which nobody says that they hold nothing personal.

        Args:
            schema: JSON Schema of the rows as they come.

        Returns:
            The schema with marks (`tap_magento.schema.annotations`).
        """
        return with_unknown_marked(schema, self._discovery.bundled(self._entity))

    def transformed(self, wanted: Schema, whole: Schema) -> dict[str, Any]:
        """Add to what is wanted of the rows what its transformation needs.

        Args:
            wanted: JSON Schema of what is wanted of the rows as they leave.
            whole: The same of all of them.

        Returns:
            JSON Schema of what the rows are transformed to.
        """
        properties = dict(wanted["properties"])
        values, labels = properties.get(VALUES, {}), properties.get(LABELS, {})
        if self._row_attributes and not values:
            properties.pop(UNPARSED, None)
        if "properties" in labels:
            every = whole["properties"][VALUES]
            read = {*values.get("properties", {}), *labels["properties"]}
            found = {code: node for code, node in every.get("properties", {}).items() if code in read}
            properties[VALUES] = {**every, "properties": found}
        return {**wanted, "properties": properties}

    def fields(self, transformed: Schema) -> str | None:
        """Spell what to request of the rows: of the attributes all or none, as they come in one list.

        Args:
            transformed: What the rows are transformed to.

        Returns:
            The ``fields`` parameter; None for whole rows.
        """
        properties = {name: node for name, node in transformed["properties"].items() if name != UNPARSED_ROW}
        if self._store_scoped:
            properties.pop(STORE_CODE, None)
        requested: Schema = {**transformed, "properties": properties}
        if self._is_dropped:
            requested = without(requested, *self._personal_in(transformed))
        for field in self._attributes_of:
            requested = as_listed(requested, self.raw_schema, below=(field,) if field else ())
        return fields_parameter(self.raw_schema, requested)

    def transformer(
        self, stream: str, schema: Schema, catalog: Schema, progress: StreamProgress, store_code: str | None = None
    ) -> Callable[[Row], Row]:
        """Make what transforms the rows; what it needs of the shop is requested now.

        Args:
            stream: The stream's name, for a person.
            schema: What the rows are transformed to.
            catalog: What the catalog says of them, with what is not selected.
            progress: Counts the values that do not fit their type.
            store_code: The store view that is read, if not the one of the settings.

        Returns:
            A function that transforms a row in place and returns it.

        Raises:
            MagentoError: If the labels of attributes cannot be read.
            ShopUnavailableError: If the shop stayed unavailable.
        """
        reports = FieldReports(stream, progress, (self.raw_schema, catalog), all_attributes=self._store_scoped)
        zero_is_null = annotated(self.raw_schema, ZERO_IS_NULL)
        prepare = None
        if self._row_attributes and not self._keeps_attribute_list:
            wants_labels = "properties" in schema["properties"].get(LABELS, {})
            labels = labels_of(self._run.client, self._row_attributes, store_code) if wants_labels else {}
            prepare = compile_custom_attributes(labels=labels, on_unparsed=reports.type_mismatch)
        transform = compile_transform(
            schema,
            stream=stream,
            on_unknown=reports.unknown,
            on_type_mismatch=reports.type_mismatch,
            prepare=prepare,
            zero_is_null=zero_is_null,
        )
        if not prepare:
            transform = with_fast_path(schema, transform, zero_is_null)
        if self._sorted_arrays:
            transform = sorting(transform, self._sorted_arrays)
        if personal := self._personal_in(schema):
            salt = None if self._is_dropped else str(self._run.config["personal_data_salt"])
            transform = protecting(transform, personal, salt, (UNPARSED_ROW, UNPARSED))
        return self._scoped(transform, schema, store_code) if self._store_scoped else transform

    def _scoped(self, transform: Callable[[Row], Row], schema: Schema, store_code: str | None) -> Callable[[Row], Row]:
        """Give each row its store view, and leave out the values that are the same in all of them."""
        everywhere: frozenset[str] = frozenset()
        if self._row_attributes and self._keeps_attribute_list and VALUES in schema["properties"]:
            attributes = read_attributes(self._run.client, self._row_attributes)
            everywhere = frozenset(attribute.code for attribute in attributes if attribute.scope == "global")

        def transform_scoped(row: Row) -> Row:
            row[STORE_CODE] = store_code
            if everywhere and isinstance(row.get(VALUES), list):
                row[VALUES] = [each for each in row[VALUES] if code_of(each) not in everywhere]
            return transform(row)

        return transform_scoped

    @property
    def _is_dropped(self) -> bool:
        return bool(self._run.config.get("personal_data") == "drop")

    @property
    def _row_attributes(self) -> str | None:
        """The entity whose attributes the row itself carries."""
        return self._attributes_of.get("")

    @property
    def _keeps_attribute_list(self) -> bool:
        return bool(self._run.config.get("custom_attributes") == "list")


class FieldReports:
    """Tells a person what was taken out of a stream's rows, once a field.

    Args:
        stream: The stream's name.
        progress: Counts the values that did not fit their type.
        known: Schemas; a field that one of them has is deselected or a duplicate, not unknown.
        all_attributes: Whether every attribute counts as known.
    """

    def __init__(
        self, stream: str, progress: StreamProgress, known: Sequence[Schema], *, all_attributes: bool = False
    ) -> None:
        self._stream = stream
        self._progress = progress
        self._known = known
        self._all_attributes = all_attributes

    def unknown(self, field: str) -> None:
        """Warn of a field that is not in the schema.

        Args:
            field: The field's path.
        """
        names = field.replace("[]", "").split(".")
        if names[0] == VALUES and (self._all_attributes or any(has_field(schema, names[1:]) for schema in self._known)):
            return  # an attribute that is the same in all store views, or a column of the row itself
        if not any(has_field(schema, names) for schema in self._known):
            _logger.warning(
                "'%s': field '%s' is not in the catalog and is left out. Refresh the catalog to have it",
                self._stream,
                field,
            )

    def type_mismatch(self, field: str) -> None:
        """Count a value that did not fit its type; the first of a field is logged at once.

        Args:
            field: The field's path.
        """
        mismatches = self._progress.type_mismatches
        mismatches[field] += 1
        if mismatches[field] == 1:
            _logger.warning(
                "'%s': a value of field '%s' does not fit its type; it is null, and its text is kept beside it",
                self._stream,
                field,
            )
