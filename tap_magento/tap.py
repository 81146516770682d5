"""The tap: its name, settings and streams."""

from __future__ import annotations

from functools import cached_property
from types import FrameType
from typing import Any, ClassVar

import click
from singer_sdk import Stream, Tap
from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.exceptions import ConfigurationError
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities, TapCapabilities
from typing_extensions import override

from tap_magento import checks, settings
from tap_magento.cli import MagentoCommand
from tap_magento.connection import Connection
from tap_magento.streams import STREAMS


class TapMagento(Tap):
    """Singer tap for Magento 2, Adobe Commerce and Mage-OS."""

    name = "tap-magento"
    config_jsonschema: ClassVar[dict[str, Any]] = settings.CONFIG_SCHEMA
    message_writer_class = MsgSpecWriter
    # Not BATCH: the SDK's batches bypass selection, and are slower than records.
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        TapCapabilities.ACTIVATE_VERSION,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    @cached_property
    def connection(self) -> Connection:
        """The shop as this run reaches it."""
        return Connection(self.config)

    @override
    def discover_streams(self) -> list[Stream]:
        return [stream(self, self.connection) for stream in STREAMS]

    @classmethod
    @override
    def get_singer_command(cls) -> click.Command:
        return MagentoCommand.of(super().get_singer_command(), logger=cls.logger)

    @override
    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        """End between two rows: the SDK's way can break the line that is being written."""
        self.connection.interruption.request(signum)

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check the settings ourselves: the SDK's messages repeat values, which may be secrets."""
        self.append_builtin_config(self.config_jsonschema)
        given = {name: value for name, value in self._config.items() if value is not None}
        self._config = settings.defaults() | given
        problems = checks.problems(self._config, self.config_jsonschema)
        if problems and raise_errors:
            raise ConfigurationError("; ".join(problems))
        return problems
