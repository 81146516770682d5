"""A release is only made where its tag, the version and the changelog agree."""

from __future__ import annotations

import pytest

from scripts.check_release import problems

PYPROJECT = '[project]\nname = "tap-magento"\nversion = "1.2.3"\n'
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-11-25\n"


def test_a_release_whose_names_agree_passes() -> None:
    assert problems("v1.2.3", PYPROJECT, CHANGELOG) == []


@pytest.mark.parametrize(
    ("tag", "pyproject", "changelog", "named"),
    [
        ("v1.2.4", PYPROJECT, CHANGELOG, "the tag is v1.2.4"),
        ("1.2.3", PYPROJECT, CHANGELOG, "the tag is 1.2.3"),
        ("v1.2.3", PYPROJECT, "## [Unreleased]\n", "CHANGELOG.md has no section"),
        ("v1.2.3", PYPROJECT, "## [1x2x3] - 2026-11-25\n", "CHANGELOG.md has no section"),
        ("v1.2.3", "", CHANGELOG, "is none"),
    ],
)
def test_what_differs_is_named(tag: str, pyproject: str, changelog: str, named: str) -> None:
    assert any(named in sentence for sentence in problems(tag, pyproject, changelog))
