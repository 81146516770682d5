"""`meltano run tap-magento target-postgres`, and what it says of itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from demo.places import ROOT
from demo.postgres import Database

TAP = "tap-magento"
LOADER = "target-postgres"

_METRIC = "METRIC: "
# How many of its last lines are shown when it fails.
_LAST_LINES = 25
# A file `.env` is for the project's own runs.
_MELTANO = (str(Path(sys.executable).with_name("meltano")), f"--env-file={os.devnull}")


class PipelineError(Exception):
    """Meltano did not do what it was asked; the text says what it said."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of the pipeline moved.

    Attributes:
        seconds: How long it took.
        loaded: Stream to the rows that the loader took.
    """

    seconds: float
    loaded: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The project's pipeline, with a state and a database of its own.

    Attributes:
        home: Folder of the state, the logs and all else that a run leaves behind.
        database: Where the rows go.
        settings: The tap's settings as environment variables.
    """

    home: Path
    database: Database
    settings: Mapping[str, str] = field(repr=False)

    def environment(self) -> dict[str, str]:
        """Say everything that Meltano needs to know.

        Returns:
            The environment of its processes. What else configures these plugins, in the environment or in a file
            `.env`, is left out.
        """
        prefixes = ("TAP_MAGENTO_", "TARGET_POSTGRES_", "MELTANO_")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}
        return {
            **inherited,
            **self.settings,
            "TARGET_POSTGRES_SQLALCHEMY_URL": self.database.sqlalchemy_url,
            "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": self.database.schema,
            "MELTANO_PROJECT_ROOT": str(ROOT),
            "MELTANO_SYS_DIR_ROOT": str(self._system()),
            "MELTANO_CLI_DISABLE_VERSION_CHECK": "1",
            "UV_PYTHON_DOWNLOADS": "never",
        }

    def install(self) -> None:
        """Install the two plugins, each into a virtual environment of its own.

        Raises:
            PipelineError: If that fails, for example without a package registry.
        """
        environment = self.environment()
        # The project's own folder: a virtual environment does not stand being moved.
        del environment["MELTANO_SYS_DIR_ROOT"]
        _meltano(environment, ("install", TAP, LOADER), lambda _: None)

    def run(self, tell: Callable[[str], None] = lambda _: None) -> Run:
        """Discover the shop's schema, read what is new in it and load that.

        Meltano keeps no catalog of a plugin that is installed with `-e`, as the project's own is.

        Args:
            tell: Is called with the name of each stream as the tap begins with it.

        Returns:
            What was moved.

        Raises:
            PipelineError: If the tap or the loader failed.
        """
        started = time.monotonic()
        loaded = Counter[str]()

        def listen(line: Mapping[str, object]) -> None:
            event = str(line.get("event"))
            if event.startswith("Beginning sync of '"):
                tell(event.split("'")[1])
            if event.startswith(_METRIC) and line.get("name") == LOADER:
                metric = json.loads(event.removeprefix(_METRIC))
                if metric["metric"] == "record_count":
                    loaded[metric["tags"]["stream"]] += metric["value"]

        _meltano(self.environment(), ("run", TAP, LOADER), listen)
        return Run(time.monotonic() - started, loaded)

    def meltano(self, arguments: Sequence[str]) -> int:
        """Run any command of Meltano on the terminal.

        Args:
            arguments: Of `meltano`.

        Returns:
            Its exit code.
        """
        return subprocess.run([*_MELTANO, *arguments], cwd=ROOT, env=self.environment(), check=False).returncode

    def _system(self) -> Path:
        """Make Meltano's own folder: where the plugins lie is the project's, the rest belongs to this pipeline."""
        system = self.home / "meltano"
        system.mkdir(parents=True, exist_ok=True)
        for plugins in ("extractors", "loaders"):
            link = system / plugins
            if not link.is_symlink():
                link.symlink_to(ROOT / ".meltano" / plugins)
        return system


def _meltano(
    environment: Mapping[str, str], arguments: Sequence[str], listen: Callable[[Mapping[str, object]], None]
) -> None:
    lately: deque[str] = deque(maxlen=_LAST_LINES)
    with subprocess.Popen(
        [*_MELTANO, "--log-format=json", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            for line in process.stdout or ():
                said = _parsed(line)
                listen(said)
                lately.append(f"{said.get('name', 'meltano')}: {said.get('event')}")
        except BaseException:  # Ctrl-C too: leaving Popen's context would not wait for the process then
            process.terminate()
            process.wait()
            raise
    if process.returncode != 0:
        raise PipelineError(f"meltano {' '.join(arguments)} failed:\n" + "\n".join(lately))


def _parsed(line: str) -> Mapping[str, object]:
    try:
        said = json.loads(line)
    except ValueError:
        said = None
    return said if isinstance(said, dict) else {"event": line.rstrip()}
