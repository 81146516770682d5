"""The command line of `source-magento`: spec, check, discover and read, as the Airbyte protocol has them."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any

from tap_magento.airbyte.catalog import (
    SelectedStream,
    bookmarks_from,
    check_streams,
    describe,
    selected_streams,
    singer_catalog,
)
from tap_magento.airbyte.messages import AirbyteWriter, LogHandler, failure_type
from tap_magento.airbyte.reading import Reading
from tap_magento.airbyte.spec import DOCUMENTATION_URL, connection_specification, settings_from
from tap_magento.exceptions import MagentoError, StreamUnavailableError
from tap_magento.http.request import Request
from tap_magento.http.response import parse_array
from tap_magento.runtime.redaction import hide, redacted
from tap_magento.settings.files import parse_json, read_object, read_text
from tap_magento.settings.schema import secrets_in
from tap_magento.streams import STREAMS, shop
from tap_magento.streams.probe import Finding, table
from tap_magento.tap import TapMagento

_logger = logging.getLogger("tap-magento")

# A person waits for `check` and `discover`; a long outage is not sat out.
_LONGEST_OUTAGE = 60.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program.

    Args:
        arguments: The command line, without the program's name.

    Raises:
        SystemExit: With code 1 if the command failed; a TRACE message then tells why.
    """
    options = _parser().parse_args(arguments)
    writer = AirbyteWriter()
    logging.basicConfig(level=logging.INFO, handlers=[LogHandler(writer)], force=True)
    logging.captureWarnings(capture=True)
    try:
        options.run(writer, options)
    except Exception as error:  # noqa: BLE001  whatever it is, Airbyte is told in a message
        writer.error(error, writer.translator.current if writer.translator else None)
        raise SystemExit(1) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="source-magento", description="Airbyte source for Magento 2.")
    parser.add_argument("--version", action="version", version=f"source-magento {version('tap-magento')}")
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, run, files in (
        ("spec", _spec, ()),
        ("check", _check, ("config",)),
        ("discover", _discover, ("config",)),
        ("read", _read, ("config", "catalog")),
    ):
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        for file in files:
            command.add_argument(f"--{file}", required=True)
        if name == "read":
            command.add_argument("--state")
    return parser


def _spec(writer: AirbyteWriter, _: argparse.Namespace) -> None:
    writer.send(
        "SPEC",
        "spec",
        {
            "documentationUrl": DOCUMENTATION_URL,
            "connectionSpecification": connection_specification(),
            "supportsIncremental": True,
            "supported_destination_sync_modes": ["overwrite", "append", "append_dedup"],
            "protocol_version": "0.2.0",
        },
    )


def _check(writer: AirbyteWriter, options: argparse.Namespace) -> None:
    try:
        problem = _connection_problem(_tap(writer, options.config))
    except Exception as error:
        if failure_type(error) == "system_error":
            _logger.exception("Unexpected error in the source: please report it")
        problem = str(error) or type(error).__name__
    status = {"status": "FAILED", "message": redacted(problem)} if problem else {"status": "SUCCEEDED"}
    writer.send("CONNECTION_STATUS", "connectionStatus", status)


def _discover(writer: AirbyteWriter, options: argparse.Namespace) -> None:
    tap = _tap(writer, options.config)
    _check_access(tap)
    writer.send("CATALOG", "catalog", {"streams": [describe(stream) for stream in tap.magento_streams]})


def _read(writer: AirbyteWriter, options: argparse.Namespace) -> None:
    streams = selected_streams(read_object(options.catalog, "catalog"))
    states = parse_json(read_text(options.state, "state file").strip() or "[]", "The state") if options.state else []
    catalog = singer_catalog(streams.values(), _parents(writer, options.config, streams))
    state = {"bookmarks": bookmarks_from(states, streams)}
    tap = _tap(writer, options.config, catalog=catalog, state=state)
    check_streams(streams.values(), {stream.name for stream in tap.magento_streams})
    reading = Reading(writer, tap, streams)
    writer.translator = reading
    try:
        tap.run()
    except BaseException as error:
        reading.end(error)
        raise
    reading.end()


def _tap(writer: AirbyteWriter, path: str, **how: Any) -> TapMagento:
    config = settings_from(read_object(path, "configuration file"))
    hide(*secrets_in(config))
    return TapMagento(config=config, message_writer=writer, **how)


def _parents(writer: AirbyteWriter, config: str, streams: Mapping[str, SelectedStream]) -> Iterable[Mapping[str, Any]]:
    """Discover the streams that are not read themselves, but have others nested in their rows.

    Airbyte's catalog lacks them, and only the shop knows the fields that are its own.
    """
    nested = {each: each.parent_stream_type for each in STREAMS if each.declared_name() in streams}
    parents = {each.declared_name() for each in STREAMS if each in nested.values()} - streams.keys()
    if not parents:
        return []
    entries: Sequence[Mapping[str, Any]] = _tap(writer, config).catalog_dict["streams"]
    return [entry for entry in entries if entry["tap_stream_id"] in parents]


def _connection_problem(tap: TapMagento) -> str:
    """Tell why nothing can be read; what can be is logged."""
    _check_access(tap)
    findings = tap.probe()
    _logger.info("%s\n%s", shop.describe(tap.client), table(findings))
    return "" if any(finding.seconds is not None for finding in findings) else _told(findings)


def _check_access(tap: TapMagento) -> None:
    """See that the shop accepts the credentials, for anything at all.

    Raises:
        MagentoError: If it does not.
        ShopUnavailableError: If it cannot be reached.
    """
    client = tap.client
    policy = replace(client.retry_policy, seconds=min(client.retry_policy.seconds, _LONGEST_OUTAGE))
    try:
        client.send(Request("/V1/store/storeViews", "store views"), parse_array, policy)
    except StreamUnavailableError as refusal:  # a role that may not list the store views may read others
        findings = tap.probe()
        if not client.authenticator.accepted:
            raise MagentoError(_told(findings) or str(refusal)) from None


def _told(findings: Iterable[Finding]) -> str:
    """Say what is wrong with each stream, but the same thing once."""
    return "; ".join(dict.fromkeys(finding.problem for finding in findings if finding.problem))
