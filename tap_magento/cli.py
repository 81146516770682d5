"""The command line: an error that a person can mend is one line and exit code 1."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click
from singer_sdk.exceptions import ConfigurationError, MappingError
from singer_sdk.plugin_base import SingerCommand
from typing_extensions import override

from tap_magento.exceptions import MagentoError, ShopUnavailableError
from tap_magento.records.transform import TransformError
from tap_magento.settings.environment import unread_variables
from tap_magento.settings.files import read_object, read_text
from tap_magento.settings.schema import CONFIG_SCHEMA
from tap_magento.state.state_file import parse_state

logger = logging.getLogger("tap-magento")

_TEST_HELP = (
    "Look at one page of each selected stream and show a table: what can be read, how many rows there are, how long a "
    "page takes, and which right or module is missing. The exit code is 1 if a stream cannot be read. "
    "--test=schema shows the schemas and reads nothing."
)


@dataclass(frozen=True, slots=True)
class GivenConfig:
    """What the options `--config` say.

    Attributes:
        config: The settings in the files; those of later files replace those of earlier ones.
        parse_env: Whether environment variables are to be read too.
    """

    config: dict[str, Any]
    parse_env: bool


class MagentoCommand(SingerCommand):
    """The tap's command."""

    @classmethod
    def of(cls, command: click.Command, **kwargs: Any) -> MagentoCommand:
        """Take over a command of the SDK.

        Args:
            command: The SDK's command.
            **kwargs: More arguments of the command.

        Returns:
            The same command, with this class's way to report errors.
        """
        for option in command.params:
            if option.name == "config":
                option.callback = _read_config
            if option.name == "catalog":
                option.type, option.callback = click.STRING, _read_catalog
                option.is_eager = True  # so that --test, wherever it stands, knows what is selected
            if option.name == "state":
                option.type, option.callback = click.STRING, _read_state
            if option.name == "test" and isinstance(option, click.Option):
                option.help = _TEST_HELP
        return cls(
            name=command.name,
            callback=command.callback,
            context_settings=command.context_settings,
            params=command.params,
            help=command.help,
            **kwargs,
        )

    @override
    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except (MagentoError, ShopUnavailableError, TransformError, ConfigurationError, MappingError) as error:
            self.logger.error("%s", error)  # noqa: TRY400  a person needs no traceback
            raise SystemExit(1) from None
        except Exception:
            # Not Python's own traceback, from which no secret is struck out.
            self.logger.exception("Unexpected error in the tap: please report it")
            raise SystemExit(1) from None


def _read_config(_: click.Context, __: click.Parameter, paths: Sequence[str]) -> GivenConfig:
    config: dict[str, Any] = {}
    for path in paths:
        if path != "ENV":
            config |= read_object(path, "configuration file")
    parse_env = "ENV" in paths
    if not parse_env:
        for warning in unread_variables(os.environ, CONFIG_SCHEMA, config):
            logger.warning(warning)
    return GivenConfig(config, parse_env)


def _read_catalog(_: click.Context, __: click.Parameter, path: str | None) -> dict[str, Any] | None:
    return None if path is None else read_object(path, "catalog")


def _read_state(_: click.Context, __: click.Parameter, path: str | None) -> dict[str, Any] | None:
    if path is None:
        return None
    state, notes = parse_state(read_text(path, "state file"), path)
    for note in notes:
        logger.warning(note)
    return state
