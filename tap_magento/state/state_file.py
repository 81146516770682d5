"""The state file: whatever a run, Meltano or a shell left in it, or one line that says why it cannot be used."""

from __future__ import annotations

from typing import Any

from singer_sdk.exceptions import ConfigurationError

from tap_magento.settings.files import parse_json

_FROM_THE_START = "every stream is read from the start"
_ADVICE = "pass the state that a run of tap-magento wrote, or leave out `--state` to read everything from the start"

# What Singer messages that are no states have as their type.
_MESSAGES = {"SCHEMA", "RECORD", "ACTIVATE_VERSION", "BATCH"}

# What wrappers hold the state in: a STATE message, and Meltano.
_WRAPPERS = {"value", "singer_state"}


def parse_state(text: str, name: str = "state.json") -> tuple[dict[str, Any], list[str]]:
    """Find the state in the text of a state file.

    Args:
        text: The text: a state, a STATE message, Meltano's ``{"singer_state": ...}``, or a run's output, of which
            the last state counts.
        name: The file, to be named to a person.

    Returns:
        The state, of which only `bookmarks` is kept, and notes for a person.

    Raises:
        ConfigurationError: If no state can be made out.
    """
    source = f"The state file {name}"
    text = text.removeprefix("\ufeff")
    if not text.strip():
        return {}, [f"{source} is empty: {_FROM_THE_START}"]
    content, notes = _last_document(text, source)
    state = _unwrapped(content)
    if state is None:
        return {}, [*notes, f"{source} contains no state but null: {_FROM_THE_START}"]
    if not isinstance(state, dict):
        raise ConfigurationError(f"{source} does not contain a JSON object: {_ADVICE}")
    bookmarks = state.get("bookmarks")
    if bookmarks is None and not state.keys() - {"bookmarks", "currently_syncing"}:
        return {}, notes
    if not isinstance(bookmarks, dict):
        raise ConfigurationError(f"{source} has no `bookmarks`: {_ADVICE}")
    return {"bookmarks": bookmarks}, notes


def _last_document(text: str, source: str) -> tuple[Any, list[str]]:
    """Parse a file of one JSON value, or of one a line, of which the last that is a state counts."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    try:
        return parse_json(text, source), []
    except ConfigurationError:
        if len(lines) == 1 or not _is_json(lines[0][1]):
            raise
    notes = []
    if not _is_json(lines[-1][1]):
        # The program that wrote it was stopped in the middle of a line; the state before it only says less.
        number, _ = lines.pop()
        notes.append(f"{source}: line {number} is incomplete and is ignored")
    values = [parse_json(line, f"{source}, line {number}:") for number, line in lines]
    states = [value for value in values if isinstance(value, dict) and value.get("type") not in _MESSAGES]
    if not states:
        raise ConfigurationError(f"{source} has {len(lines)} lines, but no state: {_ADVICE}")
    return states[-1], notes


def _is_json(text: str) -> bool:
    try:
        parse_json(text, "")
    except ConfigurationError:
        return False
    return True


def _unwrapped(content: Any) -> Any:
    while isinstance(content, dict) and "bookmarks" not in content:
        wrapper = _WRAPPERS & content.keys()
        if not wrapper:
            break
        content = content[wrapper.pop()]
    return content
