"""Compiled loops work where nothing can be kept, and are kept where it can."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]

LOOPS = """
from genre_core.compiled import compiled, compiled_in_any_order

@compiled
def total(values):
    sum_ = 0.0
    for value in values:
        sum_ += value
    return sum_

@compiled_in_any_order
def any_total(values):
    sum_ = 0.0
    for value in values:
        sum_ += value
    return sum_
"""

CALL = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
import loops
print(loops.total(np.arange(5.0)), loops.any_total(np.arange(5.0)))
print(sum(loops.total.stats.cache_hits.values()))
"""


def _run(folder: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-B", "-c", CALL, str(folder)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "loops.py").write_text(LOOPS)
    return tmp_path


@pytest.mark.skipif(os.name == "nt", reason="blocks folders by files of their names")
def test_a_loop_works_where_nothing_can_be_written(folder: Path) -> None:
    # Even root cannot make a folder below a file.
    (folder / "__pycache__").write_text("")
    (folder / "file").write_text("")
    nowhere = str(folder / "file" / "below")
    found = _run(folder, HOME=nowhere, XDG_CACHE_HOME=nowhere)
    assert found.split() == ["10.0", "10.0", "0"]


def test_a_loop_is_compiled_once(folder: Path) -> None:
    kept = str(folder / "kept")
    assert _run(folder, NUMBA_CACHE_DIR=kept).split()[-1] == "0"
    assert _run(folder, NUMBA_CACHE_DIR=kept).split()[-1] == "1"
