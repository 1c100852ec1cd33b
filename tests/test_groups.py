"""The groups of tests: what their outcomes amount to."""

import importlib
import sys
from types import ModuleType

import pytest


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "path", [*sys.path])  # it puts the project first
    return importlib.import_module("tests.run")


@pytest.mark.parametrize(
    ("line", "code", "require_all", "failed"),
    [
        ("3 passed in 1s", 0, "1", False),
        ("3 passed, 2 skipped in 1s", 0, "", False),
        ("3 passed, 2 skipped in 1s", 0, "1", True),
        ("1 failed, 3 passed in 1s", 1, "", True),
        ("7 deselected in 1s", 5, "1", False),
        ("", -11, "", True),
    ],
)
def test_a_skipped_test_is_a_failure_where_all_are_required(
    run: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    line: str,
    code: int,
    require_all: str,
    failed: bool,
) -> None:
    monkeypatch.setenv("GENRE_REQUIRE_ALL", require_all)
    outcomes = [
        run.Outcome("sound", "5 passed in 2s", 2.0, 1.0, 0.5, 0),
        run.Outcome("pages", line, 1.0, 1.0, 0.5, code),
    ]
    assert run.summarise(outcomes) is failed
    said = capsys.readouterr().out
    assert f"{5 + 3 * ('passed' in line)} passed" in said
    assert ("NOT RUN above" in said) == (require_all == "1" and "skipped" in line)
