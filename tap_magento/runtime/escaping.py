"""Text from outside, made harmless for terminals and logs."""

from __future__ import annotations

import re

# Control characters, line separators, and what changes the direction of text or cannot be encoded.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_UNSAFE_IN_LINES = re.compile(_UNSAFE.pattern.replace("\x00-\x1f", "\x00-\x08\x0b-\x1f"))


def escaped(text: str, *, keep_lines: bool = False) -> str:
    r"""Escape what could steer a terminal or forge a line of a log.

    Args:
        text: Any text.
        keep_lines: Whether line breaks and tabs stay.

    Returns:
        The text with such characters as in Python's literals, for example ``\x1b``.
    """
    unsafe = _UNSAFE_IN_LINES if keep_lines else _UNSAFE
    return unsafe.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
