"""The tap: its name, settings and streams, and the sequence of a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from types import FrameType
from typing import Any, ClassVar

import click
from dotenv import find_dotenv, load_dotenv
from singer_sdk import Stream, Tap
from singer_sdk.exceptions import ConfigurationError
from singer_sdk.helpers.capabilities import CapabilitiesEnum
from singer_sdk.tap_base import CliTestOptionValue
from typing_extensions import override

from tap_magento import sdk
from tap_magento.auth import authenticator_for
from tap_magento.cli import MagentoCommand
from tap_magento.exceptions import ShopUnavailableError, StreamUnavailableError
from tap_magento.http.client import Client
from tap_magento.reading.shards import Shard
from tap_magento.runtime.cadence import StateCadence
from tap_magento.runtime.clock import Clock
from tap_magento.runtime.progress import Progress
from tap_magento.runtime.redaction import hide, redacted
from tap_magento.runtime.shutdown import Shutdown, ShutdownError
from tap_magento.runtime.summary import log_summary, summary
from tap_magento.runtime.unavailable import UnavailableStreams
from tap_magento.runtime.writer import BufferedWriter
from tap_magento.schema.discovery import Discovery
from tap_magento.schema.drift import differences
from tap_magento.schema.store_views import check_store_views
from tap_magento.settings import schema as settings
from tap_magento.settings import validation
from tap_magento.settings.catalog_file import check_catalog
from tap_magento.settings.environment import settings_from, unknown_variables
from tap_magento.settings.given import normalized
from tap_magento.settings.shards import shard_of
from tap_magento.state.foreign import StreamShape, usable_state
from tap_magento.streams import declared_streams, make_streams
from tap_magento.streams.base import MagentoStream
from tap_magento.streams.configured import ConfiguredStream
from tap_magento.streams.context import RunContext
from tap_magento.streams.deletions import Deletions
from tap_magento.streams.list import ListStream
from tap_magento.streams.probe import Finding, table
from tap_magento.streams.shop import describe

# Of a stream's differences from its catalog, so many are logged in full.
_MOST_DIFFERENCES = 10


class TapMagento(Tap):
    """Singer tap for Magento 2, Adobe Commerce and Mage-OS."""

    name = "tap-magento"
    config_jsonschema: ClassVar[dict[str, Any]] = settings.CONFIG_SCHEMA
    message_writer_class = BufferedWriter
    message_writer: BufferedWriter
    capabilities: ClassVar[list[CapabilitiesEnum]] = sdk.CAPABILITIES
    #: Makes the clock of a run.
    clock: ClassVar[Callable[[], Clock]] = Clock

    def __init__(
        self,
        *,
        config: Mapping[str, Any] | None = None,
        catalog: Mapping[str, Any] | None = None,
        parse_env_config: bool = False,
        **kwargs: Any,
    ) -> None:
        sdk.quieten(self.logger)
        settings_given = dict(config or {})
        if parse_env_config:
            self.append_builtin_config(self.config_jsonschema)
            load_dotenv(find_dotenv(usecwd=True))
            for warning in unknown_variables(os.environ, self.config_jsonschema):
                self.logger.warning(warning)
            settings_given |= settings_from(os.environ, self.config_jsonschema)
        if catalog is not None:
            offered = [
                each
                for each in declared_streams(settings_given)
                if not each.needs_setting or settings_given.get(each.needs_setting)
            ]
            known = {each.declared_name(): each.declared_replication_key() for each in offered}
            others = {each.declared_name() for each in offered if each.follows_another}
            catalog, notes = check_catalog(catalog, known, others)
            for note in notes:
                self.logger.warning(note)
        super().__init__(config=settings_given, catalog=catalog, **kwargs)

    def run(self) -> None:
        """Check, sync and conclude: the sequence of a run.

        Raises:
            MagentoError: If a person must act.
            ShopUnavailableError: If the shop stayed unavailable.
            ShutdownError: If the run was told to end.
        """
        error: BaseException | None = None
        try:
            self._run()
        except BaseException as failure:
            error = failure
            raise
        finally:
            log_summary(summary(self.shared.progress, self.shared.unavailable.reasons, error))

    def _run(self) -> None:
        self._check_store_views()
        self._check_configured_streams()
        self._log_drift()
        try:
            if self._shard is not None and self._shard.number == 0:
                self._write_schemas()
                return
            self.sync_all()
        except ShutdownError:
            self.shared.progress.stop()
            raise
        finally:
            self.message_writer.flush()
        self.shared.unavailable.conclude(accepted=self.client.authenticator.accepted)

    @cached_property
    def _shard(self) -> Shard | None:
        found = shard_of(self.config.get("shard") or "")
        return None if found is None else Shard(*found)

    def _write_schemas(self) -> None:
        """Write the SCHEMA messages of the selected streams, so that the loader's tables exist before shards start."""
        for stream in self.magento_streams:
            if stream.selected:
                stream.write_schema()

    @cached_property
    def client(self) -> Client:
        """Sends every request of the run."""
        hide(*settings.secrets_in(self.config))
        clock = self._clock

        def authenticator(client: Client) -> Any:
            return authenticator_for(
                self.config, root=client.address.root(), send=client.send_unsigned, monotonic=clock.monotonic
            )

        return Client(self.config, authenticator, clock)

    @cached_property
    def _clock(self) -> Clock:
        return type(self).clock()

    @cached_property
    def shared(self) -> RunContext:
        """What all streams of the run share."""
        shutdown = Shutdown()
        catalog = self.input_catalog
        return RunContext(
            config=self.config,
            client=self.client,
            discovery=Discovery(self.client, shutdown.waiting, live=self._may_discover),
            catalog_discovery=Discovery(self.client, shutdown.waiting, live=False),
            in_catalog=frozenset() if catalog is None else frozenset(entry.tap_stream_id for entry in catalog.streams),
            progress=Progress(self.logger),
            shutdown=shutdown,
            unavailable=UnavailableStreams(fatal=self.config.get("on_missing_access") != "skip"),
            cadence=StateCadence(self._clock.monotonic),
            declared={each.declared_name(): each for each in declared_streams(self.config)},
            shard=self._shard,
        )

    @override
    def discover_streams(self) -> list[Stream]:
        names = None if self.input_catalog is None else self.shared.in_catalog
        if names is None:
            self.shared.discovery.check_store_views(self.config.get("store_views") or ())
        streams = list(make_streams(self, self.shared, names))
        for stream in streams:
            if names is not None and stream.name not in names:
                stream.selected = False  # the SDK takes what its catalog does not name for selected
        self.shared.deletions = next((stream for stream in streams if isinstance(stream, Deletions)), None)
        self.shared.lists = {stream.name: stream for stream in streams}
        return list(streams)

    @property
    @override
    def streams(self) -> dict[str, Stream]:
        """The streams, lists that name other lists' rows before these."""
        found = super().streams
        if self._streams is not None and not self._is_ordered:
            self._is_ordered = True
            self._streams = dict(sorted(found.items(), key=lambda item: bool(getattr(item[1], "named_by", None))))
        return self._streams or found

    _is_ordered = False

    @override
    def setup_mapper(self) -> None:
        try:
            super().setup_mapper()
        except ValueError as error:
            if "Duplicate column name" not in str(error):
                raise
            raise ConfigurationError(
                "`flattening_max_key_length` gives two columns of a stream one name: raise it, or leave it out"
            ) from None

    @override
    def load_state(self, state: dict[str, Any]) -> None:
        if not state.get("bookmarks"):
            return
        shapes = {
            stream.name: StreamShape(
                stream.source.declared_replication_key(), frozenset(*(stream.source.partitions or [])[:1])
            )
            for stream in self.magento_streams
        }
        usable, notes = usable_state(state, shapes)
        for note in notes:
            self.logger.warning(note)
        super().load_state(usable)

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
        super(Tap, cls).invoke(about=about, about_format=about_format)
        cls.print_version(print_fn=cls.logger.info)
        tap = cls(
            config=config.config,
            state=state,
            catalog=catalog,
            parse_env_config=config.parse_env,
        )
        tap.run()

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
        click.echo(redacted(describe(tap.client)))
        findings = tap.probe()
        click.echo(redacted(table(findings)))
        ctx.exit(1 if any(finding.problem for finding in findings) else 0)

    def probe(self) -> list[Finding]:
        """Find out which of the selected streams can be read; several of one endpoint are probed once.

        Returns:
            A finding for each.
        """
        by_path: dict[str, Finding] = {}
        findings = []
        for stream in self.magento_streams:
            if not stream.selected:
                continue
            path = getattr(stream.source, "path", stream.source.name)
            if path not in by_path:
                by_path[path] = stream.source.probe()
            findings.append(by_path[path].named(stream.name, is_nested=stream is not stream.source))
        return findings

    @property
    def magento_streams(self) -> list[MagentoStream]:
        """The streams of the tap."""
        return [stream for stream in self.streams.values() if isinstance(stream, MagentoStream)]

    @override
    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        """End between two rows: the SDK's way can break the line that is being written."""
        self.shared.shutdown.request(signum)

    @override
    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check the settings ourselves: the SDK's messages repeat values, which may be secrets."""
        self.append_builtin_config(self.config_jsonschema)
        given, notes = normalized(self._config)
        for note in notes:
            self.logger.warning(note)
        self._config = settings.defaults() | given
        # A catalog may be discovered without a shop, but not by settings that are wrong.
        check = validation.problems if raise_errors else validation.mistakes
        problems = list(check(self._config, self.config_jsonschema)) or _unknown_lists(self._config)
        if problems:
            raise ConfigurationError("; ".join(problems))
        return problems

    def _check_store_views(self) -> None:
        """See that the shop has the store views that are to be read, before anything is read."""
        # A role that may not list the store views may still read them.
        with suppress(StreamUnavailableError), self.shared.shutdown.waiting():
            check_store_views(self.client, self.config.get("store_views") or ())

    def _check_configured_streams(self) -> None:
        """See that the lists of the setting `streams` can be searched as it says, before anything is read."""
        for stream in self.magento_streams:
            if isinstance(stream, ConfiguredStream) and stream.selected:
                # One that may not be read is left out when it is its turn, as any other.
                with suppress(StreamUnavailableError), self.shared.shutdown.waiting():
                    stream.check()

    def _log_drift(self) -> None:
        """Log how the shop's own schema differs from the catalog that the run goes by."""
        if self.input_catalog is None or not self._may_discover:
            return
        compared = {
            stream.name: stream for stream in self.magento_streams if stream.selected and stream is stream.source
        }
        current = {stream.name: stream for stream in make_streams(self, replace(self.shared, in_catalog=()), compared)}
        for stream in compared.values():
            try:
                found = list(differences(stream.effective_schema, current[stream.name].schema))
            except ShopUnavailableError as error:
                self.logger.warning("Could not compare the catalog with the shop: %s", error)
                return
            if found and not self.shared.discovery.is_incomplete:
                more = f" and {len(found) - _MOST_DIFFERENCES} more" if len(found) > _MOST_DIFFERENCES else ""
                listed = ", ".join(found[:_MOST_DIFFERENCES]) + more
                self.logger.warning("'%s': the catalog is out of date: %s. Refresh the catalog", stream.name, listed)

    @property
    def _may_discover(self) -> bool:
        """Whether the shop's own schema is wanted, and the settings are complete."""
        wanted = self.config.get("schema_source") == "live"
        return wanted and not validation.problems(self.config, self.config_jsonschema)


def _unknown_lists(config: Mapping[str, Any]) -> list[str]:
    """Tell which streams of the setting `reread` there are not."""
    known = {each.declared_name() for each in declared_streams(config) if issubclass(each, ListStream)}
    return [
        f"`reread` names '{name}': there is no such list" for name in config.get("reread") or () if name not in known
    ]
