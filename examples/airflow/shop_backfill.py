"""A first sync of a large shop in shards: tables, then shards, then one state, then what changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from airflow.sdk import Param, dag, task
from shop_tasks import TASKS, alert, succeed

from examples import programs


@dag(
    schedule=None,
    max_active_runs=1,  # two runs at once would write the same states
    catchup=False,
    default_args=TASKS,
    params={"shards": Param(8, type="integer", minimum=1, maximum=9999)},
)
def shop_backfill() -> None:
    """Read a shop by as many tasks as there are shards."""

    # Wrong credentials fail here, once, before the shards try them.
    @task
    def prepare(params: dict[str, Any]) -> list[str]:
        count = params["shards"]
        succeed(programs.prepare(count))
        return [f"{number}/{count}" for number in range(1, count + 1)]

    # So many at once load the shop: each sends up to `max_concurrency` requests.
    @task(retries=2, retry_delay=timedelta(seconds=10), max_active_tis_per_dagrun=4)
    def read(shard: str) -> Sequence[str]:
        return succeed(programs.read(shard))

    @task
    def merge(params: dict[str, Any]) -> None:
        succeed(programs.merge(params["shards"]))

    @task
    def increment(of_shards: Iterable[Sequence[str]]) -> Sequence[str]:
        return [*succeed(programs.increment()), *(problem for some in of_shards for problem in some)]

    shards = read.expand(shard=prepare())
    problems = increment(shards)
    shards >> merge() >> problems
    alert(problems)


shop_backfill()
