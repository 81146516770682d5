"""What was recorded of a real shop: a few anonymised rows in the project, all rows beside it where they are at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sample_store.recorded import lines

#: Magento's own schemas and a whole recording, which are no part of the project.
MAGENTO = Path(__file__).resolve().parents[3] / "shared" / "magento"
#: Made by `scripts/anonymise_recording.py`.
FEW = Path(__file__).resolve().parents[1] / "recorded"
RECORDINGS = {"few rows": FEW} | ({"all rows": MAGENTO / "recorded"} if MAGENTO.is_dir() else {})
#: The largest at hand.
RECORDED = list(RECORDINGS.values())[-1]

each_recording = pytest.mark.parametrize("recording", RECORDINGS.values(), ids=RECORDINGS)


def recorded_rows(recording: Path, name: str) -> Iterator[dict[str, Any]]:
    """The recorded rows of a list, in the scope of all store views and then of each."""
    views = json.loads((recording / "index.json").read_text())["views"]
    for each in (name, *(f"{name}@{view}" for view in views)):
        for line in lines(recording, each):
            yield json.loads(line, parse_float=Decimal)
