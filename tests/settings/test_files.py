"""Files of the command line: their content, or one line that says what is wrong where."""

from __future__ import annotations

from pathlib import Path

import pytest
from singer_sdk.exceptions import ConfigurationError

from tap_magento.settings.files import read_object


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (
            b'{"a": 1,\n  b: 2}',
            "is not valid JSON: Expecting property name enclosed in double quotes at line 2, column 3",
        ),
        (b'{"a": 1', "is not valid JSON: Expecting ',' delimiter at line 1, column 8"),
        (b"[1]", "must contain one JSON object"),
        (b'{"a": "\xff"}', "is not UTF-8 text"),
        (b"[" * 100_000, "contains unsupported JSON (NaN, a lone surrogate, or too deep or too long a value)"),
        (
            b'{"a": ' + b"9" * 5_000 + b"}",
            "contains unsupported JSON (NaN, a lone surrogate, or too deep or too long a value)",
        ),
        (b'{"a": NaN}', "contains unsupported JSON (NaN, a lone surrogate, or too deep or too long a value)"),
        (b'{"a": "\\ud800"}', "contains unsupported JSON (NaN, a lone surrogate, or too deep or too long a value)"),
        (b'{"a": ' * 101 + b"1" + b"}" * 101, "is nested deeper than 100 levels"),
    ],
)
def test_what_is_no_json_object_is_one_line(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        read_object(str(path), "configuration file")
    assert str(caught.value) == f"The configuration file {path} {problem}"


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"catalog .*missing.json cannot be read: No such file or directory"):
        read_object(str(tmp_path / "missing.json"), "catalog")
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        read_object(str(tmp_path), "catalog")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_editors_and_shells_write_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "config.json"
    path.write_bytes('{"name": "Käse"}'.encode(encoding))
    assert read_object(str(path), "configuration file") == {"name": "Käse"}
