"""A hundred harmed files of every format: each is an answer or one sentence, never a traceback."""

import re
import sys

import pytest

from genre_core.errors import GenreError
from tests import mutant_run
from tests.made_mutants import File, good_files, mutant

N_FILES = 100


def test_no_harmed_file_ends_in_anything_but_an_answer_or_a_sentence() -> None:
    outcomes = mutant_run.run(seed=0, n_files=N_FILES)
    assert len(outcomes) == N_FILES
    bad = [each for each in outcomes if each["ended"] not in {"answer", "refusal"}]
    assert bad == []
    assert {each["ended"] for each in outcomes} == {"answer", "refusal"}
    for each in outcomes:
        assert each["seconds"] < mutant_run.LIMIT_S
        assert each["peak_mb"] < 1024
        assert each["ended"] == "answer" or re.search(r"\. Received .+\. \S", each["error"])


FRAIL = """
import json, os, sys, time
for n in range(int(sys.argv[2]), int(sys.argv[3])):
    if n == 1: os.abort()
    if n == 3: time.sleep(60)
    print(json.dumps({"ended": "answer"}), flush=True)
"""


def test_what_ends_or_stops_its_process_is_told_and_the_rest_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mutant_run, "_COMMAND", [sys.executable, "-c", FRAIL])
    monkeypatch.setattr(mutant_run, "LIMIT_S", 0.5)
    ended = [each["ended"] for each in mutant_run.run(seed=1, n_files=5)]
    assert ended == ["answer", "death", "answer", "hang", "answer"]


@pytest.mark.parametrize("file", good_files(), ids=lambda file: file.kind)
def test_every_good_file_is_read(file: File) -> None:
    mutant_run.read(file)


def test_a_file_that_is_none_is_a_refusal() -> None:
    for medium in ("song", "cover", "zip"):
        with pytest.raises(GenreError):
            mutant_run.read(File(medium, "text", b"hello"))


def test_a_mutant_is_the_same_each_time_and_mostly_another_file() -> None:
    files = good_files()
    assert len(files) == 40
    assert [mutant(1, n) for n in range(40)] == [mutant(1, n) for n in range(40)]
    changed = [mutant(1, n).content != files[n].content for n in range(40)]
    assert sum(changed) > 35
