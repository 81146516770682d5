"""What the DAGs have in common: when a task fails, when it is retried, and when a person is told."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from examples.programs import Outcome

_logger = logging.getLogger(__name__)


def tell(context: Mapping[str, Any]) -> None:
    """Tell a person that a task failed: put the notifier of your choice here.

    Args:
        context: Of the task that failed.
    """
    _logger.error("TO A PERSON: %s: %s", context["ti"].task_id, context.get("exception"))


#: Of all tasks of a DAG.
TASKS = {"on_failure_callback": tell}


def succeed(outcome: Outcome) -> Sequence[str]:
    """Fail the task if its program failed; retry it only if the program was stopped.

    Args:
        outcome: What became of the program.

    Returns:
        What a person should look at, although the program succeeded.

    Raises:
        AirflowException: If the program was killed or told to end: the task is retried, and goes on from its state.
        AirflowFailException: If it failed otherwise: a person must act, and a retry could lock the shop's account.
    """
    if outcome.code == 0:
        return outcome.problems
    failure = AirflowException if outcome.was_stopped else AirflowFailException
    raise failure("\n".join(outcome.problems) or f"the program ended with exit code {outcome.code}")


@task
def alert(problems: Sequence[str]) -> None:
    """Fail if a person should look, although all rows were loaded.

    Args:
        problems: What was found; a sentence each.

    Raises:
        AirflowFailException: If there are any.
    """
    if problems:
        raise AirflowFailException("\n".join(sorted(set(problems))))
