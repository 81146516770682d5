"""Contestants that take turns: a machine may be twice as fast a second later, so what is compared runs side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from benchmarks.programs import Usage


@dataclass(frozen=True, slots=True)
class Turn:
    """What a contestant took in one round.

    Attributes:
        usage: What it took.
        beside: What the reference took, the mean of right before and right after.
    """

    usage: Usage
    beside: Usage


#: Turns by contestant, one a round.
Rounds = Mapping[str, Sequence[Turn]]


def in_turns(contestants: Mapping[str, Callable[[], Usage]], reference: Callable[[], Usage], rounds: int) -> Rounds:
    """Run all contestants, each between two runs of a reference, then all of them again.

    Args:
        contestants: What to run, by name.
        reference: What they are compared with.
        rounds: How often.

    Returns:
        What each took in each round.
    """
    taken: dict[str, list[Turn]] = {name: [] for name in contestants}
    before = reference()
    for _ in range(rounds):
        for name, contestant in contestants.items():
            usage, after = contestant(), reference()
            taken[name].append(Turn(usage, _mean(before, after)))
            before = after
    return taken


def share(turns: Sequence[Turn]) -> float:
    """Tell how much of a contestant's processor time the reference takes.

    Args:
        turns: The contestant's turns.

    Returns:
        The median of the rounds' ratios.
    """
    return median(turn.beside.cpu / turn.usage.cpu for turn in turns)


def _mean(one: Usage, other: Usage) -> Usage:
    return Usage(fmean((one.cpu, other.cpu)), fmean((one.wall, other.wall)), max(one.peak, other.peak))
