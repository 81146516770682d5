"""The tap run in this process against a shop over HTTP, without a second of waiting."""

from __future__ import annotations

import copy
import json
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from sample_store import Server
from tap_magento.tap import TapMagento
from tests.support.clock import FakeClock
from tests.support.messages import KilledError, Line, Messages


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
    catalog: dict[str, Any] = json.loads(make_tap(config, **how).catalog_json_text)
    return catalog


def schema_of(catalog: Mapping[str, Any], stream: str) -> dict[str, Any]:
    """Take a stream's properties out of a catalog."""
    properties: dict[str, Any] = _entry(catalog, stream)["schema"]["properties"]
    return properties


def selecting(
    catalog: Mapping[str, Any], streams: Sequence[str], deselected: Mapping[str, Sequence[Sequence[str]]] | None = None
) -> dict[str, Any]:
    """Select some streams of a catalog, and of these all but the properties given, each by its breadcrumb."""
    entries = []
    for entry in catalog["streams"]:
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
