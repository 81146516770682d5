"""Hold the keys known of a list against the shop's counts, to find what was deleted and what was missed.

Magento keeps no trace of a deletion, and lets rows appear with an old ``updated_at``. But it counts any range of keys
nearly for nothing, while a listed key costs as much as its row (issue 14). So ranges whose counts differ from the
ledger's are halved. Where few keys remain, the known ones are counted by name (``in``), which tells deleted rows from
unknown ones. Asking for the n-th row is not used: it pays the same count and loads a row.

No key is called deleted on a count: a request for its row has to come back empty.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple, TypeVar

from tap_magento.reading.audit_search import AuditSearch, Costs, UnreadRange
from tap_magento.reading.audit_source import AuditSource, ContradictionError, MeteredSource, RequestLimitError
from tap_magento.reading.ledger import LAST_KEY, Ledger

# The golden ratio's fraction: its multiples cut a list at ever new places, near the middle of the largest gap.
_GOLDEN = 0.6180339887498949

_Key = TypeVar("_Key", int, str)


class AuditStatus(Enum):
    """What an audit came to."""

    IN_STEP = "in step"
    SETTLED = "settled"
    CANNOT_BE_SETTLED = "cannot be settled"


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What an audit found.

    Attributes:
        status: `IN_STEP` if nothing differs; `SETTLED` if all that was found to differ is among the findings.
        deleted: Known keys whose rows have gone, ascending; each was asked for, and not there.
        unread: Ranges with rows that are not known, ascending: to be read whole. A range up to `LAST_KEY` has the rows
            beyond the greatest known key, most of them created since the list was read.
        requests: How many requests it took.
        rows_loaded: How many rows were listed by their keys. A count may load one more each.
        rotation: What to give the next audit of the list.
        reason: Why it cannot be settled.
        counted: How many rows the shop counted in all, as the audit began; None if it did not.
    """

    status: AuditStatus
    deleted: tuple[int, ...]
    unread: tuple[UnreadRange, ...]
    requests: int
    rows_loaded: int
    rotation: int
    reason: str | None = None
    counted: int | None = None

    @classmethod
    def unsettled(cls, reason: str, rotation: int) -> AuditResult:
        """Make the result of an audit that could not be carried out.

        Args:
            reason: Why not.
            rotation: What to give the next audit: as this one was given.

        Returns:
            The result, without findings.
        """
        return cls(AuditStatus.CANNOT_BE_SETTLED, (), (), 0, 0, rotation, reason)

    @property
    def unknown_rows(self) -> int:
        """How many rows the unread ranges hold that are not known, as counted."""
        return sum(range_.unknown for range_ in self.unread)

    def after_reading(self, found: int) -> AuditResult:
        """Conclude, once the unread ranges have been read.

        Args:
            found: How many rows were read in them that were not known, rows that cannot be served included.

        Returns:
            The result; not settled if none was found. Of some, a few may have been deleted since they were counted.
        """
        if found or not self.unknown_rows:
            return self
        reason = f"the shop counts {self.unknown_rows} rows that its list does not have"
        return replace(self, status=AuditStatus.CANNOT_BE_SETTLED, reason=reason)


def audit(
    ledger: Ledger, shop: AuditSource, *, rotation: int = 0, costs: Costs | None = None, limit: int = 5_000
) -> AuditResult:
    """Find the keys of deleted rows, and where rows are that are not known.

    If as many rows are there as are known, one more request compares a part of the list, another part in each run: a
    deleted row and an unknown one cancel out in a sum. A list of a few hundred rows is compared whole.

    Rows may come and go meanwhile; what that hides is found by the next audit.

    Args:
        ledger: The known keys, those of quarantined rows included. It is not changed.
        shop: The list.
        rotation: The last audit's `AuditResult.rotation`: which part of the list to compare.
        costs: What a request and a row take; orders' by default.
        limit: After so many requests the audit ends with what it has found; the next one continues.

    Returns:
        What was found; nothing if the shop's counts contradict each other.
    """
    source = MeteredSource(shop, limit)
    search = AuditSearch(ledger, source, costs or Costs())
    whole = _Whole(LAST_KEY, None, rotation)
    deleted: list[int] = []
    unread: list[UnreadRange] = []
    reason: str | None = None
    counted: int | None = None
    try:
        try:
            counted = source.count(0, LAST_KEY)
            whole = _compare(search, source, rotation, counted)
        except RequestLimitError:
            reason = f"more differs than {limit} requests can find; the next run continues"
        source.limit = None  # few more confirm what was found
        missing = search.confirm_missing()
        _check_sum(whole, source, len(ledger) - len(missing), search.unread)
        deleted, unread = missing, sorted(search.unread)
    except ContradictionError as error:
        reason = str(error)
    if reason is not None:
        status = AuditStatus.CANNOT_BE_SETTLED
    else:
        status = AuditStatus.SETTLED if deleted or unread else AuditStatus.IN_STEP
    return AuditResult(
        status, tuple(deleted), tuple(unread), source.requests, source.rows_loaded, whole.rotation, reason, counted
    )


def confirm_missing(
    keys: Sequence[_Key], keys_among: Callable[[Sequence[_Key]], Collection[_Key] | None], *, names: int = 500
) -> tuple[list[_Key], list[_Key]]:
    """Ask for the rows that a full-table sync did not bring, of lists with keys of any kind.

    Args:
        keys: The known keys that were not seen.
        keys_among: Lists which of some keys have a row; None if one of the rows cannot be served.
        names: How many keys one request names at most.

    Returns:
        The keys that have no row, and those that do, or may do: they were missed and are to be read.
    """
    deleted: list[_Key] = []
    missed: list[_Key] = []
    for start in range(0, len(keys), names):
        some = keys[start : start + names]
        found = keys_among(some)
        for key in some:
            (missed if found is None or key in found else deleted).append(key)
    return deleted, missed


class _Whole(NamedTuple):
    """What was compared.

    Attributes:
        high: The last key of the range with all known keys.
        rows: How many rows the shop has up to there; None if the audit was not finished.
        rotation: What to give the next audit.
    """

    high: int
    rows: int | None
    rotation: int


def _compare(search: AuditSearch, source: MeteredSource, rotation: int, rows: int) -> _Whole:
    """Compare the whole, then its ranges if it differs, or else one part of it."""
    known = len(search.live)
    high = LAST_KEY
    if known and rows != known:
        # Rows are created all the time, and come after all others.
        high = search.live.nth(known)
        newer = source.count(high + 1, LAST_KEY)
        search.compare(high + 1, LAST_KEY, newer)
        rows -= newer
    if rows != known:
        search.compare(0, high, rows)
    elif known:
        _compare_part(search, source, high, rotation)
        rotation += 1
    return _Whole(high, rows, rotation)


def _compare_part(search: AuditSearch, source: MeteredSource, high: int, rotation: int) -> None:
    """Compare a part of a list whose sum agrees: by turns the known keys of a range, and one side of a cut."""
    known = len(search.live)
    if known <= search.costs.names or rotation % 2:
        search.compare_names(rotation // 2, high)
        return
    rank = 1 + int((rotation // 2 + 1) * _GOLDEN % 1 * (known - 1))
    cut = search.live.nth(rank)
    # Counting costs by the rows counted, and both sides differ if one does.
    left = source.count(0, cut) if rank <= known // 2 else known - source.count(cut + 1, high)
    if left != rank:
        search.compare(0, cut, left)
        search.compare(cut + 1, high, known - left)


def _check_sum(whole: _Whole, source: MeteredSource, known: int, unread: Sequence[UnreadRange]) -> None:
    """Tell counts that do not add up from a list that has changed meanwhile.

    Raises:
        ContradictionError: If the total differs from the sum of its parts, and does so again.
    """
    parts = known + sum(range_.unknown for range_ in unread if range_.low <= whole.high)
    if whole.rows not in {None, parts} and source.count(0, whole.high) == whole.rows:
        raise ContradictionError(f"the shop counts {whole.rows} rows in all, but {parts} in the parts")
