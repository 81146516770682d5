"""Generate the reference parts of the documentation from the tap's settings and streams.

    python -m scripts.generate_docs            # rewrite the generated parts
    python -m scripts.generate_docs --check    # exit 1 if a part is out of date

A generated part stands between a line with ``begin generated: NAME`` and one with ``end generated: NAME``.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from scripts.personal_data_reference import personal_data_table
from scripts.settings_reference import (
    settings_declared,
    settings_declared_briefly,
    settings_in_environment,
    settings_table,
)
from scripts.streams_reference import permissions, selection, streams_by_domain, tables

ROOT = Path(__file__).resolve().parent.parent

#: File to its generated parts by name.
PARTS: Mapping[str, Mapping[str, Callable[[], Iterator[str]]]] = {
    "README.md": {
        "streams": streams_by_domain,
        "settings": settings_table,
        "declared settings": settings_declared_briefly,
    },
    "docs/TABLES.md": {"tables": tables},
    "docs/ACCESS.md": {"permissions": permissions},
    "docs/PERSONAL_DATA.md": {"personal data": personal_data_table},
    "meltano.yml": {"settings": settings_declared, "selection": selection},
    "meltano/tap-magento.yml": {"settings": settings_declared},
    ".env.example": {"settings": settings_in_environment},
}


def rewritten(text: str, name: str, lines: Sequence[str]) -> str:
    """Put new lines between a part's markers, indented as they are.

    Args:
        text: The whole file.
        name: Name of the part.
        lines: Its lines.

    Returns:
        The file with the part renewed.

    Raises:
        ValueError: If the file has no such part.
    """
    pattern = re.compile(
        rf"(?P<begin>^(?P<indent> *)\S+ begin generated: {name}\b.*\n)(?:.*\n)*?(?P<end> *\S+ end generated: {name}\b)",
        re.MULTILINE,
    )
    match = pattern.search(text)
    if match is None:
        raise ValueError(f"there is no part '{name}'")
    indented = "".join(f"{match['indent']}{line}".rstrip() + "\n" for line in lines)
    return f"{text[: match.start()]}{match['begin']}{indented}{match['end']}{text[match.end() :]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Rewrite or check the generated parts.

    Args:
        arguments: Of the command line.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a part is out of date")
    check = parser.parse_args(arguments).check
    stale = []
    for file, parts in PARTS.items():
        path = ROOT / file
        old = new = path.read_text(encoding="utf-8")
        for name, lines in parts.items():
            new = rewritten(new, name, list(lines()))
        if new != old:
            stale.append(file)
            if not check:
                path.write_text(new, encoding="utf-8")
    for file in stale:
        print(f"{file} {'is out of date: run make docs' if check else 'rewritten'}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
