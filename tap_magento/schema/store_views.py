"""The shop's store views, as far as the settings name some."""

from __future__ import annotations

from collections.abc import Sequence

from tap_magento.exceptions import MagentoError
from tap_magento.http.client import Client
from tap_magento.http.request import Request
from tap_magento.http.response import parse_array
from tap_magento.http.retry import RetryPolicy


class UnknownStoreViewError(MagentoError):
    """The settings name a store view that the shop does not have."""


def check_store_views(client: Client, codes: Sequence[str], policy: RetryPolicy | None = None) -> None:
    """See that the shop has the store views that are to be read.

    Args:
        client: Sends the request.
        codes: Their codes; without any, nothing is requested.
        policy: How long and how often to retry, if not as the settings say.

    Raises:
        UnknownStoreViewError: If the shop lacks one of them.
        MagentoError: If its store views cannot be read.
        ShopUnavailableError: If it stayed unavailable.
    """
    if not codes:
        return
    rows = client.send(Request("/V1/store/storeViews", "store views"), parse_array, policy)
    known = sorted(str(row.get("code")) for row in rows if isinstance(row, dict) and row.get("code") != "admin")
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise UnknownStoreViewError(
            f"`store_views` names {', '.join(unknown)}, but the shop's store views are {', '.join(known)}"
        )
