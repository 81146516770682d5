"""A full-table sync of a list with a nested stream, killed anywhere and resumed: both have one version."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from sample_store import Server, Shop, serve
from tests.support.in_process import discover_some, replicating_fully, settings, sync
from tests.support.messages import Line, Messages

pytestmark = pytest.mark.usefixtures("nobody_waits")

KEYS = {"orders": "entity_id", "order_payments": "entity_id"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve(Shop.generate(orders=24)) as running:
        yield running


@pytest.fixture(scope="module")
def catalog(server: Server) -> dict[str, Any]:
    return replicating_fully(discover_some(_config(server), list(KEYS)), "orders")


@pytest.fixture(scope="module")
def whole(server: Server, catalog: dict[str, Any]) -> Messages:
    return sync(_config(server), catalog)


def _config(server: Server) -> dict[str, Any]:
    more = {"page_size": 4, "max_concurrency": 1, "emit_activate_version_messages": True, "audit": "off"}
    return settings(server, schema_source="bundled", **more)


@pytest.mark.parametrize("number", range(1, 51, 5))
def test_killed_at_any_line_and_resumed(server: Server, catalog: dict[str, Any], whole: Messages, number: int) -> None:
    records = count(1)

    def dies(line: Line) -> bool:
        return line["type"] == "RECORD" and next(records) >= number

    first = sync(_config(server), catalog, dies_before=dies)
    states = [line["value"] for line in first.lines if line["type"] == "STATE"]
    assert not [line for line in first.lines if line["type"] == "ACTIVATE_VERSION"]
    state = states[-1] if states else None
    for each in (state or {}).get("bookmarks", {}).values():
        if "version" in each.get("full_table", {}):
            each["full_table"]["version"] = 1_234  # of an earlier second than that in which the test runs
    second = sync(_config(server), catalog, state)
    for stream, key in KEYS.items():
        loaded = {*first.keys(stream, key), *second.keys(stream, key)}
        assert loaded == set(whole.keys(stream, key))
        (activated,) = second.of("ACTIVATE_VERSION", stream)
        assert {line["version"] for line in second.of("RECORD", stream)} <= {activated["version"]}
        assert (activated["version"] == 1_234) == bool(_under_way(state, stream))


def _under_way(state: dict[str, Any] | None, stream: str) -> Any:
    return (state or {}).get("bookmarks", {}).get(stream, {}).get("full_table", {}).get("version")
