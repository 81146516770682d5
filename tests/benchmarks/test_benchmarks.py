"""The benchmarks at a tiny size: that they run and count rightly, not how fast anything is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import adapters, depth, kills, startup, workers
from benchmarks.codec import decode_and_encode
from benchmarks.costs import SHOP, Work
from benchmarks.hosting import hosted
from benchmarks.orders import believable_orders
from benchmarks.prerendered import serve_prerendered
from benchmarks.programs import TAP, Usage, run, run_tap
from benchmarks.report import Section, save
from benchmarks.rounds import Turn, in_turns, share
from benchmarks.speed import floor, floor_line, line, net, plain_tap, tap
from benchmarks.store import evenly, until_lately
from sample_store import Request


def test_orders_are_whole_alike_in_size_and_differ_by_key_and_time() -> None:
    orders = believable_orders(300)
    page = json.loads(orders.page(range(199, 202), 300))
    assert [row["entity_id"] for row in page["items"]] == [199, 200, 201]
    assert [row["updated_at"][-2:] for row in page["items"]] == ["19", "20", "21"]
    assert page["total_count"] == 300
    assert all(row["items"] for row in page["items"])
    mean = sum(len(orders.row(key)) for key in range(1, 101)) / 100
    assert 9_000 < mean < 11_000


@pytest.fixture(scope="module")
def prerendered() -> Iterator[str]:
    """The address of a shop of 250 orders."""
    with hosted(serve_prerendered, 250) as (url, _):
        yield url


def test_both_taps_read_every_prerendered_order(prerendered: str, tmp_path: Path) -> None:
    output = tmp_path / "messages.jsonl"
    usage = run_tap(TAP, {"store_url": prerendered, "access_token": "any", "page_size": 20}, output=output)
    assert keys_in(output) == list(range(1, 251))
    assert usage.cpu > 0
    assert 10_000_000 < usage.peak < 1_000_000_000
    run_tap("benchmarks.plain_tap", {"store_url": prerendered, "access_token": "any"}, output=output)
    assert keys_in(output) == list(range(1, 251))


def test_all_streams_are_discovered_at_start() -> None:
    usage, streams = startup.discover()
    assert usage.cpu > 0
    assert streams > 60


def test_the_airbyte_source_reads_every_prerendered_order(prerendered: str, tmp_path: Path) -> None:
    output = tmp_path / "messages.jsonl"
    assert adapters.Case("", "", prerendered).airbyte(prerendered, output).cpu > 0
    messages = [json.loads(row) for row in output.read_text(encoding="utf-8").splitlines()]
    keys = [each["record"]["data"]["entity_id"] for each in messages if each["type"] == "RECORD"]
    assert keys == list(range(1, 251))


def test_an_adapter_is_compared_with_the_tap_beside_it() -> None:
    starts = [Turn(Usage(2.0, 1.0, 1), Usage(1.0, 1.0, 1))]
    turns = [Turn(Usage(4.2, 1.0, 1), Usage(3.0, 1.0, 1))]
    found = adapters.Beside.of(turns, starts)
    assert (found.ours, found.tap) == pytest.approx((2.2, 2.0))
    assert (found.more, found.more_with_start) == pytest.approx((0.1, 0.4))


def test_speed_is_told_beside_the_floor(prerendered: str) -> None:
    contestants = {"ours": lambda: tap(prerendered, workers=1), "plain": lambda: plain_tap(prerendered)}
    taken = in_turns(contestants, reference=lambda: floor(10), rounds=1)
    (ours,), plain = taken["ours"], taken["plain"]
    assert ours.beside.cpu > 0
    (nothing,) = net([ours], [ours])
    assert (nothing.usage.cpu, nothing.usage.wall, nothing.usage.peak) == (0, 0, ours.usage.peak)
    assert line("plain", 1, plain)[3] == f"{share(plain):.0%}"
    assert floor_line(10, plain)[3] == "100%"
    assert min(decode_and_encode(believable_orders(3), 2)) > 0


def test_a_turn_is_compared_with_the_reference_right_before_and_right_after() -> None:
    references = iter([1.0, 3.0, 5.0])
    taken = in_turns(
        {"slow": lambda: Usage(4.0, 1.0, 7), "quick": lambda: Usage(2.0, 1.0, 7)},
        reference=lambda: Usage(next(references), 2.0, 9),
        rounds=1,
    )
    assert taken["slow"] == [Turn(Usage(4.0, 1.0, 7), Usage(2.0, 2.0, 9))]
    assert (share(taken["slow"]), share(taken["quick"])) == (0.5, 2.0)


def test_depth_counts_what_each_reader_makes_the_shop_do() -> None:
    found = depth.read(evenly(250, 400))
    ours, plain = found["the tap, 1 worker"][0], found["plain RESTStream"][0]
    assert (ours.rows, ours.pages, ours.probes, ours.offset_rows) == (250, 3, 0, 0)
    # Three pages and, as page numbers do not tell the end, an empty one.
    assert (plain.rows, plain.pages + plain.probes, plain.offset_rows) == (250, 4, 550)
    assert plain.cost > ours.cost


def test_rows_keys_and_bookmark_are_right_whatever_the_workers() -> None:
    (case,) = (case for case in workers.cases(400) if case.name == "time order, bursty")
    assert workers.read(case, 1, times_faster=20).rows == 400
    assert workers.read(case, 8, times_faster=20).rows == 400


def test_the_engine_reads_every_row_of_the_model_of_a_shop() -> None:
    for found in workers.read_model(2_000):
        assert found.one == pytest.approx(2_000 * SHOP.per_row, rel=0.1)
        assert 0 < found.probes < 0.1


def test_a_killed_read_goes_on_and_the_first_rows_leave_soon() -> None:
    killed = kills.read_killed(2_000, "time", 4)
    assert killed.first > 0
    assert killed.in_flight <= 4 * 200


def test_a_lost_row_is_found_out(tmp_path: Path) -> None:
    case = workers.Case("two rows", until_lately(400, [1, 2], [0, 1]), is_first_read=True)
    output = tmp_path / "messages.jsonl"
    output.write_text('{"type": "RECORD", "record": {"entity_id": 2}}\n')
    with pytest.raises(RuntimeError, match="not exactly the rows"):
        workers._check(output, case)


def test_work_is_costed_by_the_model() -> None:
    work = Work.of(
        [
            asked(entity=None, started=0.0, seconds=1.0),
            asked(started=10.0, seconds=2.0, keys=tuple(range(100)), counted_rows=500, offset_rows=200),
            asked(started=11.0, seconds=3.0, counted_rows=500, offset_rows=500, query="searchCriteria[pageSize]=1"),
        ],
        SHOP,
    )
    assert (work.pages, work.probes, work.rows, work.offset_rows, work.counted_rows) == (1, 1, 100, 200, 1000)
    assert work.probes_cost == pytest.approx(SHOP.per_request + 500 * (SHOP.per_offset_row + SHOP.per_counted_row))
    assert work.cost - work.probes_cost == pytest.approx(
        SHOP.per_request + 100 * SHOP.per_row + 200 * SHOP.per_offset_row + 500 * SHOP.per_counted_row
    )
    assert work.seconds == 4.0


def test_a_program_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match="such file"):
        run(TAP, "--config", "no such file")


def test_results_of_other_benchmarks_stay(tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.md"
    one, other = (Section(name, "About.", ["a"], [["1"]], ["Fine."]).text("make bench") for name in ("one", "other"))
    save([one, other], path)
    save([one.replace("Fine.", "Better.")], path)
    text = path.read_text()
    assert text.startswith("# Benchmarks\n")
    assert text.index("## one") < text.index("Better.") < text.index("## other") < text.index("Fine.")


def keys_in(output: Path) -> list[int]:
    messages = (json.loads(text) for text in output.read_bytes().splitlines())
    return [message["record"]["entity_id"] for message in messages if message["type"] == "RECORD"]


def asked(**given: Any) -> Request:
    nothing = {"entity": "orders", "keys": (), "counted_rows": 0, "offset_rows": 0, "bytes": 0, "cost": 0.0}
    return Request(method="GET", path="/", status=200, **{"query": "", **nothing, **given})
