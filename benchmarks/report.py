"""What a benchmark found, as a table for a person, in the terminal and in RESULTS.md."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"
_TITLE = """\
# Benchmarks

Made by `make bench`, or one by one as each section says. Programs that are compared run in turns, on the same
machine and in the same minutes; ratios are the medians of the rounds. Absolute figures are this machine's.
"""


@dataclass(frozen=True, slots=True)
class Section:
    """What one benchmark found.

    Attributes:
        name: Its name, as on the command line.
        about: What was measured and how.
        head: Titles of the table's columns.
        rows: The table's cells.
        findings: What to see in it, with what was wanted.
    """

    name: str
    about: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    findings: Sequence[str]

    def text(self, command: str) -> str:
        """Write the section in Markdown.

        Args:
            command: The command that made it.

        Returns:
            The section, with a line about when, where and how it was made.
        """
        lines = [self.head, ["---"] * len(self.head), *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.head))]
        table = "\n".join(f"| {' | '.join(map(str.ljust, line, widths))} |" for line in lines)
        findings = "\n".join(f"- {finding}" for finding in self.findings)
        return f"## {self.name}\n\n{self.about}\n\n{table}\n\n{findings}\n\n`{command}`, {_place()}.\n"


def save(sections: Iterable[str], path: Path = RESULTS) -> None:
    """Write sections into the file of results; those of other benchmarks stay.

    Args:
        sections: The sections' texts.
        path: The file.
    """
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    texts = {_name(text): text for text in re.split(r"^(?=## )", old, flags=re.MULTILINE)[1:]}
    texts.update({_name(text): text for text in sections})
    path.write_text("\n".join([_TITLE, *(text.rstrip() + "\n" for text in texts.values())]), encoding="utf-8")


def _name(text: str) -> str:
    return text.partition("\n")[0]


def _place() -> str:
    today = datetime.now(timezone.utc).date()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{today}, {os.cpu_count()} cores, {platform.system()}, {python}, singer-sdk {version('singer-sdk')}"
