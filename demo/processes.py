"""The processes of this machine, as Linux shows them: tests of an interruption kill one in the middle of its work."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

_ALL = Path("/proc")


def kill(is_it: Callable[[Sequence[bytes], Sequence[bytes]], bool]) -> bool:
    """Kill the first process that fits, without a chance to end in order.

    Args:
        is_it: Tells by a process's command line and environment whether it is the one.

    Returns:
        Whether there was one.
    """
    for folder in _ALL.glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or is another user's
            command, environment = ((folder / name).read_bytes().split(b"\0") for name in ("cmdline", "environ"))
            if is_it(command, environment):
                os.kill(int(folder.name), signal.SIGKILL)
                return True
    return False


def kill_once(is_time: Callable[[], bool], is_it: Callable[[Sequence[bytes], Sequence[bytes]], bool]) -> None:
    """Wait until it is time, then kill the first process that fits.

    Args:
        is_time: Is asked every 0.2 seconds.
        is_it: As of `kill`.
    """
    while not (is_time() and kill(is_it)):
        time.sleep(0.2)
