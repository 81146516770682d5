from __future__ import annotations

import json
import logging

import pytest
from singer_sdk.logging import StructuredFormatter

from tap_magento.runtime.redaction import STRUCK_OUT, hide, redacted

SECRET = 'pa"ss & wörd/77'


@pytest.fixture(autouse=True)
def _known() -> None:
    hide(SECRET, "tok-123456", "")


def test_a_secret_is_struck_out_in_every_spelling() -> None:
    for spelling in (SECRET, "pa%22ss%20%26%20w%C3%B6rd%2F77", json.dumps({"password": SECRET})):
        text = redacted(f"before {spelling} after")
        assert STRUCK_OUT in text
        assert "w" not in text.replace("password", "")


def test_log_records_are_clean_for_every_handler(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("anybody.at.all").debug("sent %s", {"Authorization": "Bearer tok-123456"})
    assert caplog.messages == [f"sent {{'Authorization': 'Bearer {STRUCK_OUT}'}}"]


@pytest.mark.parametrize("formatter", [logging.Formatter(), StructuredFormatter()])
def test_tracebacks_too(caplog: pytest.LogCaptureFixture, formatter: logging.Formatter) -> None:
    try:
        _fail()
    except RuntimeError:
        logging.getLogger("x").exception("it failed")
    text = formatter.format(caplog.records[0])
    assert "tok-123456" not in text
    assert "it failed" in text
    assert "ValueError" in text
    assert STRUCK_OUT in text


def test_tracebacks_without_a_secret_stay_as_they_are(caplog: pytest.LogCaptureFixture) -> None:
    try:
        int("entity_id")
    except ValueError:
        logging.getLogger("x").exception("it failed")
    assert caplog.records[0].exc_info is not None


def test_a_faulty_log_call_stays_its_handlers_to_report() -> None:
    record = logging.getLogRecordFactory()("x", logging.INFO, "file", 1, "%d", ("no number",), None)
    assert record.args == ("no number",)


def test_very_short_values_are_left_alone() -> None:
    hide("abc")
    assert redacted("abcde") == "abcde"


def _fail() -> None:
    cause = ValueError("Invalid header value b'Bearer tok-123456'")
    raise RuntimeError("cannot send") from cause
