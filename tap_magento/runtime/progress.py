"""How far a run has come, for a person: lines in a log, a bar on a terminal, a table at the end.

All of it goes to stderr; stdout is for Singer messages alone.
"""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Lock
from typing import NoReturn

from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from tap_magento.reading.types import Key
from tap_magento.runtime.text_table import text_table

_SECONDS_BETWEEN_LINES = 5.0
_Cell = Callable[["StreamProgress"], str]
_COLUMNS: dict[str, _Cell] = {
    "stream": lambda stream: stream.name,
    "rows": lambda stream: f"{stream.rows:,}",
    "requests": lambda stream: f"{stream.requests:,}",
    "retries": lambda stream: f"{stream.retries:,}",
    "quarantined": lambda stream: f"{len(stream.quarantined):,}",
    "MB": lambda stream: f"{stream.received / 1e6:,.1f}",
    "seconds": lambda stream: f"{stream.seconds:,.1f}",
}
# Left out where nothing was audited.
_AUDIT_COLUMNS: dict[str, _Cell] = {
    "in shop": lambda stream: "" if stream.in_shop is None else f"{stream.in_shop:,}",
    "known": lambda stream: "" if stream.known is None else f"{stream.known:,}",
    "lost, found": lambda stream: "" if stream.known is None else f"{stream.found:,}",
    "deleted": lambda stream: "" if stream.known is None else f"{stream.deleted:,}",
    "audit": lambda stream: ": ".join(filter(None, (stream.audit, stream.audit_reason))),
}


@dataclass(slots=True)
class StreamProgress:
    """What has been done for one stream; requests may be counted by several threads.

    Attributes:
        name: The stream's name.
        total: How many rows there are to read, as far as known.
        rows: Rows handed over.
        requests: Requests answered, well or not.
        retries: Requests that were made again.
        received: Bytes of the responses, decompressed.
        in_shop: Rows that the audit counted in the shop; None where that is not audited.
        known: Rows that the tap knows the shop to have; None where that is not audited.
        deleted: Rows that the audit found deleted.
        found: Rows that the audit found that the list's own reads had missed.
        audit: What the audit came to.
        audit_reason: Why the audit cannot be settled.
        quarantined: Keys of rows that could not be read.
        type_mismatches: Fields of which values did not fit their type, with how many.
        count_mismatch: How the shop's counts and its rows disagree; empty if they do not.
        began: When it began, by our clock.
        ended: When it last moved, by our clock.
    """

    name: str
    began: float
    ended: float
    total: int | None = None
    rows: int = 0
    requests: int = 0
    retries: int = 0
    received: int = 0
    in_shop: int | None = None
    known: int | None = None
    deleted: int = 0
    found: int = 0
    audit: str = ""
    audit_reason: str | None = None
    count_mismatch: str = ""
    quarantined: list[Key] = field(default_factory=list)
    type_mismatches: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def on_response(self, size: int) -> None:
        """Count a response.

        Args:
            size: Its bytes, decompressed.
        """
        with self._lock:
            self.requests += 1
            self.received += size

    @property
    def seconds(self) -> float:
        """How long it has been read."""
        return self.ended - self.began

    def on_retry(self) -> None:
        """Count a retry."""
        with self._lock:
            self.retries += 1


class Progress:
    """The progress of a run.

    Args:
        logger: Where lines go.
        clock: Our monotonic clock, in seconds.
    """

    def __init__(self, logger: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._logger = logger
        self._clock = clock
        self._streams: dict[str, StreamProgress] = {}
        self._is_finished = False
        self._told_at = clock()
        self._drawn: StreamProgress | None = None
        self._bar: tqdm[NoReturn]
        self._terminal = ExitStack()

    @property
    def streams(self) -> Sequence[StreamProgress]:
        """The streams that were read, or are."""
        return tuple(self._streams.values())

    def of(self, name: str) -> StreamProgress:
        """Give a stream's progress.

        Args:
            name: The stream's name.

        Returns:
            Its progress, begun now if it is new.
        """
        known = self._streams.get(name)
        if known is not None:
            return known
        now = self._clock()
        return self._streams.setdefault(name, StreamProgress(name, began=now, ended=now))

    def moved(self, stream: StreamProgress, rows: int, how: str = "") -> None:
        """Note rows that were handed over, and tell a person from time to time.

        Args:
            stream: The stream's progress.
            rows: How many rows more.
            how: How they are asked for, for a person.
        """
        stream.rows += rows
        stream.ended = self._clock()
        if sys.stderr.isatty():
            self._draw(stream, rows)
        elif stream.ended - self._told_at >= _SECONDS_BETWEEN_LINES:
            self._told_at = stream.ended
            self._logger.info("%s", ", ".join(filter(None, (describe(stream), how))))

    def moved_along(self, stream: StreamProgress, rows: int) -> None:
        """Note rows of a stream that is read along with another, which has the line of both.

        Args:
            stream: The stream's progress.
            rows: How many rows more.
        """
        stream.rows += rows
        stream.ended = self._clock()

    def finish(self) -> None:
        """Tell what was done, once, in a table."""
        if self._is_finished:
            return
        self._is_finished = True
        self._terminal.close()
        if self._streams:
            self._logger.info("Done:\n%s", table(self.streams))
        for stream in self.streams:
            if stream.quarantined:
                keys = ", ".join(map(str, stream.quarantined))
                self._logger.warning("%s: rows quarantined, to be retried in the next run: %s", stream.name, keys)
            for type_mismatch, count in stream.type_mismatches.most_common():
                what = "1 value" if count == 1 else f"{count:,} values"
                self._logger.warning("%s: %s of field '%s' did not fit its type", stream.name, what, type_mismatch)

    def stop(self) -> None:
        """Tell where the run was stopped by a signal."""
        self._terminal.close()
        if not self._streams:
            self._logger.warning("Stopped by a signal before anything was read")
            return
        last = max(self._streams.values(), key=lambda stream: stream.ended)
        self._logger.warning(
            "Stopped by a signal in '%s', after %s rows of it. The state was written, and the next run resumes there",
            last.name,
            f"{last.rows:,}",
        )

    def _draw(self, stream: StreamProgress, rows: int) -> None:
        if self._drawn is not stream:
            self._terminal.close()
            self._bar = self._terminal.enter_context(tqdm(desc=stream.name, total=stream.total, unit=" rows"))
            self._terminal.enter_context(logging_redirect_tqdm())
            self._drawn = stream
        self._bar.update(rows)


def describe(stream: StreamProgress) -> str:
    """Say how far a stream has come.

    Args:
        stream: The stream's progress.

    Returns:
        For example ``orders: 12,000 of 48,000 rows (25 %), 105 rows/s, 5 min 43 s left``.
    """
    rate = stream.rows / max(stream.ended - stream.began, 1e-3)
    parts = [f"{stream.name}: {stream.rows:,} rows"]
    if stream.total:
        share = min(100, 100 * stream.rows // stream.total)
        parts = [f"{stream.name}: {stream.rows:,} of {stream.total:,} rows ({share} %)"]
    parts.append(f"{rate:,.0f} rows/s")
    if stream.total and rate:
        parts.append(f"{duration(max(0, stream.total - stream.rows) / rate)} left")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Write a duration for a person.

    Args:
        seconds: How long.

    Returns:
        Its two greatest units, for example ``2 h 37 min``.
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def table(streams: Sequence[StreamProgress]) -> str:
    """Lay out what was done for the streams of a run.

    Args:
        streams: The streams' progress.

    Returns:
        Lines of columns, the first of them their names.
    """
    columns = dict(_COLUMNS)
    if any(stream.audit for stream in streams):
        columns |= _AUDIT_COLUMNS
    cells = [[cell(stream) for cell in columns.values()] for stream in streams]
    numbers = range(1, len(columns) - ("audit" in columns))
    return text_table([list(columns), *cells], right_aligned=numbers)
