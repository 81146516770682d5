"""Everything that can go wrong, over real connections."""

from __future__ import annotations

import itertools
import json
import threading
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import get_args

import pytest
import requests

from sample_store import Fault, Shop
from sample_store.faults import AnyKind
from tests.sample_store.asking import Client

FIVE = {"searchCriteria[pageSize]": 5}
ALL = {"searchCriteria[pageSize]": 80}
HTML = "text/html; charset=UTF-8"
SORTED = {"searchCriteria[sortOrders][0][field]": "entity_id", "searchCriteria[sortOrders][0][direction]": "ASC"}
NEVER_ENDING = {"endless", "drip", "drip_headers"}


def _page(number: int) -> dict[str, int]:
    return {"searchCriteria[currentPage]": number}


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
        (Fault("challenge"), 503, HTML),
        (Fault("not_found"), 404, "application/json; charset=utf-8"),
        (Fault("bad_request"), 400, "application/json; charset=utf-8"),
        (Fault("request_timeout"), 408, HTML),
        (Fault("unauthorized"), 401, "application/json; charset=utf-8"),
        (Fault("odd_token"), 200, "application/json; charset=utf-8"),
        (Fault("empty"), 200, "application/json; charset=utf-8"),
        (Fault("hostile_error"), 400, "application/json; charset=utf-8"),
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
def test_connections_that_break(client: Client, kind: AnyKind, error: type[Exception]) -> None:
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
    """docs/MAGENTO.md, Corrupt rows."""
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


@pytest.mark.parametrize("kind", sorted({*get_args(AnyKind)} - NEVER_ENDING))
def test_every_kind_is_recorded(client: Client, kind: AnyKind) -> None:
    client.server.faults.add(Fault(kind, entity="orders", key=1, seconds=0.01, amount=1))
    dropped = kind in {"reset", "reset_in_body", "truncated", "timeout"}
    try:
        status = client.get("orders", **ALL).status_code
    except requests.exceptions.RequestException:
        assert dropped
    else:
        assert not dropped
        assert client.server.requests[-1].status == status
    assert client.server.requests[-1].entity == "orders"


@pytest.mark.parametrize(
    ("kind", "status"),
    [("not_found", 404), ("bad_request", 400), ("bad_gateway", 502), ("gateway_timeout", 504), ("empty", 200)],
)
def test_any_failure_can_be_that_of_one_row(client: Client, kind: AnyKind, status: int) -> None:
    client.server.faults.add(Fault(kind, entity="orders", key=3, times=None))
    pages = [client.get("orders", **FIVE, **_page(number), **SORTED) for number in (1, 2)]
    assert [page.status_code for page in pages] == [status, 200]
    assert len(pages[1].json()["items"]) == 5
    count = client.get("orders", **FIVE, **_page(1_000_000), fields="items[entity_id],total_count")
    assert count.json() == {"items": None, "total_count": 80}


@pytest.mark.parametrize(
    ("kind", "amount", "claimed"),
    [
        ("total_count_low", None, 40),
        ("total_count_low", 5, 5),
        ("total_count_high", None, 87),
        ("total_count_page", None, 5),
        ("total_count_text", None, "80"),
        ("total_count_missing", None, None),
    ],
)
def test_counts_that_are_wrong(client: Client, kind: AnyKind, amount: int | None, claimed: object) -> None:
    client.server.faults.add(Fault(kind, entity="orders", times=None, amount=amount))
    page = client.get("orders", **FIVE).json()
    assert page.get("total_count") == claimed
    assert len(page["items"]) == 5
    assert client.get("invoices", **FIVE).json()["total_count"] == len(client.server.shop.rows("invoices"))


def test_counts_that_vary(client: Client) -> None:
    client.server.faults.add(Fault("total_count_varying", times=None))
    counts = {client.get("orders", **FIVE).json()["total_count"] for _ in range(5)}
    assert counts == {78, 79, 80, 81, 82}


def test_rows_hidden_after_they_were_counted(client: Client) -> None:
    client.server.faults.add(Fault("hidden_rows", entity="orders", times=None, amount=4))
    page = client.get("orders", **{"searchCriteria[pageSize]": 9}, **SORTED, fields="items[entity_id],total_count")
    assert page.json() == {"items": [{"entity_id": key} for key in (1, 2, 3, 5, 6, 7, 9)], "total_count": 80}


def test_times_in_another_zone(client: Client, shop: Shop) -> None:
    client.server.faults.add(Fault("time_zone", entity="orders", times=None))
    (row,) = client.get("orders", **_eq("entity_id", 2)).json()["items"]
    true = shop.row("orders", 2)
    assert true is not None
    shown, known = (datetime.fromisoformat(each["created_at"]) for each in (row, true))
    assert shown - known == timedelta(hours=2)
    assert client.get("orders", **_eq("created_at", true["created_at"])).json()["total_count"] == 1


def test_times_in_another_format(client: Client, shop: Shop) -> None:
    client.server.faults.add(Fault("time_format", entity="orders"))
    (row,) = client.get("orders", **_eq("entity_id", 2)).json()["items"]
    true = shop.row("orders", 2)
    assert true is not None
    assert row["created_at"] == f"{true['created_at'].replace(' ', 'T')}.000000Z"


def test_lists_with_gaps(client: Client) -> None:
    client.server.faults.add(Fault("items_object", times=None))
    page = client.get("orders", **FIVE).json()
    assert list(page["items"]) == ["0", "2", "4", "6", "8"]
    assert client.get("store/storeViews").json()["2"]["code"] == "default"


def test_values_of_options_come_in_another_order(client: Client) -> None:
    client.server.faults.add(Fault("values_shuffled", entity="products", times=None))
    criteria = _eq("type_id", "configurable") | {"searchCriteria[pageSize]": 1}

    def values() -> list[int]:
        (row,) = client.get("products", **criteria).json()["items"]
        option = row["extension_attributes"]["configurable_product_options"][0]
        return [value["value_index"] for value in option["values"]]

    seen = [values() for _ in range(3)]
    assert seen[0] != seen[1]
    assert {tuple(sorted(each)) for each in seen} == {(50, 53, 58)}


def test_content_that_is_too_much(client: Client) -> None:
    client.server.faults.add(Fault("deep_json", amount=2000))
    assert b"[" * 2000 in client.get("orders", **FIVE).content
    client.server.faults.add(Fault("long_number", amount=6000))
    assert b":" + b"9" * 6000 in client.get("orders", **FIVE).content
    client.server.faults.add(Fault("unknown_fields", amount=700))
    assert len(client.get("orders", **FIVE).json()["items"][0]) > 700


def test_notices_of_php(client: Client) -> None:
    client.server.faults.add(Fault("php_notice"))
    text = client.get("orders", **FIVE).text
    assert text.startswith("<br />\n<b>Notice</b>")
    assert json.loads(text[text.index("{") :])["total_count"] == 80


def test_another_charset(client: Client) -> None:
    client.server.faults.add(Fault("latin1", entity="categories"))
    answer = client.get("categories/list", searchCriteria="")
    assert answer.headers["Content-Type"] == "application/json; charset=ISO-8859-1"
    assert "Größen & mehr".encode("latin-1") in answer.content
    assert {row["name"] for row in answer.json()["items"]} >= {"Bags", "Größen & mehr"}


def test_messages_in_another_language(client: Client) -> None:
    client.server.faults.add(Fault("translated", times=None), Fault("unauthorized"), Fault("not_found", key=1))
    assert client.get("orders", **FIVE).json() == {
        "message": "Der Verbraucher darf nicht auf %resources zugreifen.",
        "parameters": {"resources": "Magento_Sales::actions_view"},
    }
    missing = client.get("orders/1")
    assert (missing.status_code, missing.json()["message"]) == (404, "Kein solches Objekt mit %fieldName = %fieldValue")
    assert client.get("no/such/route").json()["message"] == "Die Anfrage passt zu keiner Route."
    assert client.get("orders/2").json()["entity_id"] == 2


def test_faults_of_the_content_add_up(client: Client) -> None:
    client.server.faults.add(Fault("items_object"), Fault("total_count_text"), Fault("php_notice"))
    text = client.get("orders", **FIVE).text
    page = json.loads(text[text.index("{") :])
    assert (page["total_count"], len(page["items"]), text[:3]) == ("80", 5, "<br")


@pytest.mark.parametrize("kind", ["drip", "drip_headers"])
def test_responses_that_drip(client: Client, kind: AnyKind) -> None:
    client.server.faults.add(Fault(kind, path="storeViews", seconds=0.001))
    assert len(client.get("store/storeViews").json()) == 4
    client.server.faults.add(Fault(kind, path="storeViews", seconds=60))
    with (
        pytest.raises(requests.exceptions.RequestException),
        _stream(client, "store/storeViews", timeout=0.2) as answer,
    ):
        assert list(answer.iter_content(1))


def test_responses_without_end(client: Client) -> None:
    client.server.faults.add(Fault("endless", entity="orders"))
    with _stream(client, "orders?searchCriteria=") as answer:
        received = itertools.accumulate(len(part) for part in answer.iter_content(100_000))
        assert next(size for size in received if size > 1_000_000)


def test_bombs(client: Client) -> None:
    client.server.faults.add(Fault("gzip_bomb", entity="orders", amount=20_000_000))
    with _stream(client, "orders?searchCriteria=") as answer:
        assert len(answer.raw.read(decode_content=False)) < 30_000
    client.server.faults.add(Fault("gzip_bomb", entity="orders", amount=2_000_000))
    assert client.get("orders", **FIVE).json() == {"items": [], "total_count": 0}


def _stream(client: Client, path: str, timeout: float = 20) -> requests.Response:
    url = f"{client.server.url}/rest/all/V1/{path}"
    return client.session.get(url, headers=client.headers, stream=True, timeout=timeout)


def _eq(field: str, value: object) -> dict[str, object]:
    prefix = "searchCriteria[filterGroups][0][filters][0]"
    return {f"{prefix}[field]": field, f"{prefix}[value]": value}
