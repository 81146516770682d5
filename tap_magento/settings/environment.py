"""Settings from environment variables.

The SDK's own parser takes every word but four for false, which turns certificate checks off for `y` or a blank, and
ends with a traceback on a number that is none. Here a text is either what the setting's type says, or it is left as it
is, for the validation to name.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tap_magento.settings.given import RENAMED
from tap_magento.settings.wording import type_of

#: What the variables' names begin with.
PREFIX = "TAP_MAGENTO_"

_BOOLEANS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}

# The SDK's own variable, which is no setting.
_NOT_SETTINGS = {"LOGLEVEL"}


def settings_from(environment: Mapping[str, str], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Take the settings from environment variables.

    Args:
        environment: The variables.
        schema: JSON Schema of the settings, with what the SDK adds.

    Returns:
        The settings whose variable is there and not blank. A text that is not of the setting's type stays a text.
    """
    properties = schema["properties"]
    types = {name: properties[name] for name in properties} | {old: properties[new] for old, new in RENAMED.items()}
    given = {name: environment.get(variable(name), "") for name in types}
    return {name: _parsed(text, types[name]) for name, text in given.items() if text.strip()}


def variable(name: str) -> str:
    """Name the environment variable of a setting.

    Args:
        name: The setting.

    Returns:
        For example ``TAP_MAGENTO_STORE_URL``.
    """
    return f"{PREFIX}{name.upper()}"


def unknown_variables(environment: Mapping[str, str], schema: Mapping[str, Any]) -> Iterator[str]:
    """Find variables that look like settings and are none.

    Args:
        environment: The variables.
        schema: JSON Schema of the settings, with what the SDK adds.

    Yields:
        A warning for each.
    """
    known = [variable(name) for name in (*schema["properties"], *RENAMED)]
    for name in sorted(environment):
        # Meltano's extras, such as TAP_MAGENTO__SELECT, are not the tap's.
        if not name.startswith(PREFIX) or name.startswith(f"{PREFIX}_") or name in known:
            continue
        if name.removeprefix(PREFIX) not in _NOT_SETTINGS:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
            hint = f"; did you mean {close[0]}?" if close else ""
            yield f"The environment variable {name} is ignored: tap-magento has no such setting{hint}"


def unread_variables(
    environment: Mapping[str, str], schema: Mapping[str, Any], config: Mapping[str, Any]
) -> Iterator[str]:
    """Find settings in the environment that a run with a configuration file does not see.

    Meltano passes on only the settings that its project declares.

    Args:
        environment: The variables.
        schema: JSON Schema of the settings, with what the SDK adds.
        config: The settings of the configuration file.

    Yields:
        A warning for each setting that only the environment holds.
    """
    for name in settings_from(environment, schema):
        if name not in config:
            yield (
                f"The environment variable {variable(name)} is ignored, as settings are read from files only: declare "
                f"`{name}` in meltano.yml, or without Meltano add `--config ENV`"
            )


def _parsed(text: str, schema: Mapping[str, Any]) -> Any:
    kind, word = type_of(schema), text.strip()
    if kind == "boolean":
        return _BOOLEANS.get(word.lower(), text)
    if kind == "integer":
        # Python itself refuses numbers of more than 4,300 digits.
        return int(word) if re.fullmatch(r"[+-]?[0-9]{1,100}", word) else text
    if kind == "array" and not word.startswith("["):
        return [each.strip() for each in word.split(",")]
    return _json(text) if kind in {"array", "object"} else text


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
