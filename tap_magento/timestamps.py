"""Magento's timestamps and ours.

Magento answers and filters in UTC as ``YYYY-MM-DD HH:MM:SS``, with no zone (MEASURED.md (g)); a filter value
with a ``T`` or an offset is read as if the offset were not there. The state holds RFC 3339.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

SECOND = timedelta(seconds=1)

_MAGENTO_FORMAT = "%Y-%m-%d %H:%M:%S"


def from_magento(text: str) -> datetime:
    """Read a timestamp as Magento writes it.

    Args:
        text: ``YYYY-MM-DD HH:MM:SS``, UTC.

    Returns:
        The moment, in UTC.

    Raises:
        ValueError: If it is no date, for example ``0000-00-00 00:00:00``.
    """
    return datetime.strptime(text, _MAGENTO_FORMAT).replace(tzinfo=timezone.utc)


def to_magento(moment: datetime) -> str:
    """Write a moment as Magento's filters want it.

    Args:
        moment: A moment with a zone; fractions of a second are cut off.

    Returns:
        ``YYYY-MM-DD HH:MM:SS``, UTC.
    """
    return moment.astimezone(timezone.utc).replace(tzinfo=None).isoformat(" ", "seconds")


def from_rfc3339(text: str) -> datetime:
    """Read a date or timestamp from the settings or the state.

    Args:
        text: RFC 3339, or a date alone (its midnight); without a zone it is UTC.

    Returns:
        The moment, in UTC.

    Raises:
        ValueError: If it is neither.
    """
    moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00").replace("z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc)


def to_rfc3339(moment: datetime) -> str:
    """Write a moment in the one format of the state and the records.

    Args:
        moment: A moment with a zone; fractions of a second are cut off.

    Returns:
        For example ``2026-11-21T17:01:02+00:00``.
    """
    return moment.astimezone(timezone.utc).isoformat(timespec="seconds")


def from_http_date(text: str | None) -> datetime | None:
    """Read the value of a ``Date`` or ``Retry-After`` header.

    Args:
        text: The header's value, if there was one.

    Returns:
        The moment in UTC, or None if it is missing or no date.
    """
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or timezone.utc).astimezone(timezone.utc)
