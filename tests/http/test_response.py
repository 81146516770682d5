from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.http import json_body
from tap_magento.http.decoding import clean, decode
from tap_magento.http.errors import ShopFailedError, ShopUnavailableError, UnexpectedResponseError, error_in
from tap_magento.http.response import parse_array, parse_count, parse_list
from tap_magento.reading.types import Cursor, ListSpec
from tap_magento.runtime.escaping import escaped
from tap_magento.timestamps import to_magento

DATED = ListSpec("entity_id", "id", "updated_at")
UNDATED = ListSpec("attribute_id", "attribute_id")
UNTIMED = ListSpec("entity_id", "id")

texts = st.text(max_size=8)
times = st.datetimes(timezones=st.just(timezone.utc)).map(to_magento)
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
    rows=st.dictionaries(st.integers(0, 2**63 - 1), st.tuples(times, st.dictionaries(texts, values, max_size=4))),
    total=st.none() | st.integers(0, 10**9),
    more=st.dictionaries(texts, values, max_size=3),
)
def test_a_response_is_parsed_without_decoding_its_rows(
    rows: dict[int, tuple[str, dict[str, Any]]], total: int | None, more: dict[str, Any]
) -> None:
    items = [{**row, "id": key, "updated_at": time} for key, (time, row) in rows.items()]
    page = parse_list(response(json.dumps({**more, "items": items, "total_count": total})), DATED, 100)
    assert list(page.cursors) == [Cursor(time, key) for key, (time, _) in rows.items()]
    assert page.total_count == total
    assert list(page.rows) == clean(items)


def test_a_list_without_dates_has_none() -> None:
    page = parse_list(response('{"items": [{"attribute_id": 7}], "total_count": 1}'), UNDATED, 100)
    assert list(page.cursors) == [Cursor(None, 7)]


@pytest.mark.parametrize("body", ['{"items": [], "total_count": 9}', '{"items": null, "total_count": 9}'])
def test_a_page_past_the_end_has_no_rows_but_the_count(body: str) -> None:
    page = parse_list(response(body), DATED, 100)
    assert not list(page.cursors)
    assert not list(page.rows)
    assert page.total_count == 9


@pytest.mark.parametrize("count", ["null", '"many"', "-1", "true", "[9]"])
def test_a_count_that_is_missing_or_no_number_is_none(count: str) -> None:
    assert parse_list(response(f'{{"items": [], "total_count": {count}}}'), DATED, 100).total_count is None
    assert parse_list(response('{"items": []}'), DATED, 100).total_count is None


@pytest.mark.parametrize(
    ("row", "cursor"),
    [
        ({"name": "no key", "updated_at": "2026-01-01 00:00:00"}, Cursor("2026-01-01 00:00:00", None)),  # type: ignore[arg-type]
        ({"id": "7", "updated_at": "2026-01-01 00:00:00"}, Cursor("2026-01-01 00:00:00", 7)),
        ({"id": 7}, Cursor(None, 7)),
        ({"id": 7, "updated_at": "0000-00-00 00:00:00"}, Cursor(None, 7)),
        ({"id": 7, "updated_at": "2026-01-01T01:00:00.123+01:00"}, Cursor("2026-01-01 00:00:00", 7)),
        ({"id": 7, "updated_at": None}, Cursor(None, 7)),
    ],
)
def test_a_row_without_its_key_or_time_is_parsed_all_the_same(row: dict[str, Any], cursor: Cursor) -> None:
    assert list(parse_list(response(json.dumps({"items": [row]})), DATED, 100).cursors) == [cursor]


@pytest.mark.parametrize(
    "body",
    [
        "",
        '{"items": [{"id": 1, "updated_at": "2026-01-01 00:00:00"}, {"id"',
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
def test_a_response_that_is_not_a_whole_list_is_a_fault_never_an_empty_page(body: str) -> None:
    with pytest.raises(ShopUnavailableError, match=r"orders: (the response is|Magento failed with status 200: no)"):
        parse_list(response(body), DATED, 100, "orders")


@given(
    text=st.binary(max_size=6) | st.sampled_from([rb"\ud83d", rb"\ud83d\u0041", b"\xef\xbb\xbf", b"\x00", rb"\x"]),
    start=st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_rows_that_were_parsed_can_be_decoded(text: bytes, start: bytes) -> None:
    body = (
        start
        + b'{"items": [{"id": 1, "updated_at": "2026-01-01 00:00:00", "name": "'
        + text
        + b'"}], "total_count": 1}'
    )
    try:
        page = parse_list(response(body), DATED, 100)
    except ShopUnavailableError:
        return
    assert [row["id"] for row in page.rows] == [cursor.key for cursor in page.cursors]


def test_a_fault_does_not_repeat_the_body() -> None:
    with pytest.raises(ShopUnavailableError) as raised:
        parse_list(response('{"items": [{"id": 1, "customer_email": "jane@example.com"'), DATED, 100)
    assert "jane" not in str(raised.value)


def test_the_shops_time_is_from_before_it_began() -> None:
    page = parse_list(response('{"items": []}', elapsed=3.9), DATED, 100)
    assert page.shop_time == datetime(2026, 11, 21, 11, 59, 56, tzinfo=timezone.utc)


@pytest.mark.parametrize("date", [None, "", "yesterday"])
def test_without_a_date_our_clock_stands_in(date: str | None) -> None:
    before = datetime.now(timezone.utc)
    page = parse_list(response('{"items": []}', date=date), DATED, 100)
    assert before - timedelta(seconds=2) <= page.shop_time <= datetime.now(timezone.utc)


def test_an_array_is_decoded_whole() -> None:
    assert parse_array(response('[{"id": 0, "rate": 1.10}]')) == [{"id": 0, "rate": Decimal("1.10")}]
    with pytest.raises(ShopUnavailableError, match="no list"):
        parse_array(response('{"id": 0}'))
    with pytest.raises(ShopUnavailableError, match="broken JSON"):
        parse_array(response("[{"))


GAPS = '{"0": {"id": 1, "updated_at": "2026-01-01 00:00:00"}, "2": {"id": 3, "updated_at": "2026-01-01 00:00:00"}}'


def test_a_list_with_gaps_is_a_list() -> None:
    page = parse_list(response(f'{{"items": {GAPS}, "total_count": "2"}}'), DATED, 100)
    assert [row["id"] for row in page.rows] == [cursor.key for cursor in page.cursors] == [1, 3]
    assert page.total_count == 2
    assert [row["id"] for row in parse_array(response(GAPS))] == [1, 3]


def typed(content_type: str, body: bytes) -> requests.Response:
    made = response(body)
    made.headers["Content-Type"] = content_type
    return made


LIST = '{"items": [{"id": 1, "name": "Café"}], "total_count": 1}'
NOTICE = b"<br />\n<b>Deprecated</b>:  Property A::$b {closure} in <b>/var/a.php</b> on line <b>5</b><br />\n"


@pytest.mark.parametrize("content_type", ["application/json; charset=ISO-8859-1", 'Application/JSON; Charset="utf-16"'])
def test_a_declared_charset_is_decoded_as_declared(content_type: str) -> None:
    charset = content_type.partition("=")[2].strip('"')
    page = parse_list(typed(content_type, LIST.encode(charset)), UNTIMED, 100)
    assert [row["name"] for row in page.rows] == ["Café"]


@pytest.mark.parametrize("charset", ["utf-8", "none-such", "idna", "unicode_escape", "zlib", "\xff", ""])
def test_a_charset_that_is_none_is_utf_8(charset: str) -> None:
    page = parse_list(typed(f"application/json; charset={charset}", LIST.encode()), UNTIMED, 100)
    assert [row["name"] for row in page.rows] == ["Café"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (NOTICE, b""),
        (b"\nWarning: Undefined array key in /var/a.php on line 5\n", b""),
        (NOTICE * 2, NOTICE),
        (b"", b"<!-- 0.1 s -->"),
    ],
)
@pytest.mark.parametrize("content_type", ["application/json", "text/html; charset=UTF-8"])
def test_notices_around_whole_json_are_left_out_and_warned_of_once(
    before: bytes, after: bytes, content_type: str, caplog: pytest.LogCaptureFixture
) -> None:
    json_body._warn_once.cache_clear()
    made = typed(content_type, before + LIST.encode() + after)
    assert error_in(made) is None
    for _ in range(2):
        assert [row["id"] for row in parse_list(made, UNTIMED, 100).rows] == [1]
    assert [message.count("display_errors") for message in caplog.messages] == [1]


@pytest.mark.parametrize(
    "body",
    [
        NOTICE + b'{"items": [{"id": 1, "list": [1, 2]}, {"id"',
        b'{"items": [{"id": 1}, {"id"' + NOTICE,
        b'[{"list": [1, 2]}, {"id": ' + NOTICE,
        NOTICE + b'[{"list": [1, 2]}, {"id": 2}\n' + NOTICE,
        NOTICE,
    ],
)
def test_no_part_of_json_among_notices_passes_for_the_whole(body: bytes) -> None:
    for parse in (
        lambda: parse_list(response(body), UNTIMED, 100, "orders"),
        lambda: parse_array(response(body), "orders"),
    ):
        with pytest.raises(ShopFailedError, match="orders: PHP printed an error into the response"):
            parse()


@pytest.mark.parametrize("body", ["<p>Sign in</p>\n" + LIST, LIST + "\n<p>Sign in</p>", LIST + "\n" + LIST])
def test_json_among_anything_but_notices_is_not_read(body: str) -> None:
    assert isinstance(error_in(typed("text/html", body.encode())), UnexpectedResponseError)
    with pytest.raises(UnexpectedResponseError, match="broken JSON"):
        parse_list(response(body), UNTIMED, 100, "orders")


def deep(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize("body", [deep(100_000), f'{{"items": [{{"id": 1, "x": {deep(100_000)}}}], "total_count": 1}}'])
def test_what_is_nested_too_deeply_is_a_fault(body: str) -> None:
    with pytest.raises(ShopUnavailableError, match=r"orders: .*(broken JSON|nested too deeply)"):
        list(parse_list(response(body), UNTIMED, 100, "orders").rows)
    with pytest.raises(ShopUnavailableError, match="orders: "):
        parse_array(response(body), "orders")


@pytest.mark.parametrize("number", ["9" * 5000, "1e99999999999999999999", "-" + "9" * 5000])
def test_a_number_too_large_for_any_type_is_a_text(number: str) -> None:
    page = parse_list(response(f'{{"items": [{{"id": 1, "x": {number}}}], "total_count": 1}}'), UNTIMED, 100)
    assert [row["x"] for row in page.rows] == [number]


def test_an_empty_object_of_php_has_no_count() -> None:
    assert parse_count(response("[]")) is None


def test_a_count_is_read_alone_but_not_from_an_error() -> None:
    assert parse_count(response('{"total_count": "7"}')) == 7
    assert parse_count(response("{}")) is None
    for body in ('{"message": "no"}', "[1]", "{"):
        with pytest.raises(ShopUnavailableError, match="orders: "):
            parse_count(response(body), "orders")


FRAGMENTS = [
    *(b"{", b"}", b"[", b"]", b",", b":", b'"items"', b'"total_count"', b'"id"', b'"message"', b'"parameters"', b"1"),
    *(b'"x"', b"null", b"1e999", b"9" * 5000, b"[" * 3000, b"\xff", b"\\u0000", b"\xef\xbb\xbf", NOTICE, b"<!--"),
    *(b'"%1"', b'"0"', b'"updated_at"', b'"2026-01-01 00:00:00"', b'"\\ud800"', b"\x00", b"\n", LIST.encode()),
]
bodies = st.binary(max_size=64) | st.lists(st.sampled_from(FRAGMENTS), max_size=24).map(b"".join)
content_types = st.sampled_from(["application/json", "text/html", "", "application/json; charset=utf-16"]) | st.text()


@given(
    body=bodies,
    status=st.sampled_from([200, 200, 200, 204, 302, 400, 401, 404, 418, 429, 500, 503]),
    content_type=content_types,
    header=st.sampled_from(["Location", "Retry-After", "Date", "Server", "CF-RAY", "WWW-Authenticate"]),
    value=st.text(max_size=40) | st.sampled_from(["http://[::1", "9" * 400, "²", "-1", "NaN", "cloudflare", "//a@b:c"]),
)
def test_any_response_ends_in_rows_or_in_one_line(
    body: bytes, status: int, content_type: str, header: str, value: str
) -> None:
    made = typed(content_type, body)
    made.status_code = status
    made.headers[header] = value
    parsers: list[Callable[[], object]] = [
        lambda: list(parse_list(made, DATED, 100, "orders").rows),
        lambda: parse_array(made, "orders"),
        lambda: parse_count(made, "orders"),
    ]
    for parse in parsers:
        try:
            error = error_in(made, "orders")
            if error is None:
                parse()
        except ShopUnavailableError as fault:
            error = fault
        if error is not None:
            assert str(error).startswith(("orders: ", "the shop serves at most"))
            assert len(str(error)) < 1000
            assert str(error) == escaped(str(error))
        if isinstance(error, ShopUnavailableError):
            assert error.retry_after is None or 0 <= error.retry_after <= 7 * 86_400
