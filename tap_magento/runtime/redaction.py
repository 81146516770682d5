"""Secrets stay out of the logs: whatever is logged, by whom and at whatever level, their values are struck out."""

from __future__ import annotations

import json
import logging
import re
import traceback
from urllib.parse import quote

#: What stands in a secret's place.
STRUCK_OUT = "(redacted)"

# Shorter values are no secrets that a shop accepts, and striking them out would make a log unreadable.
_SHORTEST = 4


class _Secrets:
    """The values known to be secret in this process, and what finds them."""

    def __init__(self) -> None:
        self._spellings: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def add(self, *values: str) -> None:
        known = {value.strip() for value in values if len(value.strip()) >= _SHORTEST}
        spellings = known | {quote(value, safe="") for value in known} | {json.dumps(value)[1:-1] for value in known}
        if spellings <= self._spellings:
            return
        if self._pattern is None:
            self._make_record = logging.getLogRecordFactory()
            logging.setLogRecordFactory(self._record)
        self._spellings |= spellings
        # The longest first: a secret may begin with another one.
        self._pattern = re.compile("|".join(map(re.escape, sorted(self._spellings, key=len, reverse=True))))

    def strike_out(self, text: str) -> str:
        return text if self._pattern is None else self._pattern.sub(STRUCK_OUT, text)

    def _record(self, *args: object, **kwargs: object) -> logging.LogRecord:
        """Make a log record; where a secret is in it, with its text already put together."""
        record = self._make_record(*args, **kwargs)
        try:
            message = record.getMessage()
        except (TypeError, ValueError):  # a faulty log call is its handler's to report
            return record
        struck_out = self.strike_out(message)
        if struck_out != message:
            record.msg, record.args = struck_out, None
        if record.exc_info and record.exc_info[0] is not None:
            text = "".join(traceback.format_exception(*record.exc_info))
            if (told := self.strike_out(text)) != text:
                record.msg, record.args, record.exc_info = f"{struck_out}\n{told}", None, None
        return record


_secrets = _Secrets()


def hide(*values: str) -> None:
    """Strike values out of everything that is logged from now on.

    A factory of log records does it, not a filter: filters on a logger do not see what its children log, and filters
    on handlers miss the handlers that are added later.

    Args:
        values: Secrets: passwords, tokens, keys. Also their spellings in URLs and in JSON are struck out.
    """
    _secrets.add(*values)


def redacted(text: str) -> str:
    """Strike the known secrets out of a text that is not logged.

    Args:
        text: Any text.

    Returns:
        The text without them.
    """
    return _secrets.strike_out(text)
