"""Whether the last rows of a long list cost more than the first ones."""

from __future__ import annotations

from benchmarks.costs import SHOP, Work
from benchmarks.hosting import hosted
from benchmarks.programs import PLAIN_TAP, TAP, Usage, run_tap
from benchmarks.report import Section
from benchmarks.scale import Scale
from benchmarks.store import Contents, evenly, serve_store, work_done
from sample_store import ServerOptions

_PAGE_SIZE = 100
_BYTES = 400
_MILLION = 1_000_000
#: Module, settings beside those of the shop.
_READERS = {
    "the tap, 4 workers": (TAP, {"max_concurrency": 4}),
    "the tap, 1 worker": (TAP, {"max_concurrency": 1}),
    "plain RESTStream": (PLAIN_TAP, {}),
}
_Measured = tuple[Work, Usage]


def run(scale: Scale) -> Section:
    """Measure.

    Args:
        scale: How much to do.

    Returns:
        What was found.
    """
    few = scale.of(quick=1_000, usual=10_000)
    depths = [few, *(n for n in (10 * few, 100 * few) if n <= scale.of(quick=10_000, usual=100_000, full=_MILLION))]
    starts = read(evenly(1, _BYTES))
    found = {rows: read(evenly(rows, _BYTES)) for rows in depths}
    first, last = found[depths[0]], found[depths[-1]]
    growths = {name: _cost(last[name]) / _cost(first[name]) - 1 for name in _READERS}
    ours = [by[name][0] for by in found.values() for name in _READERS if "tap" in name]
    return Section(
        f"depth, to {depths[-1]:,} rows",
        f"First reads of {' and '.join(f'{rows:,}' for rows in depths)} orders in pages of {_PAGE_SIZE}. The shop's "
        "work is counted and costed by the model: "
        f"{SHOP.per_request * 1000:.0f} ms a request, {SHOP.per_row * 1000:.0f} ms a row, "
        f"{SHOP.per_offset_row * 1e6:.1f} us a row skipped by OFFSET, {SHOP.per_counted_row * 1e6:.2f} us a row that "
        "is counted for `total_count`, as measured on a real shop; it is not waited for. A probe is a request for one "
        "row, which counts or locates. CPU is the reader's, start-up left out.",
        [
            "",
            "rows",
            "requests",
            "probes",
            "OFFSET rows",
            "counted rows",
            "shop's ms a row",
            "for probes",
            "CPU us a row",
        ],
        [_line(name, rows, *found[rows][name], starts[name][1]) for name in _READERS for rows in depths],
        [
            f"From {depths[0]:,} to {depths[-1]:,} rows the shop's cost of a row grows: "
            + ", ".join(f"{name} {growth:+.1%}" for name, growth in growths.items())
            + " (wanted of the tap: at most 5 %).",
            f"OFFSET rows before the tap's pages: {sum(work.offset_rows for work in ours):,} (wanted: none).",
            (
                f"Probes are {max(work.probes_cost / work.cost for work in ours):.1%} of the shop's work at most "
                "(wanted: under 3 %)."
            ),
        ],
    )


def read(contents: Contents) -> dict[str, _Measured]:
    """Read a list with each reader.

    Args:
        contents: The list.

    Returns:
        The shop's work and what the reader took, by reader.

    Raises:
        RuntimeError: If the shop did not give every row.
    """
    found = {}
    with hosted(serve_store, contents, ServerOptions()) as (url, line):
        token = line.recv()
        for name, (module, settings) in _READERS.items():
            config = {"store_url": url, "access_token": token, "page_size": _PAGE_SIZE, **settings}
            usage = run_tap(module, config)
            work = work_done(line)
            if work.rows < len(contents.keys):
                raise RuntimeError(f"{name} read {work.rows} of {len(contents.keys)} rows")
            found[name] = (work, usage)
    return found


def _cost(measured: _Measured) -> float:
    work, _ = measured
    return work.cost / work.rows


def _line(name: str, rows: int, work: Work, usage: Usage, start: Usage) -> list[str]:
    return [
        name,
        f"{rows:,}",
        f"{work.pages + work.probes:,}",
        f"{work.probes:,}",
        f"{work.offset_rows:,}",
        f"{work.counted_rows:,}",
        f"{1000 * work.cost / work.rows:.2f}",
        f"{work.probes_cost / work.cost:.1%}",
        f"{1e6 * usage.without(start).cpu / work.rows:.0f}",
    ]
