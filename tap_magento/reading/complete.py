"""Read a list completely: in turn while it is short, in pieces and ahead when it is long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from tap_magento.reading.keyset import Slice
from tap_magento.reading.pace import PageSize
from tap_magento.reading.page import BadRow, Count, Fetch, Page
from tap_magento.reading.prefetch import read_ahead
from tap_magento.reading.quarantine import read_slice
from tap_magento.reading.slices import pieces

# A list of no more than so many further pages is read in turn: cutting it would not pay.
_SHORT = 2
# A piece holds at most so many pages: with more, more memory waits; with fewer, counting is not cheap beside them.
_PIECE = 3
# Towards the end pieces become smaller, so that at least so many remain for each worker and none is left with the last.
_PIECES_A_WORKER = 2


@dataclass(frozen=True, slots=True)
class Source:
    """A list as it can be asked.

    Attributes:
        fetch: Asks for a page.
        count: Counts rows.
        size: How many rows to ask for at once.
        now: Gives the shop's time, once it has answered.
        workers: How many pieces to read at once.
    """

    fetch: Fetch
    count: Count
    size: PageSize
    now: Callable[[], datetime]
    workers: int = 1


def read_completely(slice_: Slice, source: Source) -> Iterator[Page | BadRow]:
    """Read all rows of a slice.

    Args:
        slice_: What to read.
        source: Whom to ask.

    Yields:
        The pages that have rows and the rows that cannot be served, in order.

    Raises:
        UnfaithfulAnswerError: If the shop does not honour the filters or the sort.
    """
    rest = slice_
    for item in _in_turn(slice_, source):
        yield item
        remaining = _remaining(item)
        if source.workers > 1 and remaining > _SHORT * source.size.rows:
            rest = rest.beyond([item.mark if isinstance(item, BadRow) else item.marks[-1]])
            yield from _ahead(rest, remaining, source)
            return


def _in_turn(slice_: Slice, source: Source) -> Iterator[Page | BadRow]:
    return read_slice(slice_, source.fetch, source.count, lambda: source.size.rows)


def _ahead(slice_: Slice, total: int, source: Source) -> Iterator[Page | BadRow]:
    # Not by the page size of the moment: a row that fails makes it 1 for a while, and pieces would be as small.
    page = source.size.maximum

    def rows(remaining: int) -> int:
        return max((page + 1) // 2, min(_PIECE * page, remaining // (_PIECES_A_WORKER * source.workers)))

    return read_ahead(
        pieces(slice_, total, source.count, rows=rows, now=source.now()),
        lambda piece: _in_turn(piece, source),
        workers=source.workers,
        window=source.workers + source.workers // 2,
    )


def _remaining(item: Page | BadRow) -> int:
    if isinstance(item, BadRow) or item.total_count is None:
        return 0
    return item.total_count - len(item.marks)
