from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest

from sample_store import Fault, Server
from tap_magento.exceptions import MagentoError, ShopUnavailableError
from tap_magento.runtime.progress import Progress
from tap_magento.runtime.redaction import hide
from tap_magento.runtime.shutdown import ShutdownError
from tap_magento.runtime.summary import VERSION, log_summary, summary
from tests.support.clock import FakeClock
from tests.support.in_process import discover, selecting, settings, sync

DOCUMENT = (Path(__file__).parents[2] / "docs" / "RUN_SUMMARY.md").read_text(encoding="utf-8")


@pytest.fixture
def progress() -> Progress:
    clock = FakeClock(100)
    progress = Progress(logging.getLogger("tests.summary"), clock.monotonic)
    orders = progress.of("orders")
    clock.now += 2.5
    progress.moved(orders, 12)
    orders.requests, orders.retries, orders.received = 4, 1, 5_000
    orders.quarantined += [3]
    orders.type_mismatches.update({"a": 2, "b": 1})
    orders.audit, orders.in_shop, orders.known, orders.deleted, orders.found = "settled", 13, 13, 2, 1
    return progress


def test_it_has_the_figures_of_each_stream(progress: Progress) -> None:
    progress.of("websites")
    found = summary(progress, {"invoices": "the role lacks a permission"}, None)
    assert (found["version"], found["succeeded"], found["error"]) == (VERSION, True, None)
    assert found["unavailable"] == {"invoices": "the role lacks a permission"}
    assert found["streams"]["orders"] == {
        "rows": 12,
        "requests": 4,
        "retries": 1,
        "bytes": 5_000,
        "seconds": 2.5,
        "quarantined": 1,
        "type_mismatches": 3,
        "count_mismatch": None,
        "audit": "settled",
        "audit_reason": None,
        "in_shop": 13,
        "known": 13,
        "deletions": 2,
        "lost_rows_found": 1,
    }
    assert (found["streams"]["websites"]["audit"], found["streams"]["websites"]["known"]) == (None, None)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MagentoError("grant it"), "grant it"),
        (ShopUnavailableError("no response"), "no response"),
        (ShutdownError(143), "the run was told to end"),
        (KeyError("customer@example.com"), "KeyError"),
    ],
)
def test_a_failure_is_told_without_what_may_be_data(progress: Progress, error: BaseException, told: str) -> None:
    found = summary(progress, {}, error)
    assert (found["succeeded"], found["error"]) == (False, told)


def test_the_log_has_it_as_text_and_as_a_field_without_secrets(
    progress: Progress, caplog: pytest.LogCaptureFixture
) -> None:
    hide("s3cret-of-this-test")
    caplog.set_level(logging.INFO)
    log_summary(summary(progress, {}, MagentoError("the token s3cret-of-this-test\nis refused")))
    (record,) = caplog.records
    name, text = record.getMessage().split(" ", 1)
    assert name == "run_summary"
    assert json.loads(text) == record.__dict__["run_summary"]
    assert "s3cret" not in text
    assert "\n" not in text


def test_the_document_names_every_field(progress: Progress) -> None:
    (example,) = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    found, documented = summary(progress, {}, None), json.loads(example)
    assert documented.keys() == found.keys()
    assert list(documented["streams"]["orders"]) == list(found["streams"]["orders"])
    told = {
        name
        for line in DOCUMENT.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line[: line.index("|", 2)])
    }
    assert told == {*found, *found["streams"]["orders"]}


def summaries(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [record.__dict__["run_summary"] for record in caplog.records if "run_summary" in record.__dict__]


@pytest.mark.usefixtures("nobody_waits")
def test_a_run_logs_it_once_also_when_it_fails(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    config = settings(server, schema_source="bundled")
    catalog = selecting(discover(config), ["orders", "invoices"])
    sync(config, catalog)
    (found,) = summaries(caplog)
    assert found["succeeded"]
    assert found["streams"]["orders"]["audit"] == "in step"
    assert found["streams"]["orders"]["rows"] == found["streams"]["orders"]["known"] == 10
    caplog.clear()

    server.faults.add(Fault("maintenance", path="V1/orders", times=None))
    with pytest.raises(ShopUnavailableError):
        sync(config, catalog)
    (found,) = summaries(caplog)
    assert not found["succeeded"]
    assert "maintenance" in found["error"]
    assert found["streams"]["invoices"]["rows"] > 0
