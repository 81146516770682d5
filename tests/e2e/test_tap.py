"""The tap as a program: what it writes from a real shop's answers."""

from __future__ import annotations

from operator import itemgetter
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, FormatChecker

from demo.shops import truth
from sample_store import Shop, serve
from tests.support.shared import RECORDED
from tests.support.singer import Output, run_tap


def test_every_record_of_a_recorded_shop_is_valid_and_none_is_missing(tmp_path: Path) -> None:
    shop = Shop.recorded(RECORDED)
    with serve(shop) as server:
        config = {"store_url": server.url, "username": shop.username, "password": shop.password}
        output = run_tap(tmp_path, config)
    assert output.code == 0, output.log
    assert len(output.schemas) >= 10
    for stream, schema in output.schemas.items():
        validator = Draft7Validator(schema, format_checker=FormatChecker())
        for record in output.records[stream]:
            assert [error.message for error in validator.iter_errors(record)] == []
        expected = truth(shop, stream)
        if expected is not None:
            keys = itemgetter(*output.keys[stream])
            # Some keys are texts of digits at the shop.
            found, wanted = (
                sorted(str(keys(row)).replace("'", "") for row in rows) for rows in (output.records[stream], expected)
            )
            assert found == wanted


def test_what_it_writes_after_its_own_state_is_what_changed(tmp_path: Path) -> None:
    shop = Shop.generate(orders=30)
    with serve(shop) as server:
        config = {"store_url": server.url, "access_token": shop.token(), "lookback_seconds": 0}
        first = run_tap(tmp_path, config)
        shop.live()
        second = run_tap(tmp_path, config, state=first.states[-1])
    assert (first.code, second.code) == (0, 0), second.log
    bookmarks = first.states[-1]["bookmarks"]
    # Orders come again for the shipments and invoices that name them, too.
    for stream in ("order_items", "invoices", "products"):
        since = bookmarks[stream]["replication_key_value"]
        assert len(first.records[stream]) > len(second.records[stream]) > 0
        assert all(record["updated_at"] >= since for record in second.records[stream])


def test_a_wrong_password_is_tried_once_and_leaves_nothing_behind(tmp_path: Path) -> None:
    shop = Shop.generate(orders=5)
    with serve(shop) as server:
        output = run_tap(tmp_path, {"store_url": server.url, "username": shop.username, "password": "wrong-one"})
        assert sum(request.path.endswith("/token") for request in server.requests) == 1
    assert output.code == 1
    assert "Traceback" not in output.log
    assert "wrong-one" not in output.log
    assert all(entry.keys() <= {"starting_replication_value"} for entry in bookmarks_in(output))
    assert not output.records


def bookmarks_in(output: Output) -> list[dict[str, Any]]:
    return [entry for state in output.states for entry in state["bookmarks"].values()]
