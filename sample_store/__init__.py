"""The sample store: a small Magento-compatible REST API with data of its own.

For the demo, the tests and the benchmarks; never part of the released package.

    shop = Shop.generate(orders=200, seed=1)
    with serve(shop) as server:
        print(server.url, shop.username, shop.password)
"""

from sample_store.faults import Fault
from sample_store.live import Changes
from sample_store.server import Request, Server, ServerOptions, serve
from sample_store.shop import Shop

__all__ = ["Changes", "Fault", "Request", "Server", "ServerOptions", "Shop", "serve"]
