"""Mage's command line of a source, and what it calls for each option."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from mage_integrations.sources.catalog import Catalog  # type: ignore[import-not-found]


class Source:
    """Settings, state and selection as the command line gives them."""

    def __init__(self) -> None:
        parser = argparse.ArgumentParser()
        for name in ("config_json", "catalog_json", "state", "selected_streams_json", "log_to_stdout"):
            parser.add_argument(f"--{name}")
        for name in ("discover", "test_connection", "load_sample_data"):
            parser.add_argument(f"--{name}", action="store_true")
        self.options = parser.parse_args()
        self.config: dict[str, Any] = json.loads(self.options.config_json)
        self.state: dict[str, Any] = json.loads(Path(self.options.state).read_text()) if self.options.state else {}
        self.selected_streams: list[str] = json.loads(self.options.selected_streams_json or "[]")
        given = self.options.catalog_json
        self.catalog = Catalog.from_dict(json.loads(given)) if given else None

    def process(self) -> None:
        if self.options.test_connection:
            self.test_connection()  # type: ignore[attr-defined]
        elif self.options.discover:
            json.dump(self.discover(streams=self.selected_streams).to_dict(), sys.stdout)  # type: ignore[attr-defined]
        elif self.options.load_sample_data:
            for stream in self._catalog().streams:
                for rows in self.load_data(stream=stream, sample_data=True):  # type: ignore[attr-defined]
                    json.dump(rows, sys.stdout)
        else:
            self.sync(self._catalog(), None)  # type: ignore[attr-defined]

    def _catalog(self) -> Any:
        return self.catalog or self.discover(streams=self.selected_streams)  # type: ignore[attr-defined]


def main(source: type[Source]) -> None:
    source().process()
