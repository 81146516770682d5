"""`python -m benchmarks`: measure, print the tables, write benchmarks/RESULTS.md."""

from __future__ import annotations

import argparse
import sys

from benchmarks import adapters, audit, cpu, depth, floor, kills, loaders, shards, startup, workers
from benchmarks.report import save
from benchmarks.scale import Scale

_BENCHMARKS = {
    "floor": floor.run,
    "workers": workers.run,
    "kills": kills.run,
    "depth": depth.run,
    "cpu": cpu.run,
    "audit": audit.run,
    "shards": shards.run,
    "startup": startup.run,
    "adapters": adapters.run,
    "loaders": loaders.run,
}


def main(arguments: list[str]) -> None:
    """Run benchmarks.

    Args:
        arguments: The command line, without the program's name.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"which: {', '.join(_BENCHMARKS)}; all if none")
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--quick", action="store_const", dest="scale", const=Scale.QUICK, help="a look; writes nothing")
    amount.add_argument(
        "--full",
        action="store_const",
        dest="scale",
        const=Scale.FULL,
        help="depth: more",
    )
    options = parser.parse_args(arguments)
    unknown = set(options.names) - _BENCHMARKS.keys()
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    scale = options.scale or Scale.USUAL
    for name in options.names or _BENCHMARKS:
        command = f"python -m benchmarks {name}{' --full' if scale is Scale.FULL else ''}"
        text = _BENCHMARKS[name](scale).text(command)
        print(text, flush=True)
        if scale is not Scale.QUICK:
            save([text])


if __name__ == "__main__":
    main(sys.argv[1:])
