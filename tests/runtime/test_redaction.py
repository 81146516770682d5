from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from singer_sdk.logging import StructuredFormatter

import tap_magento
from tap_magento.runtime import redaction
from tap_magento.runtime.redaction import STRUCK_OUT, hide, quoted, redacted

SECRET = 'pa"ss & wörd/77'


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_secrets", redaction._Secrets())
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


OURS = str(Path(tap_magento.__file__).parent / "http" / "retry.py")


def record(path: str, message: str, *args: object) -> str:
    """Give the text of a record logged from a file."""
    return logging.getLogRecordFactory()("x", logging.INFO, path, 1, message, args, None).getMessage()


def test_a_common_word_stays_in_the_taps_own_sentences_alone() -> None:
    hide("orders", "orders-2026")
    assert record(OURS, "orders: %s", "12 rows of orders") == "orders: 12 rows of orders"
    assert record(OURS, "%s", "orders-2026") == STRUCK_OUT
    assert record("/lib/urllib3/x.py", "sent %s", "orders") == f"sent {STRUCK_OUT}"
    assert quoted("wrong: orders") == f"wrong: {STRUCK_OUT}"
    assert redacted("orders\nx orders-2026") == f"orders\nx {STRUCK_OUT}"


@pytest.mark.parametrize("path", [OURS, "/lib/somebody/else.py"])
def test_a_record_cannot_be_forged_nor_steer_a_terminal(path: str) -> None:
    assert record(path, "field '%s'", "x\n2026 ERROR forged\x1b[2J") == r"field 'x\n2026 ERROR forged\x1b[2J'"


def test_the_taps_own_tables_have_lines() -> None:
    assert record(OURS, "Done:\n%s", "a\nb\x1b") == "Done:\na\nb\\x1b"
    assert record("/lib/somebody/else.py", "Done:\n%s", "a") == r"Done:\na"


def test_tracebacks_cannot_steer_a_terminal(caplog: pytest.LogCaptureFixture) -> None:
    try:
        int("\x1b[2J")
        raise ValueError("\x1b[2J")  # noqa: TRY301  int() tells its text as a literal
    except ValueError:
        logging.getLogger("x").exception("it failed")
    assert "\x1b" not in logging.Formatter().format(caplog.records[0])


def test_quoted_text_is_one_line() -> None:
    assert quoted("a\nb\x1b") == r"a\nb\x1b"
