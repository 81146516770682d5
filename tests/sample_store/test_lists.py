"""Paging, order, filters and projections over a generated shop.

See docs/MAGENTO.md, Search criteria; Paging; Fields parameter.
"""

from __future__ import annotations

from typing import Any

import pytest

from sample_store import Shop
from sample_store.documents import DOCUMENTS
from sample_store.entities import BY_NAME, ENTITIES, Entity
from tests.sample_store.asking import Client, Connect

ASC = {"searchCriteria[sortOrders][0][direction]": "ASC"}
BY_KEY = {"searchCriteria[sortOrders][0][field]": "entity_id", **ASC}
IDS = {"fields": "items[entity_id],total_count"}


def _filter(*conditions: tuple[str, str, object], group: int = 0) -> dict[str, object]:
    """Write filters of one group."""
    found: dict[str, object] = {}
    for number, (field, condition, value) in enumerate(conditions):
        prefix = f"searchCriteria[filterGroups][{group}][filters][{number}]"
        found |= {
            f"{prefix}[field]": field,
            f"{prefix}[conditionType]": condition,
            f"{prefix}[value]": value,
        }
    return found


def _page(number: int, size: int) -> dict[str, object]:
    return {"searchCriteria[pageSize]": size, "searchCriteria[currentPage]": number}


def _keys(client: Client, **parameters: object) -> list[int]:
    answer = client.get("orders", **{"searchCriteria": "", **IDS, **parameters}).json()
    return [item["entity_id"] for item in answer["items"] or []]


def _truth(shop: Shop) -> list[int]:
    return [row["entity_id"] for row in shop.rows("orders")]


@pytest.fixture
def shop(plain_shop: Shop) -> Shop:
    """No test here changes it."""
    return plain_shop


def test_pages_in_key_order_are_the_shop(client: Client, shop: Shop) -> None:
    first, second, third = (_keys(client, **BY_KEY, **_page(number, 30)) for number in (1, 2, 3))
    assert [*first, *second, *third] == _truth(shop)
    assert len(third) == 20


@pytest.mark.parametrize("number", [0, -1])
def test_a_page_below_the_first_is_the_first(client: Client, number: int) -> None:
    assert _keys(client, **BY_KEY, **_page(number, 7)) == _keys(client, **BY_KEY, **_page(1, 7))


@pytest.mark.parametrize("number", [5, 1_000_000, 99999999999999999999])
def test_a_page_past_the_end_counts_and_is_empty(client: Client, number: int) -> None:
    answer = client.get("orders", **_page(number, 20)).json()
    assert answer["items"] == []
    assert answer["total_count"] == 80
    assert client.get("orders", **IDS, **_page(number, 20)).json()["items"] is None


def test_without_a_page_size_everything_comes(client: Client) -> None:
    assert len(_keys(client)) == 80
    assert len(_keys(client, **_page(1, 0))) == 80


def test_without_a_sort_the_order_is_of_no_use(client: Client, shop: Shop) -> None:
    near, far = (_keys(client, **_page(number, 40)) for number in (1, 2))
    assert near != sorted(near)
    assert near == _keys(client, **_page(1, 40))
    # MySQL changes its plan on far pages, so pages double and lose rows (docs/MAGENTO.md, Paging).
    assert set(near + far) != set(_truth(shop))


def test_ties_of_one_second_are_in_no_order_without_the_key(client: Client, shop: Shop) -> None:
    by_time = {"searchCriteria[sortOrders][0][field]": "updated_at", **ASC}
    pages = [_keys(client, **by_time, **_page(number, 40)) for number in (1, 2)]
    assert set(pages[0] + pages[1]) != set(_truth(shop))
    exact = by_time | {
        "searchCriteria[sortOrders][1][field]": "entity_id",
        "searchCriteria[sortOrders][1][direction]": "ASC",
    }
    walked = [key for number in (1, 2) for key in _keys(client, **exact, **_page(number, 40))]
    rows = sorted(shop.rows("orders"), key=lambda row: (row["updated_at"], row["entity_id"]))
    assert walked == [row["entity_id"] for row in rows]
    assert rows[0]["updated_at"] == "0000-00-00 00:00:00"


def test_a_sort_without_direction_falls(client: Client, shop: Shop) -> None:
    keys = _keys(client, **{"searchCriteria[sortOrders][0][field]": "entity_id"})
    assert keys == _truth(shop)[::-1]


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        ("eq", 5, [5]),
        ("foo", 5, [5]),
        ("neq", 5, [1, 2, 3, 4, 6, 7, 8, 9]),
        ("gt", 7, [8, 9]),
        ("gteq", 7, [7, 8, 9]),
        ("from", 7, [7, 8, 9]),
        ("lt", 3, [1, 2]),
        ("lteq", 3, [1, 2, 3]),
        ("to", 3, [1, 2, 3]),
        ("in", "2,4,400", [2, 4]),
        ("nin", "1,2,3,4,5,6,7", [8, 9]),
        ("like", "%8%", [8]),
        ("nlike", "%8%", [1, 2, 3, 4, 5, 6, 7, 9]),
        ("null", 1, []),
        ("notnull", 1, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("gt", "abc", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("eq", "5abc", [5]),
    ],
)
def test_conditions_on_the_key(client: Client, condition: str, value: object, expected: list[int]) -> None:
    chosen = _filter(("entity_id", condition, value)) | _filter(("entity_id", "lt", 10), group=1)
    assert _keys(client, **BY_KEY, **chosen) == expected


def test_groups_are_anded_and_their_filters_ored(client: Client) -> None:
    chosen = _filter(("entity_id", "eq", 3), ("entity_id", "eq", 5), ("entity_id", "eq", 7))
    assert _keys(client, **BY_KEY, **chosen) == [3, 5, 7]
    assert _keys(client, **BY_KEY, **chosen, **_filter(("entity_id", "gt", 4), group=1)) == [5, 7]


def test_snake_case_is_as_good(client: Client) -> None:
    prefix = "search_criteria[filter_groups][0][filters][0]"
    criteria = {
        f"{prefix}[field]": "entity_id",
        f"{prefix}[condition_type]": "gt",
        f"{prefix}[value]": "77",
        "search_criteria[sort_orders][0][field]": "entity_id",
        "search_criteria[sort_orders][0][direction]": "asc",
        "search_criteria[page_size]": 2,
        "search_criteria[current_page]": 2,
    }
    answer = client.get("orders", **criteria).json()
    assert [item["entity_id"] for item in answer["items"]] == [80]
    assert answer["search_criteria"] == {
        "filter_groups": [{"filters": [{"field": "entity_id", "value": "77", "condition_type": "gt"}]}],
        "sort_orders": [{"field": "entity_id", "direction": "ASC"}],
        "page_size": 2,
        "current_page": 2,
    }


@pytest.mark.parametrize(
    "moment",
    ["2026-08-01 00:00:00", "2026-08-01", "2026-08-01T00:00:00Z", "2026-08-01T00:00:00+05:00"],
)
def test_times_are_read_as_mysql_does(client: Client, shop: Shop, moment: str) -> None:
    later = [row for row in shop.rows("orders") if row["created_at"] >= "2026-08-01 00:00:00"]
    keys = _keys(client, **BY_KEY, **_filter(("created_at", "gteq", moment)))
    assert keys == [row["entity_id"] for row in later]


def test_what_is_no_time_is_the_zero_date(client: Client) -> None:
    assert len(_keys(client, **_filter(("updated_at", "gteq", "foo")))) == 80
    assert len(_keys(client, **_filter(("updated_at", "gt", "foo")))) == 79
    assert len(_keys(client, **_filter(("updated_at", "gteq", "1970-01-01 00:00:00")))) == 79


def test_the_composite_keyset_walks_every_row_once(client: Client, shop: Shop) -> None:
    sort = {
        "searchCriteria[sortOrders][0][field]": "updated_at",
        "searchCriteria[sortOrders][0][direction]": "ASC",
        "searchCriteria[sortOrders][1][field]": "entity_id",
        "searchCriteria[sortOrders][1][direction]": "ASC",
    }
    fields = {"fields": "items[entity_id,updated_at],total_count"}
    walked: list[int] = []
    last: tuple[str, int] = ("0000-00-00 00:00:00", 0)
    while True:
        keyset = _filter(("updated_at", "gteq", last[0])) | _filter(
            ("updated_at", "gt", last[0]), ("entity_id", "gt", last[1]), group=1
        )
        page = client.get("orders", **keyset, **sort, **fields, **_page(1, 7)).json()
        assert page["total_count"] == 80 - len(walked)
        if not page["items"]:
            break
        walked += [item["entity_id"] for item in page["items"]]
        last = (page["items"][-1]["updated_at"], walked[-1])
    assert sorted(walked) == _truth(shop)


def test_filters_by_other_columns(client: Client, shop: Shop) -> None:
    rows = shop.rows("orders")
    done = [row["entity_id"] for row in rows if row["state"] == "complete"]
    assert _keys(client, **BY_KEY, **_filter(("state", "eq", "COMPLETE"))) == done
    dear = [row["entity_id"] for row in rows if row["grand_total"] > 150]
    assert _keys(client, **BY_KEY, **_filter(("grand_total", "gt", "150"))) == dear
    guests = [row["entity_id"] for row in rows if "customer_id" not in row]
    assert _keys(client, **BY_KEY, **_filter(("customer_id", "null", 1))) == guests


def test_products_are_filtered_by_attributes_and_columns(client: Client, shop: Shop) -> None:
    def names(**parameters: object) -> set[Any]:
        answer = client.get("products", **parameters, fields="items[id]").json()
        return {item["id"] for item in answer["items"] or []}

    def having(code: str, value: str) -> set[int]:
        return {
            row["id"]
            for row in shop.rows("products")
            for attribute in row["custom_attributes"]
            if attribute["attribute_code"] == code and value in attribute["value"].split(",")
        }

    assert names(**_filter(("entity_id", "lteq", 3))) == {1, 2, 3}
    assert names(**_filter(("eco_collection", "eq", "1"))) == having("eco_collection", "1")
    assert names(**_filter(("material", "finset", "44"))) == having("material", "44")
    rows = shop.rows("products")
    inside = [row["id"] for row in rows if _is_in(row, {"4"})]
    assert names(**_filter(("category_id", "eq", 4))) == set(inside)
    either = [row["id"] for row in rows if _is_in(row, {"4", "5"})]
    assert names(**_filter(("category_id", "in", "4,5"))) == set(either)
    assert len(names(**_filter(("website_id", "eq", 2)))) == len(rows)


def _is_in(product: dict[str, Any], categories: set[str]) -> bool:
    links = product["extension_attributes"]["category_links"]
    return any(link["category_id"] in categories for link in links)


def test_fields_project(client: Client) -> None:
    def answer(fields: str, path: str = "orders") -> Any:
        return client.get(path, **BY_KEY, **_page(1, 2), fields=fields).json()

    assert answer("items[entity_id,billing_address[country_id]]")["items"][0].keys() == {
        "entity_id",
        "billing_address",
    }
    assert answer("items[nosuch],total_count") == {"items": [[], []], "total_count": 80}
    assert answer("nosuch") == []
    assert answer("items[entity_id") == []
    assert answer("items.entity_id") == []
    assert answer("total_count,items[entity_id]") == {
        "items": [{"entity_id": 1}, {"entity_id": 2}],
        "total_count": 80,
    }
    assert answer("id,code", "store/websites")[1] == {"id": 1, "code": "base"}


def test_fields_reach_as_deep_as_they_are_asked_for(module_shop: Shop, connect: Connect) -> None:
    def cut(value: Any, fields: Any) -> Any:
        """Say the same more slowly."""
        if fields is None or not isinstance(value, (dict, list)):
            return value
        if isinstance(value, list):
            return [cut(each, fields) for each in value] or None
        return {name: cut(inner, fields[name]) for name, inner in value.items() if name in fields}

    def spelled(fields: dict[str, Any]) -> str:
        return ",".join(name if inner is None else f"{name}[{spelled(inner)}]" for name, inner in fields.items())

    orders = module_shop.rows("orders")
    item = dict.fromkeys(name for order in orders for row in order["items"] for name in row)
    fields = dict.fromkeys(name for order in orders for name in order)
    fields |= {
        "items": item | {"parent_item": {"item_id": None}, "extension_attributes": {"acme_lot": {"number": None}}},
        "billing_address": {"city": None, "street": None},
        "extension_attributes": {
            "acme_surcharges": {"code": None, "amount": None},
            "shipping_assignments": {"shipping": {"address": {"city": None}, "total": {"shipping_amount": None}}},
        },
    }
    query = spelled({"items": fields, "total_count": None})
    assert len(query) > 3000
    client = connect(module_shop)
    answer = client.get("orders", **BY_KEY, **_page(1, 100), fields=query).json()
    assert answer == {"items": [cut(order, fields) for order in orders], "total_count": len(orders)}
    (request,) = client.server.requests
    assert request.bytes < sum(map(len, module_shop.tables.bodies(BY_NAME["orders"]))) / 2


def test_fields_of_scalars_crash(client: Client) -> None:
    answer = client.get("modules", fields="x")
    assert answer.status_code == 500
    assert answer.text.startswith("An error has happened during application run.")


def test_lists_of_every_kind_answer(client: Client) -> None:
    for entity in ENTITIES:
        answer = client.get(entity.path, searchCriteria="")
        assert answer.status_code == 200
        listed = answer.json()
        if entity.bare:
            assert listed, entity.name
        else:
            assert len(listed["items"]) == listed["total_count"] > 0, entity.name
    for path in DOCUMENTS:
        assert client.get(path).json(), path


def test_hidden_keys_filter_but_do_not_show(client: Client) -> None:
    chosen = _filter(("source_item_id", "gt", 50))
    items = client.get("inventory/source-items", **chosen).json()["items"]
    assert items
    assert items[0].keys() == {"sku", "source_code", "quantity", "status"}


def test_one_row_by_its_address(client: Client, shop: Shop) -> None:
    assert client.get("orders/7").json() == shop.row("orders", 7)
    product = shop.rows("products")[0]
    assert client.get(f"products/{product['sku']}").json() == product
    assert client.get("orders/7", fields="entity_id").json() == {"entity_id": 7}


def test_store_views_translate(client: Client) -> None:
    url = f"{client.server.url}/rest/{{}}V1/categories/list?searchCriteria=&fields=items[id,name]"
    names = {
        view: {
            item["id"]: item["name"]
            for item in client.session.get(url.format(view), headers=client.headers, timeout=20).json()["items"]
        }
        for view in ("", "all/", "default/", "deutsch/")
    }
    assert names["deutsch/"][3] == "Taschen"
    assert names[""] == names["default/"] == names["all/"]
    assert names["all/"][3] == "Bags"


WORKING = {
    "orders": "entity_id customer_id quote_id",
    "orders/items": "order_id product_id parent_item_id",
    "invoices": "order_id",
    "shipments": "order_id",
    "creditmemos": "order_id invoice_id",
    "transactions": "order_id payment_id main_table.parent_id",
    "products": "entity_id sku attribute_set_id category_id",
    "customers/search": "entity_id group_id website_id",
    "carts/search": "entity_id customer_id",
    "coupons/search": "rule_id",
    "inventory/source-items": "sku source_code",
    "inventory/stock-source-links": "stock_id source_code",
    "products/attribute-sets/groups/list": "attribute_set_id",
    "products/attributes": "attribute_set_id",
    "taxRates/search": "tax_country_id",
    "taxRules/search": "tax_calculation_rate_id",
    "cmsPage/search": "store_id",
    "cmsBlock/search": "store_id",
}
"""Columns that name what rows belong to (docs/MAGENTO.md, Filtering by a parent)."""
SAMPLES = {
    "sku": "S001-DUFFLE-BAG,s002-shoulder-pack",
    "source_code": "berlin,east",
    "tax_country_id": "DE,FR",
    "attribute_set_id": "4,17",
}
PAIRS = [(path, column) for path, columns in WORKING.items() for column in columns.split()]


@pytest.mark.parametrize(("path", "column"), PAIRS)
def test_rows_are_found_by_what_they_belong_to(client: Client, path: str, column: str) -> None:
    everything = client.get(path, searchCriteria="").json()["total_count"]
    value = SAMPLES.get(column, ",".join(map(str, range(60))))
    assert 0 < client.get(path, **_filter((column, "in", value))).json()["total_count"] <= everything
    assert client.get(path, **_filter((column, "in", "-1,-2"))).json()["total_count"] == 0


@pytest.mark.parametrize(
    ("path", "column"),
    [
        ("transactions", "parent_id"),
        ("taxRules/search", "tax_rate_ids"),
        ("taxRates/search", "id"),
        ("salesRules/search", "website_ids"),
        ("salesRules/search", "customer_group_ids"),
        ("products/attributes", "updated_at"),
    ],
)
def test_columns_that_there_are_not(client: Client, path: str, column: str) -> None:
    assert client.get(path, **_filter((column, "eq", 1))).status_code == 500


def test_as_many_ids_as_fit_into_an_address(client: Client) -> None:
    prefix = "searchCriteria[filterGroups][0][filters][0]"
    ids = ",".join(map(str, range(10_000, 11_300)))
    for column, condition, count in (("entity_id", "in", 1), ("entity_id", "nin", 79), ("quote_id", "in", 1)):
        known = "2" if column == "quote_id" else "1"
        query = f"{prefix}[field]={column}&{prefix}[conditionType]={condition}&{prefix}[value]={known},{ids}"
        answer = client.get(f"orders?{query}&fields=total_count")
        assert len(answer.request.path_url) > 8000
        assert answer.json() == {"total_count": count}


def test_a_group_with_the_key_0(client: Client) -> None:
    found = client.get("customerGroups/search", **_filter(("customer_group_id", "gt", -1))).json()
    assert sorted(row["id"] for row in found["items"]) == [0, 1, 2, 3]
    assert client.get("customerGroups/search", **_filter(("id", "gt", 0))).json()["total_count"] == 3


def test_keys_that_are_texts_compare_as_numbers(client: Client) -> None:
    criteria = {"searchCriteria[sortOrders][0][field]": "attribute_group_id", **ASC}
    groups = client.get("products/attribute-sets/groups/list", **criteria).json()["items"]
    assert [row["attribute_group_id"] for row in groups] == ["7", "8", "9", "17", "18", "19"]
    chosen = _filter(("attribute_group_id", "gt", 9))
    assert client.get("products/attribute-sets/groups/list", **chosen).json()["total_count"] == 3


def test_windows_of_a_hidden_key(client: Client, shop: Shop) -> None:
    rows: list[dict[str, Any]] = []
    for start in range(0, 400, 50):
        window = _filter(("source_item_id", "gt", start)) | _filter(("source_item_id", "lteq", start + 50), group=1)
        page = client.get("inventory/source-items", **window).json()
        assert page["total_count"] == len(page["items"]) < 50
        rows += page["items"]
    known = {(row["sku"], row["source_code"]) for row in shop.rows("inventory_source_items")}
    assert {(row["sku"], row["source_code"]) for row in rows} == known
    assert len(rows) == len(known)


def test_a_keyset_of_two_texts(client: Client, shop: Shop) -> None:
    sku, code, read = "", "", []
    criteria = {
        "searchCriteria[sortOrders][0][field]": "sku",
        "searchCriteria[sortOrders][0][direction]": "ASC",
        "searchCriteria[sortOrders][1][field]": "source_code",
        "searchCriteria[sortOrders][1][direction]": "ASC",
        "searchCriteria[pageSize]": 13,
    }
    while True:
        after = _filter(("sku", "gteq", sku)) | _filter(("sku", "gt", sku), ("source_code", "gt", code), group=1)
        items = client.get("inventory/source-items", **criteria, **after).json()["items"]
        if not items:
            break
        read += [(row["sku"], row["source_code"]) for row in items]
        sku, code = read[-1]
    known = [(row["sku"], row["source_code"]) for row in shop.rows("inventory_source_items")]
    assert len(read) == len(known)
    assert sorted(read) == sorted(known)


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: str(entity.name))
def test_every_list_answers_as_measured(client: Client, entity: Entity) -> None:
    """Search criteria, pages past the end, unknown columns and empty pages, list by list."""
    known = client.get(entity.path, searchCriteria="").json()
    total = len(known) if entity.bare else known["total_count"]
    assert client.get(entity.path).status_code == (200 if entity.optional_criteria else 400)
    unknown = client.get(entity.path, **_filter(("nosuch_field", "eq", 1)))
    assert unknown.status_code == (400 if entity.eav else 500)
    sort = {"searchCriteria[sortOrders][0][field]": "nosuch_field", **ASC}
    assert client.get(entity.path, **sort).status_code == (200 if entity.eav else 500)
    if entity.bare:
        return
    past = client.get(entity.path, **_page(1_000_000, 1)).json()
    assert (past["items"], past["total_count"]) == ([], total)
    projected = client.get(entity.path, **_page(1_000_000, 1), fields="items[x],total_count").json()
    assert projected == {"items": None, "total_count": total}
    key = {"searchCriteria[sortOrders][0][field]": entity.key_column, **ASC}
    pages = [
        client.get(entity.path, **key, **_page(number, 1)).json()["items"] for number in range(1, min(total, 5) + 1)
    ]
    assert len({str(page) for page in pages}) == len(pages)
    everything = _filter((entity.key_column, "gteq", "" if entity.text_key else -1))
    assert client.get(entity.path, **everything).json()["total_count"] == total
