from __future__ import annotations

from demo.shops import settings_from_environment, truth
from sample_store import Shop


def test_without_an_address_no_shop_is_named() -> None:
    assert settings_from_environment({"MAGENTO_TOKEN": "t", "TAP_MAGENTO_STORE_URL": "https://x"}) is None


def test_a_shop_of_ones_own_takes_the_taps_settings_along() -> None:
    environment = {"MAGENTO_URL": "https://x", "MAGENTO_TOKEN": "t", "TAP_MAGENTO_PAGE_SIZE": "50", "HOME": "/"}
    assert settings_from_environment(environment) == {
        "TAP_MAGENTO_STORE_URL": "https://x",
        "TAP_MAGENTO_ACCESS_TOKEN": "t",
        "TAP_MAGENTO_PAGE_SIZE": "50",
    }


def test_the_truth_of_lists_and_documents_is_known_and_of_nothing_else() -> None:
    shop = Shop.generate(orders=3)
    assert truth(shop, "invoices") == shop.rows("invoices")
    websites = truth(shop, "websites")
    assert websites is not None
    assert {website["code"] for website in websites} > {"admin"}
    assert truth(shop, "nothing") is None


def test_copies_are_no_part_of_the_truth() -> None:
    shop = Shop.generate(orders=30)
    orders, items = truth(shop, "orders"), truth(shop, "order_items")
    assert orders is not None
    assert items is not None
    assert any("parent_item" in item for item in shop.rows("order_items"))
    assert not any("parent_item" in item for item in items)
    assert not any("parent_item" in item for order in orders for item in order["items"])
    assignments = [each for order in orders for each in order["extension_attributes"]["shipping_assignments"]]
    assert assignments
    assert not any("items" in each for each in assignments)


def test_options_are_those_of_the_attributes_but_the_empty_one() -> None:
    shop = Shop.generate(orders=3, module=True)
    options = truth(shop, "attribute_options")
    assert options is not None
    assert [(each["value"], each["label"]) for each in options if each["attribute_code"] == "acme_grade"] == [
        ("a", "Best"),
        ("b", "Good"),
        ("b-2", "Fair"),
    ]
