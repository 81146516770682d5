"""A list of a Magento shop that lives on while it is read, without a server: its clock, writes, and late commits."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from functools import cached_property
from threading import RLock
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from singer_sdk import Stream
from typing_extensions import override

from tap_magento.http.client import Client
from tap_magento.reading.search import Filter, SearchCriteria
from tap_magento.reading.types import Key, ListSpec, Row
from tap_magento.streams.deletions import Deletions
from tap_magento.tap import TapMagento
from tap_magento.timestamps import to_magento
from tests.support.clock import FakeClock
from tests.support.memory import MemoryList
from tests.support.messages import KilledError, Messages

START = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
ZERO_DATE = "0000-00-00 00:00:00"

_KEYS = {"integer": {"type": "integer"}, "text": {"type": "string"}}
_TEXT = {"type": ["string", "null"]}
_DATE = {"type": ["string", "null"], "format": "date-time"}


@dataclass(frozen=True)
class Write:
    """Something done in the shop.

    `pick` chooses the row of an update or a delete, or the gap before a new key; what commits `late` seconds after the
    write has its time and becomes visible then; an imported row is dated in the future, an `old` one long ago. A row
    is restored as it was when it was deleted.
    """

    kind: Literal["insert", "update", "delete", "restore"]
    pick: int = 0
    late: int = 0
    imported: bool = False
    old: bool = False


@dataclass
class LiveShop:
    """The shop; `writes` are done before the request of that number, counted over all runs.

    Attributes:
        stream: What is read of it, a class of `ListStream`.
        version_field: A field of the rows that a write changes.
        now: The shop's clock.
        ticks: Seconds that pass before and while requests are answered, by turns.
        latest: Seconds after its write that a changed row becomes visible at the latest.
        latest_insert: The same of a new row, if other.
        miscount: Falsifies what the shop counts.
        fails_to_count: Whether it fails on requests for a count alone.
    """

    stream: Any
    version_field: str
    times: Mapping[Any, str]
    writes: Mapping[int, Sequence[Write]] = field(default_factory=dict)
    ticks: Sequence[int] = (0,)
    latest: int = 300
    latest_insert: int | None = None
    miscount: Callable[[int], int] = lambda rows: rows
    fails_to_count: bool = False
    now: datetime = START
    asked: int = 0
    fetched: int = 0
    deleted: dict[Key, Row] = field(default_factory=dict)
    bad: set[Key] = field(default_factory=set)
    hidden: set[Key] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.spec = ListSpec(
            self.stream.key_column,
            self.stream.key_field or self.stream.primary_keys[0],
            self.stream.declared_replication_key(),
            self.stream.key_type,
        )
        self.list = MemoryList(spec=self.spec)
        self._lock = RLock()
        self._late: list[tuple[datetime, Row]] = []
        self._versions = 0
        self._last_key = max((key for key in self.times if isinstance(key, int)), default=0)
        for key, time in self.times.items():
            self.list.rows[key] = self._row(key, time)

    @property
    def rows(self) -> Mapping[Key, Row]:
        return self.list.rows

    @property
    def schema(self) -> dict[str, Any]:
        """Of what the rows have: the whole schema of a stream would take longer than reading them."""
        time = {} if self.spec.time_column is None else {self.spec.time_column: _DATE}
        return {
            "type": "object",
            "properties": {self.spec.key_field: _KEYS[self.spec.key_type], self.version_field: _TEXT, **time},
        }

    def answer(self, criteria: SearchCriteria) -> _Response:
        """Answer as Magento does: as of the beginning, with a ``Date`` of the end."""
        with self._lock:
            self.asked += 1
            self._pass(self._tick())
            self.write(*self.writes.get(self.asked, ()))
            found = self.list.matching(criteria)
            assert criteria.page_size
            begin = (criteria.page - 1) * criteria.page_size
            page = found[begin : begin + criteria.page_size]
            self.fetched += len(page)
            is_bad = any(row[self.spec.key_field] in self.bad for row in page)
            page = [row for row in page if row[self.spec.key_field] not in self.hidden]
            body: dict[str, Any] = {"items": page, "search_criteria": {}, "total_count": self.miscount(len(found))}
            if is_bad:
                body = {"message": "Internal Error. Details are available in Magento log file. Report ID: webapi-1"}
            took = self._tick()
            self._pass(took)
            response = _Response(timedelta(seconds=took))
            response.status_code = 500 if is_bad else 200
            response.headers["Content-Type"] = "application/json; charset=utf-8"
            response.headers["Date"] = format_datetime(self.now, usegmt=True)
            response._content = json.dumps(body).encode()
            return response

    def settle(self) -> None:
        """Do all writes that are left and wait until they are visible: now the shop is quiet."""
        for number in sorted(self.writes):
            if number > self.asked:
                self.write(*self.writes[number])
                self._pass(1)
        self.writes = {}
        self._pass(3600)

    def write(self, *writes: Write) -> None:
        """Do something in the shop, now."""
        for write in writes:
            self._do(write)

    def _do(self, write: Write) -> None:
        key_field = self.spec.key_field
        if write.kind == "insert":
            self._last_key += 1 + write.pick % 3
            time = to_magento(self.now + timedelta(days=900) if write.imported else self.now)
            latest = self.latest if self.latest_insert is None else self.latest_insert
            row = self._row(self._last_key, "2020-02-29 12:00:00" if write.old else time)
            self._commit(row, min(write.late, latest))
            return
        if write.kind == "restore":
            gone = list(self.deleted)
            if gone:
                key = gone[write.pick % len(gone)]
                self.list.rows[key] = self.deleted.pop(key)
            return
        pending = {row[key_field] for _, row in self._late}
        free = [key for key in self.list.rows if key not in pending]  # the others are locked
        if not free:
            return
        key = free[write.pick % len(free)]
        if write.kind == "delete":
            self.deleted[key] = self.list.rows.pop(key)
        else:
            self._commit(self._row(key, to_magento(self.now)), min(write.late, self.latest))

    def _commit(self, row: Row, late: int) -> None:
        self._late.append((self.now + timedelta(seconds=late), row))
        self._pass(0)

    def _pass(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        due = [row for when, row in self._late if when <= self.now]
        self._late = [(when, row) for when, row in self._late if when > self.now]
        for row in due:
            self.list.rows[row[self.spec.key_field]] = row

    def _tick(self) -> int:
        self._ticked = getattr(self, "_ticked", -1) + 1
        return self.ticks[self._ticked % len(self.ticks)]

    def _row(self, key: Key, time: str) -> Row:
        self._versions += 1
        row: Row = {self.spec.key_field: key, self.version_field: f"v{self._versions}"}
        if self.spec.time_column:
            row[self.spec.time_column] = time
        return row


class _Response(requests.Response):
    """A response that took as long as the shop says, whatever the clock on the wall shows."""

    def __init__(self, took: timedelta) -> None:
        self.took = took
        super().__init__()

    @property
    def elapsed(self) -> timedelta:
        return self.took

    @elapsed.setter
    def elapsed(self, _: timedelta) -> None:
        """Leave it: `requests` sets it by the machine's clock."""


class _Adapter(BaseAdapter):
    """Sends to the shop, not to a network."""

    def __init__(self, shop: LiveShop, clock: FakeClock, before_sending: Callable[[], None]) -> None:
        super().__init__()
        self._shop = shop
        self._clock = clock
        self._before_sending = before_sending

    @override
    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        self._before_sending()
        criteria = criteria_of(str(request.url))
        if not urlsplit(str(request.url)).path.endswith(self._shop.stream.path):
            # The lists whose rows name others are empty.
            criteria = replace(criteria, groups=((Filter(self._shop.spec.key_column, "eq", -1),),), sort=())
        response = self._shop.answer(criteria)
        if self._shop.fails_to_count and str(request.url).endswith("fields=total_count"):
            response.status_code = 500
        self._clock.now += response.took.total_seconds()
        response.request, response.url = request, str(request.url)
        return response

    @override
    def close(self) -> None:
        """Nothing is open."""


def criteria_of(url: str) -> SearchCriteria:
    """Read the search criteria of a request as Magento does."""
    params = dict(parse_qsl(urlsplit(url).query))
    filters: dict[int, dict[int, dict[str, str]]] = {}
    sort: dict[int, str] = {}
    for name, value in params.items():
        if found := re.fullmatch(r"searchCriteria\[filterGroups\]\[(\d+)\]\[filters\]\[(\d+)\]\[(\w+)\]", name):
            group, number, part = found.groups()
            filters.setdefault(int(group), {}).setdefault(int(number), {})[part] = value
        elif found := re.fullmatch(r"searchCriteria\[sortOrders\]\[(\d+)\]\[field\]", name):
            sort[int(found[1])] = value
    groups = tuple(
        tuple(Filter(each["field"], each["conditionType"], _value(each["value"])) for each in group.values())  # type: ignore[arg-type]
        for group in filters.values()
    )
    page_size, page = params.get("searchCriteria[pageSize]"), params["searchCriteria[currentPage]"]
    return SearchCriteria(groups, tuple(sort.values()), page_size and int(page_size), int(page))  # type: ignore[arg-type]


def _value(text: str) -> str | int:
    return int(text) if re.fullmatch(r"-?\d+", text) else text


def one_stream_tap(  # noqa: PLR0913  each names itself
    shop: LiveShop,
    config: Mapping[str, Any],
    state: Mapping[str, Any] | None = None,
    *,
    message_writer: Messages,
    before_sending: Callable[[], None] = lambda: None,
    state_every: int | None = None,
    full_table: bool = False,
    keys: Sequence[str] | None = None,
) -> TapMagento:
    """Make a tap of one stream, real but for the network and the clock.

    Args:
        shop: The shop.
        config: The settings that matter.
        state: The state of an earlier run.
        message_writer: Takes the messages.
        before_sending: Called before each request.
        state_every: After how many records a state is written, whatever its size; None leaves that to the tap.
        full_table: Whether the catalog demands a complete re-read.
        keys: The `key_properties` of the catalog, where they are not the stream's.

    Returns:
        The tap.
    """
    time = FakeClock()

    class OneStream(shop.stream):  # type: ignore[misc, name-defined]
        STATE_MSG_FREQUENCY = state_every or 1_000
        schema = shop.schema

        @override
        def is_state_due(self) -> bool:
            return bool(state_every) or super().is_state_due()

    class OneStreamTap(TapMagento):
        @classmethod
        def clock(cls) -> FakeClock:
            return time

        @cached_property
        @override
        def client(self) -> Client:
            client = super().client
            client.session.mount("https://", _Adapter(shop, time, before_sending))
            return client

        @override
        def discover_streams(self) -> list[Stream]:
            deletions = Deletions(self, self.shared)
            self.shared.deletions = deletions
            return [OneStream(self, self.shared), deletions]

    settings = {
        "store_url": "https://shop.example.com",
        "access_token": "made-up",
        "schema_source": "bundled",
        "audit": "off",
        **config,
    }
    catalog = None
    if full_table or keys:
        catalog = OneStreamTap(config=settings).catalog_dict
        entry = next(each for each in catalog["streams"] if each["tap_stream_id"] == shop.stream.name)
        if full_table:
            entry["replication_method"] = "FULL_TABLE"
        if keys:
            entry["key_properties"] = list(keys)
    return OneStreamTap(
        config=settings,
        catalog=catalog,
        state=None if state is None else dict(state),
        message_writer=message_writer,
    )


def run(
    shop: LiveShop,
    config: Mapping[str, Any],
    state: Mapping[str, Any] | None = None,
    *,
    killed_at: int | None = None,
    **how: Any,
) -> list[dict[str, Any]]:
    """Run the tap over one list.

    Args:
        shop: The shop.
        config: The settings that matter.
        state: The state of an earlier run.
        killed_at: The run's request in which it is killed.
        how: As `one_stream_tap` takes it.

    Returns:
        The messages it wrote.
    """
    first = shop.asked
    messages = Messages()

    def die() -> None:
        # A dead process requests nothing more, whatever its threads would have done.
        if messages.is_closed or (killed_at is not None and shop.asked - first >= killed_at):
            messages.is_closed = True
            raise KilledError

    tap = one_stream_tap(shop, config, state, message_writer=messages, before_sending=die, **how)
    try:
        tap.run()
    except KilledError:
        assert killed_at is not None
    finally:
        messages.is_closed = True
    return messages.lines


@dataclass
class Table:
    """What a loader makes of the messages: the last record of each key, and the last state.

    Attributes:
        rows: The records by their keys.
        deletions: Those of the stream `deletions`, by the key of the row.
        state: The last state.
        unclaimed: Keys of what was loaded after the state that was the last one then.
    """

    key_field: str
    rows: dict[Key, dict[str, Any]] = field(default_factory=dict)
    deletions: dict[Key, dict[str, Any]] = field(default_factory=dict)
    state: dict[str, Any] | None = None
    unclaimed: set[Key] = field(default_factory=set)

    def load(self, lines: Sequence[Mapping[str, Any]]) -> None:
        pending: set[Key] = set()
        for line in lines:
            if line["type"] == "STATE":
                self.state = line["value"]
                pending.clear()
            elif line["type"] == "RECORD" and line["stream"] == "deletions":
                key = int(line["record"]["key"])
                self.deletions[key] = line["record"]
                pending.add(key)
            elif line["type"] == "RECORD":
                key = line["record"][self.key_field]
                self.rows[key] = line["record"]
                pending.add(key)
        self.unclaimed |= pending

    @property
    def live(self) -> dict[Key, dict[str, Any]]:
        """The rows less those that were found deleted."""
        gone = {key for key, record in self.deletions.items() if record["restored_at"] is None}
        return {key: record for key, record in self.rows.items() if key not in gone}
