"""What can be read from an error's body: Magento's errors come as JSON in three shapes, as text or as HTML."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import requests

_LINE = 300
_LOOKED_AT = 65_536


def is_json(response: requests.Response) -> bool:
    """Tell whether an answer says that it is JSON.

    Args:
        response: Any answer.

    Returns:
        Whether its content type is JSON.
    """
    return "json" in response.headers.get("Content-Type", "")


def text_of(response: requests.Response) -> str:
    """Give the beginning of a body, to look for evidence in it.

    Args:
        response: Any answer.

    Returns:
        At most 64 KiB, as text.
    """
    return response.content[:_LOOKED_AT].decode(errors="replace")


def message_of(response: requests.Response) -> str:
    """Find the shop's own words in an error's body.

    Args:
        response: An answer that is not 200.

    Returns:
        The message with its placeholders filled in (``%1``, ``%fieldName``), cut to a line; empty if the body is
        HTML or has none.
    """
    if not is_json(response):
        text = text_of(response).strip()
        return "" if text.startswith("<") else one_line(text)
    body = _json_of(response)
    if not isinstance(body, Mapping):
        return ""
    if isinstance(body.get("message"), str):
        return one_line(_fill(body["message"], body.get("parameters")))
    messages = body.get("messages")
    errors = messages.get("error") if isinstance(messages, Mapping) else None
    texts = [str(error.get("message", "")) for error in errors or () if isinstance(error, Mapping)]
    return one_line("; ".join(texts))


def parameters_of(response: requests.Response) -> Mapping[str, Any]:
    """Find the parameters of an error's message.

    Args:
        response: An answer that is not 200.

    Returns:
        The parameters by name; a list's by their place, from ``"1"``. Empty if there are none.
    """
    body = _json_of(response)
    return _by_name(body.get("parameters")) if isinstance(body, Mapping) else {}


def kind_of(response: requests.Response) -> str:
    """Say in words what an answer is.

    Args:
        response: Any answer.

    Returns:
        ``an HTML page`` or the content type.
    """
    content_type = response.headers.get("Content-Type", "").split(";")[0] or "no content type"
    return "an HTML page" if content_type == "text/html" else content_type


def one_line(text: str) -> str:
    """Put a text on one line that can be read.

    Args:
        text: Any text.

    Returns:
        The text without line breaks, cut to 300 characters.
    """
    line = " ".join(text.split())
    return line if len(line) <= _LINE else line[:_LINE] + "..."


def _json_of(response: requests.Response) -> object:
    try:
        return json.loads(response.content)
    except ValueError:
        return None


def _by_name(parameters: object) -> Mapping[str, Any]:
    if isinstance(parameters, Mapping):
        return parameters
    if isinstance(parameters, list):
        return {str(place): value for place, value in enumerate(parameters, start=1)}
    return {}


def _fill(message: str, parameters: object) -> str:
    values = _by_name(parameters)
    return re.sub(r"%(\w+)", lambda match: str(values.get(match[1], match[0])), message)
