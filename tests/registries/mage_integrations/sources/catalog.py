"""Mage's catalog: dictionaries in objects."""

from __future__ import annotations

from typing import Any


class Entry:
    """A stream of a catalog."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = content
        self.tap_stream_id: str = content["tap_stream_id"]

    def to_dict(self) -> dict[str, Any]:
        return self._content


class Catalog:
    """The streams."""

    def __init__(self, streams: list[Entry]) -> None:
        self.streams = streams

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Catalog:
        return cls([Entry(each) for each in content["streams"]])

    def to_dict(self) -> dict[str, Any]:
        return {"streams": [each.to_dict() for each in self.streams]}
