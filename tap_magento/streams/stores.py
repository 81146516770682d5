"""The shop itself: websites, store views, their settings, currencies, countries, modules and agreements."""

from collections.abc import Iterator, Mapping
from typing import Any

from typing_extensions import override

from tap_magento.http.request import Request
from tap_magento.streams.array import ArrayStream
from tap_magento.streams.nested import NestedStream


class Websites(ArrayStream):
    """Websites."""

    name = "websites"
    path = "/V1/store/websites"
    acl_resource = "Magento_Backend::store"
    primary_keys = ("id",)


class StoreGroups(ArrayStream):
    """Stores, which Magento calls groups: a website's sets of store views with one root category."""

    name = "store_groups"
    path = "/V1/store/storeGroups"
    acl_resource = "Magento_Backend::store"
    primary_keys = ("id",)


class StoreViews(ArrayStream):
    """Store views."""

    name = "store_views"
    path = "/V1/store/storeViews"
    acl_resource = "Magento_Backend::store"
    primary_keys = ("id",)


class StoreConfigs(ArrayStream):
    """Settings of the store views: addresses, locale, currencies, time zone."""

    name = "store_configs"
    path = "/V1/store/storeConfigs"
    acl_resource = "Magento_Backend::store"
    primary_keys = ("id",)


class Currencies(ArrayStream):
    """Exchange rates of the base currency, one row a currency that the store view allows."""

    name = "currencies"
    path = "/V1/directory/currency"
    acl_resource = "anonymous"
    primary_keys = ("base_currency_code", "currency_to")

    @override
    def rows_in(self, body: Any, request: Request) -> Iterator[dict[str, Any]]:
        """Join each rate with the currency's own fields."""
        if body == []:  # PHP's empty object
            return
        if not isinstance(body, Mapping):
            raise ValueError("the response is no object")  # noqa: TRY004  a fault of the shop
        own = {name: value for name, value in body.items() if name.endswith(("_code", "_symbol"))}
        yield from ({**own, **rate} for rate in body.get("exchange_rates") or () if isinstance(rate, dict))


class Countries(ArrayStream):
    """Countries that the shop knows."""

    name = "countries"
    path = "/V1/directory/countries"
    acl_resource = "anonymous"
    primary_keys = ("id",)


class Regions(NestedStream):
    """Regions of the countries that have some."""

    name = "regions"
    parent_stream_type = Countries
    path, columns = "available_regions[]", {"country_id": "id"}
    primary_keys = ("id",)


class Modules(ArrayStream):
    """Names of the shop's active modules."""

    name = "modules"
    path = "/V1/modules"
    acl_resource = "Magento_Backend::admin"
    primary_keys = ("name",)
    selected_by_default = False

    @override
    def rows_in(self, body: Any, request: Request) -> Iterator[dict[str, Any]]:
        """Make rows of the names."""
        yield from ({"name": name} for name in super().rows_in(body, request) if isinstance(name, str))


class CheckoutAgreements(ArrayStream):
    """Terms and conditions that customers agree to."""

    name = "checkout_agreements"
    path = "/V1/carts/licence/list"
    acl_resource = "Magento_Sales::sales"
    primary_keys = ("agreement_id",)
    params = {"searchCriteria": ""}
