"""Personal data in transformed rows: replaced by keyed pseudonyms, or left out (issue 17).

Which fields hold whose data is noted in the bundled schemas (`x-personal`, `tap_magento.schema.annotations`).
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

Row = dict[str, Any]
Path = tuple[str, ...]

#: Kinds of which equal values get equal pseudonyms, so that joins hold; of all others nothing is kept.
PSEUDONYMISED = frozenset({"email", "name", "phone", "address", "ip", "tax_id", "id"})
_PSEUDONYM_LENGTH = 32


def protecting(
    transform: Callable[[Row], Row], fields: Mapping[Path, str], salt: str | None, unparsed: Sequence[str]
) -> Callable[[Row], Row]:
    """Replace personal data after a row has been transformed.

    A pseudonym is an HMAC-SHA256 of the kind and the normalised value, so equal e-mail addresses have equal pseudonyms
    in all streams, and nobody without the salt can try values. Dates of birth become years. What is no text, or free
    text, is null.

    Args:
        transform: Transforms a row.
        fields: The names that lead to personal fields, through objects and arrays alike, to their kinds.
        salt: The key of the pseudonyms; None leaves out all personal data.
        unparsed: The fields that keep the texts of values that did not fit their type.

    Returns:
        A function that transforms a row and replaces its personal data in place.
    """
    pseudonym = None if salt is None else _pseudonyms(salt)
    replacements = [
        (path, _nothing if pseudonym is None else _replacement(kind, pseudonym)) for path, kind in fields.items()
    ]

    def transform_and_replace(row: Row) -> Row:
        transformed = transform(row)
        for path, replace in replacements:
            _replace_at(transformed, path, replace)
        for name in unparsed:
            _forget_personal(transformed, name, fields)
        return transformed

    return transform_and_replace


def _pseudonyms(salt: str) -> Callable[[str, str], str]:
    key = salt.encode()

    @lru_cache(maxsize=16_384)  # the rows of one customer come together
    def pseudonym(kind: str, value: str) -> str:
        normalised = unicodedata.normalize("NFC", value).strip().casefold()
        digest = hmac.new(key, f"{kind}:{normalised}".encode(), hashlib.sha256)
        return digest.hexdigest()[:_PSEUDONYM_LENGTH]

    return pseudonym


def _replacement(kind: str, pseudonym: Callable[[str, str], str]) -> Callable[[Any], Any]:
    def replace(value: Any) -> Any:
        if isinstance(value, list):
            return [replace(item) for item in value] if kind in PSEUDONYMISED else None
        if not isinstance(value, str):
            return None
        if kind == "birth_date":
            return f"{value[:4]}-01-01" if value[:4].isdigit() else None
        if kind not in PSEUDONYMISED:
            return None
        return pseudonym(kind, value) if value.strip() else value

    return replace


def _nothing(_: Any) -> None:
    """Leave a value out."""


def _replace_at(node: Any, path: Path, replace: Callable[[Any], Any]) -> None:
    if isinstance(node, list):
        for item in node:
            _replace_at(item, path, replace)
    elif isinstance(node, dict) and path[0] in node:
        if len(path) > 1:
            _replace_at(node[path[0]], path[1:], replace)
        elif node[path[0]] is not None:
            node[path[0]] = replace(node[path[0]])


def _forget_personal(row: Row, name: str, fields: Mapping[Path, str]) -> None:
    """Forget the texts of personal values that did not fit their type."""
    kept = row.get(name)
    if not isinstance(kept, dict):
        return
    paths = {field: tuple(field.replace("[]", "").split(".")) for field in kept}
    row[name] = {
        field: text
        for field, text in kept.items()
        if not any(paths[field][: len(personal)] == personal for personal in fields)
    } or None
