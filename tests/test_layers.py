"""The layers of the package: `pyproject.toml` states which room may import which."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]


def test_no_room_imports_one_above_it() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_package_has_few_modules_at_its_top_level() -> None:
    modules = sorted(path.stem for path in (PROJECT / "tap_magento").glob("*.py"))
    assert len(modules) <= 8, modules
