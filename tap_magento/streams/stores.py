"""The shop itself: websites, groups of store views, store views and their settings."""

from tap_magento.streams.array import ArrayStream


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
