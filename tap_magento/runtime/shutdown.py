"""SIGTERM and Ctrl-C end a run between two rows, with the state written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_SHELL_CONVENTION = 128


class ShutdownError(SystemExit):
    """The run was told to end; its exit code is the shell's for that signal."""


class Shutdown:
    """An order to end, obeyed where it does no harm.

    A signal may come while a line is half written, and what its handler raises or writes would break the line. So it
    only takes effect while the tap waits for the shop, or when it looks. A second one takes effect at once: the program
    that reads the messages may have stalled, and the write never end.
    """

    def __init__(self) -> None:
        self._signal: int | None = None
        self._waiting = False

    def request(self, signal: int) -> None:
        """Order the end; for a signal handler.

        Args:
            signal: The signal's number.

        Raises:
            ShutdownError: If the tap waits for the shop, or was told before.
        """
        is_first, self._signal = self._signal is None, signal
        if self._waiting or not is_first:
            self.check()

    def check(self) -> None:
        """Look whether to end.

        Raises:
            ShutdownError: If so.
        """
        if self._signal is not None:
            raise ShutdownError(_SHELL_CONVENTION + self._signal)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Let an order take effect at any moment of the block.

        Yields:
            Nothing.

        Raises:
            ShutdownError: If the end has been, or is being, ordered.
        """
        self._waiting = True
        try:
            self.check()
            yield
        finally:
            self._waiting = False
