"""`--test`: what of a shop can be read with these settings, and what to do about the rest."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from tap_magento.http.connection import Connection
from tap_magento.http.errors import (
    MagentoError,
    PageSizeError,
    ShopUnavailableError,
    error_in,
    is_json,
)
from tap_magento.http.response import decode, parse_array
from tap_magento.reading.search import SearchCriteria
from tap_magento.streams.base import MagentoStream
from tap_magento.streams.list import ListStream
from tap_magento.streams.nested import NestedStream

_EDITIONS = {"Community": "Magento Open Source", "Enterprise": "Adobe Commerce", "B2B": "Adobe Commerce B2B"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about one stream.

    Attributes:
        stream: Its name.
        rows: How many rows the shop has; None if it did not tell.
        seconds: How long the shop took for one page; None if it gave none.
        problem: What is wrong and what to do; empty if it can be read.
        remark: What is good to know though it can be read.
    """

    stream: str
    rows: int | None = None
    seconds: float | None = None
    problem: str = ""
    remark: str = ""


def look_at(streams: Iterable[MagentoStream]) -> list[Finding]:
    """Read one page of each stream.

    Args:
        streams: The streams; several of one endpoint are looked at once.

    Returns:
        A finding for each.
    """
    by_path: dict[str, Finding] = {}
    findings = []
    for stream in streams:
        if stream.path not in by_path:
            by_path[stream.path] = _look_at(stream)
        findings.append(replace(by_path[stream.path], stream=stream.name))
    return findings


def describe(connection: Connection) -> str:
    """Say what shop it is.

    Args:
        connection: The shop.

    Returns:
        Its address, and its edition, version and number of modules as far as it tells.

    Raises:
        MagentoError: If it is no shop, or refuses the credentials.
        ShopUnavailableError: If it does not answer now.
    """
    told = [told for told in (_version(connection), _modules(connection)) if told]
    return f"{connection.shop} ({', '.join(told)})" if told else connection.shop


def table(findings: Sequence[Finding]) -> str:
    """Lay out what was found.

    Args:
        findings: What was found.

    Returns:
        Lines for a person: stream, whether it can be read, rows in the shop, seconds a page, what to do.
    """
    head = ("stream", "read", "rows", "s/page", "what to do")
    lines = [head, *map(_cells, findings)]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    return "\n".join(
        f"{name:<{widths[0]}}  {read:<{widths[1]}}  {rows:>{widths[2]}}  {seconds:>{widths[3]}}  {text}".rstrip()
        for name, read, rows, seconds, text in lines
    )


def _cells(finding: Finding) -> tuple[str, str, str, str, str]:
    return (
        finding.stream,
        "NO" if finding.problem else "yes",
        "" if finding.rows is None else f"{finding.rows:,}",
        "" if finding.seconds is None else f"{finding.seconds:.2f}",
        finding.problem or finding.remark,
    )


def _look_at(stream: MagentoStream) -> Finding:
    try:
        return _one_page(stream, stream.config["page_size"])
    except PageSizeError as limit:
        remark = f"the shop serves at most {limit.maximum} rows a page"
        try:
            return replace(_one_page(stream, limit.maximum), remark=remark)
        except (MagentoError, ShopUnavailableError) as error:
            return _problem(stream, error)
    except (MagentoError, ShopUnavailableError) as error:
        return _problem(stream, error)


def _one_page(stream: MagentoStream, page_size: int) -> Finding:
    started = time.monotonic()
    listed = stream.parent_stream_type if isinstance(stream, NestedStream) else type(stream)
    if listed is None or not issubclass(listed, ListStream):
        rows = len(parse_array(stream.ask(None)))
        return Finding(stream.name, rows, time.monotonic() - started)
    response = stream.ask(SearchCriteria(sort=(listed.key_column,)).limited(page_size))
    seconds = time.monotonic() - started
    answer = decode(response.content)
    if not isinstance(answer, dict) or "items" not in answer:
        raise ShopUnavailableError("the answer is JSON, but no list", response)
    return Finding(stream.name, answer.get("total_count"), seconds)


def _problem(stream: MagentoStream, error: Exception) -> Finding:
    return Finding(stream.name, problem=str(error).removeprefix(f"{stream.name}: "))


def _version(connection: Connection) -> str:
    """Read the edition and version, which a shop tells everybody unless it was told not to."""
    response = connection.send(f"{connection.shop}/magento_version")
    name, slash, rest = response.text.strip().partition("/")
    if response.status_code != HTTPStatus.OK or not slash or "<" in response.text:
        return ""
    version, _, edition = rest.partition(" ")
    return f"{_EDITIONS.get(edition.strip('()'), name)} {version}"


def _modules(connection: Connection) -> str:
    """Count the modules; a role without the right to see them is no problem."""
    response = connection.send(f"{connection.root}/V1/modules")
    if response.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND} and is_json(response):
        return ""
    error = error_in(response, "modules")
    if error is not None:
        raise error
    modules = parse_array(response)
    others = sum(1 for name in modules if not str(name).startswith("Magento_"))
    return f"{len(modules)} modules, {others} of them not Magento's"
