"""`python -m benchmarks.measured REPORT MODULE [ARGUMENT ...]`: run a program and report what it took.

The program reports about itself, as only it knows the peak of its own memory: what the system tells of a process that
has ended includes the process that started it.
"""

from __future__ import annotations

import atexit
import json
import re
import runpy
import sys
import time
from pathlib import Path


def _report(path: Path) -> None:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    kilobytes = int(peak[1]) if peak else 0
    path.write_text(json.dumps({"cpu": time.process_time(), "peak": kilobytes * 1024}), encoding="ascii")


if __name__ == "__main__":
    _, report, module, *arguments = sys.argv
    atexit.register(_report, Path(report))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
