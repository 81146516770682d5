from __future__ import annotations

import pytest
from pyroaring import BitMap64

from benchmarks.audit import CHANGES, Change, ModelShop, measure, run
from benchmarks.costs import SHOP
from benchmarks.scale import Scale
from tap_magento.reading.audit import AuditStatus


@pytest.mark.parametrize("change", CHANGES, ids=[change.name for change in CHANGES])
def test_each_change_is_found_exactly_and_within_what_was_wanted(change: Change) -> None:
    measured = measure(20_000, change)  # which raises if the ledger differs afterwards
    assert measured.result.status is (AuditStatus.IN_STEP if change.name == "nothing" else AuditStatus.SETTLED)
    assert measured.result.requests <= (change.most_requests or 10_000)
    assert measured.shop.requests == measured.result.requests + len(measured.result.unread)


def test_the_shops_work_is_costed_by_the_model() -> None:
    shop = ModelShop(BitMap64(range(1, 101)))
    assert shop.count(1, 40) == 40
    assert shop.cost == pytest.approx(SHOP.per_request + SHOP.per_row + 40 * SHOP.per_counted_row)
    assert shop.count_among([99, 100, 101]) == 2
    assert shop.keys_among([1, 2, 200]) == {1, 2}
    assert shop.is_empty(101, 500)
    assert shop.read(50, 59) == list(range(50, 60))
    assert (shop.requests, shop.counted_rows, shop.rows_loaded) == (5, 40 + 2 + 2 + 10, 1 + 2 + 10)


def test_the_section_has_a_line_for_each_change() -> None:
    section = run(Scale.QUICK)
    assert [row[1] for row in section.rows] == [change.name for change in CHANGES]
    assert section.rows[0][:3] == ["10,000", "nothing", "2"]
