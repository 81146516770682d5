"""The command line: an error that a person can mend is one line and exit code 1."""

from __future__ import annotations

from typing import Any

import click
from singer_sdk.exceptions import ConfigurationError
from singer_sdk.plugin_base import SingerCommand
from typing_extensions import override

from tap_magento.http.errors import MagentoError, ShopUnavailableError
from tap_magento.records.transform import TransformError

_TEST_HELP = (
    "Look at one page of each selected stream and show a table: what can be read, how many rows there are, how long a "
    "page takes, and which right or module is missing. The exit code is 1 if a stream cannot be read. "
    "--test=schema shows the schemas and reads nothing."
)


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
            if option.name == "catalog":
                option.is_eager = True  # so that --test, wherever it stands, knows what is selected
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
        except (MagentoError, ShopUnavailableError, TransformError, ConfigurationError) as error:
            self.logger.error("%s", error)  # noqa: TRY400  a person needs no traceback
            raise SystemExit(1) from None
        except Exception:
            # Not Python's own traceback, from which no secret is struck out.
            self.logger.exception("The tap met an error that it does not know")
            raise SystemExit(1) from None
