"""`python -m sample_store`: a shop to try things on."""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from pathlib import Path

from sample_store.server import serve
from sample_store.shop import Shop

_HELP = """\
{url}  (user {username}, password {password})

TOKEN=$(curl -s {url}/rest/all/V1/integration/admin/token -H 'Content-Type: application/json' \\
  -d '{{"username": "{username}", "password": "{password}"}}' | tr -d '"')
curl -s -H "Authorization: Bearer $TOKEN" '{url}/rest/all/V1/orders?searchCriteria%5BpageSize%5D=1'
curl -s -H "Authorization: Bearer $TOKEN" '{url}/rest/all/schema?services=salesOrderRepositoryV1'
curl -s -X POST '{url}/_store/live?seed=1'    # let the shop live on
curl -s -X POST '{url}/_store/unseen?seed=1'  # change what updated_at does not tell: deletions, imports, comments
curl -s -X POST {url}/_store/faults -d '[{{"kind": "hidden_rows", "entity": "orders", "times": null}}]'
curl -s {url}/_store/revenue                  # what it sold, by day
"""


def main(arguments: list[str] | None = None) -> None:
    """Serve a shop until interrupted.

    Args:
        arguments: The command line, without the program's name; the process's own if None.
    """
    parser = argparse.ArgumentParser(prog="python -m sample_store", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on loopback; any free one if 0")
    parser.add_argument("--orders", type=int, default=200, help="orders to generate")
    parser.add_argument("--seed", type=int, default=1, help="what decides about the shop")
    parser.add_argument("--recorded", type=Path, help="serve the rows recorded in this folder")
    parser.add_argument("--module", action="store_true", help="with a third-party module at work in it")
    parser.add_argument("--live-every", type=float, help="seconds between changes of the shop")
    parser.add_argument("--unseen", action="store_true", help="with changes that updated_at does not tell")
    options = parser.parse_args(arguments)
    recorded = options.recorded
    shop = Shop.recorded(recorded) if recorded else Shop.generate(options.orders, options.seed, module=options.module)
    with serve(shop, options.port) as server:
        about = {"url": server.url, "username": shop.username, "password": shop.password}
        sys.stdout.write(_HELP.format(**about))
        sys.stdout.flush()
        try:
            for seed in itertools.count(options.seed):
                time.sleep(options.live_every or 3600)
                if options.live_every:
                    sys.stdout.write(f"{shop.live(seed)}\n")
                    if options.unseen:
                        done = (f"{count} {kind}" for kind, count in shop.unseen(seed).items() if count)
                        sys.stdout.write(f"{', '.join(done).replace('_', ' ')}\n")
                    sys.stdout.flush()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
