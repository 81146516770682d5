"""The files that are given on the command line: the text in them, or one line that says why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from singer_sdk.exceptions import ConfigurationError

from tap_magento.settings.nesting import is_deeper

# A catalog's schemas are nested two levels for each level of a row.
_DEEPEST = 100


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
    content = parse_json(text, f"The {what} {path}")
    if not isinstance(content, dict):
        raise ConfigurationError(f"The {what} {path} must contain one JSON object")
    return content


def parse_json(text: str, source: str) -> Any:
    """Parse JSON that a person has given.

    Args:
        text: The JSON.
        source: What an error begins with, for example "The state file state.json".

    Returns:
        Its value.

    Raises:
        ConfigurationError: If it is no JSON, or more than Python or a loader can take.
    """
    try:
        content = json.loads(text, parse_constant=_refuse)
        json.dumps(content, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ConfigurationError(f"{source} is not valid JSON: {error.msg} at {place}") from None
    except (ValueError, RecursionError):  # NaN, a number of thousands of digits, half a character, endless nesting
        raise ConfigurationError(
            f"{source} contains unsupported JSON (NaN, a lone surrogate, or too deep or too long a value)"
        ) from None
    if is_deeper(content, _DEEPEST):
        raise ConfigurationError(f"{source} is nested deeper than {_DEEPEST} levels")
    return content


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
