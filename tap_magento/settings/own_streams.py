"""The setting `streams`: lists of the shop's own modules, read like the tap's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from singer_sdk import typing as th

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_PATH = re.compile(r"(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+")
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

OWN_STREAMS = (
    th.Property(
        "streams",
        th.ArrayType(
            th.ObjectType(
                *(
                    th.Property(name, th.StringType(nullable=False), required=True)
                    for name in ("name", "path", "key_field", "key_column")
                ),
                *(th.Property(name, th.StringType(nullable=False)) for name in ("replication_key", "items")),
                additional_properties=False,
                nullable=False,
            ),
            nullable=False,
        ),
        title="Streams",
        description=(
            "Additional streams, for lists of your own modules that take search criteria. `name`: the stream. `path`: "
            "the endpoint after `/V1`. `key_field`: the field of a row that identifies it. `key_column`: the same as "
            "the endpoint filters and sorts by it. `replication_key`: `updated_at`, if the endpoint can filter by it. "
            "`items`: the field of the response that contains the rows, if it is not `items`."
        ),
        examples=[[{"name": "subscriptions", "path": "/acme/subscriptions", "key_field": "id", "key_column": "id"}]],
    ),
)


def own_stream_problems(config: Mapping[str, Any]) -> Iterator[str]:
    """Tell what is wrong with the streams of one's own.

    Args:
        config: The settings, of the right types.

    Yields:
        A sentence for each problem.
    """
    streams = config.get("streams", ())
    for position, stream in enumerate(streams, 1):
        if not _NAME.fullmatch(stream["name"]):
            yield f"`name` of entry {position} of `streams` must be lower-case letters, digits and underscores"
        if not _PATH.fullmatch(stream["path"]) or re.match("/(rest|V1)/", stream["path"]):
            yield f"`path` of entry {position} of `streams` must be what follows `/V1`, such as `/acme/subscriptions`"
        for name in ("key_field", "key_column", "replication_key", "items"):
            if name in stream and not _FIELD.fullmatch(stream[name]):
                yield f"`{name}` of entry {position} of `streams` must be the name of a field"
    if len({stream["name"] for stream in streams}) < len(streams):
        yield "`streams` has two entries of the same name"
