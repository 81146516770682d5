"""The standard tests of Airbyte's CDK, run against the program `source-magento` in `SOURCE_MAGENTO`."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from airbyte_cdk.models import (
    AirbyteCatalog,
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteMessageSerializer,
    ConnectorSpecification,
    Type,
)
from airbyte_cdk.sources import Source
from airbyte_cdk.test.standard_tests.source_base import SourceTestSuiteBase


class Program(Source):
    """Runs the program for each command and reads its messages."""

    def spec(self, logger: Any) -> ConnectorSpecification:  # noqa: ARG002  as the CDK's
        return _one(_run("spec"), Type.SPEC).spec

    def check(self, logger: Any, config: Mapping[str, Any]) -> AirbyteConnectionStatus:  # noqa: ARG002
        return _one(_run("check", config=config), Type.CONNECTION_STATUS).connectionStatus

    def discover(self, logger: Any, config: Mapping[str, Any]) -> AirbyteCatalog:  # noqa: ARG002
        return _one(_run("discover", config=config), Type.CATALOG).catalog

    def read(self, logger: Any, config: Mapping[str, Any], catalog: Any, state: Any = None) -> Iterable[AirbyteMessage]:  # noqa: ARG002
        return _run("read", config=config, catalog=catalog, state=state)

    def read_config(self, config_path: str) -> Mapping[str, Any]:  # type: ignore[override]
        return _content(config_path)

    def read_catalog(self, catalog_path: str) -> Any:  # type: ignore[override]
        return _content(catalog_path)  # as it is: the program is to refuse a bad one

    def read_state(self, state_path: str) -> Any:  # type: ignore[override]
        return _content(state_path) if state_path else []


class TestSuite(SourceTestSuiteBase):
    """All of the CDK's tests that need no image."""

    connector = Program


def _run(command: str, **files: Any) -> Iterator[AirbyteMessage]:
    with tempfile.TemporaryDirectory() as folder:
        arguments = [os.environ["SOURCE_MAGENTO"], command]
        for name, content in files.items():
            if content:
                path = Path(folder, f"{name}.json")
                path.write_text(json.dumps(asdict(content) if is_dataclass(content) else content), encoding="utf-8")
                arguments += [f"--{name}", str(path)]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for line in process.stdout:
                yield AirbyteMessageSerializer.load(json.loads(line))


def _one(messages: Iterable[AirbyteMessage], kind: Type) -> Any:
    found = [message for message in messages if message.type in {kind, Type.TRACE}]
    assert [message.type for message in found] == [kind], found
    return found[0]


def _content(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))
