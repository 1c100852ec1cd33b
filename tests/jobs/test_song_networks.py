"""A network on labelled songs: what it may see, what is served, what the folds tell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genre_core.config import Experiment, SongInput, changed, load_experiment
from genre_core.data.catalog import Catalog
from genre_core.errors import DatasetError, ParameterError
from genre_core.inference.songs import SongClassifier
from genre_core.jobs.fits import song_labels
from genre_core.jobs.fits.result import FitResult
from genre_core.jobs.fits.song_labels import fit_splits
from genre_core.jobs.train import train
from genre_core.runs.bundle import Bundle
from genre_core.training import heads
from tests.made_songs_set import GENRES, N_EACH, song_experiment

pytestmark = pytest.mark.usefixtures("few_resamples", "small_mlp", "kept_features")

STATISTICS = SongInput(
    features="statistics_423", n_frames=43, hop_frames=43, min_frames=21, bound=5.0
)


def recipe(*, prog_genre: str = "", **training: object) -> Experiment:
    settings = {"epochs": 12, "batch_size": 16} | training
    return song_experiment(
        spec=STATISTICS, architecture="s5_mlp", prog_genre=prog_genre, training=settings
    )


def fitted(song_set: Catalog, folder: Path, experiment: Experiment) -> Bundle:
    return train(experiment, song_set.root, command="a test", log=str, out=folder)


@pytest.fixture(scope="module", autouse=True)
def two_strengths() -> Iterator[None]:
    """The baseline's head chooses among two strengths."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(heads, "STRENGTHS", (1e-3, 1e-2))
        yield


@pytest.fixture(scope="module")
def by_split(song_set: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return fitted(song_set, tmp_path_factory.mktemp("models"), recipe(prog_genre="Noise"))


@pytest.fixture(scope="module")
def watched(
    song_set: Catalog, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Bundle, list[dict[str, pd.DataFrame]]]:
    """A network trained by three folds, and the splits that each of its fits was given."""
    seen: list[dict[str, pd.DataFrame]] = []

    def watch(
        experiment: Experiment, catalog: Catalog, splits: dict[str, pd.DataFrame], *rest: object
    ) -> FitResult:
        seen.append(splits)
        return fit_splits(experiment, catalog, splits, str)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(song_labels, "fit_splits", watch)
        folder = tmp_path_factory.mktemp("models")
        return fitted(song_set, folder, recipe(folds=3, epochs=3)), seen


@pytest.fixture
def by_folds(watched: tuple[Bundle, list[dict[str, pd.DataFrame]]]) -> Bundle:
    return watched[0]


def test_test_songs_are_scored_as_they_are_served(by_split: Bundle, song_set: Catalog) -> None:
    classifier = SongClassifier.load(by_split)
    table = by_split.predictions()
    assert set(table["split"]) == {"test"}
    assert len(table) == 6
    for row in table.itertuples():
        path = song_set.frame.set_index("item_id").loc[row.item_id, "path"]
        said = classifier.classify(song_set.root / path)
        np.testing.assert_allclose(
            said.mean_probs, [getattr(row, f"prob_{k}") for k in range(3)], atol=1e-4
        )


def test_songs_that_differ_clearly_are_told_apart(by_split: Bundle) -> None:
    metrics = by_split.metrics()
    json.dumps(metrics, allow_nan=False)
    assert metrics["split"] == "test"
    assert metrics["n"] == 6
    assert metrics["values"]["macro_f1"]["value"] > 0.8
    assert metrics["baselines"]["majority"]["accuracy"]["value"] == pytest.approx(1 / 3, abs=1e-4)
    assert metrics["by_majority"]["n"] == 6
    assert metrics["segments"]["n"] > 6


def test_the_features_are_scaled_by_the_training_songs(by_split: Bundle) -> None:
    spec = by_split.card.input
    assert len(spec.scales) == 423
    assert by_split.card.data["n_train"] == 12
    history = by_split.history()
    chosen = history[history["chosen"]].iloc[0]
    assert chosen["val_loss"] == history["val_loss"].min()
    assert by_split.card.provenance["chosen_epoch"] == chosen["epoch"]


def test_no_fold_s_network_saw_its_songs_or_their_groups(
    song_set: Catalog, watched: tuple[Bundle, list[dict[str, pd.DataFrame]]]
) -> None:
    *folds, last = watched[1]
    assert len(folds) == 3
    tested = [item for splits in folds for item in splits["test"]["item_id"]]
    assert sorted(tested) == sorted(song_set.frame["item_id"])
    for splits in folds:
        groups = [set(splits[name]["group"]) for name in ("train", "val", "test")]
        assert not groups[0] & groups[1] | groups[0] & groups[2] | groups[1] & groups[2]
        assert all(groups)
    # What is stored learnt from the official split.
    assert set(last["train"]["split"]) == {"train"}


def test_figures_of_the_folds_stand_in_front_and_the_official_test_beside(
    by_folds: Bundle, song_set: Catalog
) -> None:
    metrics, table = by_folds.metrics(), by_folds.predictions()
    json.dumps(metrics, allow_nan=False)
    assert metrics["split"] == "folds"
    assert "no group (artist) in two" in metrics["split_rule"]
    assert metrics["n"] == len(song_set) == 3 * N_EACH
    assert sorted(table["item_id"]) == sorted(song_set.frame["item_id"])
    assert metrics["official_test"]["n"] == 6
    assert [row["fold"] for row in metrics["folds"]] == [0, 1, 2]
    for row in metrics["folds"]:
        own = table[table["fold"] == row["fold"]]
        right = float((own["predicted"] == own["genre_index"]).mean())
        assert row["accuracy"] == pytest.approx(right, abs=1e-4)
        assert row["n"] == len(own)
        assert 1 <= row["chosen_epoch"] <= 3


def test_random_folds_are_labelled_and_every_song_is_learnt_from_in_the_end(
    song_set: Catalog, tmp_path: Path
) -> None:
    bundle = fitted(song_set, tmp_path, recipe(folds=2, fold_groups="none", epochs=2))
    assert "at random" in bundle.metrics()["split_rule"]
    assert "official_test" not in bundle.metrics()
    assert bundle.card.data["n_train"] == 3 * N_EACH
    assert bundle.card.provenance["chosen_by"] == "last_epoch"
    took = [row["chosen_epoch"] for row in bundle.metrics()["folds"]]
    assert bundle.card.provenance["chosen_epoch"] == int(np.median(took))


def test_a_prog_genre_gives_a_prog_score(
    by_split: Bundle, by_folds: Bundle, song_set: Catalog
) -> None:
    assert by_split.card.prog_score is not None
    assert by_folds.card.prog_score is None
    said = SongClassifier.load(by_split).classify(song_set.root / song_set.frame["path"].iloc[0])
    np.testing.assert_allclose(said.scores, said.probs[:, GENRES.index("Noise")])


@pytest.mark.parametrize("folds", [N_EACH + 1, 1000])
def test_more_folds_than_groups_are_refused_before_anything_is_computed(
    song_set: Catalog, tmp_path: Path, folds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(song_labels, "describe_songs", None)
    with pytest.raises(DatasetError, match=f"Received {folds} folds of Beats .{N_EACH} groups"):
        fitted(song_set, tmp_path, recipe(folds=folds))


def test_several_genres_a_song_are_refused(song_set: Catalog, tmp_path: Path) -> None:
    experiment = song_experiment(spec=STATISTICS, architecture="s5_mlp", head="multilabel")
    with pytest.raises(ParameterError, match="Received 'multilabel'"):
        fitted(song_set, tmp_path, experiment)
    assert not list(tmp_path.iterdir())


def test_a_split_without_a_genre_is_refused(song_set: Catalog, tmp_path: Path) -> None:
    experiment = song_experiment(
        spec=STATISTICS, architecture="s5_mlp", genres=("Beats", "non-prog (presumed)")
    )
    with pytest.raises(DatasetError, match=r"split train: no non-prog"):
        fitted(song_set, tmp_path, experiment)


def test_covers_have_no_folds(tmp_path: Path) -> None:
    made = changed(load_experiment("s3_model_1"), {"training.folds": 3})
    with pytest.raises(ParameterError, match="Received 3"):
        train(made, tmp_path, command="a test", log=str)
