"""All that leans on the internals of the Singer SDK; `tests/test_sdk_contract.py` fails where the SDK changes them."""

from __future__ import annotations

import ast
import logging
from abc import ABC
from collections.abc import Callable, Generator
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import simpleeval
from singer_sdk import Stream, Tap, metrics
from singer_sdk.exceptions import ConfigurationError, MapExpressionError
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities, TapCapabilities
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.helpers.types import Context, Record
from singer_sdk.mapper import CustomStreamMap, StreamMap
from singer_sdk.metrics import get_metrics_logger
from singer_sdk.singerlib import RecordMessage, SchemaMessage
from typing_extensions import override

from tap_magento.schema.nodes import without_items

# Not BATCH: the SDK's batches bypass selection, and are slower than records. ACTIVATE_VERSION has no member of its own
# any more in the SDK after 0.54.
CAPABILITIES: list[CapabilitiesEnum] = [
    *(
        capability
        for name in ("CATALOG", "STATE", "DISCOVER", "ACTIVATE_VERSION")
        if (capability := getattr(TapCapabilities, name, None)) is not None
    ),
    PluginCapabilities.ABOUT,
    PluginCapabilities.STREAM_MAPS,
    PluginCapabilities.FLATTENING,
    PluginCapabilities.STRUCTURED_LOGGING,
]


class SdkStream(Stream, ABC):
    """A stream that moves its own state, and concludes complete reads itself."""

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE  # the row transformer does it
    STATE_MSG_FREQUENCY = 1_000

    #: When the rows that are written now were read; those of a parent and its nested streams share it.
    time_extracted: datetime = datetime.fromtimestamp(0, timezone.utc)
    #: Whether records are being written.
    is_reading = False
    #: Whether rows are missing of the version that would be activated.
    is_version_abandoned = False
    _version_to_activate: int | None = None
    _written = 0

    def __init__(self, tap: Tap) -> None:
        super().__init__(tap)
        _logger_of(self).addFilter(_is_no_echo)

    def emitted(self, record: Record) -> Record:
        """Reduce a record to what is selected.

        Args:
            record: A transformed row; it is left as it is.

        Returns:
            What is written of it.
        """
        return record

    @override
    def _generate_schema_messages(self) -> Generator[SchemaMessage, None, None]:
        """Describe the arrays as the settings want it.

        Only here, where no catalog is made and no row transformed: the items of an array keep their fields and types.
        """
        for message in super()._generate_schema_messages():
            if self.config.get("array_items") == "open":
                message.schema = without_items(message.schema)
            yield message

    @override
    def _generate_record_messages(self, record: Record) -> Generator[RecordMessage, None, None]:
        """Make a row's messages as the SDK does, of what is selected.

        The SDK looks for deselected properties in each row, which takes a seventh of the tap's time, and finds none
        inside arrays; and it dates each message by its own clock.
        """
        selected = self.emitted(record)
        for stream_map in self.stream_maps:
            mapped = self._mapped(stream_map, selected)
            if mapped is not None:
                yield RecordMessage(
                    stream=stream_map.stream_alias,
                    record=mapped,
                    version=self._stream_version,
                    time_extracted=self.time_extracted,
                )

    def _mapped(self, stream_map: StreamMap, record: Record) -> Record | None:
        """Apply a stream map or flattening; the record keeps within its SCHEMA message.

        The SDK gives an object that is null a field of its own, which the flattened schema does not have.
        """
        try:
            mapped = stream_map.transform(record)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, MapExpressionError) as error:
            raise ConfigurationError(
                f"`stream_maps` of '{self.name}': {_failing_expression(self, record)} cannot be evaluated for a row "
                f"({type(error).__name__}): handle nulls and texts, for example by `... if field else None`"
            ) from None
        if mapped is None or not self.config.get("flattening_enabled"):
            return mapped
        declared = stream_map.transformed_schema["properties"]
        return {name: value for name, value in mapped.items() if name in declared}

    @property
    @override
    def stream_maps(self) -> list[StreamMap]:
        maps = super().stream_maps
        for stream_map in maps:
            evaluator = getattr(stream_map, "expr_evaluator", None)
            if evaluator is not None and ast.Mult in evaluator.operators:
                evaluator.operators.update(_DECIMAL_OPERATORS)
        return maps

    @override
    def _write_activate_version_message(self, full_table_version: int) -> None:
        """Put it off: that rows were not seen means that they are gone only when all has been read.

        The SDK sends it first, and a stream that then fails or may not be read would lose its rows in the warehouse.
        """
        self._version_to_activate = full_table_version

    @override
    def _increment_stream_state(self, *_: Any, **__: Any) -> None:
        """Do nothing: streams move their state page by page.

        The SDK's way compares raw values record by record, and has no notion of a read in key order.
        """

    @override
    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Set none: the bookmark keeps to the shop's clock, not to ours."""

    @property
    def record_version(self) -> int | None:
        """The version of the records of a full-table read; None where no versions are sent."""
        return self._stream_version

    def begin_version(self, version: int | None = None) -> None:
        """Give the records of a full-table read a version.

        Args:
            version: That of the interrupted read that goes on; None makes a new one.
        """
        if self.emit_activate_version_messages:
            self._stream_version = version or self._initialized_at // 1000
            self._version_to_activate = self._stream_version

    def abandon_version(self) -> None:
        """Activate no version in this run: not all rows have been read."""
        self.is_version_abandoned = True

    def activate_version(self) -> None:
        """Tell the loader that rows not seen in this version are gone, if versions are sent."""
        if self._version_to_activate is not None and not self.is_version_abandoned:
            super()._write_activate_version_message(self._version_to_activate)
            self._version_to_activate = None

    def write_schema(self) -> None:
        """Write the SCHEMA message of a stream that the SDK does not read itself."""
        self._write_schema_message()

    def write_record(self, record: Record) -> None:
        """Write the RECORD messages of a row of a stream that the SDK does not read itself.

        Args:
            record: The row, transformed.
        """
        self._write_record_message(record)
        self._written += 1

    def log_record_count(self) -> None:
        """Log how many rows `write_record` wrote, as the SDK does for the streams that it reads itself."""
        if self._written:
            with metrics.record_counter(self.name) as counter:
                counter.increment(self._written)

    def before_state(self) -> None:
        """Bring this stream's part of the state up to date; called before a STATE message."""

    def is_state_due(self) -> bool:
        """Tell whether a STATE message may be written among the records.

        Returns:
            Whether its bytes are worth it now.
        """
        return True

    @override
    def _write_state_message(self) -> None:
        """Write a STATE message; among the records only as often as its size allows."""
        if self.is_reading:
            if self.is_state_due():
                self.write_state()
            return
        self.before_state()
        super()._write_state_message()

    def write_state(self) -> None:
        """Write the STATE message now."""
        self.before_state()
        self._tap.state_writer.write_state(self.tap_state)
        self.on_state()

    @property
    def state_bytes(self) -> int:
        """How many bytes the last STATE message had."""
        writer: Any = self._tap.message_writer
        return int(writer.state_bytes)

    def on_state(self) -> None:
        """Note that a STATE message was written among the records."""


def _logger_of(stream: Stream) -> logging.Logger:
    """Give a stream's logger; the SDK after 0.54 wraps it into an adapter."""
    logger: Any = stream.logger
    wrapped: logging.Logger = logger.logger if isinstance(logger, logging.LoggerAdapter) else logger
    return wrapped


def _with_decimals(operator: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Let an operator take an exact amount and a number of an expression, which Python reads as a float."""

    def apply(left: Any, right: Any) -> Any:
        if isinstance(left, Decimal) and isinstance(right, float):
            return operator(left, Decimal(str(right)))
        if isinstance(left, float) and isinstance(right, Decimal):
            return operator(Decimal(str(left)), right)
        return operator(left, right)

    return apply


_DECIMAL_OPERATORS = {
    node: _with_decimals(simpleeval.DEFAULT_OPERATORS[node])
    for node in (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
}


def _failing_expression(stream: Stream, record: Record) -> str:
    """Name the expression of a stream's map that fails for a record."""
    given: Any = (stream.config.get("stream_maps") or {}).get(stream.name)
    for stream_map in stream.stream_maps:
        for name, expression in (given if isinstance(given, dict) else {}).items():
            if not isinstance(expression, str) or not isinstance(stream_map, CustomStreamMap):
                continue
            try:
                stream_map._eval(expression, ast.parse(expression).body[0], record, name)  # type: ignore[arg-type]  # noqa: SLF001
            except Exception:  # noqa: BLE001  whatever it is, it is this one
                return f"`{name}: {expression}`"
    return "an expression"


def quieten(logger: logging.Logger) -> None:
    """Keep lines of the SDK that say nothing to a person out of the log, unless it is at level DEBUG.

    Args:
        logger: The tap's logger.
    """
    for each in (logger, get_metrics_logger()):
        if not any(isinstance(known, _Quiet) for known in each.filters):
            each.addFilter(_Quiet())


class _Quiet(logging.Filter):
    _BEGINNINGS = ("Added '%s' as child stream", "Skipping deselected stream", "Skipping parse of env var", "METRIC: ")

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith(self._BEGINNINGS) or logging.getLogger(record.name).isEnabledFor(
            logging.DEBUG
        )


def _is_no_echo(record: logging.LogRecord) -> bool:
    """Keep out the SDK's line before an error that is told in one line of its own."""
    return not str(record.msg).startswith("An unhandled error occurred while syncing")
