"""Where the shop's API is, in each of its store views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tap_magento.settings.urls import shop_root
from tap_magento.settings.validation import auth_method


@dataclass(frozen=True, slots=True)
class ApiAddress:
    """The address of a shop's REST API.

    Attributes:
        shop: Address of the shop, for example ``https://shop.example.com``.
        store_code: The store view that is read where a request names no other.
        in_header: Whether the store view is named by a header instead of the path, as Adobe Commerce as a Cloud
            Service wants it (`docs/MAGENTO.md`, Adobe Commerce as a Cloud Service).
    """

    shop: str
    store_code: str = "all"
    in_header: bool = False

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> ApiAddress:
        """Read the address from the settings.

        Args:
            config: The tap's settings, checked.

        Returns:
            The address.
        """
        return cls(shop_root(config["store_url"]), config["store_code"], auth_method(config) == "ims")

    def root(self, store_code: str | None = None) -> str:
        """Build the address that paths are appended to.

        Args:
            store_code: A store view other than the one of the settings.

        Returns:
            For example ``https://shop.example.com/rest/all``.
        """
        return self.shop if self.in_header else f"{self.shop}/rest/{store_code or self.store_code}"

    def headers(self, store_code: str | None = None) -> dict[str, str]:
        """Give the headers that choose a store view where the path does not.

        Args:
            store_code: A store view other than the one of the settings.

        Returns:
            Header names to values; empty where the path chooses.
        """
        return {"Store": store_code or self.store_code} if self.in_header else {}
