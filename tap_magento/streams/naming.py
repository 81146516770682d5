"""Parents that their children name: rows that changed while their own time stood still.

A second shipment changes an order's items and no order (`docs/MAGENTO.md`, What updated_at does not show). So the
lists that move tell which parents to read again: those that are read anyway at no request, the others by the two
fields alone.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tap_magento.exceptions import StreamUnavailableError
from tap_magento.http.client import Client
from tap_magento.http.endpoint import ListEndpoint, ListRequest
from tap_magento.reading.complete import read_completely
from tap_magento.reading.page_size import PageSize
from tap_magento.reading.ranges import TimeRange
from tap_magento.reading.types import Batch, Key, ListSpec, Source
from tap_magento.timestamps import to_magento

_logger = logging.getLogger("tap-magento")


@dataclass(slots=True)
class ParentNames:
    """Which rows of other lists the changed rows of a page name.

    Attributes:
        fields: The states of the other lists, each with the field that names its rows.
        time_field: The field that dates the rows.
        since: The rows changed since then count, RFC 3339: those that are read for another reason name nothing new.
    """

    fields: Sequence[tuple[MutableMapping[str, Any], str]]
    time_field: str
    since: str
    _found: list[set[Any]] = field(init=False)

    def __post_init__(self) -> None:
        self._found = [set() for _ in self.fields]

    def note(self, row: Mapping[str, Any]) -> None:
        """Note a row that is emitted.

        Args:
            row: The row, transformed.
        """
        if self._found and (row.get(self.time_field) or "") >= self.since:
            for keys, (_, name) in zip(self._found, self.fields, strict=True):
                keys.add(row.get(name))

    def save(self) -> None:
        """Write what the rows of a page named into the states, before these move on."""
        for keys, (state, _) in zip(self._found, self.fields, strict=True):
            if keys:
                add_named(state, keys)
                keys.clear()


def add_named(state: MutableMapping[str, Any], keys: Iterable[Any]) -> None:
    """Note parents that are to be read again, in their list's state: they outlast an interrupted run.

    Args:
        state: The state of the parents' list.
        keys: The parents' keys; what is no key is left out.
    """
    named = {*state.get("named", ()), *(key for key in keys if isinstance(key, int) and key)}
    if named:
        state["named"] = sorted(named)


def forget_named(state: MutableMapping[str, Any]) -> None:
    """Note that the parents that were named have been read.

    Args:
        state: The state of their list.
    """
    if "named" in state:
        state["named"] = []


def keys_named_in(client: Client, request: ListRequest, name: str, since: datetime, page_size: int) -> Iterable[Key]:
    """Read which parents a list names as changed, of a list that does not name them in this run.

    Args:
        client: Sends the requests.
        request: The list; its fields are set here.
        name: The field of its rows that names the parent.
        since: The rows changed since then are looked at.
        page_size: How many rows to request at once, at most.

    Returns:
        The parents' keys; none if the list may not be read.
    """
    spec: ListSpec = request.spec
    fields = ",".join(dict.fromkeys(each for each in (spec.key_field, spec.time_column, name) if each))
    narrow = replace(request, fields=f"items[{fields}],total_count")
    endpoint = ListEndpoint(client, narrow, PageSize(page_size))
    source = Source(endpoint.fetch, endpoint.count, endpoint.locate, endpoint.page_size)
    found: set[Key] = set()
    try:
        for item in read_completely(TimeRange(spec, to_magento(since)), source):
            if isinstance(item, Batch):
                found.update(key for row in item.page.rows if isinstance(key := row.get(name), int))
    except StreamUnavailableError as error:
        _logger.info("Changes that only '%s' shows are not seen: %s", request.about, error)
    return found
