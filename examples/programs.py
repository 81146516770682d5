"""The programs that a scheduler's tasks run, and what became of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent

_MELTANO = os.environ.get("MELTANO", "meltano")
_PIPELINE = ("tap-magento", "target-postgres")
_SUMMARY = "run_summary "
_BEGUN = "Beginning sync of '"
_TOLD_TO_END = "the run was told to end"
# Meltano's words for a stream that `select` names. The tap's catalog has none that the account may not read.
_NOT_OFFERED = re.compile(r"Stream `(\w+)` was not found in the catalog")

Summary = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a program.

    Attributes:
        code: Its exit code.
        summary: What the tap's `run_summary` says; None if it did not come to that.
        has_begun: Whether the tap began to read rows: the shop had let it in.
        not_offered: Selected streams that the shop did not offer to the account at all.
    """

    code: int
    summary: Summary | None = None
    has_begun: bool = False
    not_offered: Sequence[str] = ()

    @property
    def was_stopped(self) -> bool:
        """Whether it failed as it was killed, or told to end: the one failure after which a retry makes sense.

        The tap itself waits for a shop that is unavailable. What else fails needs a person; wrong credentials that are
        tried again lock the account.
        """
        told = self.summary is None or self.summary["error"] == _TOLD_TO_END
        return self.code != 0 and self.has_begun and told

    @property
    def problems(self) -> Sequence[str]:
        """What a person should look at, although the run may have succeeded; a sentence each."""
        absent = [
            f"'{name}' cannot be read: it is selected, and the shop does not offer it" for name in self.not_offered
        ]
        return absent if self.summary is None else [*absent, *problems(self.summary)]


def prepare(count: int) -> Outcome:
    """Make the loader's tables, so that shards that begin at the same time do not.

    Args:
        count: The number of shards.

    Returns:
        What became of it.
    """
    return _run(_meltano_run("--state-id-suffix=prepare"), TAP_MAGENTO_SHARD=f"0/{count}")


def read(shard: str) -> Outcome:
    """Read and load a shard, from where its last run stopped.

    Args:
        shard: Number and count, such as `3/8`.

    Returns:
        What became of it.
    """
    number, count = shard.split("/")
    name = f"shard-{number}-of-{count}"
    return _run(_meltano_run(f"--state-id-suffix={name}"), **_own_system(name), TAP_MAGENTO_SHARD=shard)


def merge(count: int) -> Outcome:
    """Merge the states of all shards into the pipeline's.

    Args:
        count: The number of shards.

    Returns:
        What became of it.
    """
    return _run(["sh", str(PROJECT / "examples" / "merge_states.sh"), str(count)])


def increment() -> Outcome:
    """Read and load what has changed since the last run.

    Returns:
        What became of it.
    """
    return _run(_meltano_run())


def run_schedule(name: str) -> Outcome:
    """Run a schedule of the Meltano project.

    Args:
        name: Its name.

    Returns:
        What became of it.
    """
    return _run([_MELTANO, "--log-format=json", "schedule", "run", name])


def schedules() -> Mapping[str, str]:
    """Read the schedules of the Meltano project.

    Returns:
        Names to cron expressions.
    """
    listed = subprocess.run(
        [_MELTANO, "schedule", "list", "--format=json"], cwd=PROJECT, check=True, stdout=subprocess.PIPE
    )
    return {each["name"]: each["cron_interval"] for each in json.loads(listed.stdout)["schedules"]["job"]}


def problems(summary: Summary) -> Iterator[str]:
    """Find in a `run_summary` what a person should look at (docs/RUN_SUMMARY.md).

    Args:
        summary: The summary.

    Yields:
        A sentence for each.
    """
    if summary["error"]:
        yield f"The run failed: {summary['error']}"
    for name, stream in summary["streams"].items():
        if stream["quarantined"]:
            count = stream["quarantined"]
            rows = "1 row cannot be read and is" if count == 1 else f"{count} rows cannot be read and are"
            yield f"'{name}': {rows} quarantined"
        if stream["audit_reason"]:
            yield f"'{name}': the audit could not be settled: {stream['audit_reason']}"
    for name, reason in summary["unavailable"].items():
        yield f"'{name}' cannot be read: {reason}"


def _meltano_run(*options: str) -> Sequence[str]:
    return [_MELTANO, "--log-format=json", "run", *options, *_PIPELINE]


def _own_system(name: str) -> Mapping[str, str]:
    """Give a run a system folder of its own: there Meltano keeps a plugin's catalog, which runs at once would share."""
    shared = Path(os.environ.get("MELTANO_SYS_DIR_ROOT", PROJECT / ".meltano"))
    own = shared / "shards" / name
    own.mkdir(parents=True, exist_ok=True)
    for plugins in ("extractors", "loaders"):
        if not (own / plugins).is_symlink():
            (own / plugins).symlink_to((shared / plugins).resolve())
    database = os.environ.get("MELTANO_DATABASE_URI", f"sqlite:///{shared}/meltano.db")
    return {"MELTANO_SYS_DIR_ROOT": str(own), "MELTANO_DATABASE_URI": database}


def _run(command: Sequence[str], **environment: str) -> Outcome:
    """Run a program to its end; its log goes to the task's."""
    summary, has_begun, not_offered = None, False, []
    with subprocess.Popen(
        command,
        cwd=PROJECT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            for line in process.stdout or ():
                text = _text(line)
                print(text, flush=True)
                has_begun = has_begun or _BEGUN in text
                not_offered += _NOT_OFFERED.findall(text)
                if _SUMMARY in text:
                    summary, _ = json.JSONDecoder().raw_decode(text.partition(_SUMMARY)[2])
        except BaseException:  # the task is stopped: so is the program, and it writes its state
            process.terminate()
            raise
    return Outcome(process.returncode, summary, has_begun, tuple(not_offered))


def _text(line: str) -> str:
    """Take the message out of a line of Meltano's log."""
    try:
        entry = json.loads(line)
    except ValueError:
        return line.rstrip()
    return f"{entry.get('name', 'meltano')}: {entry.get('event')}" if isinstance(entry, dict) else line.rstrip()
