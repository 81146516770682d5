"""A list whose rows carry attributes: typed as the shop describes them, with labels if asked for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from singer_sdk.helpers.types import Context, Record
from typing_extensions import override

from tap_magento.records.custom_attributes import compile_custom_attributes
from tap_magento.records.transform import Prepare
from tap_magento.schema.attributes import LABELS, UNPARSED, VALUES, with_attributes
from tap_magento.schema.discovery import ATTRIBUTE_PATHS, labels_of
from tap_magento.streams.list import ListStream


class AttributedStream(ListStream):
    """A list whose rows carry attributes.

    Attributes:
        attributes_of: The entity whose attributes they are, a key of `ATTRIBUTE_PATHS`.
    """

    attributes_of: ClassVar[str]

    @override
    def describe(self, schema: dict[str, Any]) -> dict[str, Any]:
        if self.config.get("custom_attributes") == "list":
            return schema
        labels = bool(self.config.get("option_labels"))
        return dict(with_attributes(schema, self.discovery.attributes(self.attributes_of), labels=labels))

    @cached_property
    @override
    def selected_schema(self) -> dict[str, Any]:
        """As of any rows, but with the attributes that labels are made of, and without misfits of none."""
        schema = super().selected_schema
        properties = dict(schema["properties"])
        values, labels = properties.get(VALUES, {}), properties.get(LABELS, {})
        if not values:
            properties.pop(UNPARSED, None)
        if "properties" in labels:
            whole = self.effective_schema["properties"][VALUES]
            read = {*values.get("properties", {}), *labels["properties"]}
            found = {code: node for code, node in whole.get("properties", {}).items() if code in read}
            properties[VALUES] = {**whole, "properties": found}
        return {**schema, "properties": properties}

    @override
    def request_records(self, context: Context | None) -> Iterator[Record]:
        # The labels are read here, not with the first row: who may not see them cannot read this stream alone.
        with self.stopping(), self.connection.shutdown.waiting():
            self._shaper(self.scope_of(context))
        yield from super().request_records(context)

    @override
    def preparation(self, store_code: str | None) -> Prepare | None:
        labels = {}
        if "properties" in self.selected_schema["properties"].get(LABELS, {}):
            labels = labels_of(self.connection, ATTRIBUTE_PATHS[self.attributes_of], store_code)
        return compile_custom_attributes(labels=labels, on_unparsed=self.note_type_mismatch)

    @override
    def wanted(self) -> dict[str, Any]:
        """Say what of the rows is wanted: of the attributes all or none, as they come in one list."""
        properties = dict(super().wanted()["properties"])
        made = [properties.pop(name, None) for name in (VALUES, UNPARSED, LABELS)]
        if any(made):
            properties[VALUES] = self.rows_schema["properties"][VALUES]
        return {**super().wanted(), "properties": properties}
