"""Pieces of Markdown."""

from __future__ import annotations

from typing import Any


def cell(text: Any) -> str:
    """Make the content of a table's cell.

    Args:
        text: Any text.

    Returns:
        One line, in which no bar ends the cell.
    """
    return " ".join(str(text).split()).replace("|", "\\|")
