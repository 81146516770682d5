"""The streams of a run that cannot be read, while all others can: a right or a module is missing."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from tap_magento.exceptions import MissingAccessError, StreamUnavailableError, UnavailableStreamsError

_logger = logging.getLogger(__name__)


class UnavailableStreams:
    """Collects the streams that a run had to leave out, and has the last word on them.

    Args:
        fatal: Whether they fail the run, once all others are read.
    """

    def __init__(self, *, fatal: bool) -> None:
        self._fatal = fatal
        self._left_out: dict[str, StreamUnavailableError] = {}

    def note(self, stream: str, error: StreamUnavailableError) -> None:
        """Leave a stream out.

        Args:
            stream: Its name.
            error: Why it cannot be read.
        """
        self._left_out[stream] = error
        if self._fatal:
            _logger.info("'%s' cannot be read; reading the other streams", stream)
        else:
            _logger.warning("%s; left out, as `on_missing_access` is `skip`", error)

    @property
    def reasons(self) -> Mapping[str, str]:
        """The streams that were left out, and why."""
        return {stream: str(error).removeprefix(f"{stream}: ") for stream, error in self._left_out.items()}

    def conclude(self, *, accepted: bool) -> None:
        """End a run.

        Args:
            accepted: Whether the shop accepted the credentials for anything at all.

        Raises:
            UnavailableStreamsError: In one line all that was left out and why, if that is fatal; or if nothing was
                accepted.
        """
        refused = [error for error in self._left_out.values() if isinstance(error, MissingAccessError)]
        if refused and not accepted:
            # Not one right is missing then, but all of them: the first refusal says it.
            raise UnavailableStreamsError(
                f"{refused[0]}; if all permissions are granted, a proxy may remove the Authorization header"
            )
        if self._left_out and self._fatal:
            raise UnavailableStreamsError(self._told())

    def _told(self) -> str:
        """Name the streams that lack the same together."""
        streams: dict[str, list[str]] = {}
        for stream, reason in self.reasons.items():
            streams.setdefault(reason, []).append(stream)
        return "; ".join(f"{', '.join(names)}: {sentence}" for sentence, names in streams.items())
