"""The shop as a source of dlt: a resource a stream, all read in one run of the tap."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import dlt

from tap_magento.dlt_source.columns import columns_of
from tap_magento.dlt_source.embedded import Batch, EmbeddedTap
from tap_magento.dlt_source.nested_values import FORMS, Form
from tap_magento.exceptions import MissingAccessError
from tap_magento.streams import hidden_streams
from tap_magento.streams.base import MagentoStream

_logger = logging.getLogger("tap-magento")

# dlt has its own ways to the same; rows under other names than the resources' would go nowhere.
_OF_SINGER = ("stream_maps", "stream_map_config", "flattening_enabled", "emit_activate_version_messages")
# Arguments of `magento` that are no settings of the tap.
_NO_SETTINGS = ("settings", "nested_values")
_BOOKMARK = "bookmark"
# The resource that all others take their rows from: what limits the run is set there.
_RUN = "tap_run"


@dlt.source(name="magento", max_table_nesting=0)
def magento(  # noqa: PLR0913  the settings that a shop cannot be read without
    store_url: str = dlt.config.value,
    *,
    username: str | None = None,
    password: dlt.TSecretStrValue | None = None,
    totp_secret: dlt.TSecretStrValue | None = None,
    access_token: dlt.TSecretStrValue | None = None,
    access_token_secret: dlt.TSecretStrValue | None = None,
    consumer_key: dlt.TSecretStrValue | None = None,
    consumer_secret: dlt.TSecretStrValue | None = None,
    client_id: str | None = None,
    client_secret: dlt.TSecretStrValue | None = None,
    ims_org_id: str | None = None,
    settings: dict[str, Any] | None = None,
    nested_values: Form = "text",
) -> Any:
    """Read a Magento shop: a table a stream, merged by its key; a run reads what changed since the last one.

    Args:
        store_url: URL of the shop.
        username: Authentication method `password`: the account's name.
        password: Its password.
        totp_secret: Its secret for two-factor authentication.
        access_token: Methods `token` and `oauth1`: the integration's token.
        access_token_secret: Method `oauth1`: the secret of the token.
        consumer_key: Method `oauth1`: the integration's key.
        consumer_secret: Method `oauth1`: the secret of the key.
        client_id: Method `ims`: the credential's ID.
        client_secret: Method `ims`: the credential's secret.
        ims_org_id: Method `ims`: the organization's ID.
        settings: All other settings of the tap by name.
        nested_values: How objects and arrays stand in the rows that `add_map` and `add_filter` get: `text` as JSON,
            `objects` as Python objects, which take more time. Tables are the same.

    Returns:
        The resources; `with_resources("orders", "order_items")` chooses among them.

    Raises:
        ConfigurationError: If a setting is wrong.
    """
    given = {name: value for name, value in locals().items() if name not in _NO_SETTINGS and value is not None}
    return resources_of({**(settings or {}), **given}, nested_values)


def resources_of(config: Mapping[str, Any], nested_values: Form = "text") -> Iterator[Any]:
    """Make the resources of a shop.

    Args:
        config: The tap's settings.
        nested_values: As of `magento`.

    Yields:
        The run of the tap, and a resource for each stream. Those that the shop does not show to these credentials are
        not selected, and whoever selects them is told what they need.

    Raises:
        ValueError: If a setting is given that is of no use with dlt, or `nested_values` is none of its forms.
    """
    for name in _OF_SINGER:
        if config.get(name):
            raise ValueError(f"`{name}` is of no use with dlt: use add_map, add_filter or apply_hints of its resources")
    if nested_values not in FORMS:
        raise ValueError(f"`nested_values` is none of {', '.join(FORMS)}")
    described = EmbeddedTap(config=config)
    unused = [described]

    @dlt.resource(name=_RUN, selected=False)
    def run() -> Iterator[Batch | None]:
        """Run the tap once for all resources that are selected."""
        tap = unused.pop() if unused else EmbeddedTap(config=config)
        tap.message_writer.nested = FORMS[nested_values]
        streams = {stream.name for stream in tap.magento_streams}
        states = {name: dlt.current.resource_state(name) for name in streams}
        bookmarks = {name: state[_BOOKMARK] for name, state in states.items() if _BOOKMARK in state}
        selected = streams & dlt.current.source().selected_resources.keys()
        for batch in tap.batches(selected, bookmarks):
            yield batch
            yield from _until_taken(batch, len(selected))
            for name, bookmark in (batch.bookmarks or {}).items():
                states[name][_BOOKMARK] = bookmark

    yield run
    for stream in described.magento_streams:
        yield _table(stream, run)
    is_fatal = config.get("on_missing_access") != "skip"
    for name, place in hidden_streams(config, {stream.name for stream in described.magento_streams}).items():
        yield _hidden(name, place, is_fatal=is_fatal)


def _until_taken(batch: Batch, resources: int) -> Iterator[None]:
    """Put dlt off, which asks for up to twenty more batches while it offers one to the resources, one after the other.

    Args:
        batch: A batch.
        resources: How many resources it is offered to.

    Yields:
        None, for which dlt goes on with what it has.
    """
    for _ in range(resources):
        if batch.is_taken:
            return
        yield None


def _hidden(name: str, place: str, *, is_fatal: bool) -> Any:
    def rows() -> Iterator[list[dict[str, Any]]]:
        problem = f"{name}: the shop does not show it to these credentials: it needs {place}, and its module"
        if is_fatal:
            raise MissingAccessError(problem, place)
        _logger.warning("%s; left out, as `on_missing_access` is `skip`", problem)
        yield from ()

    return dlt.resource(rows, name=name, selected=False)


def _table(stream: MagentoStream, run: Any) -> Any:
    def rows(batch: Batch) -> list[dict[str, Any]] | None:
        return batch.take(stream.name)

    return dlt.transformer(
        rows,
        data_from=run,
        name=stream.name,
        primary_key=list(stream.primary_keys),
        write_disposition="merge",
        selected=stream.selected_by_default,
        columns=columns_of(stream.schema, tuple(stream.primary_keys)),
    )
