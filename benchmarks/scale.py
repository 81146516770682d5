"""How much a benchmark does."""

from __future__ import annotations

from enum import Enum


class Scale(Enum):
    """How much a benchmark does: a quick look, what results are made of, or all there is."""

    QUICK = "quick"
    USUAL = "usual"
    FULL = "full"

    def of(self, *, quick: int, usual: int, full: int | None = None) -> int:
        """Choose a number.

        Args:
            quick: For a quick look.
            usual: As results are made.
            full: For all there is; as usual if None.

        Returns:
            The number for this scale.
        """
        if self is Scale.QUICK:
            return quick
        return full if self is Scale.FULL and full is not None else usual
