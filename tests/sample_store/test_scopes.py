"""What store views say: values of their own by scope, and the same as everybody where it is global."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from sample_store import Shop
from sample_store.scopes import values_of, with_values
from tests.sample_store.asking import Clock

BASE, EUROPE = ("default", "outlet"), ("deutsch",)
ENTITIES = [("products", "product_attributes"), ("categories", "category_attributes")]


def _differences(shop: Shop, name: str, view: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in shop.rows(name):
        local = values_of(shop.row(name, row["id"], view) or {})
        known = values_of(row)
        assert set(local) == set(known)
        found.update(code for code, value in known.items() if local[code] != value)
    return found


def _scopes(shop: Shop, attributes: str) -> dict[str, str]:
    return {row["attribute_code"]: row["scope"] for row in shop.rows(attributes)}


@pytest.mark.parametrize(("name", "attributes"), ENTITIES)
@pytest.mark.parametrize("view", BASE + EUROPE)
def test_only_what_is_not_global_differs(module_shop: Shop, name: str, attributes: str, view: str) -> None:
    scopes = _scopes(module_shop, attributes)
    differing = _differences(module_shop, name, view)
    assert differing
    assert {scopes[code] for code in differing} <= {"website", "store"}


def test_a_good_part_of_the_products_differs(module_shop: Shop) -> None:
    count = len(module_shop.rows("products"))
    german = _differences(module_shop, "products", "deutsch")
    for code in ("name", "description", "price", "acme_deposit", "acme_story", "acme_grade", "acme_allergens"):
        assert german[code] > count / 3, code
    assert 0 < german["status"] < count / 3
    assert _differences(module_shop, "categories", "deutsch")["name"] > len(module_shop.rows("categories")) / 2


def test_views_of_a_website_share_its_prices(module_shop: Shop) -> None:
    scopes = _scopes(module_shop, "product_attributes")
    website = {code for code, scope in scopes.items() if scope == "website"}
    prices = Counter[int]()
    for row in module_shop.rows("products"):
        here: list[dict[str, Any]] = []
        for view in BASE:
            values = values_of(module_shop.row("products", row["id"], view) or {})
            here.append({code: value for code, value in values.items() if code in website})
        assert here[0] == here[1]
        prices[len({view.get("price") for view in (*here, values_of(row)) if "price" in view})] += 1
    assert prices[1]
    assert prices[2]


def test_shops_without_the_module_have_views_too(plain_shop: Shop) -> None:
    assert _differences(plain_shop, "products", "deutsch")["name"]


def test_edits_leave_views_their_own_values(clock: Clock) -> None:
    shop = Shop.generate(5, clock=clock)
    before = {row["id"]: row for row in shop.rows("products")}
    clock.forward(hours=1)
    for seed in range(12):
        shop.live(seed)
    edited = [row for row in shop.rows("products") if row != before[row["id"]]]
    scopes = _scopes(shop, "product_attributes")
    for row in edited:
        local = shop.row("products", row["id"], "deutsch")
        assert local is not None
        differing = {code for code, value in values_of(row).items() if values_of(local)[code] != value}
        assert {scopes[code] for code in differing} <= {"website", "store"}
        assert local["updated_at"] == row["updated_at"]
    assert len(edited) > 5


def test_values_are_fields_or_attributes() -> None:
    row = {"id": 1, "name": "a", "custom_attributes": [{"attribute_code": "x", "value": "1"}]}
    changed = with_values(row, {"name": "b", "x": "2", "y": "3"})
    assert values_of(changed) == {"id": 1, "name": "b", "x": "2", "y": "3"}
    assert values_of(row) == {"id": 1, "name": "a", "x": "1"}
