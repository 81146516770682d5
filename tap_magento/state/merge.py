"""Merges the states of the shards of a first sync into one: `tap-magento-merge-states FILE... > state.json`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

import click
from singer_sdk.exceptions import ConfigurationError

from tap_magento.reading.ledger import DamagedLedgerError, Ledger
from tap_magento.settings.files import read_text
from tap_magento.state.state_file import parse_state

State = Mapping[str, Any]

# When something began: the earliest of the shards counts, as what changed since is read by the increments.
_EARLIEST = ("replication_key_value", "complete_at")
_LISTS = ("quarantined", "set_aside", "named")
_OF_A_SHARD = ("shard", "backfill")


def merge(states: Mapping[str, State]) -> dict[str, Any]:
    """Merge the states of all shards.

    Args:
        states: The states by the names of their files; their order does not matter.

    Returns:
        The state to continue with, without shards.

    Raises:
        ConfigurationError: If a shard is unfinished, missing, there twice, or of another number of shards.
    """
    shards = {name: _shard_of(name, state) for name, state in states.items()}
    _check_complete(shards)
    streams = sorted({stream for state in states.values() for stream in state["bookmarks"]})
    ordered = [states[name] for name in sorted(states, key=lambda name: shards[name])]
    return {
        "bookmarks": {
            stream: _merged([state["bookmarks"][stream] for state in ordered if stream in state["bookmarks"]])
            for stream in streams
        }
    }


def _shard_of(name: str, state: State) -> tuple[int, int]:
    """Tell which shard a state is of; each stream of it is finished."""
    found = set()
    for stream, part in state.get("bookmarks", {}).items():
        shard = part.get("shard")
        if not shard:
            continue
        if not shard.get("finished"):
            raise ConfigurationError(f"{name}: '{stream}' is not finished: run the shard again with this state")
        found.add((shard["number"], shard["count"]))
    if len(found) != 1:
        raise ConfigurationError(f"{name} is not the state of one shard: give the states that runs with `shard` wrote")
    return found.pop()


def _check_complete(shards: Mapping[str, tuple[int, int]]) -> None:
    counts = {count for _, count in shards.values()}
    if len(counts) != 1:
        raise ConfigurationError(
            f"the states are of different numbers of shards: {', '.join(map(str, sorted(counts)))}"
        )
    (count,) = counts
    numbers = sorted(number for number, _ in shards.values())
    twice = sorted({number for number in numbers if numbers.count(number) > 1})
    if twice:
        raise ConfigurationError(f"these shards are there twice: {', '.join(f'{each}/{count}' for each in twice)}")
    absent = [f"{number}/{count}" for number in range(1, count + 1) if number not in numbers]
    if absent:
        raise ConfigurationError(f"these shards are missing: {', '.join(absent)}")


def _merged(parts: Sequence[State]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for part in parts:
        merged = {**part, **merged}
    for name in _EARLIEST:
        values = [part[name] for part in parts if part.get(name) is not None]
        if values:
            merged[name] = min(values)
    for name in _LISTS:
        keys = {key for part in parts for key in part.get(name) or ()}
        if name in merged:
            merged[name] = sorted(keys, key=str)
    ledgers = [part["ledger"] for part in parts if part.get("ledger")]
    if ledgers:
        merged["ledger"] = {**ledgers[0], "keys": _united([ledger.get("keys") for ledger in ledgers])}
    opened = [part["open"] for part in parts if part.get("open")]
    if opened:
        merged["open"] = _united(opened)
    return {name: value for name, value in merged.items() if name not in _OF_A_SHARD}


def _united(ledgers: Sequence[object]) -> str:
    try:
        return reduce(or_, map(Ledger.decode, ledgers)).encode()
    except DamagedLedgerError:
        raise ConfigurationError("a ledger in the states is damaged: run its shard again without a state") from None


@click.command(help="Merge the states of all shards of a first sync; the merged state goes to stdout.")
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False))
def main(files: Sequence[str]) -> None:
    """Merge the states in files.

    Args:
        files: The files, one a shard.
    """
    try:
        states = {name: parse_state(read_text(name, "state file"), name)[0] for name in files}
        sys.stdout.write(json.dumps(merge(states)) + "\n")
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
