"""The tap run in this process against a shop over HTTP, without a second of waiting."""

from __future__ import annotations

import copy
import json
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from singer_sdk import Stream
from typing_extensions import override

from sample_store import Server
from tap_magento.streams import STREAMS
from tap_magento.streams.nested import NestedStream
from tap_magento.tap import TapMagento
from tests.support.clock import FakeClock
from tests.support.messages import KilledError, Line, Messages

_PARENTS = {
    stream.declared_name(): stream.parent_stream_type.declared_name()  # type: ignore[union-attr]
    for stream in STREAMS
    if issubclass(stream, NestedStream)
}


class FakeClockTap(TapMagento):
    """The tap, by a clock that does not wait."""

    clock = FakeClock


def settings(server: Server, **more: Any) -> dict[str, Any]:
    """Give the tap's settings for a store; an outage is not sat out."""
    access = {"username": server.shop.username, "password": server.shop.password}
    return {"store_url": server.url, **access, "retry_timeout": 0, **more}


@contextmanager
def signals_untouched() -> Iterator[None]:
    """Leave the handling of signals as it was."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def make_tap(config: Mapping[str, Any], **how: Any) -> TapMagento:
    """Make the tap, and leave the handling of signals as it was."""
    with signals_untouched():
        return FakeClockTap(config=dict(config), **how)


def discover(config: Mapping[str, Any], **how: Any) -> dict[str, Any]:
    """Discover the catalog."""
    return _catalog_of(make_tap(config, **how))


@cache
def bundled_catalog() -> dict[str, Any]:
    """The catalog without a shop."""
    return discover({"store_url": "http://127.0.0.1", "access_token": "any", "schema_source": "bundled"})


def discover_some(
    config: Mapping[str, Any], streams: Sequence[str], deselected: Mapping[str, Sequence[Sequence[str]]] | None = None
) -> dict[str, Any]:
    """Discover some streams alone, and select them as `selecting` does: all the others take most of the time."""
    with signals_untouched():
        tap = _tap_for(frozenset(_with_parents(streams)))(config=dict(config))
    return selecting(_catalog_of(tap), streams, deselected)


@cache
def _tap_for(streams: frozenset[str]) -> type[TapMagento]:
    class SomeStreamsTap(FakeClockTap):
        @override
        def discover_streams(self) -> list[Stream]:
            return [stream for stream in super().discover_streams() if stream.name in streams]

    return SomeStreamsTap


def _catalog_of(tap: TapMagento) -> dict[str, Any]:
    catalog: dict[str, Any] = json.loads(tap.catalog_json_text)
    return catalog


def _with_parents(streams: Sequence[str]) -> set[str]:
    return {*streams, *(_PARENTS[name] for name in streams if name in _PARENTS)}


def schema_of(catalog: Mapping[str, Any], stream: str) -> dict[str, Any]:
    """Take a stream's properties out of a catalog."""
    properties: dict[str, Any] = _entry(catalog, stream)["schema"]["properties"]
    return properties


def selecting(
    catalog: Mapping[str, Any], streams: Sequence[str], deselected: Mapping[str, Sequence[Sequence[str]]] | None = None
) -> dict[str, Any]:
    """Select some streams of a catalog, and of these all but the properties given, each by its breadcrumb.

    The others are left out but for their parents, as to set them up takes longer than a small run.
    """
    wanted = _with_parents(streams)
    entries = []
    for entry in catalog["streams"]:
        if entry["tap_stream_id"] not in wanted:
            continue
        name = entry["tap_stream_id"]
        found = {tuple(each["breadcrumb"]): dict(each["metadata"]) for each in entry["metadata"]}
        found[()]["selected"] = name in streams
        for crumb in (deselected or {}).get(name, ()):
            found.setdefault(tuple(crumb), {"inclusion": "available"})["selected"] = False
        metadata = [{"breadcrumb": list(crumb), "metadata": told} for crumb, told in found.items()]
        entries.append({**entry, "metadata": metadata})  # the schemas, which nobody changes, stay the same objects
    return {**catalog, "streams": entries}


def replicating_fully(catalog: Mapping[str, Any], stream: str) -> dict[str, Any]:
    """Demand that a stream is read completely in each run."""
    changed = copy.deepcopy(dict(catalog))
    _entry(changed, stream)["replication_method"] = "FULL_TABLE"
    return changed


def sync(
    config: Mapping[str, Any],
    catalog: Mapping[str, Any] | None,
    state: Mapping[str, Any] | None = None,
    dies_before: Callable[[Line], bool] = lambda _: False,
) -> Messages:
    """Run the tap as the program does, until it ends or is killed."""
    lines = Messages(dies_before)
    tap = make_tap(
        config, catalog=None if catalog is None else dict(catalog), state=copy.deepcopy(state), message_writer=lines
    )
    with suppress(KilledError):
        tap.run()
    return lines


def requests_of(server: Server, part: str = "") -> int:
    """Count what the shop was asked, by a part of the path."""
    return sum(part in request.path for request in server.requests)


def _entry(catalog: Mapping[str, Any], stream: str) -> dict[str, Any]:
    entry: dict[str, Any] = next(each for each in catalog["streams"] if each["tap_stream_id"] == stream)
    return entry
