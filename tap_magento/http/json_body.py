"""The JSON text in a body: in UTF-8, and without what PHP prints around it."""

from __future__ import annotations

import codecs
import logging
import re
from functools import lru_cache

import msgspec
import requests

_logger = logging.getLogger(__name__)

# What PHP prints with `display_errors`, and what page caches append.
_PRINTED = re.compile(
    rb"\b(deprecated|notice|warning|strict standards|fatal error|parse error)\b(</b>)?:|<!--", re.IGNORECASE
)
# A notice ends with its line, or with a tag.
_BEGINNING = re.compile(rb"(?:\A|[\n>])[ \t\r]*([\[{])")
_REST = re.compile(rb"\s*\Z|\s*[\n<]")
_ENDS_TRIED = 8
_MARGIN = 64

_CHARSET = re.compile(r"charset=[\"']?([\w.:-]{1,40})", re.ASCII)
# Codecs of single or double bytes; others of Python's are no charsets, or slow.
_CODECS = re.compile(r"ascii|iso8859-\d+|cp\d+|koi8-\w|utf-(16|32)(-[bl]e)?|gb\w+|big5|euc_\w+|shift_jis|iso2022_\w+")

_whole = msgspec.json.Decoder(msgspec.Raw)


def json_text(response: requests.Response) -> bytes:
    """Find the JSON text in a body.

    PHP notices around it are left out, if it is whole; the first of a run are warned of.

    Args:
        response: Any response.

    Returns:
        The text in UTF-8; the body as it is, if there is no whole JSON text in it.
    """
    body = _in_utf8(response)
    if _is_bare(body):
        return body
    found = _between_notices(body)
    if found is None:
        return body
    _warn_once()
    return found


def has_json(response: requests.Response) -> bool:
    """Tell whether a body of another type is JSON after PHP notices: they are printed before the type is set.

    Args:
        response: Any response.

    Returns:
        Whether there is a whole JSON text among notices.
    """
    return _between_notices(_in_utf8(response)) is not None


def has_notices(body: bytes) -> bool:
    """Tell whether PHP printed something into a body that is no JSON.

    Args:
        body: A body.

    Returns:
        Whether its beginning or its end looks so.
    """
    return bool(_PRINTED.search(body[:65_536]) or _PRINTED.search(body[-65_536:]))


def _in_utf8(response: requests.Response) -> bytes:
    body = response.content
    match = _CHARSET.search(response.headers.get("Content-Type", "").lower())
    if match is None:
        return body
    try:
        codec = codecs.lookup(match[1]).name
    except LookupError:
        return body
    return body.decode(codec, "replace").encode("utf-8", "replace") if _CODECS.fullmatch(codec) else body


def _is_bare(body: bytes) -> bool:
    """Tell whether a body begins and ends as JSON does, a byte order mark aside."""
    return body[:_MARGIN].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") and body[-_MARGIN:].rstrip()[-1:] in (
        b"}",
        b"]",
    )


def _between_notices(body: bytes) -> bytes | None:
    # Only from where a JSON text may begin first: of one that is not whole, no part may pass for the whole.
    beginning = _BEGINNING.search(body)
    if beginning is None:
        return None
    start, end = beginning.start(1), len(body)
    if body[:start].strip() and not _PRINTED.search(body[:start]):
        return None
    for _ in range(_ENDS_TRIED):
        end = max(body.rfind(b"}", start, end), body.rfind(b"]", start, end))
        if end < 0:
            return None
        rest = body[end + 1 :]
        if not _REST.match(rest) or (rest.strip() and not _PRINTED.search(rest)):
            continue
        text = body[start : end + 1]
        try:
            _whole.decode(text)
        except (msgspec.DecodeError, RecursionError):
            continue
        return text
    return None


@lru_cache
def _warn_once() -> None:
    _logger.warning(
        "PHP prints notices into the shop's responses, around the JSON; the JSON is whole and is read. Turn off "
        "`display_errors` at the shop"
    )
