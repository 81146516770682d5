"""What `benchmarks.adapters` measures of the dlt source: that it runs, not how fast it is."""

from __future__ import annotations

import pytest

from benchmarks.dlt_rows import STEPS, main
from benchmarks.hosting import hosted
from benchmarks.prerendered import serve_prerendered

pytestmark = pytest.mark.filterwarnings("ignore")  # dlt's own


@pytest.mark.parametrize("step", STEPS)
def test_each_step_takes_every_order(step: str) -> None:
    with hosted(serve_prerendered, 30) as (url, _):
        assert main(url, "any", step, "orders") == 30
