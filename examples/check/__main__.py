"""Run an example for real.

python -m examples.check shells|airflow|dagster [ORDERS [SHARDS]]   a shop in shards, one killed, then what changed
python -m examples.check alerts                                     what Airflow tells a person of
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

from examples.check.alerts import check_alerts
from examples.check.engines import ENGINES
from examples.check.sync import check_sync

_ORDERS = 10_000
_SHARDS = 8


def main(arguments: Sequence[str]) -> int:
    """Run an example and compare what it did with what it should do.

    Args:
        arguments: Of the command line.

    Returns:
        The exit code: 0 if all was as it should be.
    """
    # So that everything that was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    match arguments:
        case ["alerts"]:
            return int(not check_alerts())
        case [name, *numbers] if name in ENGINES and len(numbers) <= 2 and all(map(str.isdecimal, numbers)):  # noqa: PLR2004  how many and into how many
            orders, shards = [*map(int, numbers), *(_ORDERS, _SHARDS)[len(numbers) :]]
            return int(not check_sync(name, orders, shards))
        case _:
            print(__doc__)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
