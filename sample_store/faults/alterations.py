"""Responses whose content is not what Magento alone would have sent."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sample_store.php import encode
from sample_store.wire import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sample_store.faults.fault import Fault
    from sample_store.tables import Key

    Change = Callable[[Any, Fault, tuple[Key, ...]], Any]
    """Changes the content of a response, which holds the rows of these keys."""

_OK = 200
_TIME = re.compile(rb'"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)"')
_FORMAT = "%Y-%m-%d %H:%M:%S"
_NOTICE = (
    b"<br />\n<b>Notice</b>:  Undefined index: store_id in <b>/var/www/app/code/Acme/Orders/Plugin.php</b>"
    b" on line <b>42</b><br />\n"
)
_GERMAN = {
    "The consumer isn't authorized to access %resources.": "Der Verbraucher darf nicht auf %resources zugreifen.",
    "Request does not match any route.": "Die Anfrage passt zu keiner Route.",
    "Maximum SearchCriteria pageSize is %max": "Die maximale Seitengröße ist %max",
    "No such entity with %fieldName = %fieldValue": "Kein solches Objekt mit %fieldName = %fieldValue",
}
_LARGE = 5000
_requests = itertools.count()


def altered(given: Answer, fault: Fault) -> Answer:
    """Alter a response, unless it is none that the fault concerns."""
    if fault.kind == "translated":
        return _translated(given) if given.status != _OK else given
    if given.status != _OK or not given.body or not given.content_type.startswith("application/json"):
        return given
    rewrite = _BODIES.get(fault.kind)
    if rewrite is not None:
        return rewrite(given, fault)
    content = _CONTENTS[fault.kind](json.loads(given.body), fault, given.keys)
    return replace(given, body=encode(content))


def _total(change: Callable[[int, Fault, int], object]) -> Change:
    """Make a change of `total_count`, given the true one and the number of rows on the page."""

    def apply(content: Any, fault: Fault, _: tuple[Key, ...]) -> Any:
        if not isinstance(content, dict) or "total_count" not in content:
            return content
        claimed = change(content["total_count"], fault, len(content.get("items") or ()))
        return content | {"total_count": claimed}

    return apply


def _without_total(content: Any, _: Fault, __: tuple[Key, ...]) -> Any:
    if not isinstance(content, dict):
        return content
    return {name: value for name, value in content.items() if name != "total_count"}


def _without_rows(content: Any, fault: Fault, keys: tuple[Key, ...]) -> Any:
    if not isinstance(content, dict) or not content.get("items"):
        return content
    rows = zip(keys, content["items"], strict=True)
    return content | {"items": [row for key, row in rows if not _is_hidden(key, fault)]}


def _is_hidden(key: Key, fault: Fault) -> bool:
    if fault.key is not None:
        return key == fault.key
    return isinstance(key, int) and key % (fault.amount or 3) == 0


def _with_gaps(content: Any, _: Fault, __: tuple[Key, ...]) -> Any:
    """Write a list as PHP writes one from which elements were removed: an object of numbers."""
    if isinstance(content, list):
        return {str(2 * number): row for number, row in enumerate(content)}
    if isinstance(content, dict) and content.get("items"):
        return content | {"items": _with_gaps(content["items"], _, __)}
    return content


def _each_row(change: Callable[[dict[str, Any], Fault], dict[str, Any]]) -> Change:
    """Make a change of every row on a page."""

    def apply(content: Any, fault: Fault, _: tuple[Key, ...]) -> Any:
        rows = content if isinstance(content, list) else content.get("items") or []
        changed = [change(row, fault) if isinstance(row, dict) else row for row in rows]
        if isinstance(content, list):
            return changed
        return content | {"items": changed} if "items" in content else change(content, fault)

    return apply


def _shuffled(row: dict[str, Any], _: Fault) -> dict[str, Any]:
    turn = next(_requests)
    for option in row.get("extension_attributes", {}).get("configurable_product_options", ()):
        values = option["values"]
        option["values"] = values[turn % len(values) :] + values[: turn % len(values)]
    return row


def _planted(make: Callable[[int], bytes]) -> Callable[[Answer, Fault], Answer]:
    """Make a change that puts a value into every row which only its JSON can express."""

    def apply(given: Answer, fault: Fault) -> Answer:
        plant = _each_row(lambda row, _: row | {"acme_value": "@"})
        content = plant(json.loads(given.body), fault, given.keys)
        return replace(given, body=encode(content).replace(b'"@"', make(fault.amount or _LARGE)))

    return apply


def _with_fields(row: dict[str, Any], fault: Fault) -> dict[str, Any]:
    return row | {f"acme_{number}\x1b[31m\n": number for number in range(fault.amount or _LARGE)}


def _shifted(given: Answer, fault: Fault) -> Answer:
    hours = timedelta(hours=2 if fault.amount is None else fault.amount)

    def later(match: re.Match[bytes]) -> bytes:
        text = match[1].decode()
        if text.startswith("0000"):
            return match[0]
        return f'"{datetime.strptime(text, _FORMAT) + hours:{_FORMAT}}"'.encode()  # noqa: DTZ007 - without a zone

    return replace(given, body=_TIME.sub(later, given.body))


def _rfc3339(match: re.Match[bytes]) -> bytes:
    return b'"%s.000000Z"' % match[1].replace(b" ", b"T")


def _translated(given: Answer) -> Answer:
    try:
        content = json.loads(given.body)
    except ValueError:
        return given
    if not isinstance(content, dict) or not isinstance(content.get("message"), str):
        return given
    message = _GERMAN.get(content["message"], "Es ist ein Fehler aufgetreten.")
    return replace(given, body=encode(content | {"message": message}))


def _in_latin1(given: Answer, _: Fault) -> Answer:
    text = json.dumps(json.loads(given.body), ensure_ascii=False, separators=(",", ":"))
    body = "".join(each if each <= "\xff" else json.dumps(each)[1:-1] for each in text).encode("latin-1")
    return replace(given, body=body, content_type="application/json; charset=ISO-8859-1")


_CONTENTS: Mapping[str, Change] = {
    "total_count_low": _total(lambda total, fault, _: total // 2 if fault.amount is None else fault.amount),
    "total_count_high": _total(lambda total, fault, _: total + (fault.amount or 7)),
    "total_count_page": _total(lambda _, __, rows: rows),
    "total_count_text": _total(lambda total, _, __: str(total)),
    "total_count_varying": _total(lambda total, _, __: max(0, total + next(_requests) % 5 - 2)),
    "total_count_missing": _without_total,
    "hidden_rows": _without_rows,
    "items_object": _with_gaps,
    "values_shuffled": _each_row(_shuffled),
    "unknown_fields": _each_row(_with_fields),
}
_BODIES: Mapping[str, Callable[[Answer, Fault], Answer]] = {
    "time_zone": _shifted,
    "time_format": lambda given, _: replace(given, body=_TIME.sub(_rfc3339, given.body)),
    "deep_json": _planted(lambda levels: b"[" * levels + b"]" * levels),
    "long_number": _planted(lambda digits: b"9" * digits),
    "php_notice": lambda given, _: replace(given, body=_NOTICE + given.body),
    "latin1": _in_latin1,
}
