"""The streams, one module a domain."""

from collections.abc import Iterator

from singer_sdk import Tap

from tap_magento.streams import catalog, sales, stores
from tap_magento.streams.base import MagentoStream
from tap_magento.streams.context import RunContext
from tap_magento.streams.nested import NestedStream

#: All streams, in the order of the documentation; parents before their nested streams.
STREAMS: tuple[type[MagentoStream], ...] = (
    sales.Orders,
    sales.OrderItems,
    sales.Invoices,
    catalog.Products,
    catalog.Categories,
    catalog.ProductAttributes,
    catalog.AttributeOptions,
    catalog.ProductStoreValues,
    catalog.CategoryStoreValues,
    stores.Websites,
    stores.StoreGroups,
    stores.StoreViews,
    stores.StoreConfigs,
)


def make_streams(tap: Tap, run: RunContext) -> Iterator[MagentoStream]:
    """Make the streams that the settings offer.

    Args:
        tap: The tap.
        run: What all streams of the run share.

    Yields:
        The streams.

    Raises:
        TypeError: If a stream names a parent but is no nested stream: the rows of a parent start no requests.
    """
    made: dict[type, MagentoStream] = {}
    for stream in STREAMS:
        if stream.needs_setting and not run.config.get(stream.needs_setting):
            continue
        parent = stream.parent_stream_type
        if parent is None:
            made[stream] = stream(tap, run)
        elif issubclass(stream, NestedStream):
            made[stream] = stream(tap, run, made[parent])
        else:
            raise TypeError(f"{stream.__name__} has a parent, but is no NestedStream")
        yield made[stream]
