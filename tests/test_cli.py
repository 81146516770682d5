"""The command line: one line and exit code 1 for what a person can mend, and nothing secret for what none can."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import NoReturn

import pytest
from click.testing import CliRunner, Result

from sample_store import Fault, Shop, serve
from tap_magento.streams.array import ArrayStream
from tap_magento.tap import TapMagento
from tests.support.ways_in import way_in


def run(folder: Path, config: dict[str, object], *options: str) -> Result:
    path = folder / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    return CliRunner().invoke(TapMagento.cli, ["--config", str(path), *options])


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


def test_settings_that_contradict_are_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    result = run(tmp_path, {"store_url": "http://shop.example.com", "access_token": "x", "username": "y"})
    assert result.exit_code == 1
    (line,) = errors(caplog)
    assert line == (
        "credentials for several authentication methods are given (token, password): give one, or select it by "
        "`auth_method`; `store_url` must begin with https, or credentials travel unencrypted; `allow_http: true` "
        "permits it"
    )


def test_a_shop_in_maintenance_is_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with serve(Shop.empty()) as server:
        server.faults.add(Fault("maintenance", times=None))
        result = run(tmp_path, {**way_in(server, "token"), "retry_timeout": 0})
    assert result.exit_code == 1
    (line,) = errors(caplog)
    assert line.endswith("the shop is in maintenance mode (503); `bin/magento maintenance:disable` ends it")


def test_a_row_that_is_none_is_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tap_magento.streams.array.parse_json", lambda *_: [None])
    with serve(Shop.empty()) as server:
        result = run(tmp_path, way_in(server, "token"))
    assert result.exit_code == 1
    (line,) = errors(caplog)
    assert line.endswith(": a row is not a JSON object")


def test_what_the_tap_does_not_know_is_told_with_its_traceback_but_no_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: ArrayStream, _: object) -> NoReturn:
        raise RuntimeError(f"oh: {self.config['password']}")

    monkeypatch.setattr(ArrayStream, "get_records", fail)
    with serve(Shop.empty()) as server:
        config = way_in(server, "password")
        result = run(tmp_path, config)
    assert result.exit_code == 1
    (line,) = errors(caplog)
    assert line.startswith("Unexpected error in the tap: please report it")
    assert "RuntimeError: oh: (redacted)" in line
    assert str(config["password"]) not in caplog.text
    assert "Traceback" not in result.stdout


def test_the_help_says_what_a_test_is() -> None:
    result = CliRunner().invoke(TapMagento.cli, ["--help"])
    assert "Look at one page of each selected stream" in result.stdout


def test_files_that_cannot_be_used_are_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "broken.json"
    path.write_text('{"bookmarks": ', encoding="utf-8")
    for options, problem in (
        (["--config", str(tmp_path / "missing.json")], "The configuration file .*missing.json cannot be read: No such"),
        (["--config", str(path)], "The configuration file .* is not valid JSON: Expecting value at line 1, column 15"),
        (["--catalog", str(path)], "The catalog .* is not valid JSON"),
        (["--state", str(path)], "The state file .* is not valid JSON"),
        (["--state", str(tmp_path)], "The state file .* cannot be read: Is a directory"),
        (["--catalog", str(path), "--test"], "The catalog .* is not valid JSON"),
    ):
        caplog.clear()
        result = CliRunner().invoke(TapMagento.cli, options)
        assert result.exit_code == 1
        (line,) = errors(caplog)
        assert re.match(problem, line), line


def test_an_empty_state_file_is_told_and_is_no_state(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "state.json"
    path.touch()
    with serve(Shop.empty()) as server:
        result = run(tmp_path, way_in(server, "token"), "--state", str(path))
    assert result.exit_code == 0
    assert f"The state file {path} is empty: every stream is read from the start" in caplog.text


def test_a_variable_that_the_run_does_not_see_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAP_MAGENTO_STORE_CODE", "german")
    run(tmp_path, {"store_url": "https://shop.example.com"})
    assert "The environment variable TAP_MAGENTO_STORE_CODE is ignored" in caplog.text


def test_later_files_and_the_environment_replace_earlier_settings(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.json"
    other.write_text('{"page_size": "few"}', encoding="utf-8")
    monkeypatch.setenv("TAP_MAGENTO_MAX_CONCURRENCY", "many")
    run(tmp_path, {"page_size": 5, "max_concurrency": 2}, "--config", str(other), "--config", "ENV")
    (line,) = errors(caplog)
    assert line == (
        "`page_size` must be a whole number from 1 to 10000; `max_concurrency` must be a whole number from 1 to 64"
    )
