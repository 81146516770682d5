"""What shop it is: its address, edition, version and modules, for the headline of `--test`."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus

from tap_magento.exceptions import MagentoError, ShopUnavailableError
from tap_magento.http.client import Client
from tap_magento.http.errors import one_line
from tap_magento.http.request import Request
from tap_magento.http.response import parse_array

_EDITIONS = {"Community": "Magento Open Source", "Enterprise": "Adobe Commerce", "B2B": "Adobe Commerce B2B"}


def describe(client: Client) -> str:
    """Say what shop it is.

    Args:
        client: Sends the requests.

    Returns:
        Its address, and its edition, version and number of modules as far as it tells: what cannot be found out only
        shortens the text.
    """
    known = []
    for find in (_version, _modules):
        with suppress(MagentoError, ShopUnavailableError):
            known.append(find(client))
    known = [text for text in known if text]
    return f"{client.address.shop} ({', '.join(known)})" if known else client.address.shop


def _version(client: Client) -> str:
    """Read the edition and version, which a shop tells everybody unless it was configured not to."""
    response = client.exchange(Request("/magento_version", "version", at_shop=True)).response
    name, slash, rest = response.text.strip().partition("/")
    if response.status_code != HTTPStatus.OK or not slash or "<" in response.text:
        return ""
    version, _, edition = rest.partition(" ")
    return one_line(f"{_EDITIONS.get(edition.strip('()'), name)} {version}")


def _modules(client: Client) -> str:
    """Count the modules; many roles may not."""
    modules, _ = client.attempt(Request("/V1/modules", "modules"), parse_array)
    others = sum(1 for name in modules if not str(name).startswith("Magento_"))
    return f"{len(modules)} modules, {others} of them not Magento's"
