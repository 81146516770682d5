"""Responses in place of the shop's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sample_store import errors
from sample_store.app import refusal
from sample_store.wire import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sample_store.faults.fault import Fault

_HOSTILE = "No such entity\r\n2026-01-01 00:00:00 INFO forged line \x1b]0;title\x07\x1b[2J\u202e%1\x00"


def _missing(_: Fault) -> errors.ApiError:
    parameters = {"fieldName": "productId", "fieldValue": 4711}
    return errors.message(404, "No such entity with %fieldName = %fieldValue", parameters)


_ERRORS: Mapping[str, Callable[[Fault], errors.ApiError]] = {
    "too_many_requests": lambda _: errors.message(429, "Too Many Requests"),
    "server_error": lambda _: errors.internal(),
    "bad_row": lambda _: errors.internal(),
    "memory": lambda _: errors.fatal(),
    "bad_gateway": lambda _: errors.page(502, "Bad Gateway"),
    "unavailable": lambda _: errors.page(503, "Service Temporarily Unavailable"),
    "gateway_timeout": lambda _: errors.page(504, "Gateway Time-out"),
    "maintenance": lambda _: errors.maintenance(),
    "firewall": lambda _: errors.page(200, "Attention Required! Please verify that you are human"),
    "challenge": lambda _: errors.page(503, "Just a moment..."),
    "redirect": lambda fault: errors.page(302, "Found", (("Location", fault.location),) if fault.location else ()),
    "not_found": _missing,
    "bad_request": lambda _: errors.message(400, "Requested product doesn't exist"),
    "request_timeout": lambda _: errors.page(408, "Request Time-out"),
    "unauthorized": lambda _: errors.unauthorized("Magento_Sales::actions_view"),
    "empty": lambda _: errors.ApiError(200, b""),
    "odd_token": lambda _: errors.ApiError(200, b'"eyJhbGciOiJIUzI1NiJ9.e30.x\\r\\nX-Forged: yes"'),
    "hostile_error": lambda _: errors.message(400, _HOSTILE, ["a\r\nb\x1b[31m"]),
}


def replacement(fault: Fault) -> Answer | None:
    """Make the response in place of the shop's, None for a fault of another kind."""
    make = _ERRORS.get(fault.kind)
    if make is None:
        return None
    response = refusal(make(fault))
    if fault.retry_after is None:
        return response
    return replace(response, headers=(*response.headers, ("Retry-After", fault.retry_after)))
