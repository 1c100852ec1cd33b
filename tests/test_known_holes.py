"""No package may be older than the version that closed its last known hole (docs/serve.md)."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

PROJECT = Path(__file__).resolve().parents[1]
SERVE = (PROJECT / "docs" / "serve.md").read_text(encoding="utf-8")
REQUIRED = {
    requirement.name.lower(): requirement
    for path in sorted(PROJECT.glob("requirements*.txt"))
    for line in path.read_text(encoding="utf-8").splitlines()
    if (text := line.partition("#")[0].strip()) and not text.startswith("-r ")
    for requirement in [Requirement(text)]
}
CLOSED = dict(re.findall(r"^\| (\S+) \| ([\d.]+) \| .*(?:CVE|GHSA)-", SERVE, flags=re.MULTILINE))
"""The first version without a known hole, by package: the table in docs/serve.md."""


def test_the_table_names_packages_with_holes() -> None:
    assert {"pillow", "keras", "pyarrow", "streamlit"} <= set(CLOSED)


@pytest.mark.parametrize("name", CLOSED)
def test_no_version_with_a_known_hole_may_be_installed(name: str) -> None:
    lowest = [Version(each.version) for each in REQUIRED[name].specifier if each.operator == ">="]
    assert lowest
    assert lowest[0] >= Version(CLOSED[name])


@pytest.mark.parametrize("name", CLOSED)
def test_none_is_installed_here(name: str) -> None:
    try:
        installed = version(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} is not installed: it comes with another requirements file")
    assert Version(installed) >= Version(CLOSED[name])
