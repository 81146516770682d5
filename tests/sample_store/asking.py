"""What the tests of the sample store hold in their hands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import requests

from sample_store import Server

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=timezone.utc)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **units: float) -> None:
        self.now += timedelta(**units)


@dataclass
class Client:
    """Asks a running store as an administrator would."""

    server: Server
    session: requests.Session
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **parameters: object) -> requests.Response:
        """Ask for a path below `/rest/all/V1/`, with parameters by name."""
        return self.session.get(
            f"{self.server.url}/rest/all/V1/{path}",
            params={name: str(value) for name, value in parameters.items()},
            headers=self.headers,
            timeout=20,
        )


Connect = Callable[..., Client]
"""Serves a shop, with options if any, until the test ends."""
