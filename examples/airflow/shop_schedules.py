"""A DAG for each schedule of the Meltano project (`meltano schedule list`), which runs it and alerts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

from airflow.sdk import dag, task
from shop_tasks import TASKS, alert, succeed

from examples import programs


def scheduled(name: str, cron: str) -> None:
    """Make the DAG of a schedule.

    Args:
        name: The schedule's name.
        cron: When it runs.
    """

    @dag(
        dag_id=f"shop_{name}",
        schedule=cron,
        start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
        max_active_runs=1,  # two runs at once would write the same state
        catchup=False,  # one run reads all that changed since the last one
        default_args=TASKS,
    )
    def shop() -> None:
        @task(retries=1)
        def run() -> Sequence[str]:
            return succeed(programs.run_schedule(name))

        alert(run())

    shop()


for name_, cron_ in programs.schedules().items():
    scheduled(name_, cron_)
