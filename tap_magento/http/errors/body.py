"""What can be read from an error's body: Magento's errors come as JSON in three shapes, as text or as HTML.

Magento's messages are translated: what an error is, its status and parameters tell. A message is only quoted, and is
the only text of a response that is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import requests

from tap_magento.runtime.redaction import quoted

_LINE = 300
_LOOKED_AT = 65_536
_JSON_LOOKED_AT = 2**20
_ACL_RESOURCES = re.compile(r"[A-Z]\w{1,60}::\w{1,60}(?:,\s*[A-Z]\w{1,60}::\w{1,60}){0,9}", re.ASCII)
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)


def is_json(response: requests.Response) -> bool:
    """Tell whether a response says that it is JSON.

    Args:
        response: Any response.

    Returns:
        Whether its content type is JSON.
    """
    return "json" in response.headers.get("Content-Type", "").lower()


def text_of(response: requests.Response) -> str:
    """Give the beginning of a body, to look for evidence in it.

    Args:
        response: Any response.

    Returns:
        At most 64 KiB, as text.
    """
    return response.content[:_LOOKED_AT].decode(errors="replace")


def message_of(response: requests.Response) -> str:
    """Find Magento's message in an error's body.

    Args:
        response: Any response.

    Returns:
        The message with its placeholders filled in (``%1``, ``%fieldName``), on one line that may be shown; empty if
        the body is not an error of Magento.
    """
    body = _json_of(response)
    if not isinstance(body, Mapping):
        return ""
    if isinstance(body.get("message"), str):
        return one_line(_fill(body["message"], body.get("parameters")))
    messages = body.get("messages")
    errors = messages.get("error") if isinstance(messages, Mapping) else None
    texts = [
        error["message"]
        for error in (errors if isinstance(errors, list) else ())[:9]
        if isinstance(error, Mapping) and isinstance(error.get("message"), str)
    ]
    return one_line("; ".join(texts))


def parameters_of(response: requests.Response) -> Mapping[str, Any]:
    """Find the parameters of an error's message.

    Args:
        response: Any response.

    Returns:
        The parameters by name; a list's by their position, from ``"1"``. Empty if there are none.
    """
    body = _json_of(response)
    return _by_name(body.get("parameters")) if isinstance(body, Mapping) else {}


def resources_of(response: requests.Response) -> str | None:
    """Find the ACL resources whose lack an error is about.

    Args:
        response: Any response.

    Returns:
        For example ``Magento_Sales::sales_invoice``, several with commas between; None if it names none.
    """
    for text in (*_texts(parameters_of(response)), message_of(response)):
        match = _ACL_RESOURCES.search(text)
        if match:
            return match[0]
    return None


def page_limit_of(response: requests.Response) -> int | None:
    """Find the largest page that a shop serves in its refusal of a larger one.

    The refusal has that number as its only parameter (docs/MAGENTO.md).

    Args:
        response: A response of status 400.

    Returns:
        Rows; None if the response is about something else.
    """
    parameters = parameters_of(response)
    limit = parameters.get("max", parameters.get("1")) if len(parameters) == 1 else None
    if isinstance(limit, str) and re.fullmatch(r"[0-9]{1,9}", limit):
        limit = int(limit)
    if not parameters and (match := re.search(r"pageSize\D{1,20}([0-9]{1,9})\b", message_of(response), re.ASCII)):
        limit = int(match[1])
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        return None
    requested = re.search(r"pageSize(?:\]|%5D)=([0-9]{1,9})", response.url or "", re.IGNORECASE)
    return None if requested is not None and int(requested[1]) <= limit else limit


def kind_of(response: requests.Response) -> str:
    """Say in words what a response is.

    Args:
        response: Any response.

    Returns:
        ``an HTML page`` or the content type.
    """
    content_type = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if content_type == "text/html":
        return "an HTML page"
    if not content_type:
        return "of no content type"
    return content_type if _MEDIA_TYPE.fullmatch(content_type) else "of a malformed content type"


def one_line(text: str) -> str:
    """Put a foreign text on one line that may be shown.

    Args:
        text: Any text.

    Returns:
        The text without secrets, line breaks and control characters, cut to 300 characters.
    """
    # Secrets go first: one that is cut would not be found.
    line = quoted(" ".join(text.split()))
    return line if len(line) <= _LINE else line[:_LINE] + "..."


def _json_of(response: requests.Response) -> object:
    if len(response.content) > _JSON_LOOKED_AT:
        return None
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def _by_name(parameters: object) -> Mapping[str, Any]:
    if isinstance(parameters, Mapping):
        return parameters
    if isinstance(parameters, list):
        return {str(position): value for position, value in enumerate(parameters, start=1)}
    return {}


def _texts(parameters: Mapping[str, Any]) -> Iterator[str]:
    for value in parameters.values():
        yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str))


def _fill(message: str, parameters: object) -> str:
    values = _by_name(parameters)

    def value_of(match: re.Match[str]) -> str:
        value = values.get(match[1], match[0])
        # A long value at many placeholders would make a text of any length.
        return quoted(str(value)[: 4 * _LINE])[:_LINE] if isinstance(value, (str, int, float)) else match[0]

    return re.sub(r"%(\w+)", value_of, message[: 4 * _LINE])
