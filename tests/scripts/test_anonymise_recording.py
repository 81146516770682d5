"""The scripts that make `tests/recorded`: rows of a shop's shapes with none of its texts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_store import Shop
from sample_store.entities import BY_NAME
from sample_store.recorded import lines
from scripts.anonymise_recording import Recording
from scripts.invent import KEPT, LONGEST, PERSONAL, Inventor, is_invented
from scripts.shapes import Row, cut, pick, shape
from tests.support.shared import FEW

LISTS = (
    "orders",
    "order_items",
    "customers",
    "carts",
    "products",
    "product_attributes",
    "categories",
    "inventory_source_items",
)
WORDS = re.compile(r"[^\W\d_]+|\d+")
CODES = {"admin", "base", "default"}


def leaves(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """The texts below a value, each with the name of its field."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, field)
    elif isinstance(value, str):
        yield field, value


def rows_of(folder: Path) -> Iterator[Any]:
    """All rows and answered documents of a recording."""
    for path in sorted(folder.glob("*.jsonl")):
        for line in lines(folder, path.stem):
            row = json.loads(line)
            if path.stem != "exchanges":
                yield row
            elif row["status"] == 200:
                yield json.loads(row["body"])


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of a generated shop."""
    folder = tmp_path_factory.mktemp("source")
    shop = Shop.generate(orders=40, module=True)
    for name in LISTS:
        (folder / f"{name}.jsonl").write_bytes(b"".join(body + b"\n" for body in shop.tables.bodies(BY_NAME[name])))
    view = shop.views[0]
    products = [shop.row("products", row["id"], view) for row in shop.rows("products")]
    (folder / f"products@{view}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in products))
    request = {"method": "GET", "auth": True}
    exchanges = [
        {"request": {**request, "url": f"/rest/all/V1/{path}"}, "status": 200, "body": body.decode()}
        for path, body in shop.documents.items()
    ]
    refused = {"status": 404, "body": '{"message":"Request does not match any route."}'}
    exchanges += [{"request": {**request, "url": f"/rest/all/V1/no/{way}"}, **refused} for way in ("such", "other")]
    (folder / "exchanges.jsonl").write_text("".join(json.dumps(each) + "\n" for each in exchanges))
    index = {"shop": "generated", "views": [view], "entities": {name: {} for name in LISTS}}
    (folder / "index.json").write_text(json.dumps(index))
    return folder


@pytest.fixture(scope="module")
def target(source: Path) -> Path:
    Recording(source).write(source / "few")
    return source / "few"


def test_no_text_of_a_person_or_a_shop_survives(source: Path, target: Path) -> None:
    before = {(field, value) for row in rows_of(source) for field, value in leaves(row) if field not in KEPT}
    views = set(json.loads((source / "index.json").read_text())["views"])
    words = {word.lower() for _, value in before for word in re.findall(r"[^\W\d_]{3,}", value)}
    personal = {value for field, value in before if field in PERSONAL and WORDS.search(value)}
    assert len(words) > 100
    assert len(personal) > 100
    found = 0
    for field, value in (each for row in rows_of(target) for each in leaves(row)):
        if field in KEPT or value in CODES | views:
            continue
        assert is_invented(value), (field, value)
        invented = value.removesuffix("@example.com").replace("https://shop.example", "")
        assert not words & {word.lower() for word in WORDS.findall(invented)}, (field, value)
        assert field not in PERSONAL or value not in personal, (field, value)
        found += 1
    assert found > 100


def test_what_is_left_is_a_recording(source: Path, target: Path) -> None:
    shop, few = Shop.recorded(source), Shop.recorded(target)
    for name in LISTS:
        rows = few.rows(name)
        assert 1 <= len(rows) <= 3 or name == "product_attributes"
        field = BY_NAME[name].key_field
        if field is not None:
            assert {row[field] for row in rows} <= {row[field] for row in shop.rows(name)}
    assert few.documents.keys() == shop.documents.keys()
    errors = [row for row in map(json.loads, lines(target, "exchanges")) if row["status"] != 200]
    assert len(errors) == 1


def test_references_stay_intact(source: Path, target: Path) -> None:
    names = ("entity_id", "increment_id", "customer_email", "sku")
    pairs: dict[Any, set[Any]] = {}
    for name in ("orders", "order_items"):
        field = BY_NAME[name].key_field or ""
        before = {row[field]: row for row in map(json.loads, lines(source, name))}
        for row in map(json.loads, lines(target, name)):
            for column in names:
                if column in row:
                    pairs.setdefault(before[row[field]][column], set()).add(row[column])
    assert pairs
    assert all(len(invented) == 1 for invented in pairs.values())
    assert len(set().union(*pairs.values())) == len(pairs)


def test_the_same_recording_comes_out_each_time(source: Path, target: Path, tmp_path: Path) -> None:
    Recording(source).write(tmp_path)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert files == {path.name: path.read_bytes() for path in target.iterdir()}


def test_the_committed_recording_has_invented_texts_alone() -> None:
    index = json.loads((FEW / "index.json").read_text())
    kept = CODES | set(index["views"])
    rows = list(rows_of(FEW))
    assert len(rows) > 100
    for field, value in (each for row in rows for each in leaves(row)):
        assert field in KEPT or value in kept or is_invented(value), (field, value)
    assert sum(path.stat().st_size for path in FEW.iterdir()) < 150_000


def test_the_committed_recording_shows_what_is_odd() -> None:
    text = "".join(path.read_text(encoding="ascii") for path in FEW.glob("*.jsonl"))
    assert '"updated_at":"0000-00-00 00:00:00"' in text
    assert '"additional_information":["{' in text  # JSON in a text
    assert '"parent_item":{' in text
    assert '"attribute_group_id":"' in text  # an id that is a text
    assert re.search(r'"customer_id":null|"operator":null', text)
    assert re.search(r'"value":\[', text)  # an attribute that is a list


@given(st.text(min_size=1, max_size=200))
def test_a_text_keeps_its_shape_and_loses_its_words(text: str) -> None:
    invented = Inventor().text(text)
    assert is_invented(invented) or not WORDS.search(text)
    kept = text if text.startswith(("{", "[")) else text[:LONGEST]
    if "@" not in kept and "//" not in kept:
        assert re.sub(r"\w+", "x", invented) == re.sub(r"\w+", "x", kept) or re.fullmatch(r"[\da-f.]+", kept)
    assert Inventor().text(text) == invented


@given(st.sets(st.text("abcdefgh", min_size=3, max_size=4), min_size=30, max_size=40))
def test_different_texts_stay_different(texts: set[str]) -> None:
    inventor = Inventor()
    assert len({inventor.text(text) for text in texts}) == len(texts)


@pytest.mark.parametrize(
    ("field", "value", "pattern"),
    [
        ("customer_email", "jane.roe+shop@mail.example", r"[\w.+]+@example\.com"),
        ("telephone", "555-0014", r"\d{3}-0\d{3}"),
        ("remote_ip", "10.20.30.40", r"192\.0\.2\.\d+"),
        ("dob", "1971-03-04", r"19\d\d-\d\d-\d\d"),
        ("customer_dob", "1971-03-04 00:00:00", r"19\d\d-\d\d-\d\d 00:00:00"),
        ("protect_code", "5a7abafca602fba3", r"[0-9a-f]{16}"),
        ("increment_id", "000000042", r"0\d{8}"),
        ("base_media_url", "https://shop.magento.example/media/", r"https://shop\.example/\w+/"),
        ("firstname", "Zoë", r"[A-Z]\w*é"),
        ("firstname", "李", r"\w+字"),
        ("comment", '\u0001<b>Call\n"Jane"</b>', '\u0001<\\w+>[A-Z]\\w+\n"[A-Z]\\w+"</\\w+>'),
        ("additional_information", '{"a":1,"b":[1,2]}', r'\{"\w+":\d,"\w+":\[\d,\d\]\}'),
    ],
)
def test_a_value_is_replaced_by_one_of_its_kind(field: str, value: str, pattern: str) -> None:
    invented = Inventor().value({field: [value]})[field][0]
    assert invented != value
    assert re.fullmatch(pattern, invented), invented


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("created_at", "2026-11-21 17:30:52"),
        ("updated_at", "0000-00-00 00:00:00"),
        ("value", "392,393"),
        ("value", "true"),
        ("path", "1/2/3"),
        ("status", "processing"),
        ("condition_type", "Magento\\SalesRule\\Model\\Rule\\Condition\\Combine"),
        ("comment", ""),
        ("code", "default"),
        ("grand_total", 10.5),
        ("fax", None),
    ],
)
def test_what_tells_nothing_stays(field: str, value: object) -> None:
    assert Inventor(["default"]).value({field: value}) == {field: value}


def test_few_rows_show_all_shapes() -> None:
    plain: list[Row] = [{"id": number, "name": "x"} for number in range(50)]
    odd: list[Row] = [
        {"id": 50, "name": None},
        {"id": 51, "name": "x", "tags": ["a"]},
        {"id": 52, "at": "0000-00-00 00:00:00"},
    ]
    chosen = pick([*plain, *odd], 4)
    assert set().union(*map(shape, chosen)) == set().union(*map(shape, [*plain, *odd]))
    assert [row["id"] for row in pick(plain, 3)] == [0]
    assert pick([], 3) == []


def test_lists_are_cut_but_attributes_are_not() -> None:
    attributes = [{"attribute_code": str(number), "value": "x"} for number in range(9)]
    row = {"items": [{"tags": [1, 2, 3]}] * 5, "custom_attributes": attributes}
    assert cut(row) == {"items": [{"tags": [1, 2]}] * 2, "custom_attributes": attributes}
