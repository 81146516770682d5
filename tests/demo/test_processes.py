"""Killing a process in the middle of its work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.processes import kill, kill_once

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="only Linux shows processes as files")


def test_the_process_that_fits_is_killed_once_it_is_time() -> None:
    mark = f"TAP_MAGENTO_TEST_PROCESS={os.getpid()}"
    name, _, value = mark.partition("=")
    waiting = [sys.executable, "-c", "input()"]
    with subprocess.Popen(waiting, stdin=subprocess.PIPE, env={**os.environ, name: value}) as process:
        asked = iter([False, True])

        def is_it(command: object, environment: object) -> bool:
            return isinstance(environment, list) and mark.encode() in environment and command is not None

        kill_once(lambda: next(asked), is_it)
        assert process.wait(10) == -signal.SIGKILL
        assert not kill(is_it)
