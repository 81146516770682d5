"""A bearer token and how long it is good for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

# A token is renewed this long before it expires, or after nine tenths of a shorter life.
_MARGIN_SECONDS = 60.0


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
    def lasting(cls, text: str, life: float, now: float) -> Token:
        """Make a token of which it is known how long it is good for.

        Args:
            text: The token.
            life: How long it is good for, in seconds.
            now: Our monotonic clock before it was asked for, in seconds.

        Returns:
            The token with the moment to renew it.
        """
        return cls(text, renew_at=now + max(life - _MARGIN_SECONDS, life * 0.9))

    @classmethod
    def issued(cls, text: str, now: float) -> Token:
        """Read how long a token that was issued now is good for.

        The life is the difference of the token's own ``exp`` and ``iat``, so a shop whose clock is wrong does no
        harm. Tokens before 2.4.4 are opaque and tell nothing (SOURCE_FACTS.md 4.1).

        Args:
            text: The token.
            now: Our monotonic clock before it was asked for, in seconds.

        Returns:
            The token with the moment to renew it.
        """
        claims = claims_of(text)
        try:
            life = float(claims["exp"]) - float(claims["iat"])
        except (KeyError, TypeError, ValueError):
            return cls(text)
        return cls.lasting(text, life, now)


def claims_of(token: str) -> Mapping[str, Any]:
    """Read what a JSON Web Token says of itself, without verifying it.

    Args:
        token: Any token.

    Returns:
        Its claims; empty if it is no JSON Web Token.
    """
    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return {}
    return claims
