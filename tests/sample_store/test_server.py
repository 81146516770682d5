"""The server around the shop: headers, connections, workers, costs, its own record of requests."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone
from http.client import HTTPConnection
from pathlib import Path

import pytest
import requests

from sample_store import ServerOptions, Shop
from sample_store.app import Limits, answer
from sample_store.wire import Answer, Call
from tests.sample_store.asking import Client, Clock, Connect

TEN = {"searchCriteria[pageSize]": 10, "searchCriteria[currentPage]": 3}


def test_headers_are_those_of_a_real_shop(client: Client, clock: Clock) -> None:
    clock.forward(hours=3)
    answered = client.get("orders", **TEN)
    assert answered.headers["Date"] == "Sat, 21 Nov 2026 15:00:00 GMT"
    assert answered.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answered.headers["Transfer-Encoding"] == "chunked"
    assert answered.headers["Content-Encoding"] == "gzip"
    assert answered.headers["Cache-Control"] == "no-store"
    assert answered.cookies["PHPSESSID"]


def test_gzip_only_for_those_who_accept_it(client: Client) -> None:
    client.headers["Accept-Encoding"] = "identity"
    answered = client.get("orders", **TEN)
    assert "Content-Encoding" not in answered.headers
    assert len(answered.json()["items"]) == 10


def test_json_is_written_as_php_writes_it(shop: Shop) -> None:
    call = Call("GET", "/rest/V1/orders", "searchCriteria=", f"Bearer {shop.token()}")
    given = answer(shop, call, Limits())
    assert given.body.startswith(b'{"items":[{"')
    assert given.body.endswith(b'"search_criteria":{"filter_groups":[]},"total_count":80}')
    assert b"<\\/p>" in given.body
    assert b"</p>" not in given.body


def test_an_address_too_long_for_nginx_never_reaches_the_shop(client: Client) -> None:
    line = len("GET /rest/all/V1/orders?searchCriteria=&x= HTTP/1.1")
    assert client.get("orders", searchCriteria="", x="1" * (8192 - line)).status_code == 200
    answered = client.get("orders", searchCriteria="", x="1" * (8193 - line))
    assert answered.status_code == 414
    assert answered.headers["Content-Type"].startswith("text/html")
    assert "414 Request-URI Too Large" in answered.text
    assert [request.status for request in client.server.requests] == [200, 414]


def test_bytes_sent_are_those_on_the_wire(client: Client) -> None:
    client.get("orders", **TEN)
    client.headers["Accept-Encoding"] = "identity"
    plain = client.get("orders", **TEN)
    few = client.get("orders", **TEN, fields="items[entity_id],total_count")
    packed, whole, projected = client.server.requests
    assert packed.bytes == whole.bytes == whole.sent == len(plain.content)
    assert 0 < packed.sent < whole.sent / 5
    assert projected.bytes == projected.sent == len(few.content)
    assert projected.sent < whole.sent / 50


def test_connections_are_kept(client: Client) -> None:
    connection = HTTPConnection(client.server.url.removeprefix("http://"), timeout=20)
    connection.connect()
    kept = connection.sock
    for _ in range(3):
        connection.request("GET", "/magento_version")
        answered = connection.getresponse()
        assert answered.headers["Connection"] == "keep-alive"
        assert answered.read() == b"Magento/2.4 (Community)"
        assert connection.sock is kept
    connection.close()


def test_requests_are_recorded(client: Client) -> None:
    client.get("orders", **TEN)
    client.get("nosuch")
    first, second = client.server.requests
    assert (first.entity, first.status, first.rows) == ("orders", 200, 10)
    assert (first.counted_rows, first.offset_rows) == (80, 20)
    assert first.path == "/rest/all/V1/orders"
    assert "currentPage%5D=3" in first.query
    assert first.bytes > 10_000
    assert (second.entity, second.status) == (None, 404)
    client.server.clear()
    assert client.server.requests == []


def test_what_an_answer_costs() -> None:
    options = ServerOptions(per_request=1, per_row=0.5, per_offset_row=0.25, per_counted_row=0.125)
    assert options.cost(Answer(b"", keys=(1, 2), total=16, offset=8)) == 1 + 1 + 2 + 2
    assert ServerOptions().cost(Answer(b"", keys=(1,), total=1)) == 0


def test_costs_are_recorded(shop: Shop, connect: Connect) -> None:
    client = connect(shop, ServerOptions(per_row=0.001, per_offset_row=0.0001))
    client.get("orders", **TEN)
    (request,) = client.server.requests
    assert request.cost == pytest.approx(0.012)
    assert request.seconds >= request.cost


def test_more_requests_than_workers_wait(shop: Shop, connect: Connect) -> None:
    client = connect(shop, ServerOptions(workers=2, per_request=0.05))
    url = f"{client.server.url}/rest/V1/orders?searchCriteria[pageSize]=1"

    def ask() -> None:
        assert requests.get(url, headers=client.headers, timeout=20).status_code == 200

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spans = [(each.started, each.started + each.seconds) for each in client.server.requests]
    assert len(spans) == 6
    busiest = max(sum(start <= moment < end for start, end in spans) for moment, _ in spans)
    assert busiest == 2


def test_many_readers_and_a_writer(shop: Shop, connect: Connect) -> None:
    client = connect(shop)
    url = f"{client.server.url}/rest/V1/orders?searchCriteria="
    counts: list[int] = []

    def read() -> None:
        with requests.Session() as session:
            for _ in range(5):
                content = session.get(url, headers=client.headers, timeout=20).json()
                assert len(content["items"]) == content["total_count"]
                counts.append(content["total_count"])

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for seed in range(5):
        shop.live(seed)
    for thread in threads:
        thread.join()
    assert len(counts) == 20


def test_the_store_tells_its_truth(client: Client, shop: Shop) -> None:
    def ask(method: str, command: str) -> requests.Response:
        return client.session.request(method, f"{client.server.url}/_store/{command}", timeout=20)

    assert ask("GET", "truth/orders").json() == shop.rows("orders")
    revenue = {day: str(total) for day, total in shop.revenue_by_day().items()}
    assert ask("GET", "revenue").json() == revenue
    changes = ask("POST", "live?seed=5").json()
    assert changes["orders_placed"] >= 3
    client.get("orders", **TEN)
    assert ask("GET", "requests").json() == {"orders": 1}
    (request,) = ask("GET", "log").json()
    assert (request["entity"], request["status"], request["keys"]) == ("orders", 200, 10)
    assert ask("GET", "nosuch").status_code == 404
    assert ask("GET", "truth/nosuch").status_code == 404


def test_the_clock_is_the_shops(connect: Connect) -> None:
    ahead = timedelta(hours=3)
    shop = Shop.generate(20, clock=lambda: datetime.now(timezone.utc) + ahead)
    client = connect(shop)
    date = client.get("orders", **TEN).headers["Date"]
    told = datetime.strptime(date, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=timezone.utc)
    assert told - datetime.now(timezone.utc) > timedelta(hours=2)
    shop.live()
    assert shop.rows("orders")[-1]["created_at"] > f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M}"


def test_the_command_line_serves_a_shop() -> None:
    command = [sys.executable, "-m", "sample_store", "--orders", "12", "--module", "--live-every", "0.05", "--unseen"]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[0]
        token = requests.post(
            f"{url}/rest/V1/integration/admin/token",
            json={"username": "admin", "password": "sample-store-1"},
            timeout=20,
        ).json()
        answered = requests.get(
            f"{url}/rest/V1/orders?searchCriteria=",
            headers={"Authorization": f"Bearer {token}"},
            timeout=20,
        )
        lines = iter(process.stdout.readline, "")
        assert any("orders placed" in line for line in lines)
        assert any("comments added" in line for line in lines)
        process.terminate()
    assert answered.json()["total_count"] >= 10
    assert "acme_slot" in answered.json()["items"][0]["extension_attributes"]
