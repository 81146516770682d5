"""The one place that chooses an authentication method."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from tap_magento.auth.base import Authenticator
from tap_magento.auth.bearer import BearerAuthenticator
from tap_magento.auth.ims import ImsAuthenticator
from tap_magento.auth.oauth1 import OAuth1Authenticator
from tap_magento.auth.password import MagentoAuthenticator
from tap_magento.auth.refreshing import Send
from tap_magento.settings.validation import auth_method


def authenticator_for(
    config: Mapping[str, Any], *, root: str, send: Send, monotonic: Callable[[], float] = time.monotonic
) -> Authenticator:
    """Choose the authentication method that the settings say, or that they are complete for.

    Args:
        config: The tap's settings, checked.
        root: Address of the API, for example ``https://shop.example.com/rest/all``.
        send: Sends the requests for tokens, unsigned.
        monotonic: A monotonic clock, in seconds.

    Returns:
        The authenticator of the run.
    """
    method = auth_method(config)
    if method == "oauth1":
        names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
        return OAuth1Authenticator(*(config[name] for name in names))
    if method == "password":
        return MagentoAuthenticator(
            root,
            username=config["username"],
            password=config["password"],
            totp_secret=config.get("totp_secret"),
            send=send,
            monotonic=monotonic,
        )
    if method == "ims":
        return ImsAuthenticator(
            config["ims_token_url"],
            client_id=config["client_id"],
            client_secret=config["client_secret"],
            organization=config["ims_org_id"],
            scopes=config["ims_scopes"],
            send=send,
            monotonic=monotonic,
        )
    return BearerAuthenticator(config["access_token"])
