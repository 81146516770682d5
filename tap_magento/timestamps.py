"""Magento's timestamps and ours.

Magento's responses and filters are in UTC, as ``YYYY-MM-DD HH:MM:SS`` with no zone; a filter value with a ``T`` or an
offset is read as if the offset were not there (docs/MAGENTO.md). The state holds RFC 3339.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

SECOND = timedelta(seconds=1)

_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"([T ](?P<time>\d\d:\d\d:\d\d)(\.\d+)?([Zz]|(?P<hours>[+-]\d\d):?(?P<minutes>\d\d))?)?",
    re.ASCII,
)
_LENGTH = len("YYYY-MM-DD HH:MM:SS")


def from_magento(text: str) -> datetime:
    """Read a timestamp as Magento writes it, or a module.

    Args:
        text: ``YYYY-MM-DD HH:MM:SS`` or RFC 3339, or a day alone (its midnight); without a zone it is UTC.

    Returns:
        The moment, in UTC; fractions of a second are cut off.

    Raises:
        ValueError: If it is no date, for example ``0000-00-00 00:00:00``.
    """
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        raise ValueError("not a timestamp")
    day, time, hours, minutes = match.group("day", "time", "hours", "minutes")
    zone = f"{hours}:{minutes}" if hours else "+00:00"
    try:
        return datetime.fromisoformat(f"{day}T{time or '00:00:00'}{zone}").astimezone(timezone.utc)
    except OverflowError:  # before the year 1 or after 9999, seen from UTC
        raise ValueError("not a timestamp") from None


def normalized(text: str) -> str:
    """Write a timestamp of a row as Magento's filters want it.

    Args:
        text: What `from_magento` reads.

    Returns:
        ``YYYY-MM-DD HH:MM:SS``, UTC.

    Raises:
        ValueError: If it is no date.
    """
    if len(text) == _LENGTH and text[10] == " ":
        datetime.fromisoformat(text)
        return text
    return to_magento(from_magento(text))


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
        return moment.replace(tzinfo=moment.tzinfo or timezone.utc).astimezone(timezone.utc)
    except (ValueError, TypeError, IndexError, OverflowError):  # what it raises for texts that are no dates
        return None
