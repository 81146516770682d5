"""The streams, one module a domain."""

import logging
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from singer_sdk import Tap

from tap_magento.exceptions import MagentoError
from tap_magento.http.acl import place_of
from tap_magento.schema.selection import has_field
from tap_magento.streams import (
    catalog,
    commerce,
    content,
    customers,
    deletions,
    inventory,
    marketing,
    orders,
    prices,
    products,
    sales,
    stores,
    tax,
)
from tap_magento.streams.base import MagentoStream
from tap_magento.streams.configured import ConfiguredStream, configured_streams
from tap_magento.streams.context import RunContext
from tap_magento.streams.nested import NestedStream

_logger = logging.getLogger("tap-magento")

#: The domains, in the order of the documentation.
DOMAINS = {
    "Orders": orders,
    "Sales": sales,
    "Customers": customers,
    "Products": products,
    "Catalog": catalog,
    "Prices": prices,
    "Inventory": inventory,
    "Marketing": marketing,
    "Tax": tax,
    "Content": content,
    "Stores": stores,
    "Adobe Commerce": commerce,
    "Audit": deletions,
}

#: All streams, in the order of the documentation; parents before their nested streams.
STREAMS: tuple[type[MagentoStream], ...] = tuple(
    declared
    for module in DOMAINS.values()
    for declared in vars(module).values()
    if isinstance(declared, type) and issubclass(declared, MagentoStream) and declared.__module__ == module.__name__
)


def declared_streams(config: Mapping[str, Any]) -> tuple[type[MagentoStream], ...]:
    """Give all streams that there are with some settings.

    Args:
        config: The settings.

    Returns:
        The tap's own streams, and those of the setting `streams`.
    """
    return (*STREAMS, *configured_streams(config))


def make_streams(tap: Tap, run: RunContext, catalog_streams: Collection[str] | None = None) -> Iterator[MagentoStream]:
    """Make the streams that the settings, and the shop as far as it is known, offer.

    Args:
        tap: The tap.
        run: What all streams of the run share.
        catalog_streams: The names of the streams in the catalog that the run goes by; None if there is none.

    Yields:
        The streams, parents before their nested streams.

    Raises:
        MagentoError: If a stream of the setting `streams` is named as another.
        TypeError: If a stream names a parent but is no nested stream: the rows of a parent start no requests.
    """
    made: dict[type, MagentoStream] = {}
    _check_kept_fields(run.config)
    left_out: list[type[MagentoStream]] = []
    names = {stream.declared_name() for stream in STREAMS}
    for stream in declared_streams(run.config):
        if issubclass(stream, ConfiguredStream) and stream.declared_name() in names:
            raise MagentoError(f"`streams`: the tap has a stream '{stream.declared_name()}': give yours another name")
        parent = stream.parent_stream_type
        if parent is None and not _is_offered(stream, run, catalog_streams):
            left_out.append(stream)
        elif parent is None:
            made[stream] = stream(tap, run)
        elif not issubclass(stream, NestedStream):
            raise TypeError(f"{stream.__name__} has a parent, but is no NestedStream")
        elif parent in made and stream.is_in(made[parent]):
            made[stream] = stream(tap, run, made[parent])
        if stream in made:
            yield made[stream]
    if catalog_streams is None:
        _log_left_out([stream for stream in left_out if not (stream.is_commerce or stream.needs_setting)])
        _warn_of_unknown_kept_fields(run, made.values())


def _check_kept_fields(config: Mapping[str, Any]) -> None:
    """Reject fields to keep that no stream could find: nested rows are protected where their parent's are."""
    with_rows = {each.declared_name() for each in declared_streams(config) if each.parent_stream_type is None}
    for field in config.get("personal_data_keep") or ():
        if field.partition(".")[0] not in with_rows:
            raise MagentoError(
                f"`personal_data_keep`: no stream has a field '{field}'. Name a field of a nested stream as its "
                "parent has it, for example `orders.billing_address.postcode`"
            )


def _warn_of_unknown_kept_fields(run: RunContext, streams: Collection[MagentoStream]) -> None:
    """Name the fields to keep that the shop does not have: they may be misspelt, or have gone with a module."""
    by_name = {stream.name: stream for stream in streams}
    for field in run.config.get("personal_data_keep") or ():
        name, *path = field.split(".")
        is_known = name not in by_name or has_field(by_name[name].schema, path)
        if not is_known and not run.discovery.is_incomplete:
            _logger.warning("`personal_data_keep`: '%s' has no field '%s'. Check its spelling", name, ".".join(path))


def _is_offered(stream: type[MagentoStream], run: RunContext, catalog_streams: Collection[str] | None) -> bool:
    if stream.needs_setting and not run.config.get(stream.needs_setting):
        return False
    if catalog_streams is not None:
        nested = (each for each in STREAMS if each.parent_stream_type is stream)
        return any(each.declared_name() in catalog_streams for each in (stream, *nested))
    if issubclass(stream, ConfiguredStream):
        return True
    path = getattr(stream, "path", None)
    offered = None if path is None else run.discovery.offers(str(path))
    return not stream.is_commerce if offered is None else offered


def hidden_streams(config: Mapping[str, Any], offered: Collection[str]) -> dict[str, str]:
    """Tell which streams a shop of any edition has, but does not show to these credentials.

    Args:
        config: The settings.
        offered: The names of the streams that `make_streams` made.

    Returns:
        The names of the others to the permissions that they need; streams of Adobe Commerce, and those that a setting
        adds, are left out.
    """
    hidden: dict[type, str] = {}
    for stream in STREAMS:
        parent: Any = stream.parent_stream_type
        if stream.declared_name() in offered or stream.is_commerce:
            continue
        if parent in hidden:
            hidden[stream] = hidden[parent]
        elif parent is None and not (stream.needs_setting and not config.get(stream.needs_setting)):
            hidden[stream] = place_of(stream.acl_resource)
    return {stream.declared_name(): place for stream, place in hidden.items()}  # type: ignore[attr-defined]


def _log_left_out(streams: Collection[type[MagentoStream]]) -> None:
    """Name the streams that these credentials may not read, and the permissions that they need."""
    if not streams:
        return
    names = ", ".join(stream.declared_name() for stream in streams)
    places = "; ".join(dict.fromkeys(place_of(stream.acl_resource) for stream in streams))
    _logger.info("Not offered, as the shop does not show them to these credentials: %s. They need: %s", names, places)
