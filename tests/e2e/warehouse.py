"""A shop's tables made by the tap in this process and the installed loader, where Meltano is not what is shown."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from singer_sdk.singerlib.messages import Message
from typing_extensions import override

from demo.pipeline import LOADER
from demo.places import ROOT
from demo.postgres import Database
from tap_magento.runtime.writer import BufferedWriter
from tests.support.in_process import make_tap

_PROGRAM = ROOT / ".meltano" / "loaders" / LOADER / "venv" / "bin" / LOADER


class _Lines(BufferedWriter):
    """Keeps the lines as they are written, with every digit."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[bytes] = []

    @override
    def write_message(self, message: Message) -> None:
        self.lines.append(bytes(self.format_message(message)))


@dataclass(frozen=True)
class Warehouse:
    """Tables, and the loader that fills them, configured as in `meltano.yml`.

    Attributes:
        home: Folder of the loader's settings.
        database: Where the tables are.
    """

    home: Path
    database: Database

    def load(
        self, config: Mapping[str, Any], catalog: Mapping[str, Any], state: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Read a shop and load what was read.

        Args:
            config: The tap's settings.
            catalog: What is read.
            state: Where to go on.

        Returns:
            The last state that the loader told of.
        """
        lines = _Lines()
        make_tap(
            config, catalog=dict(catalog), state=None if state is None else dict(state), message_writer=lines
        ).run()
        settings = self.home / "loader.json"
        address = {"sqlalchemy_url": self.database.sqlalchemy_url, "default_target_schema": self.database.schema}
        settings.write_text(json.dumps({**_loader_settings(), **address}), encoding="utf-8")
        done = subprocess.run(
            [str(_PROGRAM), f"--config={settings}"], input=b"".join(lines.lines), capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2_000:].decode()
        last: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return last


@cache
def _loader_settings() -> Mapping[str, Any]:
    project = YAML(typ="safe").load(ROOT / "meltano.yml")
    (loader,) = (each for each in project["plugins"]["loaders"] if each["name"] == LOADER)
    settings: Mapping[str, Any] = loader["config"]
    return settings
