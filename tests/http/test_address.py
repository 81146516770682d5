from __future__ import annotations

import pytest

from tap_magento.http.address import ApiAddress
from tap_magento.settings.schema import defaults


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("https://shop.example.com", "https://shop.example.com/rest/all"),
        ("https://shop.example.com/", "https://shop.example.com/rest/all"),
        ("shop.example.com", "https://shop.example.com/rest/all"),
        ("https://shop.example.com/index.php", "https://shop.example.com/index.php/rest/all"),
    ],
)
def test_the_api_is_below_the_shop(url: str, root: str) -> None:
    assert ApiAddress.of({**defaults(), "store_url": url, "access_token": "t"}).root() == root


def test_the_path_chooses_the_store_view() -> None:
    address = ApiAddress.of(
        {**defaults(), "store_url": "https://shop.example.com", "access_token": "t", "store_code": "de"}
    )
    assert address.root() == "https://shop.example.com/rest/de"
    assert address.root("fr") == "https://shop.example.com/rest/fr"
    assert address.headers("fr") == {}


def test_the_cloud_service_chooses_the_store_view_by_a_header() -> None:
    cloud = {"auth_method": "ims", "client_id": "c", "client_secret": "s", "ims_org_id": "o@AdobeOrg"}
    address = ApiAddress.of(
        {**defaults(), **cloud, "store_url": "https://na1.api.example.com/tenant", "store_code": "de"}
    )
    assert address.root("fr") == "https://na1.api.example.com/tenant"
    assert address.headers() == {"Store": "de"}
    assert address.headers("fr") == {"Store": "fr"}
