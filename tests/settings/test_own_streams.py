from __future__ import annotations

from typing import Any

import pytest

from tap_magento.settings import schema as settings
from tap_magento.settings.validation import problems

GOOD = {"name": "subscriptions", "path": "/acme/subscriptions", "key_field": "id", "key_column": "id"}


def found(*streams: dict[str, Any]) -> list[str]:
    config = {"store_url": "https://shop.example.com", "access_token": "x", "streams": list(streams)}
    return problems(settings.defaults() | config, settings.CONFIG_SCHEMA)


def test_a_stream_of_one_s_own() -> None:
    assert found(GOOD, {**GOOD, "name": "b", "replication_key": "updated_at", "items": "rows"}) == []


@pytest.mark.parametrize(
    "path", ["acme", "/", "//x", "/a/../b", "/a?b=c", "/a b", "/V1/acme", "/rest/V1/acme", "/a\\b", "/a/"]
)
def test_a_path_is_what_follows_the_version(path: str) -> None:
    (line,) = found({**GOOD, "path": path})
    assert line.startswith("`path` of entry 1 of `streams` must be what follows `/V1`")


@pytest.mark.parametrize("name", ["Orders", "1a", "a-b", "a.b", "a" * 64])
def test_a_name_is_one_that_a_table_can_have(name: str) -> None:
    (line,) = found(GOOD, {**GOOD, "name": name})
    assert line.startswith("`name` of entry 2 of `streams`")


@pytest.mark.parametrize("field", ["key_field", "key_column", "replication_key", "items"])
def test_a_field_is_a_name(field: str) -> None:
    assert found({**GOOD, field: "a[b]"}) == [f"`{field}` of entry 1 of `streams` must be the name of a field"]


def test_two_of_one_name_are_refused() -> None:
    assert found(GOOD, GOOD) == ["`streams` has two entries of the same name"]


@pytest.mark.parametrize("stream", [{}, {**GOOD, "more": 1}, {**GOOD, "path": 5}])
def test_what_is_malformed_is_shown_in_form(stream: dict[str, Any]) -> None:
    (line,) = found(stream)
    assert line.startswith('`streams` must be a JSON list of objects such as [{"name": "subscriptions"')
