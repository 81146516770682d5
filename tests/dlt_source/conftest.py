"""What needs dlt is collected where it is installed: in the environment of `make dlt`."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore = [] if find_spec("dlt") else ["test_benchmark.py", "test_source.py"]
