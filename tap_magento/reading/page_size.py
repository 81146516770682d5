"""How many rows of a list to request at once: learned from what the shop can serve."""

from __future__ import annotations


class PageSize:
    """How many rows of one list to request at once, between 1 and what the settings allow.

    Args:
        maximum: Rows, at most.
        seconds: How long a page may take.
    """

    def __init__(self, maximum: int, seconds: float = 5.0) -> None:
        self._maximum = maximum
        self._seconds = seconds
        self._rows = maximum
        self._seconds_per_row: float | None = None

    @property
    def rows(self) -> int:
        """Rows to request now."""
        return self._rows

    @property
    def maximum(self) -> int:
        """Rows to request at most."""
        return self._maximum

    @property
    def seconds_per_row(self) -> float | None:
        """How long the shop took for a row of the last page; None as long as there was none."""
        return self._seconds_per_row

    def on_page(self, rows: int, seconds: float) -> None:
        """Learn from a page.

        Args:
            rows: How many rows it had.
            seconds: How long it took.
        """
        if rows:
            self._seconds_per_row = seconds / rows
        if rows < self._rows:  # its time was not for its rows
            return
        if seconds > self._seconds:
            self._rows = max(1, min(self._rows, int(rows * self._seconds / seconds)))
        elif seconds < self._seconds / 2:
            self._rows = min(self._maximum, self._rows + self._rows // 4 + 1)

    def on_failure(self, rows: int) -> None:
        """Request fewer after a page that did not come; that a single row did not come says nothing of pages.

        Args:
            rows: How many rows were requested.
        """
        if rows > 1:
            self._rows = min(self._rows, rows // 2)

    def limit(self, maximum: int) -> None:
        """Keep to what the shop serves at most.

        Args:
            maximum: Rows, at most.
        """
        self._maximum = max(1, min(self._maximum, maximum))
        self._rows = min(self._rows, self._maximum)
