"""A shop as Dagster assets: a first sync in shards, and the tables, which each schedule of Meltano keeps up to date."""

# Dagster reads annotations as they are: no `from __future__ import annotations` here.
from collections.abc import Iterator

from dagster import (
    AssetExecutionContext,
    AssetSelection,
    Config,
    Definitions,
    DynamicOut,
    DynamicOutput,
    Failure,
    MaterializeResult,
    MetadataValue,
    OpExecutionContext,
    Output,
    RetryRequested,
    ScheduleDefinition,
    asset,
    define_asset_job,
    graph_asset,
    multiprocess_executor,
    op,
)

from examples import programs
from examples.programs import Outcome

# Two runs at once would write the same states: README.md says how to keep them apart by this tag.
_TAGS = {"shop": "tables"}
_FIGURES = ("rows", "known", "in_shop", "quarantined", "deletions", "audit")


class Shards(Config):
    """How the first sync is cut.

    Attributes:
        count: The number of shards.
    """

    count: int = 8


# Wrong credentials fail here, once, before the shards try them.
@op(out=DynamicOut(str))
def prepare(config: Shards) -> Iterator[DynamicOutput[str]]:
    """Make the loader's tables, and name the shards."""
    _succeed(programs.prepare(config.count))
    for number in range(1, config.count + 1):
        yield DynamicOutput(f"{number}/{config.count}", mapping_key=str(number))


@op
def read(context: OpExecutionContext, shard: str) -> str:
    """Read and load a shard; if it was killed, once more, from where it stopped."""
    outcome = programs.read(shard)
    if outcome.was_stopped and context.retry_number < 2:  # noqa: PLR2004  retries
        raise RetryRequested(max_retries=2, seconds_to_wait=10)
    _succeed(outcome)
    _alert(context, outcome)
    return shard


@op
def merge(shards: list[str]) -> Output[int]:
    """Merge the states of all shards into the pipeline's."""
    _succeed(programs.merge(len(shards)))
    return Output(len(shards), metadata={"shards": len(shards)})


@graph_asset
def first_sync() -> int:
    """All rows that the shop had when its shards were read."""
    return merge(prepare().map(read).collect())


@asset(deps=[first_sync])
def shop_tables(context: AssetExecutionContext) -> MaterializeResult[None]:
    """The shop's tables, with all that has changed since the last run."""
    outcome = programs.increment()
    _succeed(outcome)
    _alert(context, outcome)
    return MaterializeResult(metadata={name: MetadataValue.json(figures) for name, figures in _figures(outcome)})


def _figures(outcome: Outcome) -> Iterator[tuple[str, dict[str, object]]]:
    for name, stream in (outcome.summary or {"streams": {}})["streams"].items():
        yield name, {figure: stream[figure] for figure in _FIGURES}


def _succeed(outcome: Outcome) -> None:
    if outcome.code != 0:
        text = "\n".join(outcome.problems) or f"the program ended with exit code {outcome.code}"
        raise Failure(text, allow_retries=False)


def _alert(context: AssetExecutionContext | OpExecutionContext, outcome: Outcome) -> None:
    """Tell a person what to look at, although all rows were loaded: put the notifier of your choice here."""
    for problem in outcome.problems:
        context.log.warning(problem)


backfill = define_asset_job(
    "backfill",
    AssetSelection.assets(first_sync, shop_tables),
    tags=_TAGS,
    executor_def=multiprocess_executor.configured({"max_concurrent": 4}),
)
update = define_asset_job("update", AssetSelection.assets(shop_tables), tags=_TAGS)

defs = Definitions(
    assets=[first_sync, shop_tables],
    jobs=[backfill, update],
    schedules=[
        ScheduleDefinition(name=f"shop_{name}", cron_schedule=cron, job=update)
        for name, cron in programs.schedules().items()
    ],
)
