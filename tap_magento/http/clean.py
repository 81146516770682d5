"""Texts without what no database takes: U+0000 and lone surrogates."""

from __future__ import annotations

from typing import Any


def clean_text(text: str) -> str:
    """Take out what no database takes: U+0000 goes, a lone surrogate becomes U+FFFD."""
    text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        # Two halves side by side become the character they stand for.
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def clean(value: Any) -> Any:
    """Clean all texts and names in a value. A name that is another's only once clean does not take its place."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        names = {name: clean_text(name) for name in value}
        return {
            cleaned: clean(value[name]) for name, cleaned in names.items() if name == cleaned or cleaned not in value
        }
    if isinstance(value, list):
        return [clean(item) for item in value]
    return value
