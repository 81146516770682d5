from __future__ import annotations

import pytest

from tap_magento.settings.urls import shop_root


@pytest.mark.parametrize(
    ("store_url", "root"),
    [
        ("shop.example.com", "https://shop.example.com"),
        (" https://shop.example.com/ ", "https://shop.example.com"),
        ("shop.example.com:8443", "https://shop.example.com:8443"),
        ("shop.example.com/outlet/", "https://shop.example.com/outlet"),
        ("https://shop.example.com/index.php", "https://shop.example.com/index.php"),
        ("https://shop.example.com/index.php/rest/V1/orders", "https://shop.example.com/index.php"),
        ("https://shop.example.com/rest", "https://shop.example.com"),
        ("https://shop.example.com/rest/default/V1/orders?searchCriteria=", "https://shop.example.com"),
        ("https://shop.example.com/?utm=1#top", "https://shop.example.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://na1.api.commerce.adobe.com/Tenant1", "https://na1.api.commerce.adobe.com/Tenant1"),
        ("https://na1.api.commerce.adobe.com/Tenant1/V1/orders", "https://na1.api.commerce.adobe.com/Tenant1"),
        ("https://shop.example.com/restaurant", "https://shop.example.com/restaurant"),
    ],
)
def test_any_form_of_the_address_will_do(store_url: str, root: str) -> None:
    assert shop_root(store_url) == root
