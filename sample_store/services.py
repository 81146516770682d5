"""The endpoints that compute their response from rows of several lists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sample_store import prices, salable
from sample_store.criteria import Tree, parse_criteria

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sample_store.php import Row
    from sample_store.shop import Shop


@dataclass(frozen=True)
class Service:
    """An endpoint that computes its response.

    Args:
        method: HTTP method.
        path: Address below `/rest/<store>/V1/`, with `{name}` for each part that varies.
        resource: The ACL resource a role needs.
        run: Computes the response from the shop, the parts that vary, the query's parameters and the
            request's body: rows, each with its SKU, or an object with the rows as its `items`.
    """

    method: str
    path: str
    resource: str
    run: Callable[[Shop, tuple[str, ...], Tree, bytes], list[Row] | Row]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What its addresses look like."""
        return re.compile(re.sub(r"\\\{\w+\\\}", "([^/]+)", re.escape(self.path)))


def find_service(method: str, path: str) -> tuple[Service, tuple[str, ...]] | None:
    """Find the service at an address, and the parts of the address that vary."""
    for service in SERVICES:
        match = service.pattern.fullmatch(path)
        if match and service.method == method:
            return service, match.groups()
    return None


def _by_sku(name: str, read: Callable[[Shop, Iterable[str]], Iterator[Row]]) -> Service:
    return Service(
        "POST",
        f"products/{name}-information",
        "Magento_Catalog::catalog",
        lambda shop, _, __, body: list(read(shop, prices.requested_skus(body))),
    )


_CHANNEL = "{salesChannelType}/{salesChannelCode}"
SERVICES = (
    _by_sku("base-prices", prices.base_prices),
    _by_sku("special-price", prices.special_prices),
    _by_sku("tier-prices", prices.tier_prices),
    _by_sku("cost", prices.costs),
    Service(
        "GET",
        f"inventory/dump-stock-index-data/{_CHANNEL}",
        "Magento_InventoryApi::stock",
        lambda shop, channel, _, __: salable.indexed(shop, channel),
    ),
    Service(
        "GET",
        f"inventory/export-stock-salable-qty/{_CHANNEL}",
        "Magento_InventoryApi::stock",
        lambda shop, channel, parameters, _: salable.computed(shop, channel, parse_criteria(parameters)),
    ),
)
