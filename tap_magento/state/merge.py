"""Merges the states of the shards of a first sync into one: `tap-magento-merge-states FILE... > state.json`."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

import click
from singer_sdk.exceptions import ConfigurationError

from tap_magento.reading.ledger import DamagedLedgerError, Ledger
from tap_magento.settings.files import read_text
from tap_magento.state.state_file import parse_state
from tap_magento.timestamps import from_rfc3339

State = Mapping[str, Any]

# When something began: the earliest of the shards counts, as what changed since is read by the increments.
_EARLIEST = ("replication_key_value", "complete_at")
_OF_A_SHARD = ("shard", "backfill")
_PROGRESS = ("replication_key_value", "backfill", "full_table")


@dataclass(frozen=True, order=True, slots=True)
class _Shard:
    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


class _Part(NamedTuple):
    """What one state has of one stream."""

    name: str
    shard: _Shard
    is_finished: bool
    state: State


def merge(states: Mapping[str, State]) -> dict[str, Any]:
    """Merge the states of all shards.

    Args:
        states: The states by the names of their files; their order does not matter.

    Returns:
        The state to continue with, without shards.

    Raises:
        ConfigurationError: If a shard is unfinished, missing, there twice, or of another number of shards.
    """
    parts = {name: dict(_parts(name, state)) for name, state in states.items()}
    names = _complete({name: _shard_of(name, found.values()) for name, found in parts.items()})
    streams: dict[str, list[_Part]] = defaultdict(list)
    for name in names:
        for stream, part in parts[name].items():
            streams[stream].append(part)
    return {
        "bookmarks": {
            stream: _merged([part.state for part in found])
            for stream, found in sorted(streams.items())
            if _is_read(stream, found, names)
        }
    }


def _parts(name: str, state: State) -> Iterator[tuple[str, _Part]]:
    """Find the streams of a state that shards read; a list that is read in each store view has a part for each."""
    for stream, content in (state.get("bookmarks") or {}).items():
        contexts = [content, *(content.get("partitions") or ())] if isinstance(content, dict) else []
        markers = [each["shard"] for each in contexts if isinstance(each, dict) and each.get("shard")]
        if not markers:
            continue
        try:
            found = {_Shard(int(marker["number"]), int(marker["count"])) for marker in markers}
            finished = all(marker["finished"] for marker in markers)
            (shard,) = found
        except (KeyError, TypeError, ValueError):
            raise ConfigurationError(f"{name}: the state of '{stream}' is not what a run with `shard` wrote") from None
        yield stream, _Part(name, shard, finished, content)


def _shard_of(name: str, parts: Iterable[_Part]) -> _Shard:
    """Tell which shard a state is of; lists that are not cut into shards are there as 1/1."""
    found = {part.shard for part in parts}
    of_several = {shard for shard in found if shard.count > 1} or found
    if len(of_several) != 1:
        raise ConfigurationError(f"{name} is not the state of one shard: give the states that runs with `shard` wrote")
    return of_several.pop()


def _complete(shards: Mapping[str, _Shard]) -> Sequence[str]:
    """Check that all shards are there, and give their names in the order of their numbers."""
    counts = sorted({shard.count for shard in shards.values()})
    if len(counts) != 1:
        raise ConfigurationError(f"the states are of different numbers of shards: {', '.join(map(str, counts))}")
    numbers = sorted(shards.values())
    twice = sorted({shard for shard in numbers if numbers.count(shard) > 1})
    if twice:
        raise ConfigurationError(f"these shards are there twice: {', '.join(map(str, twice))}")
    absent = [shard for number in range(1, counts[0] + 1) if (shard := _Shard(number, counts[0])) not in numbers]
    if absent:
        raise ConfigurationError(f"these shards are missing: {', '.join(map(str, absent))}")
    return sorted(shards, key=lambda name: shards[name])


def _is_read(stream: str, parts: Sequence[_Part], names: Sequence[str]) -> bool:
    """Tell whether a stream has been read by all shards, or by none: that could not be read, and is left out."""
    if not any(part.is_finished or _has_progress(part.state) for part in parts):
        return False
    there = {part.name: part.is_finished for part in parts}
    wanted = names if parts[0].shard.count > 1 else names[:1]
    for name in wanted:
        if not there.get(name):
            raise ConfigurationError(f"{name}: '{stream}' is not finished: run this shard again with its state")
    return True


def _has_progress(state: State) -> bool:
    contexts = [state, *(state.get("partitions") or ())]
    return any(context.get(name) for context in contexts for name in _PROGRESS)


def _merged(parts: Sequence[State]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for part in parts:
        merged = {**part, **merged}
    for name in _EARLIEST:
        values = [part[name] for part in parts if part.get(name) is not None]
        if values:
            merged[name] = min(values, key=_moment)
    quarantined = {key for part in parts for key in part.get("quarantined") or ()}
    if "quarantined" in merged:
        merged["quarantined"] = sorted(quarantined, key=lambda key: (isinstance(key, str), key))
    ledgers = [part["ledger"] for part in parts if part.get("ledger")]
    if ledgers:
        if len({ledger.get("since") for ledger in ledgers}) > 1:
            raise ConfigurationError(
                "the shards were read with different settings `start_date`: read them again with one"
            )
        merged["ledger"] = {**ledgers[0], "keys": _united([ledger.get("keys") for ledger in ledgers])}
    if opened := [part["open"] for part in parts if part.get("open")]:
        merged["open"] = _united(opened)
    if "partitions" in merged:
        merged["partitions"] = [_without_shard(partition) for partition in merged["partitions"]]
    return _without_shard(merged)


def _moment(text: str) -> Any:
    try:
        return from_rfc3339(text)
    except (TypeError, ValueError):
        raise ConfigurationError(f"a state has a bookmark that is no timestamp: {text}") from None


def _united(ledgers: Sequence[object]) -> str:
    try:
        return reduce(or_, map(Ledger.decode, ledgers)).encode()
    except DamagedLedgerError:
        raise ConfigurationError("a ledger in the states is damaged: run its shard again without a state") from None


def _without_shard(state: State) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name not in _OF_A_SHARD}


@click.command(help="Merge the states of all shards of a first sync; the merged state goes to stdout.")
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False))
def main(files: Sequence[str]) -> None:
    """Merge the states in files.

    Args:
        files: The files, one a shard.
    """
    try:
        states = {}
        for name in files:
            states[name], notes = parse_state(read_text(name, "state file"), name)
            for note in notes:
                click.echo(note, err=True)
        click.echo(json.dumps(merge(states)))
    except ConfigurationError as error:
        click.echo(error, err=True)
        sys.exit(1)
