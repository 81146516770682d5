"""The tap run in this process against a shop over HTTP, without a second of waiting."""

from __future__ import annotations

import copy
import json
import signal
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from singer_sdk.singerlib.messages import Message
from typing_extensions import override

from sample_store import Server
from tap_magento.tap import TapMagento
from tests.support.live_shop import Messages

Line = Mapping[str, Any]


class KilledError(BaseException):
    """SIGKILL, as far as a process can do that to itself: nothing more is written."""


class Lines(Messages):
    """What a run wrote; it may be killed before a line.

    Args:
        dies_before: Told each line before it is written; True ends the run.
    """

    def __init__(self, dies_before: Callable[[Line], bool] = lambda _: False) -> None:
        super().__init__()
        self._dies_before = dies_before

    @override
    def write_message(self, message: Message) -> None:
        if self._dies_before(json.loads(bytes(self.format_message(message)))):
            raise KilledError
        super().write_message(message)

    def records(self, stream: str) -> list[dict[str, Any]]:
        """The records of a stream, in their order."""
        return [line["record"] for line in self.lines if line["type"] == "RECORD" and line["stream"] == stream]

    def keys(self, stream: str, *names: str) -> list[tuple[Any, ...]]:
        """Some fields of a stream's records, in their order."""
        return [tuple(record[name] for name in names) for record in self.records(stream)]

    @cached_property
    def state(self) -> dict[str, Any]:
        """The last state."""
        states: list[dict[str, Any]] = [line["value"] for line in self.lines if line["type"] == "STATE"]
        return states[-1]


def settings(server: Server, **more: Any) -> dict[str, Any]:
    """Give the tap's settings for a store; an outage is not sat out."""
    access = {"username": server.shop.username, "password": server.shop.password}
    return {"store_url": server.url, **access, "retry_timeout": 0, **more}


def make_tap(config: Mapping[str, Any], **how: Any) -> TapMagento:
    """Make the tap, and leave the handling of signals as it was."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        return TapMagento(config=dict(config), **how)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def discover(config: Mapping[str, Any]) -> dict[str, Any]:
    """Discover the catalog."""
    catalog: dict[str, Any] = json.loads(make_tap(config).catalog_json_text)
    return catalog


def schema_of(catalog: Mapping[str, Any], stream: str) -> dict[str, Any]:
    """Take a stream's properties out of a catalog."""
    properties: dict[str, Any] = _entry(catalog, stream)["schema"]["properties"]
    return properties


def selecting(
    catalog: Mapping[str, Any], streams: Sequence[str], deselected: Mapping[str, Sequence[Sequence[str]]] | None = None
) -> dict[str, Any]:
    """Select some streams of a catalog, and of these all but the properties given, each by its breadcrumb."""
    chosen = copy.deepcopy(dict(catalog))
    for entry in chosen["streams"]:
        name = entry["tap_stream_id"]
        found = {tuple(each["breadcrumb"]): each["metadata"] for each in entry["metadata"]}
        found[()]["selected"] = name in streams
        for crumb in (deselected or {}).get(name, ()):
            found.setdefault(tuple(crumb), {"inclusion": "available"})["selected"] = False
        entry["metadata"] = [{"breadcrumb": list(crumb), "metadata": told} for crumb, told in found.items()]
    return chosen


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
) -> Lines:
    """Run the tap as the program does, until it ends or is killed."""
    lines = Lines(dies_before)
    tap = make_tap(
        config, catalog=None if catalog is None else dict(catalog), state=copy.deepcopy(state), message_writer=lines
    )
    tap.check_store_views()
    tap.report_drift()
    try:
        tap.sync_all()
    except KilledError:
        return lines
    tap.connection.unavailable.conclude(accepted=tap.connection.authenticator.accepted)
    return lines


def requests_of(server: Server, part: str = "") -> int:
    """Count what the shop was asked, by a part of the path."""
    return sum(part in request.path for request in server.requests)


def _entry(catalog: Mapping[str, Any], stream: str) -> dict[str, Any]:
    entry: dict[str, Any] = next(each for each in catalog["streams"] if each["tap_stream_id"] == stream)
    return entry
