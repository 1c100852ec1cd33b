"""A head on songs, from the recipe to the bundle that is served."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from genre_core.config import Experiment, from_dict
from genre_core.data.catalog import Catalog
from genre_core.data.song_inputs import read_song_file
from genre_core.errors import DatasetError, LeakError, ParameterError
from genre_core.inference.songs import SongClassifier
from genre_core.jobs.train import train
from genre_core.runs.bundle import Bundle
from genre_core.runs.evaluations import own_evaluation
from genre_core.training import heads
from tests.made_songs_set import GENRES, LOG_MEL, N_EACH, song_experiment

pytestmark = pytest.mark.usefixtures("few_resamples", "kept_features")


def recipe(**training: object) -> Experiment:
    settings = {"method": "logistic", "folds": 2} | training
    return song_experiment(
        network={"features": "pool"}, clip_s=2.4, training=settings, confounds=("made",)
    )


@pytest.fixture(scope="module")
def bundle(song_set: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(heads, "STRENGTHS", (1e-3, 1e-2))
        lines: list[str] = []
        found = train(
            recipe(),
            song_set.root,
            command="a test",
            log=lines.append,
            out=tmp_path_factory.mktemp("models"),
        )
    assert lines
    return found


def test_what_is_served_is_what_was_fitted(bundle: Bundle, song_set: Catalog) -> None:
    classifier = SongClassifier.load(bundle)
    kernel, bias = classifier.network.get_layer("logits").get_weights()
    for path in song_set.frame["path"].iloc[::9]:
        prepared = classifier.prepare(song_set.root / path)
        # 2.4 s or more: the rest after two segments is cut off in training.
        features = classifier.embed(prepared.inputs)
        said = classifier.classify(prepared)
        # Sums over 1,506 float32 features, in another order.
        np.testing.assert_allclose(
            said.mean_probs, heads.head_probs([features], kernel, bias)[0], atol=1e-5
        )


def test_songs_that_differ_clearly_are_told_apart(bundle: Bundle, song_set: Catalog) -> None:
    classifier = SongClassifier.load(bundle)
    test = song_set.frame[song_set.frame["split"] == "test"]
    said = [classifier.classify(song_set.root / path).genre for path in test["path"]]
    assert said == [labels[0] for labels in test["labels"]]
    assert bundle.metrics()["values"]["macro_f1"]["value"] > 0.8


def test_figures_of_the_folds_stand_in_front_and_the_served_head_s_beside(
    bundle: Bundle, song_set: Catalog
) -> None:
    metrics = bundle.metrics()
    json.dumps(metrics, allow_nan=False)
    assert metrics["split"] == "folds"
    assert metrics["n"] == metrics["n_groups"] == len(song_set) == 3 * N_EACH
    assert metrics["data"] == {"name": "made_songs", "digest": song_set.digest}
    assert {"mfcc", "majority"} == set(metrics["baselines"])
    assert metrics["official_test"]["n"] == 6
    assert metrics["official_test"]["values"]["accuracy"]["value"] == 1.0
    table = bundle.predictions()
    assert sorted(table["item_id"]) == sorted(song_set.frame["item_id"])
    assert table.groupby("fold").size().tolist() == [12, 12]
    # What the folds said of each segment, whose mean is calibrated to what they said of the song.
    record = own_evaluation(bundle)
    assert record.about["split"] == "folds"
    for row in table.iloc[::5].to_dict("records"):
        segments = record.segments(row["item_id"])
        assert segments is not None
        prepared = read_song_file(
            song_set.path_of(row["item_id"]),
            song_set.frame.set_index("item_id").at[row["item_id"], "checksum"],
            LOG_MEL,
            clip_s=2.4,
        )
        assert segments["start_s"].tolist() == prepared.start_s.tolist()
        means = segments[["prob_0", "prob_1", "prob_2"]].mean().to_numpy()
        own = np.exp([row["logit_0"], row["logit_1"], row["logit_2"]])
        np.testing.assert_allclose(means, own, atol=1e-5)


def test_the_card_tells_how_it_came_about(bundle: Bundle) -> None:
    card = bundle.card
    assert bundle.name == card.name == "msd_musicnn.made"
    assert card.media == "song"
    assert card.genres == GENRES
    assert card.prog_score is None
    assert from_dict(Experiment, card.experiment) == recipe()
    assert (card.data["n_train"], card.data["n_val"], card.data["n_test"]) == (12, 6, 6)
    assert card.data["per_genre"]["train"] == dict.fromkeys(GENRES, 4)
    assert card.provenance["strength"] in (1e-3, 1e-2)
    assert card.provenance["fitted_on"] == "train and val"
    assert "librosa" in card.provenance["versions"]
    assert card.sources == ()
    assert card.confounds == ("made",)
    assert "no group" in card.data["split_rule"]


@pytest.mark.usefixtures("tiny_song_networks")
def test_where_artists_are_unknown_all_songs_are_learnt_from(
    song_set: Catalog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(heads, "STRENGTHS", (1e-3,))
    found = train(
        recipe(fold_groups="none"), song_set.root, command="a test", log=str, out=tmp_path
    )
    metrics = found.metrics()
    assert "official_test" not in metrics
    assert "random_folds" not in metrics
    assert (found.card.data["n_train"], found.card.data["n_test"]) == (3 * N_EACH, 0)
    assert found.card.provenance["fitted_on"] == "all songs"


@pytest.mark.usefixtures("tiny_song_networks")
def test_a_data_set_without_a_test_split_is_measured_by_its_folds(
    song_set: Catalog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(heads, "STRENGTHS", (1e-3,))
    unsplit = Catalog(song_set.head, song_set.root, song_set.frame.assign(split=""))
    unsplit.save(tmp_path / "unsplit")
    found = train(
        recipe(), tmp_path / "unsplit", command="a test", log=str, out=tmp_path / "models"
    )
    assert "official_test" not in found.metrics()
    assert found.metrics()["n"] == 3 * N_EACH


@pytest.mark.parametrize("changes", [{"folds": 0}, {"folds": 2, "head": "multilabel"}])
def test_recipes_that_fit_no_head(changes: dict[str, object], song_set: Catalog) -> None:
    made = recipe(folds=changes["folds"])
    if "head" in changes:
        made = dataclasses.replace(made, task=dataclasses.replace(made.task, head="multilabel"))
    with pytest.raises(ParameterError, match="Received"):
        train(made, song_set.root, command="a test", log=str)


def test_no_such_genre_and_a_leak_are_said(song_set: Catalog, tmp_path: Path) -> None:
    made = recipe()
    other = dataclasses.replace(
        made, task=dataclasses.replace(made.task, genres=("Beats", "Noise", "Polka"))
    )
    with pytest.raises(DatasetError, match="Polka"):
        train(other, song_set.root, command="a test", log=str)
    leaking = Catalog(song_set.head, song_set.root, song_set.frame.assign(group="one artist"))
    leaking.save(tmp_path / "leaking")
    with pytest.raises(LeakError, match="Received"):
        train(made, tmp_path / "leaking", command="a test", log=str)
