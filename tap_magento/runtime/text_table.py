"""Tables of text, for a terminal or a log."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def text_table(rows: Sequence[Sequence[str]], right_aligned: Collection[int] = ()) -> str:
    """Lay out rows of cells.

    Args:
        rows: The rows, the head first; all of one length.
        right_aligned: The numbers of the columns that are aligned to the right.

    Returns:
        Lines of columns, two spaces apart.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_line(row, widths, right_aligned) for row in rows)


def _line(cells: Sequence[str], widths: Sequence[int], right_aligned: Collection[int]) -> str:
    laid_out = (
        cell.rjust(width) if column in right_aligned else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join(laid_out).rstrip()
