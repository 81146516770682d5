"""Endpoints that compute their response: prices by SKU, salable quantities; and lists without an envelope."""

from __future__ import annotations

import csv
from typing import Any

import pytest

from sample_store import Shop
from sample_store.documents import DOCUMENTS
from sample_store.entities import ENTITIES
from sample_store.services import SERVICES
from tests.sample_store.asking import Client, Connect

PRICES = ("base-prices", "special-price", "tier-prices", "cost")


@pytest.fixture
def shop(plain_shop: Shop) -> Shop:
    """No test here changes it."""
    return plain_shop


def _post(client: Client, name: str, *skus: str, **more: Any) -> Any:
    url = f"{client.server.url}/rest/all/V1/products/{name}-information"
    answer = client.session.post(
        url, **{"json": {"skus": list(skus)}, "headers": client.headers, "timeout": 20, **more}
    )
    return answer.json() if answer.ok else (answer.status_code, answer.json())


def _skus(shop: Shop, kind: str = "simple") -> list[str]:
    return [product["sku"] for product in shop.rows("products") if product["type_id"] == kind]


def test_base_prices_of_all_scopes(client: Client, shop: Shop) -> None:
    (first, *_) = _skus(shop)
    rows = _post(client, "base-prices", first)
    assert rows[0] == {"price": shop.rows("products")[0]["price"], "store_id": 0, "sku": first}
    assert all(row["price"] != rows[0]["price"] and row["store_id"] in {1, 2, 3} for row in rows[1:])
    everything = _post(client, "base-prices", *_skus(shop))
    assert {row["store_id"] for row in everything} == {0, 1, 2, 3}
    for product in shop.rows("products"):
        own = {row["store_id"]: row["price"] for row in everything if row["sku"] == product["sku"]}
        for key, view in enumerate(shop.views, start=1):
            local = shop.row("products", product["id"], view) or {}
            assert product["type_id"] != "simple" or own.get(key, own[0]) == local["price"]


@pytest.mark.parametrize("kind", ["configurable", "bundle", "grouped"])
def test_products_without_a_price_of_their_own(client: Client, shop: Shop, kind: str) -> None:
    assert _post(client, "base-prices", *_skus(shop, kind)) == []


def test_tier_prices_name_their_group(client: Client, shop: Shop) -> None:
    first, _, third, *_ = _skus(shop)
    assert _post(client, "tier-prices", first, third) == [
        _tier(first, 7.5, "fixed", "General", 3),
        _tier(first, 7, "fixed", "General", 10),
        _tier(third, 30, "fixed", "all groups", 2),
        _tier(third, 15, "discount", "Wholesale", 5),
    ]


def _tier(sku: str, price: float, kind: str, group: str, quantity: int) -> dict[str, object]:
    return {
        "price": price,
        "price_type": kind,
        "website_id": 0,
        "sku": sku,
        "customer_group": group,
        "quantity": quantity,
    }


def test_special_prices_and_costs(client: Client, shop: Shop) -> None:
    fifth = shop.rows("products")[4]["sku"]
    special, *local = _post(client, "special-price", fifth)
    dates = {"price_from": "2026-01-01 00:00:00", "price_to": "2027-12-31 00:00:00"}
    assert special == {"price": 7.99, "store_id": 0, "sku": fifth, **dates}
    assert all(row["store_id"] and row["price"] < 7.99 for row in local)
    assert _post(client, "cost", fifth)[0] == {"cost": 5.25, "store_id": 0, "sku": fifth}
    assert _post(client, "cost", shop.rows("products")[3]["sku"]) == []


@pytest.mark.parametrize("name", PRICES)
def test_skus_come_back_as_they_were_sent(client: Client, shop: Shop, name: str) -> None:
    skus = _skus(shop)
    asked = [sku.lower() for sku in skus]
    lower, upper = _post(client, name, "no-such-sku", *asked), _post(client, name, *skus)
    assert lower
    assert {row["sku"] for row in lower} <= set(asked)
    assert [row | {"sku": row["sku"].lower()} for row in upper] == lower
    assert _post(client, name) == []
    assert set(client.server.requests[-2].keys) == {row["sku"] for row in upper}


def test_bodies_that_are_refused(client: Client) -> None:
    required = (400, {"message": '"%fieldName" is required. Enter and try again.', "parameters": {"fieldName": "skus"}})
    assert _post(client, "cost", json={}) == required
    assert _post(client, "cost", json=None, data=b"{") == (400, {"message": "Decoding error."})
    assert _post(client, "cost", json=[]) == (400, {"message": "Decoding error."})


def test_prices_need_the_box_of_the_catalogue(client: Client, shop: Shop) -> None:
    shop.accounts.add("sales", "x", frozenset({"Magento_Sales::actions_view", "Magento_Catalog::products"}))
    client.headers["Authorization"] = f"Bearer {shop.accounts.issue('sales', shop.accounts.lifetime)}"
    status, body = _post(client, "cost", "x")
    assert (status, body["parameters"]) == (401, {"resources": "Magento_Catalog::catalog"})
    assert client.get("products", searchCriteria="").status_code == 200


def test_salable_quantities_of_a_website(client: Client, shop: Shop) -> None:
    for website, sources in (("base", {"default", "east"}), ("europe", {"berlin"})):
        rows = client.get(f"inventory/dump-stock-index-data/website/{website}").json()
        held: dict[str, float] = {}
        for item in shop.rows("inventory_source_items"):
            if item["source_code"] in sources:
                held[item["sku"]] = held.get(item["sku"], 0) + item["quantity"]
        assert {row["sku"]: row["qty"] for row in rows} == held
        assert all(row["is_salable"] == (row["qty"] > 0) for row in rows)
    assert client.get("inventory/dump-stock-index-data/website/nowhere").status_code == 404


def test_a_deleted_product_is_in_no_index_though_its_source_items_stay(shop: Shop, connect: Connect) -> None:
    changed = Shop.generate(orders=5, clock=shop.clock)
    gone = _skus(changed, "virtual")[0]
    client = connect(changed)
    assert gone in {row["sku"] for row in client.get("inventory/dump-stock-index-data/website/base").json()}
    (key,) = (row["id"] for row in changed.rows("products") if row["sku"] == gone)
    changed.delete("products", key)
    assert gone not in {row["sku"] for row in client.get("inventory/dump-stock-index-data/website/base").json()}
    assert gone in {row["sku"] for row in changed.rows("inventory_source_items")}


def test_computed_quantities_are_less_what_is_reserved(client: Client) -> None:
    indexed = {row["sku"]: row["qty"] for row in client.get("inventory/dump-stock-index-data/website/base").json()}
    criteria = {"searchCriteria[pageSize]": 1000}
    page = client.get("inventory/export-stock-salable-qty/website/base", **criteria).json()
    assert page["total_count"] == len(page["items"]) == len(indexed)
    assert page["search_criteria"]["page_size"] == 1000
    reserved = {row["sku"]: indexed[row["sku"]] - row["qty"] for row in page["items"]}
    assert any(reserved.values())
    assert min(reserved.values()) >= 0
    (first, *_) = client.get(
        "inventory/export-stock-salable-qty/website/base", **criteria | {"searchCriteria[pageSize]": 2}
    ).json()["items"]
    assert first.keys() == {"sku", "qty", "is_salable"}
    assert client.get("inventory/export-stock-salable-qty/website/base").status_code == 400


def test_a_list_that_is_its_rows_alone(client: Client, shop: Shop) -> None:
    assert client.get("carts/licence/list", searchCriteria="").json() == shop.rows("checkout_agreements")
    chosen = {
        "searchCriteria[filterGroups][0][filters][0][field]": "agreement_id",
        "searchCriteria[filterGroups][0][filters][0][value]": 2,
    }
    assert client.get("carts/licence/list", **chosen, fields="name").json() == [{"name": "Widerruf"}]
    assert client.get("carts/licence/list").status_code == 400


def test_attribute_sets_of_all_entity_types(client: Client, shop: Shop) -> None:
    sets = client.get("eav/attribute-sets/list", searchCriteria="").json()["items"]
    assert {row["entity_type_id"] for row in sets} == set(range(1, 9))
    products = [row for row in sets if row["entity_type_id"] == 4]
    assert sorted(products, key=str) == sorted(shop.rows("attribute_sets"), key=str)


NEEDED = [
    *((entity.path, entity.resource) for entity in ENTITIES),
    *((document.path, document.resource) for document in DOCUMENTS.values()),
    *((service.path, service.resource) for service in SERVICES if service.method == "GET"),
]


@pytest.mark.parametrize(("path", "resource"), NEEDED)
def test_who_may_not_read_is_told_what_is_missing(client: Client, path: str, resource: str | None) -> None:
    client.headers.clear()
    address = path.replace("{salesChannelType}", "website").replace("{salesChannelCode}", "base")
    answer = client.get(address, searchCriteria="")
    if resource is None:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()["parameters"]) == (401, {"resources": resource})


def test_rights_are_those_of_the_real_shop(magento: Any) -> None:
    with (magento / "get_endpoints.csv").open(newline="") as lines:
        real = {row["route"]: row["resource"] for row in csv.DictReader(lines)}
    for path, resource in NEEDED:
        route = "/V1/" + path.replace("{", ":").replace("}", "")
        assert real[route] == (resource or "anonymous"), path
