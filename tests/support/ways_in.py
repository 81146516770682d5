"""The ways into a sample store, as settings of the tap."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pyotp

from sample_store import Server
from sample_store.cloud import TOKEN_PATH, Cloud

#: Every way in; one that takes an integration's token as a bearer, and one with a second factor among them.
WAYS = ("token", "bearer", "password", "totp", "oauth1", "ims")


class Ticking:
    """A clock that moves on with every request that a server has answered, and by nothing else.

    Args:
        step: Seconds a request takes.
    """

    def __init__(self, step: float = 1.0) -> None:
        self.server: Server | None = None
        self._step = step
        self._start = datetime.now(timezone.utc).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return self._step * len(self.server.requests) if self.server else 0.0


def way_in(server: Server, way: str, resources: frozenset[str] | None = None) -> dict[str, Any]:
    """Open a way into a store, and close the others.

    Args:
        server: The store.
        way: One of `WAYS`.
        resources: The ACL resources granted; all of them if None.

    Returns:
        The settings.
    """
    shop, accounts = server.shop, server.shop.accounts
    shop.roles[shop.username] = resources
    config: dict[str, Any] = {"store_url": server.url}
    if way == "token":
        return {**config, "access_token": shop.token()}
    if way in {"bearer", "oauth1"}:
        integration = accounts.integrations.add(resources)
        accounts.integrations.as_bearer = way == "bearer"
        config["access_token"] = integration.access_token
        if way == "bearer":
            return config
        return {
            **config,
            "consumer_key": integration.consumer_key,
            "consumer_secret": integration.consumer_secret,
            "access_token_secret": integration.access_token_secret,
        }
    if way == "ims":
        cloud = accounts.cloud = Cloud(shop.clock)
        cloud.resources = resources
        return {
            "store_url": f"{server.url}/{cloud.tenant}",
            "client_id": cloud.client_id,
            "client_secret": cloud.client_secret,
            "ims_org_id": cloud.organization,
            "ims_token_url": f"{server.url}{TOKEN_PATH}",
        }
    config |= {"username": shop.username, "password": shop.password}
    if way == "totp":
        accounts.two_factors = True
        config["totp_secret"] = accounts.totp_secrets[shop.username] = pyotp.random_base32()
    return config
