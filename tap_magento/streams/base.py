"""What all streams have in common: their schema, what of it is selected, and how their rows are transformed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, ClassVar

from singer_sdk import Tap
from singer_sdk.helpers.types import Context, Record
from singer_sdk.singerlib.catalog import REPLICATION_INCREMENTAL
from typing_extensions import override

from tap_magento.exceptions import StreamUnavailableError
from tap_magento.records.prune import compile_prune
from tap_magento.runtime.progress import StreamProgress
from tap_magento.schema.selection import selected
from tap_magento.sdk import SdkStream
from tap_magento.streams.context import RunContext
from tap_magento.streams.probe import Finding


class MagentoStream(SdkStream, ABC):
    """A stream of the shop.

    Attributes:
        acl_resource: The Magento resource that the tap's role or integration needs for it.
        needs_setting: The setting without which there is no such stream.
        follows_another: Whether it is replicated as another stream is.
        is_commerce: Whether only Adobe Commerce has it: it is offered where the shop's own schema lists its path.

    Args:
        tap: The tap.
        run: What all streams of the run share.
    """

    acl_resource: ClassVar[str]
    needs_setting: ClassVar[str | None] = None
    follows_another: ClassVar[bool] = False
    is_commerce: ClassVar[bool] = False

    def __init__(self, tap: Tap, run: RunContext) -> None:
        super().__init__(tap)
        self.run = run

    @property
    def source(self) -> MagentoStream:
        """The stream whose requests its rows come with: itself, but for nested ones."""
        return self

    @property
    def raw_schema(self) -> dict[str, Any]:
        """What its rows look like as they come, as far as that is known without their EAV attributes."""
        return dict(self.schema)

    @property
    def progress(self) -> StreamProgress:
        """How far this stream has come in this run."""
        return self.run.progress.of(self.name)

    @classmethod
    def declared_name(cls) -> str:
        """Give the name that the class declares.

        Returns:
            The stream's name.
        """
        name: Any = vars(cls)["name"]
        return str(name)

    @classmethod
    def declared_replication_key(cls) -> str | None:
        """Give the replication key of the class, whatever a catalog says.

        Returns:
            Its name; None if the stream has none.
        """
        key: object = cls.replication_key  # of a class that declares none, it is the SDK's property
        return key if isinstance(key, str) else None

    @classmethod
    def declared_keys(cls) -> tuple[str, ...]:
        """Give the key of the class, whatever a catalog says.

        Returns:
            The names of its fields.
        """
        keys: Any = cls.primary_keys
        return tuple(keys)

    @cached_property
    def selected_schema(self) -> dict[str, Any]:
        """What of the rows is emitted: what is selected, and the keys."""
        whole = self.effective_schema["properties"]
        part = selected(self.effective_schema, self.mask)
        kept = {*self.required_fields(), *part["properties"]}
        properties = {name: part["properties"].get(name, node) for name, node in whole.items() if name in kept}
        return {**part, "properties": properties}

    def required_fields(self) -> set[str]:
        """Name the fields that are emitted whether they are selected or not.

        Returns:
            The keys and the replication key.
        """
        key = self.declared_replication_key()
        return {*self.declared_keys(), *self.primary_keys, *([key] if key else [])}

    @override
    def emitted(self, record: Record) -> Record:
        return self._prune(record) if self._prune else record

    @cached_property
    def _prune(self) -> Any:
        return compile_prune(self.transformed_schema, self.selected_schema)

    @property
    def transformed_schema(self) -> dict[str, Any]:
        """What the transformed rows look like; more than is emitted where another stream needs more of them."""
        return self.selected_schema

    @abstractmethod
    def probe(self) -> Finding:
        """Find out whether the stream can be read.

        Returns:
            What was found.
        """

    @override
    def on_state(self) -> None:
        self.run.cadence.add_state(self.state_bytes)

    @contextmanager
    def saving_state(self) -> Iterator[None]:
        """Write the state when the run fails inside the block, or is told to end."""
        try:
            yield
        except GeneratorExit:
            raise
        except BaseException:
            self.write_state()
            raise

    def reading_rows(self, rows: Iterator[Record]) -> Iterator[Record]:
        """Read the stream; without the permission or the module for it, leave it out, and the others alone.

        Args:
            rows: The rows to read.

        Yields:
            The same rows.

        Raises:
            StreamUnavailableError: If what is missing was there in the middle of the stream.
        """
        self.is_reading = True
        try:
            yield from rows
        except StreamUnavailableError as error:
            if self.progress.rows:
                raise
            self.run.unavailable.note(self.name, error)
            self.abandon_version()
        finally:
            self.is_reading = False

    @property
    def is_incremental(self) -> bool:
        """Whether the stream is read by its replication key."""
        return bool(self.replication_method == REPLICATION_INCREMENTAL)

    @override
    def generate_child_contexts(self, record: Record, context: Context | None) -> Iterator[Context | None]:
        """Give no context: nested streams are read with their parent, and there are no others (`TapMagento`)."""
        yield from ()

    @override
    def log_sync_costs(self) -> None:
        """Log what the run has done; the SDK calls each stream at the end, the first one logs for all."""
        self.log_record_count()
        self.run.progress.finish()
