"""The files that are given on the command line: the text in them, or one line that says why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from singer_sdk.exceptions import ConfigurationError


def read_text(path: str, what: str) -> str:
    """Read a file.

    Args:
        path: Where it is.
        what: What it is to a person, for example "state file".

    Returns:
        Its text, without a byte order mark; UTF-16 is understood too, as PowerShell writes it.

    Raises:
        ConfigurationError: If it cannot be read, or is not text.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"The {what} {path} cannot be read: {error.strerror}") from None
    try:
        return content.decode(json.detect_encoding(content)).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise ConfigurationError(f"The {what} {path} is not UTF-8 text") from None


def read_object(path: str, what: str) -> dict[str, Any]:
    """Read a file that holds one JSON object.

    Args:
        path: Where it is.
        what: What it is to a person, for example "configuration file".

    Returns:
        The object.

    Raises:
        ConfigurationError: If it cannot be read, or is something else.
    """
    text = read_text(path, what)
    if not text.strip():
        raise ConfigurationError(f"The {what} {path} is empty")
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ConfigurationError(f"The {what} {path} is not valid JSON: {error.msg} at {place}") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, or a thousand lists in each other
        raise ConfigurationError(f"The {what} {path} is not valid JSON that Python can read") from None
    if not isinstance(content, dict):
        raise ConfigurationError(f"The {what} {path} must contain one JSON object")
    return content
