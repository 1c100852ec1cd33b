"""The studies' files: what they must not hold, what is refused, and that every text is filled."""

import re
import tomllib
from pathlib import Path

import pytest

from genre_core.config import from_dict, list_experiments, to_dict
from genre_core.errors import ParameterError
from genre_core.lessons.studies import STUDIES_DIR, Study, list_studies, load_study
from genre_core.lessons.studies.reading import read_study

NAMES = list_studies()


def changed(tmp_path: Path, name: str, old: str, new: str) -> Path:
    """A copy of a study's file with one passage replaced."""
    text = (STUDIES_DIR / f"{name.lower()}.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / f"{name.lower()}.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("S3", 'rows = "predicted"', 'rows = "true"', "right way round"),
        ("S3", 'rows = "predicted"', 'rows = "both"', "must be one of"),
        ("S3", "[806,", "[805,", "same covers of each true genre"),
        ("S3", "[806,  83,", "[806,", "must be square"),
        ("S3", "[806,", "[-806,", "counts from 0"),
        ("S3", '"Reggae",\n]', "]", "needs a row for each genre"),
        ("S3", "{most_6}", "{most_7}", "only values that are recomputed"),
        ("S3", "{most_6}", "{", "only values that are recomputed"),
        ("S3", 'rule = "accuracy"', 'rule = "accurate"', "Did you mean 'accuracy'"),
        ("S3", 'of = ["matrix 8"]', 'of = ["matrix 9"]', "Did you mean 'matrix"),
        ("S3", 'of = ["network 1"]', 'of = ["matrix 6"]', "must fit what it is given"),
        ("S3", "value = 0.257", "value = 25.7", "must lie in"),
        ("S3", "n_covers = 18584\n", "n_cover = 18584\n", "needs a note"),
        ("S3", 'name = "n_known"', 'name = "n_test"', "different names"),
        ("S3", 'basis = "inferred"', 'basis = "felt"', "must be one of"),
        ("S3", 'title = "', 'titel = "', "Did you mean 'title'"),
        ("S3", 'name = "S3"', 'name = "S3"\nvalues = { accuracy_6 = 0.3 }', "never a result"),
        ("S3", 'name = "S3"', "name = S3", "readable TOML"),
        ("S1", "  0.1414,", " ", "one value an epoch"),
        ("S4", "[0.15, 0, 0,", "[0.51, 0, 0,", "add up to 1"),
        ("S4", "[0.15, 0, 0,", "[0.15, 0,", "must be square"),
        ("S4", '"Rock", "Soundtrack"', '"Soundtrack"', "needs a row for each genre"),
        ("S4", "shape = [128, 256, 1]", "shape = [128, 256]", "height, width, channels"),
        (
            "S5",
            "counts = [[87, 15], [41, 61]]",
            "counts = [[87, 16], [41, 61]]",
            "each genre alike",
        ),
        ("S5", 'name = "6"', 'name = "5"', "different names"),
        ("S5", 'printed = "73.27"', 'printed = "73.27 %"', "number of per cent"),
        ("S5", 'unit = "windows"', 'unit = "seconds"', "must be one of"),
        ("S5", '"Simple Boy", ', "", "as many as table CNN songs counts"),
        ("S5", 'table = "CNN songs"', 'table = "CNN"', "name a table"),
        ("S5", "[6.4910877e-01, 3.5089117e-01]", "[6.4910877e-01, 3.6e-01]", "add up to 1"),
        ("S5", "[6.4910877e-01, 3.5089117e-01]", "[6.4910877e-01]", "pair of scores"),
    ],
)
def test_a_wrong_file_is_refused(
    tmp_path: Path, name: str, old: str, new: str, message: str
) -> None:
    with pytest.raises(ParameterError, match="Received") as caught:
        read_study(changed(tmp_path, name, old, new))
    assert message in str(caught.value)


def test_an_unknown_study_names_the_nearest() -> None:
    with pytest.raises(ParameterError, match=r"Received 'S7'.*Did you mean 'S[1-5]'"):
        load_study("S7")
    with pytest.raises(ParameterError, match=r"Received 'nothing'.*Known: S1, S2, S3, S4, S5"):
        load_study("nothing")


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_filled_and_none_is_empty(name: str) -> None:
    study = load_study(name)
    texts = _texts(to_dict(study))
    assert texts
    assert not any("{" in text or "}" in text for text in texts)
    assert len(study.slips) >= 3
    for slip in study.slips:
        assert min(len(slip.claim), len(slip.found), len(slip.matters)) > 15
    assert study.lesson.endswith(".")
    assert study.unknown


@pytest.mark.parametrize("name", NAMES)
def test_no_result_is_typed_in(name: str) -> None:
    plain = tomllib.loads((STUDIES_DIR / f"{name.lower()}.toml").read_text(encoding="utf-8"))
    assert "values" not in plain
    assert all("value" not in each for each in plain["recomputed"])
    study = load_study(name)
    # A text that says what was found says it with a recomputed value, not with typed decimals.
    written = {each.written(study.values[each.name]) for each in study.recomputed}
    for slip in study.slips:
        for found in re.findall(r"\d+\.\d+ %", slip.found):
            assert found in written, f"{found} in {slip.found!r}"


@pytest.mark.parametrize("name", NAMES)
def test_its_recipes_exist(name: str) -> None:
    study = load_study(name)
    known = list_experiments()
    assert study.rerun in known
    assert set(study.related) <= set(known)


@pytest.mark.parametrize("name", NAMES)
def test_a_study_survives_a_round_trip_and_is_loaded_once(name: str) -> None:
    study = load_study(name)
    assert from_dict(Study, to_dict(study)) == study
    assert load_study(name) is study


def test_the_view_finds_the_figures_of_each_printed_matrix() -> None:
    for name in NAMES:
        study = load_study(name)
        for matrix in study.matrices:
            assert study.matrix(matrix.network) is matrix
            assert study.written(f"accuracy_{matrix.network}").endswith(" %")
            assert study.written(f"balanced_{matrix.network}").endswith(" %")
        if study.epochs is not None:
            assert {"majority", "prior_entropy"} <= set(study.values)
        for shares in study.shares:
            assert study.written(f"balanced_{shares.network}").endswith(" %")
        if not study.matrices and study.epochs is None:
            assert "chance" in study.values


def test_which_bundles_ask_a_studys_question() -> None:
    s1, s3 = load_study("S1"), load_study("S3")
    assert s1.is_asked_by("S1", "anything")
    assert s1.is_asked_by("ours", "prog_lite2_blocks")
    assert not s3.is_asked_by("ours", "prog_lite2")
    assert not s3.is_asked_by("ours", "gaid5_lite2")


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []
