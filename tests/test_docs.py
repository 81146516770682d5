"""The README, meltano.yml, sample_config.json and .env.example say what the tap is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from scripts import generate_docs
from tap_magento.settings import schema as settings
from tap_magento.settings.validation import problems
from tap_magento.tap import TapMagento

ROOT = Path(__file__).resolve().parent.parent
#: The tap's own; to its schema the SDK adds more, in place.
NAMES = {each.name for group in settings.GROUPS.values() for each in group}
TEXTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    project: dict[str, Any] = YAML(typ="safe").load(ROOT / "meltano.yml")
    return project


@pytest.fixture(scope="module")
def tap(project: dict[str, Any]) -> dict[str, Any]:
    (extractor,) = project["plugins"]["extractors"]
    assert extractor["name"] == TapMagento.name
    return dict(extractor)


def test_generated_parts_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate_docs.main(["--check"]) == 0, capsys.readouterr().out


def test_a_stale_part_is_noticed_and_renewed() -> None:
    text = "a\n  # begin generated: x, by a script\n  old\n  # end generated: x\nb\n"
    assert generate_docs.rewritten(text, "x", ["new", ""]) == text.replace("  old\n", "  new\n\n")
    with pytest.raises(ValueError, match="no part"):
        generate_docs.rewritten(text, "y", [])


def test_no_plugin_asks_a_hub(project: dict[str, Any]) -> None:
    plugins = [plugin for plugins in project["plugins"].values() for plugin in plugins]
    assert {plugin["name"] for plugin in plugins} >= {"tap-magento", "target-postgres", "target-jsonl"}
    assert all(plugin["namespace"] and plugin["pip_url"] for plugin in plugins)
    assert project["send_anonymous_usage_stats"] is False


def test_meltano_knows_every_setting_and_which_are_secret(tap: dict[str, Any]) -> None:
    properties = settings.CONFIG_SCHEMA["properties"]
    known = {setting["name"]: setting for setting in tap["settings"]}
    assert known.keys() >= NAMES
    for name in NAMES:
        assert known[name].get("sensitive", False) == properties[name].get("secret", False), name
        assert known[name]["label"]
        assert known[name]["description"]


def test_every_group_of_settings_is_a_way_in(tap: dict[str, Any]) -> None:
    values = {name: "text" for group in tap["settings_group_validation"] for name in group}
    for group in tap["settings_group_validation"]:
        config = settings.defaults() | {name: values[name] for name in group}
        assert problems(config, settings.CONFIG_SCHEMA) == [], group


def test_the_jobs_and_schedules_name_what_there_is(project: dict[str, Any]) -> None:
    plugins = {plugin["name"] for plugins in project["plugins"].values() for plugin in plugins}
    jobs = {job["name"]: job["tasks"] for job in project["jobs"]}
    assert all(set(task.split()) <= plugins for tasks in jobs.values() for task in tasks)
    assert [(each["interval"], each["job"] in jobs) for each in project["schedules"]] == [("@daily", True)]


def test_the_sample_config_is_good() -> None:
    config = json.loads((ROOT / "sample_config.json").read_text(encoding="utf-8"))
    assert problems(settings.defaults() | config, settings.CONFIG_SCHEMA) == []


def test_the_sample_environment_sets_nothing_until_filled_in() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assert all(not line or line.startswith("#") for line in lines)
    named = {match[1].lower() for line in lines if (match := re.match(r"#TAP_MAGENTO_(\w+)=", line))}
    assert named >= NAMES


@pytest.mark.parametrize("name", TEXTS)
def test_links_within_the_project_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / name).read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("name", TEXTS)
def test_the_make_targets_that_are_named_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = (ROOT / name).read_text(encoding="utf-8")
    named = set(re.findall(r"`make ([a-z]+)`|^make ([a-z]+)\b", text, re.MULTILINE))
    assert {one or other for one, other in named} <= targets


def test_the_changelog_begins_with_this_version() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    first = re.search(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert version is not None
    assert first is not None
    assert first[1] in ("Unreleased", version[1])


def test_every_citation_of_a_fact_names_headings_of_it() -> None:
    headings = re.findall(r"(?m)^## (.+)$", (ROOT / "docs" / "MAGENTO.md").read_text(encoding="utf-8"))
    one = "|".join(sorted(map(re.escape, headings), key=len, reverse=True))
    known = re.compile(rf"({one})(; ({one}))*(?!; [A-Z]|[A-Za-z])")
    found = 0
    for place in ("tap_magento", "sample_store", "benchmarks", "scripts", "demo", "tests"):
        for path in (ROOT / place).rglob("*.py"):
            text = re.sub(r"\s+(?:#:? )?", " ", path.read_text(encoding="utf-8"))
            for cited in text.split("docs/MAGENTO.md" + ", ")[1:]:
                assert known.match(cited), f"{path}: {cited[:60]}"
                found += 1
    assert found


def test_the_index_of_the_facts_leads_to_every_heading() -> None:
    text = (ROOT / "docs" / "MAGENTO.md").read_text(encoding="utf-8")
    anchors = {re.sub(r"[^\w -]", "", name).lower().replace(" ", "-") for name in re.findall(r"(?m)^## (.+)$", text)}
    assert set(re.findall(r"\(#([^)]+)\)", text)) == anchors
