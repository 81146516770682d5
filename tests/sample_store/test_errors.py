"""What the store refuses, word for word as in docs/MAGENTO.md, Authentication; Search criteria; Errors."""

from __future__ import annotations

import re

import pytest

from sample_store import ServerOptions, Shop
from tests.sample_store.asking import Client, Connect

FILTER = "searchCriteria[filterGroups][0][filters][0]"


def _unknown(entity: str) -> dict[str, str]:
    assert entity
    return {f"{FILTER}[field]": "no_such_field", f"{FILTER}[value]": "1"}


@pytest.fixture
def shop(plain_shop: Shop) -> Shop:
    """No test here changes it."""
    return plain_shop


@pytest.mark.parametrize("path", ["orders", "orders/items", "carts/search", "cmsPage/search"])
def test_an_unknown_filter_of_a_flat_list_is_a_masked_500(client: Client, path: str) -> None:
    answer = client.get(path, **_unknown(path))
    assert answer.status_code == 500
    assert re.fullmatch(
        r"Internal Error\. Details are available in Magento log file\. "
        r"Report ID: webapi-[0-9a-f]{13}",
        answer.json()["message"],
    )


@pytest.mark.parametrize("path", ["products", "categories/list", "customers/search"])
def test_an_unknown_filter_of_an_eav_list_is_a_400(client: Client, path: str) -> None:
    answer = client.get(path, **_unknown(path))
    assert answer.status_code == 400
    assert answer.json() == {
        "message": 'The "%1" attribute name is invalid. Reset the name and try again.',
        "parameters": ["no_such_field"],
    }


def test_an_unknown_sort_is_refused_by_flat_lists_only(client: Client) -> None:
    sort = {"searchCriteria[sortOrders][0][field]": "no_such_field"}
    assert client.get("orders", **sort).status_code == 500
    assert client.get("products", **sort).status_code == 200


@pytest.mark.parametrize(
    ("parameters", "status", "text"),
    [
        ({}, 400, '"%fieldName" is required. Enter and try again.'),
        ({"searchCriteria[pageSize]": "abc"}, 400, 'Error occurred during "pageSize" processing.'),
        (
            {
                "searchCriteria[sortOrders][0][field]": "entity_id",
                "searchCriteria[sortOrders][0][direction]": "sideways",
            },
            400,
            "The sort order has to be specified as %1 for ascending order",
        ),
        ({f"{FILTER}[value]": "1"}, 500, "Internal Error."),
    ],
)
def test_criteria_that_make_no_sense(client: Client, parameters: dict[str, str], status: int, text: str) -> None:
    answer = client.get("orders", **parameters)
    assert answer.status_code == status
    assert answer.json()["message"].startswith(text)


def test_malformed_criteria_are_a_php_error(client: Client) -> None:
    answer = client.get("orders", **{"searchCriteria[filterGroups]": "x"})
    assert answer.status_code == 500
    (error,) = answer.json()["messages"]["error"]
    assert error["message"].startswith("Server internal error. See details in report api/")


def test_routes_stores_and_methods(client: Client) -> None:
    def ask(method: str, path: str) -> tuple[int, str]:
        answer = client.session.request(method, client.server.url + path, headers=client.headers, timeout=20)
        return answer.status_code, answer.text

    no_route = (404, '{"message":"Request does not match any route."}')
    assert ask("GET", "/rest/all/V1/nosuch") == no_route
    assert ask("GET", "/rest/V2/orders") == no_route
    assert ask("GET", "/rest/all/V1/integration/admin/token") == no_route
    assert ask("POST", "/rest/all/V1/orders") == no_route
    assert ask("PATCH", "/rest/V1/orders") == (
        405,
        '{"message":"The PATCH HTTP method is not supported."}',
    )
    no_store = (400, '{"message":"Specified request cannot be processed."}')
    assert ask("GET", "/rest/nosuch/V1/orders") == no_store
    assert ask("GET", "/rest/admin/V1/orders") == no_store
    assert ask("GET", "/nosuch")[0] == 404
    assert ask("GET", "/magento_version") == (200, "Magento/2.4 (Community)")
    assert ask("GET", "/index.php/rest/all/V1/store/websites")[0] == 200


def test_what_is_not_there(client: Client) -> None:
    order = client.get("orders/999999999")
    assert order.status_code == 404
    assert order.json()["message"].startswith("The entity that was requested doesn't exist.")
    product = client.get("products/NO-SUCH-SKU")
    assert product.status_code == 404
    assert product.json()["message"].startswith("The product that was requested doesn't exist.")


def test_a_shop_may_limit_its_pages(shop: Shop, connect: Connect) -> None:
    client = connect(shop, ServerOptions(max_page_size=30))
    answer = client.get("orders", **{"searchCriteria[pageSize]": 31})
    assert answer.status_code == 400
    assert answer.json() == {
        "message": "Maximum SearchCriteria pageSize is %max",
        "parameters": {"max": 30},
    }
    assert len(client.get("orders", **{"searchCriteria[pageSize]": 30}).json()["items"]) == 30
    assert len(client.get("orders", searchCriteria="").json()["items"]) == 20


def test_too_many_rows_exhaust_the_memory(shop: Shop, connect: Connect) -> None:
    client = connect(shop, ServerOptions(memory_rows=50))
    assert client.get("orders", **{"searchCriteria[pageSize]": 50}).status_code == 200
    answer = client.get("orders", **{"searchCriteria[pageSize]": 51})
    assert answer.status_code == 500
    assert answer.json()["messages"]["error"][0]["code"] == 500
    past = {"searchCriteria[pageSize]": 60, "searchCriteria[currentPage]": 100}
    assert client.get("orders", **past).json()["total_count"] == 80
