"""Request by request: the store's answers beside those recorded from a real shop."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import requests

from sample_store import Shop, serve
from sample_store.recorded import lines
from tests.support.shared import each_recording

_MASKED = re.compile(r"webapi-[0-9a-f]+|report api/\d+")


def _content(body: str) -> Any:
    return json.loads(_MASKED.sub("masked", body))


def _without_order(content: Any) -> Any:
    """Put the rows of an answer in an order of its own: unsorted, a shop's order means nothing."""
    if not isinstance(content, dict) or not isinstance(content.get("items"), list):
        return content
    return {**content, "items": sorted(content["items"], key=json.dumps)}


def _differences(folder: Path, session: requests.Session) -> list[str]:
    shop = Shop.recorded(folder)
    bearer = {"Authorization": f"Bearer {shop.token()}"}
    found = []
    with serve(shop) as server:
        for exchange in map(json.loads, lines(folder, "exchanges")):
            request = exchange["request"]
            got = session.request(
                request["method"],
                server.url + request["url"],
                headers=bearer if request["auth"] else {},
                timeout=20,
            )
            answers = [_content(got.text), _content(exchange["body"])]
            if "sort" not in request["url"]:
                answers = [_without_order(content) for content in answers]
            if got.status_code != exchange["status"] or answers[0] != answers[1]:
                found.append(f"{got.status_code} for {exchange['status']}: {request['url']}")
            assert got.headers["Content-Type"] == exchange["content_type"]
        assert len(server.requests) > 25
    return found


@each_recording
def test_every_recorded_request_gets_the_recorded_answer(recording: Path, session: requests.Session) -> None:
    assert _differences(recording, session) == []


@each_recording
def test_store_views_have_names_and_prices_of_their_own(recording: Path, session: requests.Session) -> None:
    shop = Shop.recorded(recording)
    bearer = {"Authorization": f"Bearer {shop.token()}"}
    query = "?searchCriteria[sortOrders][0][field]=entity_id&fields=items[name,price]"
    with serve(shop) as server:
        rows = {
            view: session.get(f"{server.url}/rest/{view}V1/products{query}", headers=bearer, timeout=20).json()["items"]
            for view in ("all/", "default/", "store_view_4/", "")
        }
    # docs/MAGENTO.md, Store views: without a store code it is the default store view's scope.
    assert rows[""] == rows["default/"]
    assert [row.get("price") for row in rows["default/"]] != [row.get("price") for row in rows["all/"]]
    assert [row["name"] for row in rows["store_view_4/"]] != [row["name"] for row in rows["all/"]]
