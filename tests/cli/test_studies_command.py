"""`python -m genre_core studies`: one study in words or as JSON, or all of them."""

import json

import pytest

from genre_core.cli import main
from genre_core.lessons.studies import list_studies, load_study


def test_all_studies_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["studies"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["name", *list_studies()]


@pytest.mark.parametrize("name", list_studies())
def test_one_study_in_words(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["studies", name.lower()]) == 0
    out = " ".join(capsys.readouterr().out.split())
    study = load_study(name)
    assert study.lesson in out
    assert study.slips
    assert all(slip.claim in out and slip.found in out for slip in study.slips)


def test_json_alone_with_the_recomputed_values(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["studies", "S3", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["values"]["accuracy_6"] == pytest.approx(1005 / 3733)
    assert found["matrices"][0]["rows"] == "predicted"
    assert main(["studies", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == len(list_studies())


def test_an_unknown_study_is_an_error_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["studies", "S33"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Did you mean 'S3'?" in captured.err
