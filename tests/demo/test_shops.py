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
    assert truth(shop, "orders") == shop.rows("orders")
    websites = truth(shop, "websites")
    assert websites is not None
    assert {website["code"] for website in websites} > {"admin"}
    assert truth(shop, "nothing") is None
