"""What `sdk.py` and `tap.py` lean on inside the Singer SDK: where the SDK changes it, a test here fails."""

from __future__ import annotations

import inspect
import logging
import signal
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from datetime import datetime, timezone
from typing import Any

import pytest
from singer_sdk import RESTStream, Stream, Tap, metrics
from singer_sdk.exceptions import ConfigurationError
from singer_sdk.helpers.capabilities import TapCapabilities
from singer_sdk.helpers.types import Context, Record
from singer_sdk.plugin_base import PluginBase
from singer_sdk.singerlib import RecordMessage
from typing_extensions import override

from tap_magento import sdk
from tap_magento.sdk import SdkStream
from tap_magento.tap import TapMagento
from tests.support.in_process import FakeClockTap, make_tap, signals_untouched
from tests.support.messages import Messages

CONFIG = {"store_url": "https://shop.example.com", "access_token": "made-up", "schema_source": "bundled"}
NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
SCHEMA = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": ["string", "null"]}}}
ROWS: list[dict[str, Any]] = [{"id": 1, "name": "One"}, {"id": 2, "name": None}, {"id": 3, "name": "Three"}]
DATED_SCHEMA = {"type": "object", "properties": {"id": {"type": "integer"}, "changed_at": {"type": "string"}}}
DATED_ROWS: list[dict[str, Any]] = [
    {"id": 1, "changed_at": "2026-03-01T00:00:00+00:00"},
    {"id": 2, "changed_at": "2026-01-01T00:00:00+00:00"},
]
MAPS: list[dict[str, Any]] = [
    {},
    {"stream_maps": {"things": {"id": "id", "title": "name", "__else__": None}}},
    {"stream_maps": {"things": {"__filter__": "id == 2"}}},
    {"stream_maps": {"things": {"__alias__": "stuff"}}},
]


class Things(SdkStream):
    """Rows in memory; it notes what had been written when it was resumed."""

    name = "things"
    primary_keys = ("id",)
    schema = SCHEMA
    rows = ROWS

    def __init__(self, tap: Tap) -> None:
        super().__init__(tap)
        self.events: list[str] = []
        self.time_extracted = NOON

    @override
    def get_records(self, context: Context | None) -> Iterator[Record]:
        for row in self.rows:
            self.events.append(f"row {row['id']}")
            yield deepcopy(row)
        self.events.append("end")
        self.activate_version()


def tap(writer: Messages | None = None, **config: Any) -> TapMagento:
    return make_tap(CONFIG | config, message_writer=writer or Messages())


def things(writer: Messages | None = None, kind: type[Things] = Things, **config: Any) -> Things:
    """Make the stream, of a tap that has no other."""

    class ThingsTap(FakeClockTap):
        @override
        def discover_streams(self) -> list[Stream]:
            return [kind(self)]

    with signals_untouched():
        stream = ThingsTap(config=CONFIG | config, message_writer=writer or Messages()).streams["things"]
    assert isinstance(stream, Things)
    return stream


def messages(make: Callable[[Any, Record], Iterable[RecordMessage]], stream: Stream) -> list[dict[str, Any]]:
    return [message.to_dict() for row in ROWS for message in make(stream, deepcopy(row))]


@pytest.mark.parametrize(
    ("owner", "method", "parameters"),
    [
        (Stream, "_generate_schema_messages", ["self"]),
        (Stream, "_generate_record_messages", ["self", "record"]),
        (Stream, "_write_activate_version_message", ["self", "full_table_version"]),
        (Stream, "_increment_stream_state", ["self", "latest_record", "context"]),
        (Stream, "_write_schema_message", ["self"]),
        (Stream, "_write_record_message", ["self", "record"]),
        (Stream, "_write_state_message", ["self"]),
        (Stream, "get_replication_key_signpost", ["self", "context"]),
        (Stream, "generate_child_contexts", ["self", "record", "context"]),
        (Stream, "get_records", ["self", "context"]),
        (Stream, "apply_catalog", ["self", "catalog"]),
        (Stream, "log_sync_costs", ["self"]),
        (Tap, "_handle_termination", ["self", "signum", "frame"]),
        (PluginBase, "_setup_signal_handlers", ["self"]),
        (PluginBase, "_validate_config", ["self", "raise_errors"]),
    ],
)
def test_what_is_overridden_or_called_is_there(owner: type, method: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(owner, method)).parameters) == parameters


@pytest.mark.parametrize("config", MAPS)
def test_record_messages_are_those_of_the_sdk(config: dict[str, Any]) -> None:
    stream = things(**config)
    ours, theirs = (
        messages(make, stream) for make in (SdkStream._generate_record_messages, RESTStream._generate_record_messages)
    )
    assert {message.pop("time_extracted") for message in ours} <= {NOON}
    assert len({type(message.pop("time_extracted")) for message in theirs} - {datetime}) == 0
    assert ours == theirs


def test_the_sdk_writes_records_by_the_overridden_method(monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Messages()
    monkeypatch.setattr(Things, "_generate_record_messages", lambda *_: iter(()))
    things(writer).sync()
    assert not writer.records("things")


def test_rows_are_resumed_only_after_the_last_record_was_written() -> None:
    events: list[str] = []

    def note(line: Any) -> bool:
        if line["type"] == "RECORD":
            events.append(f"record {line['record']['id']}")
        return False

    stream = things(Messages(note))
    stream.events = events
    stream.sync()
    assert events == ["row 1", "record 1", "row 2", "record 2", "row 3", "record 3", "end"]


def test_a_version_is_activated_after_the_last_record() -> None:
    writer = Messages()
    things(writer, emit_activate_version_messages=True).sync()
    kinds = [line["type"] for line in writer.lines]
    assert [kind for kind in kinds if kind != "STATE"] == ["SCHEMA", *["RECORD"] * 3, "ACTIVATE_VERSION"]
    (version,) = {line["version"] for line in writer.lines if "version" in line}
    assert isinstance(version, int)


def test_a_version_is_the_second_in_which_the_tap_began_or_that_of_the_read_that_goes_on() -> None:
    stream = things(emit_activate_version_messages=True)
    stream.begin_version()
    assert stream.record_version == stream._initialized_at // 1000
    stream.begin_version(1_790_000_000)
    assert stream.record_version == 1_790_000_000
    assert {each["version"] for each in messages(SdkStream._generate_record_messages, stream)} == {1_790_000_000}


def test_without_versions_none_is_sent() -> None:
    writer = Messages()
    stream = things(writer)
    stream.begin_version(1_790_000_000)
    stream.sync()
    assert stream.record_version is None
    assert not any("version" in line for line in writer.lines)


def test_a_version_that_was_abandoned_is_not_activated() -> None:
    writer = Messages()
    stream = things(writer, emit_activate_version_messages=True)
    stream.abandon_version()
    stream.sync()
    assert not writer.of("ACTIVATE_VERSION", "things")
    assert len(writer.records("things")) == 3


class DatedThings(Things):
    """Rows that the SDK would bookmark."""

    replication_key = "changed_at"
    schema = DATED_SCHEMA
    rows = DATED_ROWS


def test_the_sdk_moves_no_state_of_ours() -> None:
    writer = Messages()
    stream = things(writer, DatedThings)
    stream.get_context_state(None)["replication_key_value"] = "2026-02-01T00:00:00+00:00"
    stream.sync()
    assert writer.state["bookmarks"]["things"]["replication_key_value"] == "2026-02-01T00:00:00+00:00"


def test_the_sdk_writes_a_last_state_of_each_stream() -> None:
    writer = Messages()
    things(writer).sync()
    assert writer.lines[-1]["type"] == "STATE"


def test_a_failure_is_not_told_twice(caplog: pytest.LogCaptureFixture) -> None:
    class Failing(Things):
        @override
        def get_records(self, context: Context | None) -> Iterator[Record]:
            yield from ()
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        things(kind=Failing).sync()
    assert "An unhandled error occurred" not in caplog.text
    assert "An unhandled error occurred while syncing" in inspect.getsource(Stream.sync), "the filter goes by this"


@pytest.mark.parametrize("is_adapter", [False, True])
def test_a_stream_s_logger_may_be_an_adapter(is_adapter: bool) -> None:  # noqa: FBT001
    logger = logging.getLogger("tap-magento.contract")

    class Logged(Things):
        @property
        @override
        def logger(self) -> Any:
            return logging.LoggerAdapter(logger, {}) if is_adapter else logger

    stream = things(kind=Logged)
    assert sdk._logger_of(stream) is logger
    assert sdk._is_no_echo in logger.filters


def test_capabilities_need_no_member_that_the_next_sdk_lacks() -> None:
    named = {capability.value for capability in sdk.CAPABILITIES}
    assert {"catalog", "state", "discover", "about", "stream-maps"} <= named
    assert "batch" not in named
    assert ("activate-version" in named) == hasattr(TapCapabilities, "ACTIVATE_VERSION")


def test_a_signal_reaches_our_handler() -> None:
    with signals_untouched():
        running = TapMagento(config=CONFIG)
        assert signal.getsignal(signal.SIGTERM) == running._handle_termination
        assert signal.getsignal(signal.SIGINT) == running._handle_termination


def test_settings_are_checked_by_us_alone() -> None:
    with pytest.raises(ConfigurationError) as raised:
        tap(page_size="many-secrets")
    assert "page_size" in str(raised.value)
    assert "many-secrets" not in str(raised.value)


def test_a_catalog_replaces_schema_keys_and_method_but_not_what_the_class_declares() -> None:
    catalog = tap().catalog_dict
    (entry,) = (each for each in catalog["streams"] if each["tap_stream_id"] == "orders")
    entry["key_properties"] = ["increment_id"]
    entry["replication_method"] = "FULL_TABLE"
    entry["schema"] = {"type": "object", "properties": {"entity_id": {"type": "integer"}}}
    stream: Any = make_tap(CONFIG, catalog=catalog).streams["orders"]
    assert list(stream.primary_keys) == ["increment_id"]
    assert stream.replication_method == "FULL_TABLE"
    assert stream.effective_schema["properties"].keys() == {"entity_id"}
    assert stream.declared_keys() == ("entity_id",)
    assert stream.declared_replication_key() == "updated_at"
    assert len(stream.schema["properties"]) > 50


@pytest.mark.parametrize(("level", "is_logged"), [(logging.INFO, False), (logging.DEBUG, True)])
def test_metrics_are_logged_at_debug_alone(caplog: pytest.LogCaptureFixture, level: int, *, is_logged: bool) -> None:
    sdk.quieten(logging.getLogger("tap-magento"))
    with caplog.at_level(level), caplog.at_level(level, logger=metrics.METRICS_LOGGER_NAME):
        metrics.log(metrics.get_metrics_logger(), metrics.Point("counter", metrics.Metric.RECORD_COUNT, 1))
    assert bool(caplog.records) is is_logged
