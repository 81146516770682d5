"""The command line: an error that a person can mend is one line and exit code 1."""

from __future__ import annotations

from typing import Any

import click
from singer_sdk.exceptions import ConfigurationError
from singer_sdk.plugin_base import SingerCommand
from typing_extensions import override

from tap_magento.errors import MagentoError, ShopUnavailableError


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
        except (MagentoError, ShopUnavailableError, ConfigurationError) as error:
            self.logger.error("%s", error)  # noqa: TRY400  a person needs no traceback
            raise SystemExit(1) from None
