"""What it takes to find what was deleted and what was missed, among up to a million rows."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from pyroaring import BitMap64

from benchmarks.costs import SHOP
from benchmarks.report import Section
from benchmarks.scale import Scale
from tap_magento.reading.audit import AuditResult, audit
from tap_magento.reading.ledger import Ledger

_MILLION = 1_000_000
_PAGE = 200
#: What the tap's processor time for a row is, at its best.
_CPU_OF_A_ROW = 85e-6


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a list since its keys were noted.

    Attributes:
        name: What it is called in the table.
        deleted: Gives the keys that were deleted, of so many.
        imported: Gives the keys that came back with an old time, of so many.
        most_requests: How many requests it may take at most, for a million rows; None if that was not set.
    """

    name: str
    deleted: Callable[[int], Iterable[int]] = lambda _: ()
    imported: Callable[[int], Iterable[int]] = lambda _: ()
    most_requests: int | None = None


def _some(n: int) -> Callable[[int], Iterable[int]]:
    return lambda keys: random.Random(n).sample(range(1, keys + 1), n)


def _block(keys: int) -> Iterable[int]:
    start = (keys - 10_000) // 3 + 1
    return range(start, start + 10_000)


CHANGES = (
    Change("nothing", most_requests=2),
    Change("1 deleted", deleted=_some(1), most_requests=40),
    Change("100 deleted here and there", deleted=_some(100)),
    Change("a block of 10,000 deleted", deleted=_block, most_requests=60),
    Change("50 old-dated here and there", imported=_some(50)),
)


class ModelShop:
    """A list whose work is counted and costed; a range is counted by a first page of one row.

    Args:
        keys: The keys of its rows.

    Attributes:
        requests: How many requests were answered.
        counted_rows: How many rows were counted for them.
        rows_loaded: How many rows were loaded for them.
    """

    def __init__(self, keys: BitMap64) -> None:
        self._keys = keys
        self.requests = self.counted_rows = self.rows_loaded = 0
        self._skipped = 0

    @property
    def cost(self) -> float:
        """Seconds that all of it costs by the model."""
        return (
            SHOP.per_request * self.requests
            + SHOP.per_counted_row * self.counted_rows
            + SHOP.per_row * self.rows_loaded
            + SHOP.per_offset_row * self._skipped
        )

    def count(self, low: int, high: int) -> int:
        """Count a range."""
        rows = self._keys.range_cardinality(low, high + 1)
        self._note(rows, loaded=min(rows, 1))
        return rows

    def count_among(self, keys: Sequence[int]) -> int:
        """Count past the end, which loads no row and skips all."""
        rows = len(self._keys & BitMap64(keys))
        self._note(rows, loaded=0)
        self._skipped += rows
        return rows

    def keys_among(self, keys: Sequence[int]) -> Collection[int]:
        """List keys; a key takes what its row takes."""
        found = set(self._keys & BitMap64(keys))
        self._note(len(found), loaded=len(found))
        return found

    def is_empty(self, low: int, high: int) -> bool:
        """Ask for a row."""
        return not self.count(low, high)

    def read(self, low: int, high: int) -> list[int]:
        """Read a range whole, in one page."""
        first = self._keys.range_cardinality(0, low)
        keys = list(self._keys[first : first + self._keys.range_cardinality(low, high + 1)])
        self._note(len(keys), loaded=len(keys))
        return keys

    def _note(self, counted: int, loaded: int) -> None:
        self.requests += 1
        self.counted_rows += counted
        self.rows_loaded += loaded


@dataclass(frozen=True, slots=True)
class Measured:
    """What an audit took.

    Attributes:
        result: What it found.
        shop: What the shop did.
        read: How many rows were read, unknown ones and their neighbours.
        state: Bytes of the ledger in the state afterwards.
        cpu: Seconds of processor time.
    """

    result: AuditResult
    shop: ModelShop
    read: int
    state: int
    cpu: float


def measure(keys: int, change: Change) -> Measured:
    """Audit a list and put in order what differs.

    Args:
        keys: How many keys were there.
        change: What happened since.

    Returns:
        What it took.

    Raises:
        RuntimeError: If the ledger has other keys afterwards than the shop.
    """
    there = BitMap64(range(1, keys + 1)) - BitMap64(change.deleted(keys))
    ledger = Ledger(range(1, keys + 1))
    ledger.discard(change.imported(keys))
    shop = ModelShop(there)
    start = time.process_time()
    result = audit(ledger, shop)
    cpu = time.process_time() - start
    ledger.discard(result.deleted)
    read = [shop.read(range_.low, range_.high) for range_ in result.unread]
    for page in read:
        ledger.add(page)
    if BitMap64(ledger.keys()) != there:
        raise RuntimeError(f"after {change.name} the ledger differs from the shop")
    return Measured(result, shop, sum(map(len, read)), len(ledger.encode()), cpu)


def run(scale: Scale) -> Section:
    """Measure.

    Args:
        scale: How much to do.

    Returns:
        What was found.
    """
    sizes = [keys for keys in (10_000, 100_000, _MILLION) if keys <= scale.of(quick=10_000, usual=_MILLION)]
    found = {(keys, change): measure(keys, change) for keys in sizes for change in CHANGES}
    largest = {change: found[sizes[-1], change] for change in CHANGES}
    return Section(
        "audit",
        "The keys known of a list are held against a shop in memory that counts as Magento does. Its work is counted "
        f"and costed by the model: {SHOP.per_request * 1000:.0f} ms a request, {SHOP.per_row * 1000:.0f} ms a row, "
        f"{SHOP.per_counted_row * 1e6:.2f} us a row that is counted. A count of a range is a first page, which loads "
        "one row. Rows read are those of the ranges with unknown rows, their known neighbours included. State is the "
        "ledger's text. CPU is that of the audit, the shop's included. After each the ledger had exactly the shop's "
        "keys.",
        ["keys", "what changed", "requests", "counted rows", "rows listed", "rows read", "shop's s", "state", "CPU ms"],
        [_line(keys, change, measured) for (keys, change), measured in found.items()],
        [
            f"At {sizes[-1]:,} keys: "
            + "; ".join(
                f"{change.name} {measured.result.requests:,} requests"
                + ("" if change.most_requests is None else f" (wanted: at most {change.most_requests})")
                for change, measured in largest.items()
            )
            + ".",
            "State of a million keys: "
            + ", ".join(f"{name} {len(ledger.encode()):,} bytes (wanted: {most})" for name, ledger, most in _million())
            + ".",
            (
                f"Adding a page of {_PAGE} keys takes {_cpu_of_a_page() / (_PAGE * _CPU_OF_A_ROW):.2%} of the CPU "
                f"time of a page at {_CPU_OF_A_ROW * 1e6:.0f} us a row (wanted: under 2 %)."
            ),
        ],
    )


def _line(keys: int, change: Change, measured: Measured) -> list[str]:
    return [
        f"{keys:,}",
        change.name,
        f"{measured.result.requests:,}",
        f"{measured.shop.counted_rows:,}",
        f"{measured.result.rows_loaded:,}",
        f"{measured.read:,}",
        f"{measured.shop.cost:.1f}",
        f"{measured.state:,} B",
        f"{1000 * measured.cpu:.0f}",
    ]


def _million() -> list[tuple[str, Ledger, str]]:
    half = random.Random(1).sample(range(2 * _MILLION), _MILLION)
    return [
        ("dense", Ledger(range(1, _MILLION + 1)), "under 1 kB"),
        ("in steps of 3", Ledger(range(1, 3 * _MILLION, 3)), "under 4 kB"),
        ("a random half of two million", Ledger(half), "under 400 kB"),
    ]


def _cpu_of_a_page() -> float:
    """Measure adding pages of keys in steps of 3 to a million of them."""
    ledger = Ledger(range(1, 3 * _MILLION, 3))
    pages = [list(range(start, start + 3 * _PAGE, 3)) for start in range(3 * _MILLION + 1, 6 * _MILLION, 3 * _PAGE)]
    start = time.process_time()
    for page in pages:
        ledger.add(page)
    return (time.process_time() - start) / len(pages)
