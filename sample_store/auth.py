"""Who may read what: administrators and integrations, their tokens and their roles.

See docs/MAGENTO.md, Authentication.
"""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import jwt
import pyotp

from sample_store import errors
from sample_store.oauth1 import Integrations

if TYPE_CHECKING:
    from collections.abc import Callable

    from sample_store.cloud import Cloud
    from sample_store.wire import Call

_MAX_FAILURES = 6
_LOCKED_FOR = timedelta(seconds=1800)
_ADMIN_TYPE = 2

#: Where a password and a one-time code buy a token.
TFA_PATH = "tfa/provider/google/authenticate"


class Accounts:
    """Administrators and integrations of a shop: passwords, roles, tokens and the lock-out.

    Args:
        clock: The shop's time.
        secret: What signs the tokens.

    Attributes:
        passwords: Password by user name.
        roles: ACL resources granted by user name, None for all of them.
        lifetime: How long a token issued for a password is good.
        two_factors: Whether a password alone buys no token: the module `Magento_TwoFactorAuth`.
        totp_secrets: Secret of the one-time codes, in base 32, by the name of a user who has set them up.
        integrations: The integrations.
        cloud: The tenant whose tokens are the only ones, in Adobe's cloud service.
    """

    def __init__(self, clock: Callable[[], datetime], secret: str) -> None:
        self.passwords: dict[str, str] = {}
        self.roles: dict[str, frozenset[str] | None] = {}
        self.lifetime = timedelta(hours=1)
        self.two_factors = False
        self.totp_secrets: dict[str, str] = {}
        self.integrations = Integrations(clock)
        self.cloud: Cloud | None = None
        self._clock = clock
        self._secret = secret
        self._failures: dict[str, tuple[int, datetime]] = {}
        self._revoked: set[str] = set()
        self._issued = 0
        self._lock = threading.Lock()

    def add(self, username: str, password: str, resources: frozenset[str] | None = None) -> None:
        """Create an administrator, or change its password and role."""
        self.passwords[username] = password
        self.roles[username] = resources

    def sign_in(self, body: bytes, content_type: str) -> str:
        """Answer `POST integration/admin/token`.

        Args:
            body: The request's body.
            content_type: Its media type.

        Returns:
            A token that is good for `lifetime`.

        Raises:
            ApiError: 400 for what is no JSON or misses a field, 401 for a wrong password, and for
                any password during half an hour after six wrong ones.
        """
        fields = _fields(body, content_type, "username", "password")
        username = self._check(fields["username"], fields["password"])
        if not self.two_factors:
            return self.issue(username, self.lifetime)
        if username not in self.totp_secrets:
            raise errors.message(400, "Please ask an administrator with sufficient access to configure 2FA first")
        raise errors.message(
            400,
            "Please use the 2fa provider-specific endpoints to obtain a token.",
            {"active_providers": ["google"]},
        )

    def sign_in_with_code(self, body: bytes, content_type: str) -> str:
        """Answer `POST tfa/provider/google/authenticate`: a password and a one-time code.

        Args:
            body: The request's body.
            content_type: Its media type.

        Returns:
            A token that is good for `lifetime`.

        Raises:
            ApiError: As `sign_in`, and 401 for a wrong code.
        """
        fields = _fields(body, content_type, "username", "password", "otp")
        username = self._check(fields["username"], fields["password"])
        totp = pyotp.TOTP(self.totp_secrets.get(username, pyotp.random_base32()))
        if not totp.verify(fields["otp"], for_time=self._clock(), valid_window=1):
            raise errors.message(401, "Invalid code.")
        return self.issue(username, self.lifetime)

    def issue(self, username: str, lifetime: timedelta) -> str:
        """Make a token for a user without asking for a password."""
        now = self._clock()
        with self._lock:
            self._issued += 1
            number = self._issued
        claims = {
            "uid": list(self.passwords).index(username) + 1,
            "utypid": _ADMIN_TYPE,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
        }
        # Tokens issued in one second must differ, or revoking one would revoke its twin.
        return jwt.encode(claims, self._secret, "HS256", {"kid": str(number)})

    def revoke(self, token: str) -> None:
        """Let a token expire at once."""
        self._revoked.add(token)

    def authorize(self, call: Call, resource: str | None) -> None:
        """Check that a request may read.

        Args:
            call: The request.
            resource: The ACL resource asked for, None for what everybody may read.

        Raises:
            ApiError: 401 naming the resource, whatever the reason; for a signature that is not right, what is
                wrong with it.
        """
        if resource is None:
            return
        granted = self.granted(call)
        if granted is not None and resource not in granted:
            raise errors.unauthorized(resource)

    def granted(self, call: Call) -> frozenset[str] | None:
        """Find what a request's sender may read.

        Args:
            call: The request.

        Returns:
            ACL resources, None for all of them; none for nobody in particular, as a token is that
            is not good (any more).

        Raises:
            ApiError: 401 for a signature that is not right.
        """
        scheme, _, token = call.authorization.partition(" ")
        token = token.strip()
        if scheme.lower() == "oauth":
            return self.integrations.of_signed(call).resources
        if scheme.lower() != "bearer":
            return frozenset()
        if self.cloud is not None:
            return self.cloud.resources if self.cloud.knows(token) and token not in self._revoked else frozenset()
        integration = self.integrations.of_bearer(token)
        if integration is not None:
            return integration.resources
        username = self._user(token)
        return frozenset() if username is None else self.roles[username]

    def _check(self, username: str, password: str) -> str:
        with self._lock:
            failures, since = self._failures.get(username, (0, self._clock()))
            if failures >= _MAX_FAILURES and self._clock() - since < _LOCKED_FOR:
                raise errors.sign_in_failed()
            if self.passwords.get(username) != password:
                self._failures[username] = (failures % _MAX_FAILURES + 1, self._clock())
                raise errors.sign_in_failed()
            self._failures.pop(username, None)
        return username

    def _user(self, token: str) -> str | None:
        if token in self._revoked:
            return None
        try:
            claims = jwt.decode(token, self._secret, ["HS256"], {"verify_exp": False, "verify_iat": False})
            expires = datetime.fromtimestamp(claims["exp"], timezone.utc)
            username = list(self.passwords)[claims["uid"] - 1]
        except (jwt.InvalidTokenError, KeyError, IndexError):
            return None
        return username if self._clock() < expires else None


def _fields(body: bytes, content_type: str, *required: str) -> dict[str, str]:
    if not content_type.startswith("application/json"):
        kind = content_type.partition(";")[0]
        raise errors.message(400, f"Server cannot understand Content-Type HTTP header media type {kind}")
    try:
        fields: Any = json.loads(body or b"{}")
    except ValueError:
        raise errors.message(400, "Decoding error.") from None
    if not isinstance(fields, dict):
        raise errors.message(400, "Decoding error.")
    for name in required:
        if not fields.get(name):
            raise errors.required(name)
    return {name: str(fields[name]) for name in required}
