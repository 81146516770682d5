"""Log records are safe, whoever logs them and at whatever level: without secrets, without raw control characters."""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import quote

from tap_magento.runtime.escaping import escaped

#: What stands in a secret's place.
STRUCK_OUT = "(redacted)"

# Shorter values are no secrets that a shop accepts, and striking them out would make a log unreadable.
_SHORTEST = 4

# A word that the tap's own sentences may hold: striking it out there would spoil them, and tell that it is the secret.
# Magento accepts no such password and issues no such token; and text of a server is redacted where it is quoted.
_COMMON_WORD = re.compile(r"[A-Za-z][a-z_-]{3,14}")

_PACKAGE = str(Path(__file__).resolve().parents[1])


class _Secrets:
    """The values known to be secret in this process, and what finds them."""

    def __init__(self) -> None:
        self._spellings: frozenset[str] = frozenset()
        self._all = self._uncommon = _any_of(())

    def add(self, *values: str) -> None:
        known = {value.strip() for value in values if len(value.strip()) >= _SHORTEST}
        spellings = known | {quote(value, safe="") for value in known} | {json.dumps(value)[1:-1] for value in known}
        if spellings <= self._spellings:
            return
        self._spellings |= spellings
        self._all = _any_of(self._spellings)
        self._uncommon = _any_of(each for each in self._spellings if not _COMMON_WORD.fullmatch(each))

    def strike_out(self, text: str, *, own: bool = False) -> str:
        """Strike secrets out of a text; of the tap's own text only those that are no common words."""
        return (self._uncommon if own else self._all).sub(STRUCK_OUT, text)


def _any_of(texts: Iterable[str]) -> re.Pattern[str]:
    # The longest first: a secret may begin with another one. Without texts, what never matches.
    return re.compile("|".join(map(re.escape, sorted(texts, key=len, reverse=True))) or r"(?!)")


_secrets = _Secrets()


class _RecordFactory:
    """Makes log records that are safe.

    A factory does it, not a filter: filters on a logger do not see what its children log, and filters on handlers miss
    the handlers that are added later.

    Args:
        make: The factory to take over from.
    """

    def __init__(self, make: Callable[..., logging.LogRecord]) -> None:
        self._make = make

    def __call__(self, *args: object, **kwargs: object) -> logging.LogRecord:
        record = self._make(*args, **kwargs)
        try:
            message = record.getMessage()
        except (TypeError, ValueError):  # a faulty log call is its handler's to report
            return record
        own = record.pathname.startswith(_PACKAGE)
        # Only the tap's own tables have several lines; what a server sent never begins one.
        tables = own and "\n" in str(record.msg)
        safe = escaped(_secrets.strike_out(message, own=own), keep_lines=tables)
        if safe != message:
            record.msg, record.args = safe, None
        if record.exc_info and record.exc_info[0] is not None:
            text = "".join(traceback.format_exception(*record.exc_info))
            if (told := escaped(_secrets.strike_out(text), keep_lines=True)) != text:
                record.msg, record.args, record.exc_info = f"{safe}\n{told}", None, None
        return record


def hide(*values: str) -> None:
    """Strike values out of everything that is logged from now on, and escape control characters in it.

    Args:
        values: Secrets: passwords, tokens, keys. Also their spellings in URLs and in JSON are struck out.
    """
    if not isinstance(logging.getLogRecordFactory(), _RecordFactory):
        logging.setLogRecordFactory(_RecordFactory(logging.getLogRecordFactory()))
    _secrets.add(*values)


def quoted(text: str) -> str:
    """Make a foreign text safe to be quoted.

    Args:
        text: Any text.

    Returns:
        The text on one line, without the known secrets, and with control characters escaped.
    """
    return escaped(_secrets.strike_out(text))


def redacted(text: str) -> str:
    """Make a text of the tap safe to be printed, where it is not logged.

    Args:
        text: Lines in the tap's own words, in which foreign text may be quoted.

    Returns:
        The lines without the known secrets, and with control characters escaped.
    """
    return escaped(_secrets.strike_out(text, own=True), keep_lines=True)
