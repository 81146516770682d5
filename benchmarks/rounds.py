"""Contestants run in turns, so that a machine that is now faster, now slower is so for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from benchmarks.programs import Usage

#: Usages by contestant, one a round.
Rounds = Mapping[str, Sequence[Usage]]


def in_turns(contestants: Mapping[str, Callable[[], Usage]], rounds: int) -> Rounds:
    """Run all contestants, then all of them again.

    Args:
        contestants: What to run, by name.
        rounds: How often.

    Returns:
        What each took in each round.
    """
    taken: dict[str, list[Usage]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            taken[name].append(contestant())
    return taken


def ratio(over: Sequence[float], under: Sequence[float]) -> float:
    """Divide round by round.

    Args:
        over: One value a round.
        under: One value a round.

    Returns:
        The median of the rounds' ratios.
    """
    return median(a / b for a, b in zip(over, under, strict=True))
