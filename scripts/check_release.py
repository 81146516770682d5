"""See that a release's tag, the package's version and the changelog name the same version.

Usage: `python scripts/check_release.py v1.2.3`
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def problems(tag: str, pyproject: str, changelog: str) -> list[str]:
    """Compare a tag with the version and the changelog.

    Args:
        tag: For example ``v1.2.3``.
        pyproject: The text of `pyproject.toml`.
        changelog: The text of `CHANGELOG.md`.

    Returns:
        A sentence for each that differs.
    """
    found = re.search(r'^version = "([^"]+)"$', pyproject, re.MULTILINE)
    version = found[1] if found else "none"
    wrong = []
    if tag != f"v{version}":
        wrong.append(f"the tag is {tag}, but the version in pyproject.toml is {version}")
    if not re.search(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE):
        wrong.append(f"CHANGELOG.md has no section '## [{version}] - <date>'")
    return wrong


def main() -> int:
    """Check the tag of the command line.

    Returns:
        0 if all agree, 1 if not.
    """
    texts = ((PROJECT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "CHANGELOG.md"))
    wrong = problems(sys.argv[1], *texts)
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
