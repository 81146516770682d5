"""A list whose rows carry attributes: typed as the shop describes them, with labels if asked for."""

from __future__ import annotations

from typing import Any, ClassVar

from typing_extensions import override

from tap_magento.attributes import LABELS, UNPARSED, VALUES, with_attributes
from tap_magento.custom_attributes import compile_custom_attributes
from tap_magento.discovery import ATTRIBUTE_PATHS, labels_of
from tap_magento.lists import ListStream
from tap_magento.shaping import Prepare


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

    @override
    def preparation(self, store_code: str | None) -> Prepare | None:
        labels = {}
        if LABELS in self.selected_schema["properties"]:
            labels = labels_of(self.connection, ATTRIBUTE_PATHS[self.attributes_of], store_code)
        return compile_custom_attributes(labels=labels, on_unparsed=self.note_misfit)

    @override
    def wanted(self) -> dict[str, Any]:
        """Say what of the rows is wanted: of the attributes all or none, as they come in one list."""
        properties = dict(super().wanted()["properties"])
        made = [properties.pop(name, None) for name in (VALUES, UNPARSED, LABELS)]
        if any(made):
            properties[VALUES] = self.rows_schema["properties"][VALUES]
        return {**super().wanted(), "properties": properties}
