"""The summary of a run for machines: one line in the log, which a scheduler can alert on (docs/RUN_SUMMARY.md)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from singer_sdk.exceptions import FatalAPIError, RetriableAPIError

from tap_magento.runtime.progress import Progress, StreamProgress
from tap_magento.runtime.redaction import redacted
from tap_magento.runtime.shutdown import ShutdownError

#: Raised when a field changes its meaning or goes; new ones may come any time.
VERSION = 1

_logger = logging.getLogger("tap-magento")


def summary(progress: Progress, unavailable: Mapping[str, str], error: BaseException | None) -> dict[str, Any]:
    """Summarise a run.

    Args:
        progress: What was done.
        unavailable: The streams that could not be read, and why.
        error: Why the run failed; None if it did not.

    Returns:
        The summary, as JSON.
    """
    return {
        "version": VERSION,
        "succeeded": error is None,
        "error": None if error is None else _told(error),
        "streams": {stream.name: _of_stream(stream) for stream in progress.streams},
        "unavailable": dict(unavailable),
    }


def log_summary(found: Mapping[str, Any]) -> None:
    """Log the summary of a run, for text logs in the message and for structured ones as a field.

    Args:
        found: The summary.
    """
    text = redacted(json.dumps(found))
    _logger.info("run_summary %s", text, extra={"run_summary": json.loads(text)})


def _told(error: BaseException) -> str:
    if isinstance(error, ShutdownError):
        return "the run was told to end"
    if isinstance(error, (FatalAPIError, RetriableAPIError)):
        return str(error)
    return type(error).__name__  # what its text holds, nobody knows


def _of_stream(stream: StreamProgress) -> dict[str, Any]:
    return {
        "rows": stream.rows,
        "requests": stream.requests,
        "retries": stream.retries,
        "bytes": stream.received,
        "seconds": round(stream.seconds, 3),
        "quarantined": len(stream.quarantined),
        "type_mismatches": sum(stream.type_mismatches.values()),
        "count_mismatch": stream.count_mismatch or None,
        "audit": stream.audit or None,
        "audit_reason": stream.audit_reason,
        "in_shop": stream.in_shop,
        "known": stream.known,
        "deletions": stream.deleted,
        "lost_rows_found": stream.found,
    }
