"""Run the tap many times in one process, as talkative as it can be: `python -m tests.support.talkative < runs.json`.

A run is the settings, the faults of the store meanwhile, and whether the tap itself has a fault.
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NoReturn
from unittest import mock

import requests

from tap_magento.streams.base import MagentoStream
from tap_magento.tap import TapMagento


def main() -> None:
    """Do all runs of the standard input."""
    with tempfile.TemporaryDirectory() as folder:
        for run in json.load(sys.stdin):
            _run(Path(folder) / "config.json", run)
    command = Path("/proc/self/cmdline")
    if command.exists():
        sys.stdout.write(command.read_text(encoding="utf-8"))


def _run(path: Path, run: dict[str, Any]) -> None:
    path.write_text(json.dumps(run["config"]), encoding="utf-8")
    control = f"{run['server']}/_store/faults"
    requests.post(control, json=run["faults"], timeout=20).raise_for_status()

    def fail(self: MagentoStream, *_: object) -> NoReturn:
        raise RuntimeError(f"the tap has a fault: {self.config}")

    with mock.patch.object(MagentoStream, "reading_rows", fail) if run.get("broken") else nullcontext():
        for options in run["options"]:
            logging.getLogger().handlers.clear()  # the SDK adds one for every run of a process
            try:
                TapMagento.cli.main(["--config", str(path), *options])
            except SystemExit as end:
                sys.stderr.write(f"\nexit {end.code}\n")
    requests.delete(control, timeout=20).raise_for_status()


if __name__ == "__main__":
    main()
