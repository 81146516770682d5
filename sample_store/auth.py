"""Who may read what: administrators, their tokens and their roles (MEASURED.md (a))."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import jwt

from sample_store import errors

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_FAILURES = 6
_LOCKED_FOR = timedelta(seconds=1800)
_ADMIN_TYPE = 2


class Accounts:
    """Administrators of a shop: passwords, roles, tokens and the lock-out.

    Args:
        clock: The shop's time.
        secret: What signs the tokens.

    Attributes:
        passwords: Password by user name.
        roles: ACL resources granted by user name, None for all of them.
        lifetime: How long a token issued for a password is good.
    """

    def __init__(self, clock: Callable[[], datetime], secret: str) -> None:
        self.passwords: dict[str, str] = {}
        self.roles: dict[str, frozenset[str] | None] = {}
        self.lifetime = timedelta(hours=1)
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
        if not content_type.startswith("application/json"):
            kind = content_type.partition(";")[0]
            raise errors.message(400, f"Server cannot understand Content-Type HTTP header media type {kind}")
        try:
            fields: Any = json.loads(body or b"{}")
        except ValueError:
            raise errors.message(400, "Decoding error.") from None
        if not isinstance(fields, dict):
            raise errors.message(400, "Decoding error.")
        for name in ("username", "password"):
            if not fields.get(name):
                raise errors.required(name)
        return self._check(str(fields["username"]), str(fields["password"]))

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

    def authorize(self, authorization: str, resource: str | None) -> None:
        """Check that a request may read.

        Args:
            authorization: The request's `Authorization` header, empty without one.
            resource: The ACL resource asked for, None for what everybody may read.

        Raises:
            ApiError: 401 naming the resource, whatever the reason.
        """
        if resource is None:
            return
        scheme, _, token = authorization.partition(" ")
        username = self._user(token.strip()) if scheme.lower() == "bearer" else None
        if username is None:
            raise errors.unauthorized(resource)
        granted = self.roles[username]
        if granted is not None and resource not in granted:
            raise errors.unauthorized(resource)

    def _check(self, username: str, password: str) -> str:
        with self._lock:
            failures, since = self._failures.get(username, (0, self._clock()))
            if failures >= _MAX_FAILURES and self._clock() - since < _LOCKED_FOR:
                raise errors.sign_in_failed()
            if self.passwords.get(username) != password:
                self._failures[username] = (failures % _MAX_FAILURES + 1, self._clock())
                raise errors.sign_in_failed()
            self._failures.pop(username, None)
        return self.issue(username, self.lifetime)

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
