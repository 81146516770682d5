"""A bearer token and how long it is good for."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from tap_magento.exceptions import MagentoError, ShopUnavailableError

# A token is renewed this long before it expires, or after nine tenths of a shorter life.
_MARGIN_SECONDS = 60.0
# What a header can carry, at a length that web servers take.
_FORM = re.compile(r"[\x21-\x7e]{1,8000}")
_LONGEST_RESPONSE = 65_536
_DOTS_OF_A_JWT = 2


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and how long it is good for.

    Attributes:
        text: What goes into the header.
        renew_at: By our monotonic clock, when to renew it; never if the token does not tell.
    """

    text: str
    renew_at: float = float("inf")

    @classmethod
    def lasting(cls, text: object, life: object, now: float) -> Token:
        """Make a token of which it is known how long it is good for.

        Args:
            text: The token, as the server sent it.
            life: How long it is good for, in seconds; what is no duration counts as unknown.
            now: Our monotonic clock before the request for it, in seconds.

        Returns:
            The token with the moment to renew it.

        Raises:
            MagentoError: If it has not the form of a token.
        """
        if not isinstance(text, str) or not _FORM.fullmatch(text):
            raise MagentoError("login: the response holds no valid token; is the address that of a Magento shop?")
        try:
            seconds = float(life) if isinstance(life, (int, float, str)) else math.nan
        except (ValueError, OverflowError):
            seconds = math.nan
        if not (math.isfinite(seconds) and seconds > 0):
            return cls(text)
        return cls(text, renew_at=now + max(seconds - _MARGIN_SECONDS, seconds * 0.9))

    @classmethod
    def issued(cls, text: object, now: float) -> Token:
        """Read how long a token that was issued now is good for.

        The life is the difference of the token's own ``exp`` and ``iat``, so a shop whose clock is wrong does no
        harm. Tokens before 2.4.4 are opaque and tell nothing (docs/MAGENTO.md).

        Args:
            text: The token, as the server sent it.
            now: Our monotonic clock before the request for it, in seconds.

        Returns:
            The token with the moment to renew it.

        Raises:
            MagentoError: If it has not the form of a token.
        """
        claims = claims_of(text) if isinstance(text, str) else {}
        expires, issued = claims.get("exp"), claims.get("iat")
        if isinstance(expires, (int, float)) and isinstance(issued, (int, float)):
            return cls.lasting(text, _difference(expires, issued), now)
        return cls.lasting(text, None, now)


def login_body(response: requests.Response) -> Any:
    """Decode the response to a login.

    Args:
        response: A response of status 200, or an error.

    Returns:
        What it holds.

    Raises:
        ShopUnavailableError: If it is longer than any token, or no JSON.
    """
    if len(response.content) > _LONGEST_RESPONSE:
        raise ShopUnavailableError("login: the response is too long for a token", response)
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        raise ShopUnavailableError("login: the response is broken JSON", response) from None


def claims_of(token: str) -> Mapping[str, Any]:
    """Read what a JSON Web Token says of itself, without verifying it.

    Args:
        token: Any token.

    Returns:
        Its claims; empty if it is no JSON Web Token.
    """
    if token.count(".") != _DOTS_OF_A_JWT:
        return {}
    # Not at start-up: where cryptography is installed, PyJWT loads it (9 MB), and most tokens are no JSON Web Tokens.
    import jwt  # noqa: PLC0415

    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):  # the last two for what is malformed in its JSON
        return {}
    return claims


def _difference(later: float, earlier: float) -> float:
    try:
        return float(later) - float(earlier)
    except OverflowError:
        return math.nan
