"""The tap: its name, settings and streams."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from types import FrameType
from typing import Any, ClassVar

import click
from dotenv import find_dotenv, load_dotenv
from singer_sdk import Stream, Tap
from singer_sdk.exceptions import ConfigurationError
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities, TapCapabilities
from singer_sdk.tap_base import CliTestOptionValue
from typing_extensions import override

from tap_magento.cli import MagentoCommand
from tap_magento.http.connection import Connection
from tap_magento.http.errors import StreamUnavailableError
from tap_magento.runtime.redaction import redacted
from tap_magento.runtime.writer import BufferedWriter
from tap_magento.schema.discovery import Discovery, check_store_views, differences
from tap_magento.settings import schema as settings
from tap_magento.settings import validation as checks
from tap_magento.settings.catalog_file import check_catalog
from tap_magento.settings.environment import settings_from, unknown_variables
from tap_magento.settings.given import normalized
from tap_magento.state.foreign import StreamShape, usable_state
from tap_magento.streams import STREAMS
from tap_magento.streams import probe as access
from tap_magento.streams.base import MagentoStream

# Of a stream's differences from its catalog, so many are told in full.
_MOST_TOLD = 10


class TapMagento(Tap):
    """Singer tap for Magento 2, Adobe Commerce and Mage-OS."""

    name = "tap-magento"
    config_jsonschema: ClassVar[dict[str, Any]] = settings.CONFIG_SCHEMA
    message_writer_class = BufferedWriter
    message_writer: BufferedWriter
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

    def __init__(
        self,
        *,
        config: Mapping[str, Any] | None = None,
        catalog: Mapping[str, Any] | None = None,
        parse_env_config: bool = False,
        **kwargs: Any,
    ) -> None:
        settings_given = dict(config or {})
        if parse_env_config:
            self.append_builtin_config(self.config_jsonschema)
            load_dotenv(find_dotenv(usecwd=True))
            for warning in unknown_variables(os.environ, self.config_jsonschema):
                self.logger.warning(warning)
            settings_given |= settings_from(os.environ, self.config_jsonschema)
        if catalog is not None:
            offered = [each for each in STREAMS if not each.needs_setting or settings_given.get(each.needs_setting)]
            keys: dict[str, Any] = {each.name: each.replication_key for each in offered}  # type: ignore[misc]
            known = {name: key if isinstance(key, str) else None for name, key in keys.items()}
            catalog, notes = check_catalog(catalog, known)
            for note in notes:
                self.logger.warning(note)
        super().__init__(config=settings_given, catalog=catalog, **kwargs)

    @cached_property
    def connection(self) -> Connection:
        """The shop as this run reaches it."""
        return Connection(self.config)

    @classmethod
    @override
    def invoke(  # type: ignore[override]  # as the SDK's own
        cls,
        *,
        about: bool = False,
        about_format: str | None = None,
        config: Any = None,
        state: dict[str, Any] | None = None,
        catalog: dict[str, Any] | None = None,
    ) -> None:
        """Run the tap as the SDK does, and at the end tell what had to be left out."""
        super(Tap, cls).invoke(about=about, about_format=about_format)
        cls.print_version(print_fn=cls.logger.info)
        tap = cls(
            config=config.config,
            state=state,
            catalog=catalog,
            parse_env_config=config.parse_env,
        )
        tap.check_store_views()
        tap.report_drift()
        try:
            tap.sync_all()
        finally:
            tap.message_writer.flush()
        tap.connection.unavailable.conclude(accepted=tap.connection.authenticator.accepted)

    @override
    def discover_streams(self) -> list[Stream]:
        discovery = self._today if self.input_catalog is None else Discovery(self.connection, live=False)
        discovery.check_store_views(self.config.get("store_views", ()))
        offered = (each for each in STREAMS if not each.needs_setting or self.config.get(each.needs_setting))
        return [stream(self, self.connection, discovery) for stream in offered]

    @override
    def load_state(self, state: dict[str, Any]) -> None:
        if not state.get("bookmarks"):
            return
        shapes = {
            stream.name: StreamShape(stream.replication_key, frozenset(*(stream.partitions or [])[:1]))
            for stream in self.streams.values()
        }
        usable, notes = usable_state(state, shapes)
        for note in notes:
            self.logger.warning(note)
        super().load_state(usable)

    def check_store_views(self) -> None:
        """See that the shop has the store views that are to be read, before anything is read.

        Raises:
            UnknownStoreViewError: If it lacks one of them.
            MagentoError: If its store views cannot be read.
            ShopUnavailableError: If it does not answer now.
        """
        codes = self.config.get("store_views")
        if not codes:
            return
        # Who may not see the list of store views may still read them.
        with suppress(StreamUnavailableError), self.connection.shutdown.waiting():
            check_store_views(self.connection, codes)

    def report_drift(self) -> None:
        """Tell how the shop's own schema differs from the catalog that the run goes by."""
        if self.input_catalog is None or not self._may_ask:
            return
        today = self._today
        for stream in self.streams.values():
            if not stream.selected or not isinstance(stream, MagentoStream):
                continue
            found = list(differences(stream.effective_schema, type(stream)(self, self.connection, today).schema))
            if found and not today.is_incomplete:
                more = f" and {len(found) - _MOST_TOLD} more" if len(found) > _MOST_TOLD else ""
                told = ", ".join(found[:_MOST_TOLD]) + more
                self.logger.warning("'%s' has changed in the shop: %s. Discover the catalog anew", stream.name, told)

    @cached_property
    def _today(self) -> Discovery:
        """What the shop says today, if it is to be asked."""
        return Discovery(self.connection, live=self._may_ask)

    @property
    def _may_ask(self) -> bool:
        """Whether the shop's own schema is wanted, and the settings are complete."""
        wanted = self.config.get("schema_source") == "live"
        return wanted and not checks.problems(self.config, self.config_jsonschema)

    @classmethod
    @override
    def get_singer_command(cls) -> click.Command:
        return MagentoCommand.of(super().get_singer_command(), logger=cls.logger)

    @classmethod
    @override
    def cb_test(cls, ctx: click.Context, param: click.Option, value: str) -> None:
        if value != CliTestOptionValue.All.value:
            super().cb_test(ctx, param, value)
            return
        config, catalog = ctx.params["config"], ctx.params.get("catalog")
        tap = cls(
            config=config.config,
            parse_env_config=config.parse_env,
            catalog=catalog,
        )
        streams = [stream for stream in tap.streams.values() if isinstance(stream, MagentoStream) and stream.selected]
        click.echo(redacted(access.describe(tap.connection)))
        findings = access.look_at(streams)
        click.echo(redacted(access.table(findings)))
        ctx.exit(1 if any(finding.problem for finding in findings) else 0)

    @override
    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        """End between two rows: the SDK's way can break the line that is being written."""
        self.connection.shutdown.request(signum)

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check the settings ourselves: the SDK's messages repeat values, which may be secrets."""
        self.append_builtin_config(self.config_jsonschema)
        given, notes = normalized(self._config)
        for note in notes:
            self.logger.warning(note)
        self._config = settings.defaults() | given
        # A catalog may be discovered without a shop, but not by settings that are wrong.
        check = checks.problems if raise_errors else checks.mistakes
        problems = check(self._config, self.config_jsonschema)
        if problems:
            raise ConfigurationError("; ".join(problems))
        return problems
