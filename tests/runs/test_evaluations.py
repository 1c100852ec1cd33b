"""Evaluations are stored whole, found again, bounded by name, and damaged ones said so."""

import json
from pathlib import Path

import numpy as np
import pytest

from genre_core.errors import EvaluationError
from genre_core.runs import bundle as bundles
from genre_core.runs.evaluations import (
    delete_evaluation,
    evaluation_name,
    evaluations_dir,
    find_evaluation,
    list_evaluations,
    own_evaluation,
    save_evaluation,
)
from tests.made_bundles import write_bundle
from tests.made_evaluations import GENRES, made_evaluation, made_metrics, made_predictions
from tests.made_results import GENRES as TWO
from tests.made_results import write_results


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No model is shipped but what a test puts there."""
    monkeypatch.setattr(bundles, "SHIPPED_DIR", tmp_path / "shipped")
    return tmp_path / "shipped"


def test_what_was_stored_is_read_again() -> None:
    rows = made_predictions(50, media="song")
    made = made_evaluation(media="song", predictions=rows)
    record = find_evaluation("made.test@made")
    assert (record.name, record.genres, record.media) == ("made.test@made", GENRES, "song")
    assert record.is_stored
    assert record.about == made.about
    assert record.about["n"] == 50
    assert record.predictions().equals(rows)
    assert record.metrics() == json.loads(json.dumps(made_metrics(rows)))
    embeddings = record.embeddings()
    assert embeddings is not None
    assert embeddings.shape == (50, 16)
    segments = record.segments("000007.mp3")
    assert segments is not None
    assert segments.columns.tolist() == ["start_s", "end_s", "prob_0", "prob_1", "prob_2"]
    assert segments["start_s"].tolist() == [3.0 * k for k in range(8)]


def test_covers_have_no_segments() -> None:
    assert made_evaluation(9).segments("000001.jpg") is None


def test_ten_thousand_songs_are_found_by_item() -> None:
    record = made_evaluation(10_000, media="song")
    segments = record.segments("009999.mp3")
    assert segments is not None
    assert len(segments) == 8
    several = record.segments_of(["000003.mp3", "gone.mp3", "009999.mp3"])
    assert list(several) == ["000003.mp3", "009999.mp3"]
    assert several["009999.mp3"].equals(segments)
    assert 0.7 < (record.predictions().eval("genre_index == predicted")).mean() < 0.8


def test_the_newest_comes_first_and_a_bundles_own_behind(shipped: Path) -> None:
    write_results(write_bundle(shipped, genres=TWO, name="made.own"))
    for seed, data in enumerate(("older", "newer")):
        made_evaluation(9, seed=seed, data=data)
    names = [record.name for record in list_evaluations()]
    assert names == ["made.test@newer", "made.test@older", "made.own@made"]


def test_a_bundles_own_answers_are_an_evaluation(shipped: Path) -> None:
    bundle = write_results(write_bundle(shipped, genres=TWO))
    record = own_evaluation(bundle)
    assert find_evaluation(record.name) == record
    assert not record.is_stored
    assert record.about["split"] == "test"
    assert record.metrics() == bundle.metrics()
    assert {"album", "year"} <= {*record.predictions()}
    assert record.embeddings() is None
    assert record.segments("any") is None
    with pytest.raises(EvaluationError, match=r"belongs to the model"):
        delete_evaluation(record.name)


def test_answers_of_folds_have_a_name_of_their_own(shipped: Path) -> None:
    bundle = write_results(write_bundle(shipped, genres=TWO))
    path = bundle.folder / "metrics.json"
    path.write_text(json.dumps(bundle.metrics() | {"split": "folds"}))
    record = own_evaluation(bundle)
    assert record.name == "made.test@made@folds"
    assert record.about["split"] == "folds"


@pytest.mark.parametrize("how", ["no predictions", "several genres an item"])
def test_a_bundle_without_such_answers_is_no_evaluation(how: str, shipped: Path) -> None:
    if how == "no predictions":
        bundle = write_bundle(shipped)
    else:
        bundle = write_results(write_bundle(shipped, genres=TWO, head="multilabel"))
    with pytest.raises(EvaluationError, match="Received"):
        own_evaluation(bundle)
    assert list_evaluations() == ()


def test_one_that_was_made_hides_the_bundles_own(shipped: Path) -> None:
    write_results(write_bundle(shipped, genres=TWO))
    made = made_evaluation(9, genres=TWO)
    assert list_evaluations() == (made,)
    assert find_evaluation("made.test@made") == made
    delete_evaluation("made.test@made")
    assert not list_evaluations()[0].is_stored
    assert list(evaluations_dir().iterdir()) == []


def test_a_newer_one_takes_the_place_of_an_older() -> None:
    made_evaluation(9)
    made_evaluation(12, seed=1)
    assert find_evaluation("made.test@made").about["n"] == 12
    assert len(list(evaluations_dir().iterdir())) == 1


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("evaluation.json", "{"),
        ("evaluation.json", "[]"),
        ("evaluation.json", "{}"),
        ("evaluation.json", '{"format_version": 9}'),
        ("metrics.json", None),
        ("predictions.parquet", None),
    ],
)
def test_a_damaged_one_is_one_error_and_not_listed(file: str, content: str | None) -> None:
    made_evaluation(9, data="whole")
    path = made_evaluation(9).folder / file
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    with pytest.raises(EvaluationError, match=r"made\.test@made with .*evaluate MODEL"):
        find_evaluation("made.test@made")
    assert [record.about["data"]["name"] for record in list_evaluations()] == ["whole"]


@pytest.mark.parametrize("file", ["metrics.json", "predictions.parquet", "embeddings.npy"])
def test_a_damaged_table_is_said_when_it_is_read(file: str) -> None:
    record = made_evaluation(9)
    (record.folder / file).write_bytes(b"\x93NUMPY{")
    read = {"metrics.json": "metrics", "predictions.parquet": "predictions"}
    with pytest.raises(EvaluationError, match=file):
        getattr(record, read.get(file, "embeddings"))()


def test_embeddings_of_other_items_are_refused() -> None:
    record = made_evaluation(9)
    np.save(record.folder / "embeddings.npy", np.zeros((8, 2)))
    with pytest.raises(EvaluationError, match="for 9 items"):
        record.embeddings()


@pytest.mark.parametrize(
    "name", ["", "made.test", "../made.test@made", "a@../../b", ".a@b", "a@b\n", "a@" + "b" * 300]
)
def test_a_name_leads_nowhere_else(name: str) -> None:
    made_evaluation(9)
    with pytest.raises(EvaluationError, match="Received"):
        find_evaluation(name)


@pytest.mark.parametrize("data", ["my covers/2", "..", "Möwe", "猫" * 200])
def test_whatever_a_data_set_is_called_its_evaluation_is_found(data: str) -> None:
    record = made_evaluation(9, data=data)
    assert record.folder.parent == evaluations_dir()
    assert find_evaluation(evaluation_name("made.test", data)).about["data"]["name"] == data


def test_an_error_amid_storing_leaves_the_older(monkeypatch: pytest.MonkeyPatch) -> None:
    older = made_evaluation(9)
    rows = made_predictions(12)

    def full(*_: object, **__: object) -> None:
        raise OSError("a full disk")

    with monkeypatch.context() as patch:
        patch.setattr(np, "save", full)
        with pytest.raises(OSError, match="a full disk"):
            save_evaluation(older.about, made_metrics(rows), rows, embeddings=np.zeros((12, 2)))
    assert find_evaluation("made.test@made").predictions().equals(older.predictions())
    assert [path.name for path in evaluations_dir().iterdir()] == ["made.test@made"]
