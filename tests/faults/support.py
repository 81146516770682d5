"""Runs of the tap that go wrong, without a second of waiting: a clock to turn, a pipe to cut, a table to compare."""

from __future__ import annotations

import copy
import json
import signal
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any
from unittest import mock

from singer_sdk import Stream
from singer_sdk.singerlib.messages import Message
from typing_extensions import override

from demo.truth import compare, different
from sample_store import Server, Shop
from tap_magento.http.errors import MagentoError, ShopUnavailableError
from tap_magento.runtime.shutdown import ShutdownError
from tap_magento.runtime.writer import BufferedWriter
from tap_magento.streams import make_streams
from tap_magento.tap import TapMagento
from tests.support.clock import FakeClock

#: Streams read here, and their keys: two of the sales, and one whose key has another name in searches.
KEYS = {"orders": "entity_id", "order_items": "item_id", "products": "id"}

#: What may differ: what Magento changes in an order without moving its `updated_at` (`docs/MAGENTO.md`), and what the
#: tap leaves out unless it is selected, as it is but a copy of another row.
_HIDDEN = {"orders": {"items", "extension_attributes"}, "order_items": {"parent_item"}}

Config = Mapping[str, Any]
#: What happens before a line is written, by the line's number from 0 on.
Events = Mapping[int, Callable[[TapMagento], None]]


class Clock:
    """A shop's clock that a test turns."""

    def __init__(self, now: datetime = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)) -> None:
        self._now = now

    def __call__(self) -> datetime:
        return self._now

    def tick(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def shop_of(orders: int, seed: int, clock: Clock) -> Shop:
    """Make a shop of few products: as many as make several pages."""
    shop = Shop.generate(orders=orders, seed=seed, clock=clock)
    for key in shop.keys("products")[12:]:
        shop.delete("products", key)
    return shop


@cache
def tap_for(names: tuple[str, ...]) -> type[TapMagento]:
    """Make the tap with some streams only: to set up all the others takes longer than a small run."""

    class FewStreams(TapMagento):
        @override
        def discover_streams(self) -> list[Stream]:
            wanted = {*names, "deletions"}
            with mock.patch("tap_magento.tap.make_streams", lambda tap, run, _: make_streams(tap, run, wanted)):
                return [stream for stream in super().discover_streams() if stream.name in wanted]

    return FewStreams


class KilledError(BaseException):
    """SIGKILL, as far as a process can do that to itself: nothing more is written."""


def kill(_: TapMagento) -> None:
    raise KilledError


def terminate(tap: TapMagento) -> None:
    """SIGTERM, in the middle of writing a line."""
    tap._handle_termination(15, None)


class Pipe(BufferedWriter):
    """Takes the tap's lines, and lets something happen before chosen ones."""

    def __init__(self, events: Events) -> None:
        super().__init__()
        self.lines: list[bytes] = []
        self.tap: TapMagento | None = None
        self._events = events

    @override
    def write_message(self, message: Message) -> None:
        event = self._events.get(len(self.lines))
        if event is not None and self.tap is not None:
            event(self.tap)
        self.lines.append(bytes(self.format_message(message)))


@dataclass
class Tables:
    """What a loader has made of the lines so far."""

    streams: Sequence[str] = tuple(KEYS)
    rows: dict[str, dict[int, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    state: dict[str, Any] = field(default_factory=dict)

    def load(self, lines: Iterable[bytes]) -> Counter[tuple[str, int]]:
        """Upsert the records, keep the last state; tell how often each row came."""
        came: Counter[tuple[str, int]] = Counter()
        for line in lines:
            message = json.loads(line, parse_float=Decimal)
            if message["type"] == "RECORD" and message["stream"] in KEYS:
                name, record = message["stream"], message["record"]
                key = record[KEYS[name]]
                came[name, key] += 1
                self.rows[name][key] = record
            elif message["type"] == "STATE":
                self.state = message["value"]
        return came

    def problems(self, shop: Shop) -> list[str]:
        """Tell where the tables are not the shop, for the rows that exist in the shop."""
        found = []
        for name in self.streams:
            key = KEYS[name]
            raw = {row[key]: row for row in shop.rows(name)}
            wrong = compare(list(self.rows[name].values()), list(raw.values()), [key]).wrong
            for (row_key,), fields in wrong.items():
                row = self.rows[name].get(row_key)
                if row is None or not _is_hidden(name, row, raw[row_key]):
                    found.append(f"{name} {row_key}: {', '.join(fields)}")
        return found


def _is_hidden(name: str, loaded: Mapping[str, Any], raw: Mapping[str, Any]) -> bool:
    return set(different(loaded, raw)) <= _HIDDEN.get(name, set())


@dataclass(frozen=True)
class Run:
    """How a run of the tap ended: what it wrote, the error that ended it, and the seconds it would have waited."""

    lines: Sequence[bytes]
    error: BaseException | None
    waits: Sequence[float] = ()


def settings(server: Server, **more: Any) -> dict[str, Any]:
    """Give the tap's settings for a store: pages so small that every list has several, and the rows as they come."""
    access = {"username": server.shop.username, "password": server.shop.password}
    as_they_come = {"schema_source": "bundled", "custom_attributes": "list"}
    return {"store_url": server.url, **access, **as_they_come, "page_size": 5, **more}


def run(config: Config, tables: Tables, events: Events | None = None, timeout: float | None = None) -> Run:
    """Run the tap in this process until it ends or is ended.

    Args:
        config: The tap's settings.
        tables: What has been read so far: says where to go on, and what to read.
        events: What happens meanwhile.
        timeout: Seconds to wait for a response, where a test cannot wait for the second that the setting allows.
    """
    pipe, clock = Pipe(events or {}), FakeClock()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    state = copy.deepcopy(tables.state)
    with mock.patch.object(TapMagento, "clock", return_value=clock):
        tap = pipe.tap = tap_for(tuple(tables.streams))(config=dict(config), state=state, message_writer=pipe)
    for number, handler in handlers.items():
        signal.signal(number, handler)
    if timeout is not None:
        tap.client.__dict__["_timeout"] = (timeout, timeout)
    try:
        tap.run()
    except (KilledError, ShutdownError, MagentoError, ShopUnavailableError) as error:
        return Run(pipe.lines, error, clock.waits)
    return Run(pipe.lines, None, clock.waits)
