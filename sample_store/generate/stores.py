"""The shop itself: websites and store views, countries and currencies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sample_store import module
from sample_store.attributes import Attribute, Option
from sample_store.php import encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sample_store.php import Row
    from sample_store.shop import Shop


@dataclass(frozen=True, slots=True)
class Store:
    """A store view with what its orders need to know of its website.

    Args:
        key: Id of the store view.
        code: Its code, as it stands in URLs.
        name: Its name.
        website: Id of its website.
        website_name: Name of its website.
        locale: Its language.
        currency: Base currency of its website.
        rate: Worth of that currency in the shop's global one.
        timezone: Where its customers are.
    """

    key: int
    code: str
    name: str
    website: int
    website_name: str
    locale: str
    currency: str
    rate: float
    timezone: str


STORES = (
    Store(1, "default", "English", 1, "Main Website", "en_US", "USD", 1, "America/New_York"),
    Store(2, "outlet", "Outlet", 1, "Main Website", "en_US", "USD", 1, "America/New_York"),
    Store(3, "deutsch", "Deutsch", 2, "Europa", "de_DE", "EUR", 1.1111, "Europe/Berlin"),
)


_MODULES = ("Store", "Catalog", "Customer", "Sales")
_CUSTOMER = (
    Attribute("email", "text", "static"),
    Attribute("firstname", "text", "static", label="First Name"),
    Attribute("lastname", "text", "static", label="Last Name"),
    Attribute("dob", "date", "static", label="Date of Birth"),
    Attribute(
        "gender",
        "select",
        "static",
        options=(Option("1", "Male"), Option("2", "Female"), Option("3", "Not Specified")),
    ),
)
_ADDRESS = (
    Attribute("street", "multiline", "static", label="Street Address"),
    Attribute("city", "text", "static"),
)


def add_stores(shop: Shop) -> None:
    """Set websites, store groups, views and configurations, countries and the like."""
    shop.views = tuple(store.code for store in STORES)
    further = (module.CUSTOMER_ATTRIBUTES, module.ADDRESS_ATTRIBUTES) if shop.module else ((), ())
    documents: dict[str, object] = {
        "store/websites": [
            {"id": 0, "code": "admin", "name": "Admin", "default_group_id": 0},
            {"id": 1, "code": "base", "name": "Main Website", "default_group_id": 1},
            {"id": 2, "code": "europe", "name": "Europa", "default_group_id": 2},
        ],
        "store/storeGroups": [
            _group(0, 0, 0, 0, "Default", "default"),
            _group(1, 1, 2, 1, "Main Website Store", "main_website_store"),
            _group(2, 2, 2, 3, "Europa", "europe_store"),
        ],
        "store/storeViews": [
            _view(0, "admin", "Admin", 0, 0),
            *(_view(s.key, s.code, s.name, s.website, s.website) for s in STORES),
        ],
        "store/storeConfigs": [_config(store) for store in STORES],
        "directory/countries": [
            _country("DE", "DEU", "Germany", {"81": ("BAY", "Bayern"), "82": ("BER", "Berlin")}),
            _country("LU", "LUX", "Luxembourg", {}),
            _country("US", "USA", "United States", {"33": ("MI", "Michigan"), "43": ("NY", "New York")}),
        ],
        "directory/currency": {
            "base_currency_code": "USD",
            "base_currency_symbol": "$",
            "default_display_currency_code": "USD",
            "default_display_currency_symbol": "$",
            "available_currency_codes": ["USD", "EUR", "MXN"],
            "exchange_rates": [
                {"currency_to": "USD", "rate": 1},
                {"currency_to": "EUR", "rate": 0.9},
                {"currency_to": "MXN", "rate": 17},
            ],
        },
        "products/types": [
            {"name": name, "label": f"{name.capitalize()} Product"}
            for name in ("simple", "virtual", "bundle", "downloadable", "configurable", "grouped")
        ],
        "modules": [*(f"Magento_{name}" for name in _MODULES), *(["Acme_Delivery"] if shop.module else [])],
        "attributeMetadata/customer": [each.metadata() for each in (*_CUSTOMER, *further[0])],
        "attributeMetadata/customerAddress": [each.metadata() for each in (*_ADDRESS, *further[1])],
    }
    for path, content in documents.items():
        shop.documents[path] = encode(content)


def _group(key: int, website: int, root: int, view: int, name: str, code: str) -> Row:  # noqa: PLR0913, PLR0917 - a table's columns
    return {
        "id": key,
        "website_id": website,
        "root_category_id": root,
        "default_store_id": view,
        "name": name,
        "code": code,
    }


def _view(key: int, code: str, name: str, website: int, group: int) -> Row:
    return {
        "id": key,
        "code": code,
        "name": name,
        "website_id": website,
        "store_group_id": group,
        "is_active": 1,
    }


def _config(store: Store) -> Row:
    addresses = ("url", "link_url", "static_url", "media_url")
    return {
        "id": store.key,
        "code": store.code,
        "website_id": store.website,
        "locale": store.locale,
        "base_currency_code": store.currency,
        "default_display_currency_code": store.currency,
        "timezone": store.timezone,
        "weight_unit": "kgs" if store.currency == "EUR" else "lbs",
        **{f"base_{name}": "http://shop.example/" for name in addresses},
        **{f"secure_base_{name}": "https://shop.example/" for name in addresses},
    }


def _country(two: str, three: str, name: str, regions: Mapping[str, tuple[str, str]]) -> Row:
    """Write a country; one without regions has no list of them."""
    country = {
        "id": two,
        "two_letter_abbreviation": two,
        "three_letter_abbreviation": three,
        "full_name_locale": name,
        "full_name_english": name,
    }
    available = [{"id": key, "code": code, "name": region} for key, (code, region) in regions.items()]
    return country | {"available_regions": available} if available else country
