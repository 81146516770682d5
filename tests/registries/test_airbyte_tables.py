"""What `make airbyte` compares tables by."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from registries.airbyte.tables import Singer, check_truth, tables_in, truths, with_texts_of
from sample_store import Shop

ORDER = {
    "entity_id": 1,
    "grand_total": Decimal("20.2500"),
    "updated_at": "2026-11-21T12:00:00+00:00",
    "items": [{"a": 1}],
}
LOADED = {
    "entity_id": 1,
    "grand_total": Decimal("20.250000000"),
    "updated_at": "2026-11-21 12:00:00",
    "items": [{"a": 1}],
}


@pytest.fixture
def singer(tmp_path: Path) -> Singer:
    return Singer(tmp_path, {"orders": {(Decimal(1),): ORDER}})


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    row = {"entity_id": 1, "grand_total": 20.25, "_airbyte_raw_id": "x"}
    (tmp_path / "orders.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert tables_in(tmp_path) == {"orders": [{"entity_id": 1, "grand_total": Decimal("20.25")}]}


def test_what_pandas_makes_of_numbers_and_texts_is_undone(tmp_path: Path, singer: Singer) -> None:
    (tmp_path / "orders.jsonl").write_text('{"entity_id": 1, "code": "12.0", "rate": 0.33330000000000004}\n')
    tables = tables_in(tmp_path, by_pandas=True)
    singer.tables["orders"][(Decimal(1),)] = {"entity_id": 1, "code": "0012", "rate": Decimal("0.3333")}
    undone, columns = with_texts_of(singer.rows, tables)
    assert columns == ["orders.code"]
    singer.check(undone)
    with pytest.raises(AssertionError, match="code"):
        singer.check(with_texts_of({}, tables)[0])


def test_values_are_compared_by_what_they_mean(singer: Singer) -> None:
    singer.check({"orders": [LOADED], "invoices": []})


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "only one of both"),
        ([LOADED, LOADED], "rows of one key"),
        ([{**LOADED, "entity_id": 2}], "orders"),
        ([{**LOADED, "grand_total": Decimal("20.26")}], "grand_total"),
        ([{**LOADED, "updated_at": "2026-11-21 12:00:01"}], "updated_at"),
        ([{**LOADED, "items": ["1"]}], "items"),
        ([{**LOADED, "note": ""}], "note"),
    ],
)
def test_what_differs_from_singer_is_told(singer: Singer, rows: list[dict[str, Any]], told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        singer.check({"orders": rows})


def test_what_differs_from_the_shop_is_told() -> None:
    shop = Shop.generate(orders=3)
    tables = {**truths(shop, ["websites", "deletions"]), "deletions": []}
    assert check_truth(tables, shop, {}) == 1
    wrong = {**tables, "websites": tables["websites"][1:]}
    with pytest.raises(AssertionError, match="websites"):
        check_truth(wrong, shop, {})
