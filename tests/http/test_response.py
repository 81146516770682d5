from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.http.errors import ShopUnavailableError
from tap_magento.http.response import decode, parse_array, parse_list
from tap_magento.reading.types import Cursor, ListSpec
from tap_magento.records.values import clean

DATED = ListSpec("entity_id", "id", "updated_at")
UNDATED = ListSpec("attribute_id", "attribute_id")

texts = st.text(max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def response(
    body: bytes | str, elapsed: float = 0.0, date: str | None = "Sat, 21 Nov 2026 12:00:00 GMT"
) -> requests.Response:
    made = requests.Response()
    made.status_code = 200
    made.url = "https://shop.example.com/rest/all/V1/orders?searchCriteria[pageSize]=1"
    made._content = body if isinstance(body, bytes) else body.encode()
    made.elapsed = timedelta(seconds=elapsed)
    if date is not None:
        made.headers["Date"] = date
    return made


def test_every_digit_of_every_number_is_kept() -> None:
    assert decode(b"[12.3400, 0.1, 1e3, 12345678901234567890.12345678901, 7]") == [
        Decimal("12.3400"),
        Decimal("0.1"),
        Decimal("1e3"),
        Decimal("12345678901234567890.12345678901"),
        7,
    ]
    assert str(decode(b"12.3400")) == "12.3400"


@pytest.mark.parametrize(
    ("body", "value"),
    [
        pytest.param(b'\xef\xbb\xbf{"a": 1.50}', {"a": Decimal("1.50")}, id="a byte order mark"),
        pytest.param(b'{"a": "\\ud83d"}', {"a": "\ufffd"}, id="half a character"),
        pytest.param(b'{"a": "\xff"}', {"a": "\ufffd"}, id="no UTF-8"),
        pytest.param(b'{"a": "\n\t"}', {"a": "\n\t"}, id="control characters"),
        pytest.param(b'{"a\\u0000": ["b\\u0000"]}', {"a": ["b"]}, id="U+0000"),
        pytest.param(b'{"a": "\x00"}', {"a": ""}, id="U+0000 as it is"),
        pytest.param(b'{"a": "\\\\u0000"}', {"a": "\\u0000"}, id="no U+0000, but a backslash and a text"),
        pytest.param(b'{"a": [NaN, -Infinity]}', {"a": ["NaN", "-Infinity"]}, id="no numbers"),
    ],
)
def test_what_php_modules_get_wrong_is_tolerated(body: bytes, value: Any) -> None:
    assert decode(body) == value


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": ', b"{'a': 1}"])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(body)


@given(
    rows=st.dictionaries(st.integers(0, 2**63 - 1), st.tuples(texts, st.dictionaries(texts, values, max_size=4))),
    total=st.none() | st.integers(0, 10**9),
    more=st.dictionaries(texts, values, max_size=3),
)
def test_an_answer_is_weighed_without_decoding_its_rows(
    rows: dict[int, tuple[str, dict[str, Any]]], total: int | None, more: dict[str, Any]
) -> None:
    items = [{**row, "id": key, "updated_at": time} for key, (time, row) in rows.items()]
    answer = parse_list(response(json.dumps({**more, "items": items, "total_count": total})), DATED, 100)
    assert list(answer.cursors) == [Cursor(time, key) for key, (time, _) in rows.items()]
    assert answer.total_count == total
    assert list(answer.rows) == clean(items)


def test_a_list_without_dates_has_none() -> None:
    answer = parse_list(response('{"items": [{"attribute_id": 7}], "total_count": 1}'), UNDATED, 100)
    assert list(answer.cursors) == [Cursor(None, 7)]


@pytest.mark.parametrize("body", ['{"items": [], "total_count": 9}', '{"items": null, "total_count": 9}'])
def test_a_page_past_the_end_has_no_rows_but_the_count(body: str) -> None:
    answer = parse_list(response(body), DATED, 100)
    assert not list(answer.cursors)
    assert not list(answer.rows)
    assert answer.total_count == 9


@pytest.mark.parametrize("count", ["", ', "total_count": null', ', "total_count": "9"', ', "total_count": [9]'])
def test_a_count_that_is_missing_or_no_number_is_none(count: str) -> None:
    assert parse_list(response(f'{{"items": []{count}}}'), DATED, 100).total_count is None


@pytest.mark.parametrize(
    ("row", "cursor"),
    [
        ({"name": "no key", "updated_at": "2026"}, Cursor("2026", None)),  # type: ignore[arg-type]
        ({"id": "7", "updated_at": "2026"}, Cursor("2026", 7)),
        ({"id": 7}, Cursor(None, 7)),
        ({"id": 7, "updated_at": None}, Cursor(None, 7)),
    ],
)
def test_a_row_without_its_key_or_time_is_weighed_all_the_same(row: dict[str, Any], cursor: Cursor) -> None:
    assert list(parse_list(response(json.dumps({"items": [row]})), DATED, 100).cursors) == [cursor]


@pytest.mark.parametrize(
    "body",
    [
        "",
        '{"items": [{"id": 1, "updated_at": "2026"}, {"id"',
        "<html>Just a moment...</html>",
        "[]",
        "null",
        '"items"',
        "{}",
        '{"message": "no"}',
        '{"items": {"id": 1}}',
        '{"items": "none"}',
        '{"items": [1]}',
        '{"items": [[]]}',
        '{"items": 0}',
        '{"items": false}',
        '{"items": ""}',
        '{"items": {}}',
    ],
)
def test_an_answer_that_is_not_a_whole_list_is_a_fault_never_an_empty_page(body: str) -> None:
    with pytest.raises(ShopUnavailableError, match=r"/rest/all/V1/orders: the answer is"):
        parse_list(response(body), DATED, 100)


@given(
    text=st.binary(max_size=6) | st.sampled_from([rb"\ud83d", rb"\ud83d\u0041", b"\xef\xbb\xbf", b"\x00", rb"\x"]),
    start=st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_rows_that_were_weighed_can_be_decoded(text: bytes, start: bytes) -> None:
    body = start + b'{"items": [{"id": 1, "updated_at": "2026", "name": "' + text + b'"}], "total_count": 1}'
    try:
        answer = parse_list(response(body), DATED, 100)
    except ShopUnavailableError:
        return
    assert [row["id"] for row in answer.rows] == [cursor.key for cursor in answer.cursors]


def test_a_fault_does_not_repeat_the_body() -> None:
    with pytest.raises(ShopUnavailableError) as raised:
        parse_list(response('{"items": [{"id": 1, "customer_email": "jane@example.com"'), DATED, 100)
    assert "jane" not in str(raised.value)


def test_the_shops_time_is_from_before_it_began() -> None:
    answer = parse_list(response('{"items": []}', elapsed=3.9), DATED, 100)
    assert answer.shop_time == datetime(2026, 11, 21, 11, 59, 56, tzinfo=timezone.utc)


@pytest.mark.parametrize("date", [None, "", "yesterday"])
def test_without_a_date_our_clock_stands_in(date: str | None) -> None:
    before = datetime.now(timezone.utc)
    answer = parse_list(response('{"items": []}', date=date), DATED, 100)
    assert before - timedelta(seconds=2) <= answer.shop_time <= datetime.now(timezone.utc)


def test_an_array_is_decoded_whole() -> None:
    assert parse_array(response('[{"id": 0, "rate": 1.10}]')) == [{"id": 0, "rate": Decimal("1.10")}]
    with pytest.raises(ShopUnavailableError, match="no list"):
        parse_array(response('{"message": "no"}'))
    with pytest.raises(ShopUnavailableError, match="broken JSON"):
        parse_array(response("[{"))
