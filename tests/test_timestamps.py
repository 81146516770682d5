from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.records.values import to_date_time
from tap_magento.timestamps import from_http_date, from_magento, from_rfc3339, normalized, to_magento, to_rfc3339

MOMENT = datetime(2026, 11, 21, 17, 1, 2, tzinfo=timezone.utc)
moments = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 30), timezones=st.just(timezone.utc)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)


@given(moments)
def test_magento_and_back(moment: datetime) -> None:
    assert from_magento(to_magento(moment)) == moment


@given(moments)
def test_rfc3339_and_back(moment: datetime) -> None:
    assert from_rfc3339(to_rfc3339(moment)) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-21T17:01:02Z", MOMENT),
        ("2026-11-21T17:01:02+00:00", MOMENT),
        ("2026-11-21 18:01:02+01:00", MOMENT),
        ("2026-11-21T17:01:02.000000Z", MOMENT),
        ("2026-11-21T17:01:02", MOMENT),
        ("2026-11-21", MOMENT.replace(hour=0, minute=0, second=0)),
    ],
)
def test_settings_and_state_may_be_any_rfc3339(text: str, moment: datetime) -> None:
    assert from_rfc3339(text) == moment


def test_moments_are_written_in_utc() -> None:
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=-5)))
    assert to_magento(elsewhere) == "2026-11-21 17:01:02"
    assert to_rfc3339(elsewhere) == "2026-11-21T17:01:02+00:00"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21 17:01:02",
        "2026-11-21 17:01:02.123456",
        "2026-11-21T17:01:02Z",
        "2026-11-21T17:01:02.5+00:00",
        "2026-11-21T18:01:02+01:00",
        "2026-11-21T18:01:02+0100",
    ],
)
def test_times_of_modules_are_read_and_filtered_by_as_magentos(text: str) -> None:
    assert from_magento(text) == MOMENT
    assert normalized(text) == "2026-11-21 17:01:02"
    assert to_date_time(text) == to_rfc3339(MOMENT)


@pytest.mark.parametrize(
    "text", ["0000-00-00 00:00:00", "", "2026", "2026-02-30 00:00:00", "soon", "0001-01-01T00:00:00+01:00"]
)
def test_what_is_no_date_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_magento(text)
    with pytest.raises(ValueError, match=r"."):
        normalized(text)


@given(st.text() | st.from_regex(r"\A\w{3}, \d{1,30} \w{3} \d{1,9} \d\d?:\d\d?:\d\d? [+-]?\w{0,9}\Z"))
def test_any_header_is_a_date_or_none(text: str) -> None:
    assert from_http_date(text) is None or isinstance(from_http_date(text), datetime)


@pytest.mark.parametrize(
    ("text", "moment"),
    [("Sat, 21 Nov 2026 17:01:02 GMT", MOMENT), ("", None), (None, None), ("soon", None), ("Sat, 99 Nov", None)],
)
def test_http_dates(text: str | None, moment: datetime | None) -> None:
    assert from_http_date(text) == moment
