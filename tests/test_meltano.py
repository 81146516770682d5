"""The selection in meltano.yml is the streams' own."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML

from tap_magento.streams import STREAMS

ROOT = Path(__file__).resolve().parent.parent


def test_meltano_leaves_out_what_is_not_selected_by_default() -> None:
    project = YAML(typ="safe").load(ROOT / "meltano.yml")
    (extractor,) = project["plugins"]["extractors"]
    everything, *left_out = extractor["select"]
    assert everything == "*.*"
    unselected = {stream.declared_name() for stream in STREAMS if not getattr(stream, "selected_by_default", True)}
    assert {rule.removeprefix("!").removesuffix(".*") for rule in left_out} == unselected
