"""The Airbyte source run in this process, and what it wrote, read as the protocol's own classes have it."""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from unittest import mock

from airbyte_protocol_dataclasses.models import AirbyteMessage, AirbyteStateBlob

from sample_store import Server
from tap_magento.airbyte.program import main
from tests.support.in_process import FakeClockTap, signals_untouched

Message = Mapping[str, Any]


@dataclass
class Run:
    """What a command of the source wrote.

    Attributes:
        code: Its exit code.
        messages: Its messages, in their order.
    """

    code: int
    messages: list[dict[str, Any]]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The contents of the messages of a type."""
        return [message[_FIELDS[kind]] for message in self.messages if message["type"] == kind]

    def traces(self, kind: str) -> list[dict[str, Any]]:
        """The contents of the TRACE messages of a type."""
        return [trace[kind.lower()] for trace in self.of("TRACE") if trace["type"] == kind]

    @property
    def error(self) -> dict[str, Any]:
        """The one error."""
        (error,) = self.traces("ERROR")
        return error

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """The records by stream."""
        return rows_in(self.messages)

    def statuses(self, stream: str) -> list[str]:
        """The statuses of a stream."""
        told = self.traces("STREAM_STATUS")
        return [each["status"] for each in told if each["stream_descriptor"]["name"] == stream]

    def states(self) -> list[dict[str, Any]]:
        """The last state of each stream, as Airbyte gives them back."""
        return states_in(self.messages)

    def text(self) -> str:
        """All that was written."""
        return json.dumps(self.messages, ensure_ascii=False)


_FIELDS = {
    "SPEC": "spec",
    "CONNECTION_STATUS": "connectionStatus",
    "CATALOG": "catalog",
    "RECORD": "record",
    "STATE": "state",
    "LOG": "log",
    "TRACE": "trace",
}


def rows_in(messages: Sequence[Message]) -> dict[str, list[dict[str, Any]]]:
    """Collect the records by stream."""
    rows = defaultdict(list)
    for message in messages:
        if message["type"] == "RECORD":
            rows[message["record"]["stream"]].append(message["record"]["data"])
    return dict(rows)


def states_in(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Collect the last state of each stream, as Airbyte gives them back."""
    found = [message["state"] for message in messages if message["type"] == "STATE"]
    last = {state["stream"]["stream_descriptor"]["name"]: state for state in found}
    return [{"type": "STREAM", "stream": state["stream"]} for state in last.values()]


def form(server: Server, **more: Any) -> dict[str, Any]:
    """Fill in the form for a store, as Airbyte does: what was left blank is there too."""
    credentials = {
        "auth_method": "password",
        "username": server.shop.username,
        "password": server.shop.password,
        "totp_secret": "",
    }
    return {
        "store_url": server.url,
        "credentials": credentials,
        "headers": "",
        "start_date": None,
        "retry_timeout": 0,
        "__injected": {"a": 1},
        **more,
    }


def configured(
    catalog: Message, names: Sequence[str] = (), *, mode: str | None = None, generation: int | None = None
) -> dict[str, Any]:
    """Configure streams of a catalog as Airbyte does: the named ones, or all, incrementally where that can be."""
    entries = []
    for stream in catalog["streams"]:
        if names and stream["name"] not in names:
            continue
        entry = {
            "stream": stream,
            "sync_mode": mode or stream["supported_sync_modes"][-1],
            "destination_sync_mode": "append",
            "cursor_field": stream.get("default_cursor_field", []),
            "primary_key": stream["source_defined_primary_key"],
        }
        entries.append(entry if generation is None else {**entry, "generation_id": generation})
    return {"streams": entries}


def run_source(
    folder: Path,
    command: str,
    config: Message | None = None,
    catalog: Message | None = None,
    state: Any = None,
) -> Run:
    """Run a command of the source as the program does, by a clock that does not wait."""
    arguments = [command]
    for name, content in (("config", config), ("catalog", catalog), ("state", state)):
        if content is not None:
            path = folder / f"{name}.json"
            path.write_text(json.dumps(content), encoding="utf-8")
            arguments += [f"--{name}", str(path)]
    code = 0
    with _stdout() as out, _logging_untouched(), signals_untouched():
        with mock.patch("tap_magento.airbyte.program.TapMagento", FakeClockTap):
            try:
                main(arguments)
            except SystemExit as end:
                code = int(end.code or 0)
        return Run(code, [_parsed(line) for line in out.getvalue().splitlines()])


def _parsed(line: bytes) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(line)
    conform(message, AirbyteMessage)
    return message


def conform(value: Any, kind: Any, place: str = "message") -> None:  # noqa: C901  one branch a kind
    """See that a value is what a class of the protocol says, with no field more."""
    if get_origin(kind) in (Union, UnionType):
        kinds = [each for each in get_args(kind) if each is not type(None)]
        assert value is not None or len(kinds) < len(get_args(kind)), f"{place} is null"
        if value is not None:
            conform(value, kinds[0], place)
    elif kind is AirbyteStateBlob:
        assert isinstance(value, dict), place
    elif isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        assert isinstance(value, dict), place
        assert value.keys() <= {field.name for field in fields(kind)}, f"{place} has {sorted(value)}"
        for name, hint in hints.items():
            conform(value.get(name), hint, f"{place}.{name}")
    elif isinstance(kind, type) and issubclass(kind, Enum):
        kind(value)
    elif get_origin(kind) is list:
        assert isinstance(value, list), place
        for each in value:
            conform(each, get_args(kind)[0], place)
    elif get_origin(kind) is dict:
        assert isinstance(value, dict), place
    elif kind is not Any:
        wanted = (int, float) if kind is float else kind
        assert isinstance(value, wanted), f"{place} is {value!r}"


_hints = cache(get_type_hints)


@contextmanager
def _stdout() -> Iterator[io.BytesIO]:
    out = io.BytesIO()
    with mock.patch("sys.stdout", io.TextIOWrapper(out, encoding="utf-8", write_through=True)):
        yield out


@contextmanager
def _logging_untouched() -> Iterator[None]:
    root, shown = logging.getLogger(), warnings.showwarning
    handlers, level = list(root.handlers), root.level
    root.handlers = []
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        warnings.showwarning = shown
        root.handlers, root.level = handlers, level
