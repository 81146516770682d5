"""The README, meltano.yml, sample_config.json and .env.example say what the tap is."""

from __future__ import annotations

import fnmatch
import json
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from sample_store import Shop, serve
from scripts import generate_docs
from scripts.streams_reference import all_streams
from tap_magento.settings import schema as settings
from tap_magento.settings.validation import problems
from tap_magento.streams import STREAMS
from tap_magento.tap import TapMagento
from tests.support.in_process import discover, make_tap
from tests.support.ways_in import way_in

#: What the hub requires of a definition.
HUB_REQUIRED = {"name", "namespace", "variant", "label", "quality"}
ROOT = Path(__file__).resolve().parent.parent
#: The tap's own; to its schema the SDK adds more, in place.
NAMES = {each.name for group in settings.GROUPS.values() for each in group}
TEXTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/ACCESS.md", "docs/TABLES.md", "docs/MAGENTO.md")


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


def test_the_definition_for_other_projects_is_the_projects_own(tap: dict[str, Any]) -> None:
    definition = YAML(typ="safe").load(ROOT / "meltano" / "tap-magento.yml")
    for field in ("name", "namespace", "executable", "capabilities", "settings", "settings_group_validation"):
        assert definition[field] == tap[field]
    assert set(definition) == HUB_REQUIRED | {
        "capabilities",
        "description",
        "executable",
        "keywords",
        "maintenance_status",
        "pip_url",
        "settings",
        "settings_group_validation",
    }
    assert list(definition) == sorted(definition)


def test_the_capabilities_are_those_of_the_tap(tap: dict[str, Any]) -> None:
    capabilities = {each.value for each in TapMagento.capabilities}
    assert set(tap["capabilities"]) == capabilities
    assert set(readme_project()["plugins"]["extractors"][0]["capabilities"]) == capabilities


def test_the_readmes_project_declares_every_setting_and_a_schema_for_its_sql() -> None:
    plugins = readme_project()["plugins"]
    declared = {setting["name"]: setting for setting in plugins["extractors"][0]["settings"]}
    assert declared.keys() >= NAMES
    properties = settings.CONFIG_SCHEMA["properties"]
    assert {name for name in NAMES if declared[name].get("sensitive")} == {
        name for name in NAMES if properties[name].get("secret")
    }
    assert plugins["loaders"][0]["config"]["default_target_schema"] == "magento"


def test_the_settings_that_the_readme_shows_are_good() -> None:
    blocks = re.findall(r"(?ms)^```yaml\n(config:.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(blocks) >= 4
    access = {"store_url": "https://shop.example.com", "access_token": "made-up"}
    schema = json.loads(json.dumps(settings.CONFIG_SCHEMA))
    TapMagento.append_builtin_config(schema)
    for block in blocks:
        config = YAML(typ="safe").load(block)["config"]
        assert problems(settings.defaults() | access | config, schema) == [], block


def test_what_the_readme_deselects_is_there() -> None:
    columns = {stream.name: stream.schema["properties"] for stream in all_streams()}
    rules = re.findall(r"(?m)^- '!(\w+)\.([\w*]+)'$", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert rules
    for stream, field in rules:
        assert fnmatch.filter(columns[stream], field), f"{stream}.{field}"


def test_what_is_selected_are_streams() -> None:
    names = {stream.declared_name() for stream in STREAMS}
    assert {rule.partition(".")[0] for rule in readme_project()["plugins"]["extractors"][0]["select"]} <= names


def test_the_access_page_shows_what_the_tap_prints() -> None:
    with serve(Shop.generate(orders=3)) as server:
        catalog = discover(way_in(server, "oauth1"))
        config = way_in(server, "oauth1", frozenset({"Magento_Sales::actions_view"}))
        findings = {finding.stream: finding for finding in make_tap(config, catalog=catalog).probe()}
    assert findings["invoices"].problem in (ROOT / "docs" / "ACCESS.md").read_text(encoding="utf-8")


def readme_project() -> dict[str, Any]:
    blocks = re.findall(r"(?ms)^```yaml\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"))
    (project,) = (block for block in blocks if "extractors:" in block)
    found: dict[str, Any] = YAML(typ="safe").load(project)
    return found


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
    assert [link for link in links if not (ROOT / name).parent.joinpath(link).exists()] == []


@pytest.mark.parametrize("name", TEXTS)
def test_links_to_headings_lead_to_some(name: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", (ROOT / name).read_text(encoding="utf-8"))
    for file, anchor in links:
        target = (ROOT / name).parent / file if file else ROOT / name
        assert anchor in anchors_of(target), f"{file}#{anchor}"


def anchors_of(path: Path) -> set[str]:
    headings = re.findall(r"(?m)^#+ (.+)$", path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


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
