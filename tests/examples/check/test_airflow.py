"""What became of Airflow's tasks, by its API's words and its logs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from examples.check.airflow import DagRun, Task, _task


def found(**more: Any) -> dict[str, Any]:
    usual = {"task_id": "read", "map_index": 1, "state": "success", "try_number": 2, "duration": 12.5}
    return {**usual, "start_date": "2026-11-21T12:00:00.5Z", **more}


def test_a_mapped_task_is_told_with_its_number_and_all_its_tries_logs(tmp_path: Path) -> None:
    folder = tmp_path / "task_id=read" / "map_index=1"
    folder.mkdir(parents=True)
    (folder / "attempt=1.log").write_text('{"event": "killed", "level": "error"}\n')
    (folder / "attempt=2.log").write_text('{"event": "resumed"}\n{"event": "done"}\n')
    task = _task(found(), tmp_path)
    assert str(task) == "read 2: success, began 12:00:00, 12 s, try 2"
    assert task.log == "killed\nresumed\ndone"


def test_a_task_that_never_began_has_no_log(tmp_path: Path) -> None:
    never = {"state": "upstream_failed", "start_date": None, "duration": None, "try_number": 0}
    task = _task(found(task_id="alert", map_index=-1, **never), tmp_path)
    assert str(task) == "alert: upstream_failed, began never, 0 s"
    assert not task.log


def test_the_logs_of_failed_tasks_are_shown() -> None:
    tasks = [
        Task(name, state, 1, None, 0.0, f"{name} said") for name, state in (("run", "failed"), ("alert", "success"))
    ]
    assert DagRun("failed", tasks).log_of_failed().endswith("run said")
