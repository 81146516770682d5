"""What all streams of a run share."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tap_magento.http.client import Client
from tap_magento.reading.shards import Shard
from tap_magento.runtime.cadence import StateCadence
from tap_magento.runtime.progress import Progress
from tap_magento.runtime.shutdown import Shutdown
from tap_magento.runtime.unavailable import UnavailableStreams
from tap_magento.schema.discovery import Discovery


class DeletionWriter(Protocol):
    """Writes deletions; see `tap_magento.streams.deletions.Deletions`."""

    def write(
        self, stream: str, key: int, *, noticed_at: str, last_known_at: str | None, restored_at: str | None = None
    ) -> None:
        """Write a deletion, or that the row has come back."""


@dataclass(slots=True)
class RunContext:
    """What all streams of a run share.

    Attributes:
        config: The tap's settings.
        client: Sends the requests.
        discovery: What the shop says of its rows.
        catalog_discovery: What is said of rows that a catalog describes: nothing is requested for them.
        in_catalog: The names of the streams that the catalog describes.
        progress: How far the run has come, for a person.
        shutdown: Ends the run when it is told to.
        unavailable: The streams that cannot be read.
        cadence: How often states are written.
        audit_retry_seconds: How long requests of audits are retried; not at all after an outage of that time.
        shard: The part of each list that is read; None reads all.
        lists: The streams of the run by their names.
        declared: The classes of all streams by their names, whatever a catalog offers.
        deletions: Where audits write deletions; None as long as there is no such stream.
    """

    config: Mapping[str, Any]
    client: Client
    discovery: Discovery
    progress: Progress
    shutdown: Shutdown
    unavailable: UnavailableStreams
    cadence: StateCadence
    catalog_discovery: Discovery
    in_catalog: Collection[str] = ()
    # The next run audits again: an outage need not be waited out.
    audit_retry_seconds: float = 60.0
    shard: Shard | None = None
    lists: Mapping[str, object] = field(default_factory=dict)
    declared: Mapping[str, type] = field(default_factory=dict)
    deletions: DeletionWriter | None = None

    def discovery_of(self, stream: str) -> Discovery:
        """Give what describes a stream's rows.

        Args:
            stream: The stream's name.

        Returns:
            What the shop says, unless a catalog says it already. A catalog may have a nested stream without its parent.
        """
        return self.catalog_discovery if stream in self.in_catalog else self.discovery
