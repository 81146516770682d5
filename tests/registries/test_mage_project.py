"""The files of a Mage project, and what is taken out of its log."""

from __future__ import annotations

import json
from pathlib import Path

from demo.postgres import Database
from registries.mage.project import Project, Run
from registries.mage.prove import failures


def test_a_pipeline_goes_from_the_shop_into_a_schema_of_its_name(tmp_path: Path) -> None:
    project = Project(tmp_path, tmp_path)
    project.write_pipeline("shop", {"store_url": "http://localhost"}, Database(tmp_path / "postgres"))
    pipeline = json.loads((project.folder / "pipelines/shop/metadata.yaml").read_text())
    source, sink = pipeline["blocks"]
    assert source["downstream_blocks"] == [sink["uuid"]]
    assert sink["upstream_blocks"] == [source["uuid"]]
    loader = json.loads((project.folder / f"data_loaders/{source['uuid']}.yaml").read_text())
    exporter = json.loads((project.folder / f"data_exporters/{sink['uuid']}.yaml").read_text())
    assert loader == {"source": "magento", "config": {"store_url": "http://localhost"}}
    assert (exporter["destination"], exporter["config"]["schema"]) == ("postgresql", "shop")


def test_a_catalog_selects_all_of_its_streams(tmp_path: Path) -> None:
    project = Project(tmp_path, tmp_path)
    metadata = [
        {"breadcrumb": [], "metadata": {"selected": False}},
        {"breadcrumb": ["properties", "id"], "metadata": {}},
    ]
    given = {"tap_stream_id": "orders", "metadata": metadata}
    project.write_catalog("shop", [given])
    (written,) = json.loads((project.folder / "pipelines/shop/data_integration_catalog.json").read_text())["catalog"][
        "streams"
    ]
    assert [each["metadata"]["selected"] for each in written["metadata"]] == [True, True]
    assert written["destination_table"] == "orders"
    assert given["metadata"] == metadata
    assert metadata[0]["metadata"] == {"selected": False}


def test_each_failure_is_told_once() -> None:
    line = 'Exception: Magento process failed with error tap-magento failed: no "orders"; see v. 2. {"error": "..."}'
    assert failures(Run(1, "failed", {}, f"{line}\n{line}\n")) == 'tap-magento failed: no "orders"; see v. 2'
