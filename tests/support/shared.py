"""What was recorded from a real shop, beside the project."""

from __future__ import annotations

from pathlib import Path

import pytest

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "magento" / "recorded"

needs_recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings of a real shop are not there")
