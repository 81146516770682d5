from __future__ import annotations

from pathlib import Path

import pytest

from demo.places import cluster_of


def test_the_cluster_lies_in_its_folder() -> None:
    assert cluster_of(Path("/project/.demo")) == Path("/project/.demo/postgres")


@pytest.mark.parametrize("home", ["/a project/.demo", "/" + "long/" * 30 + ".demo"])
def test_where_a_socket_cannot_be_the_cluster_lies_elsewhere(home: str) -> None:
    cluster = cluster_of(Path(home))
    assert cluster == cluster_of(Path(home))
    assert cluster != cluster_of(Path(home, "another"))
    assert " " not in str(cluster)
    assert len(str(cluster / ".s.PGSQL.5432")) <= 103
