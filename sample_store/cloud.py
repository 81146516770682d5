"""Adobe Commerce as a Cloud Service: another address, other tokens, the same API.

See docs/MAGENTO.md, Adobe Commerce and cloud service.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from sample_store import errors
from sample_store.wire import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from sample_store.wire import Call

TOKEN_PATH = "/ims/token/v3"  # noqa: S105 - an address
_SCOPE = "commerce.accs"


class Cloud:
    """One tenant, the one client that may read it, and the identity service that knows the client.

    Args:
        clock: The service's time.

    Attributes:
        tenant: The tenant's id, with which every path of its API begins.
        client_id: The client's id, also its API key.
        client_secret: The client's secret.
        organization: The organisation of both.
        lifetime: How long a token is good.
        resources: ACL resources granted to the client, None for all.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.tenant = secrets.token_hex(8)
        self.client_id = secrets.token_hex(16)
        self.client_secret = f"p8e-{secrets.token_urlsafe(24)}"
        self.organization = f"{secrets.token_hex(12).upper()}@AdobeOrg"
        self.lifetime = timedelta(hours=24)
        self.resources: frozenset[str] | None = None
        self._clock = clock
        self._tokens: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def issue(self, call: Call) -> Answer:
        """Answer the identity service's token endpoint.

        Args:
            call: A form with the client's credentials.

        Returns:
            The token and the seconds it is good for, or the service's error.
        """
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        if form.get("grant_type") != "client_credentials":
            return _error("unsupported_grant_type")
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return _error("invalid_client")
        if _SCOPE not in form.get("scope", "").split(","):
            return _error("invalid_scope")
        token = secrets.token_urlsafe(48)
        with self._lock:
            self._tokens[token] = self._clock() + self.lifetime
        seconds = int(self.lifetime.total_seconds())
        body = {"access_token": token, "expires_in": seconds, "token_type": "bearer"}
        return Answer(json.dumps(body).encode())

    def knows(self, token: str) -> bool:
        """Tell whether a token is good now."""
        with self._lock:
            expires = self._tokens.get(token)
        return expires is not None and self._clock() < expires

    def inside(self, call: Call) -> Call:
        """Turn a request to the tenant's API into the one a shop of one's own would get.

        Args:
            call: The request.

        Returns:
            The same with `/rest/<store view>` in its path.

        Raises:
            ApiError: 404 for another tenant, 403 for a wrong or missing API key or organisation.
        """
        match = re.fullmatch(rf"/{self.tenant}/(V1/.+)", call.path)
        if match is None:
            raise errors.page(404, "Not Found")
        sent = (call.headers.get("x-api-key"), call.headers.get("x-gw-ims-org-id"))
        if sent != (self.client_id, self.organization):
            raise errors.message(403, "Api Key is invalid")
        return replace(call, path=f"/rest/{call.headers.get('store', 'default')}/{match[1]}")


def _error(code: str) -> Answer:
    return Answer(json.dumps({"error": code, "error_description": "refused"}).encode(), 400)
