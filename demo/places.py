"""Where the demonstration keeps its things."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

#: The project's root folder, which is a Meltano project.
ROOT = Path(__file__).resolve().parent.parent
#: What a demonstration leaves behind, to look at.
HOME = ROOT / ".demo"

# A socket's path may have 103 characters on macOS and 107 on Linux; PostgreSQL adds `/.s.PGSQL.5432`.
_LONGEST = 85


def cluster_of(home: Path) -> Path:
    """Choose the folder of a PostgreSQL cluster, whose socket lies in it.

    Args:
        home: The folder that it belongs to.

    Returns:
        A folder in it; if that path is too long for a socket or has spaces, which `pg_ctl` would split,
        one in the folder for temporary files, always the same.
    """
    cluster = home / "postgres"
    if len(str(cluster)) <= _LONGEST and not any(character.isspace() for character in str(cluster)):
        return cluster
    name = hashlib.sha256(str(cluster).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()).resolve() / f"tap-magento-{name}"
