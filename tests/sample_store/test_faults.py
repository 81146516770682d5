"""Everything that can go wrong, over real connections."""

from __future__ import annotations

import threading
from dataclasses import asdict
from typing import get_args

import pytest
import requests

from sample_store import Fault, Shop
from sample_store.faults import Kind
from tests.sample_store.asking import Client

FIVE = {"searchCriteria[pageSize]": 5}
ALL = {"searchCriteria[pageSize]": 80}
HTML = "text/html; charset=UTF-8"


@pytest.fixture
def shop(plain_shop: Shop) -> Shop:
    """No test here changes it."""
    return plain_shop


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        (Fault("too_many_requests"), 429, "application/json; charset=utf-8"),
        (Fault("server_error"), 500, "application/json; charset=utf-8"),
        (Fault("memory"), 500, "application/json; charset=utf-8"),
        (Fault("bad_gateway"), 502, HTML),
        (Fault("unavailable"), 503, HTML),
        (Fault("gateway_timeout"), 504, HTML),
        (Fault("maintenance"), 503, HTML),
        (Fault("firewall"), 200, HTML),
    ],
)
def test_answers_in_place_of_the_shops(client: Client, fault: Fault, status: int, kind: str) -> None:
    client.server.faults.add(fault)
    answer = client.get("orders", **FIVE)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, kind)
    assert client.get("orders", **FIVE).json()["total_count"] == 80


def test_retry_after_is_sent_where_it_is_given(client: Client) -> None:
    client.server.faults.add(Fault("too_many_requests", retry_after="7"), Fault("too_many_requests"))
    assert client.get("orders", **FIVE).headers["Retry-After"] == "7"
    assert "Retry-After" not in client.get("orders", **FIVE).headers


def test_a_redirect_leads_elsewhere(client: Client) -> None:
    client.server.faults.add(Fault("redirect", location="http://localhost:9/login"))
    url = f"{client.server.url}/rest/V1/orders"
    answer = client.session.get(url, allow_redirects=False, timeout=20)
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://localhost:9/login")


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("reset", requests.exceptions.ConnectionError),
        ("reset_in_body", requests.exceptions.ChunkedEncodingError),
        ("truncated", requests.exceptions.ChunkedEncodingError),
    ],
)
def test_connections_that_break(client: Client, kind: Kind, error: type[Exception]) -> None:
    assert client.get("orders", **ALL).status_code == 200
    client.server.faults.add(Fault(kind))
    with pytest.raises(error):
        client.get("orders", **ALL)
    assert client.get("orders", **ALL).json()["total_count"] == 80


def test_json_that_ends_too_early(client: Client) -> None:
    client.server.faults.add(Fault("invalid_json"))
    answer = client.get("orders", **FIVE)
    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_a_timeout_holds_the_answer_back(client: Client) -> None:
    client.server.faults.add(Fault("timeout"))
    with pytest.raises(requests.exceptions.ReadTimeout):
        client.session.get(client.server.url + "/rest/V1/orders", timeout=0.2)


def test_a_held_answer_can_be_let_go(client: Client) -> None:
    client.server.faults.add(Fault("timeout"))
    released = threading.Timer(0.1, client.server.faults.release)
    released.start()
    with pytest.raises(requests.exceptions.ConnectionError):
        client.get("orders", **FIVE)
    released.join()
    assert client.get("orders", **FIVE).status_code == 200


def test_a_token_expires_in_mid_run(client: Client, shop: Shop) -> None:
    client.server.faults.add(Fault("token_expired", skip=1))
    statuses = [client.get("orders", **FIVE).status_code for _ in range(3)]
    assert statuses == [200, 401, 401]
    client.headers["Authorization"] = f"Bearer {shop.token()}"
    assert client.get("orders", **FIVE).status_code == 200


def test_one_bad_row_takes_its_page_down_and_counts_go_on(client: Client, shop: Shop) -> None:
    """MEASURED.md (j)."""
    client.server.faults.add(Fault("bad_row", entity="orders", key=40, times=None))

    def ask(low: int, high: int, page: int = 1) -> requests.Response:
        prefix = "searchCriteria[filterGroups]"
        criteria = {
            f"{prefix}[0][filters][0][field]": "entity_id",
            f"{prefix}[0][filters][0][conditionType]": "gteq",
            f"{prefix}[0][filters][0][value]": low,
            f"{prefix}[1][filters][0][field]": "entity_id",
            f"{prefix}[1][filters][0][conditionType]": "lteq",
            f"{prefix}[1][filters][0][value]": high,
            "searchCriteria[currentPage]": page,
            "searchCriteria[pageSize]": 50,
        }
        return client.get("orders", **criteria, fields="items[entity_id],total_count")

    assert ask(30, 50).status_code == 500
    assert "Report ID" in ask(30, 50).json()["message"]
    assert ask(30, 50, page=1_000_000).json() == {"items": None, "total_count": 21}
    assert ask(40, 40, page=1_000_000).json()["total_count"] == 1
    assert len(ask(30, 39).json()["items"]) == 10
    assert len(ask(41, 50).json()["items"]) == 10
    assert client.get("orders/40").status_code == 500
    assert client.get("invoices", **FIVE).status_code == 200
    assert shop.row("orders", 40) is not None


def test_faults_wait_for_their_turn_and_their_list(client: Client) -> None:
    client.server.faults.add(Fault("bad_gateway", entity="invoices", skip=1, times=2))
    assert client.get("orders", **FIVE).status_code == 200
    statuses = [client.get("invoices", **FIVE).status_code for _ in range(5)]
    assert statuses == [200, 502, 502, 200, 200]
    client.server.faults.add(Fault("bad_gateway", path="/products", times=None))
    assert client.get("products/attributes", **FIVE).status_code == 502
    assert client.get("products", **FIVE).status_code == 502
    client.server.faults.clear()
    assert client.get("products", **FIVE).status_code == 200


def test_faults_come_from_another_process_too(client: Client) -> None:
    url = f"{client.server.url}/_store/faults"
    faults = [asdict(Fault("unavailable", retry_after="1"))]
    assert client.session.post(url, json=faults, timeout=20).status_code == 200
    assert client.get("orders", **FIVE).status_code == 503
    client.session.post(url, json=[{"kind": "unavailable", "times": None}], timeout=20)
    assert client.get("orders", **FIVE).status_code == 503
    unknown = client.session.post(url, json=[{"kind": "earthquake"}], timeout=20)
    assert (unknown.status_code, unknown.json()["message"]) == (400, "No such fault: earthquake")
    client.session.delete(url, timeout=20)
    assert client.get("orders", **FIVE).status_code == 200


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_is_recorded(client: Client, kind: Kind) -> None:
    client.server.faults.add(Fault(kind, entity="orders", key=1, seconds=0.01))
    dropped = kind in {"reset", "reset_in_body", "truncated", "timeout"}
    try:
        status = client.get("orders", **ALL).status_code
    except requests.exceptions.RequestException:
        assert dropped
    else:
        assert not dropped
        assert client.server.requests[-1].status == status
    assert client.server.requests[-1].entity == "orders"
