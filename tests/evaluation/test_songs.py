"""Heads on songs are measured by folds: nothing is scored by what knew it, baselines beside."""

from __future__ import annotations

import json

import librosa
import numpy as np
import pandas as pd
import pytest

from genre_core.audio.clip import Clip
from genre_core.config import Task
from genre_core.data.item import items_frame
from genre_core.evaluation import songs as module
from genre_core.evaluation.report import FIGURES
from genre_core.evaluation.songs import (
    BASELINE,
    MFCC_SR,
    evaluate_by_folds,
    fold_probs,
    mfcc_statistics,
)
from genre_core.training import heads
from tests.audio.made_songs import made_song
from tests.made_songs_set import GENRES

pytestmark = pytest.mark.usefixtures("few_resamples")

TASK = Task(genres=GENRES)


@pytest.fixture(autouse=True)
def few_strengths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "STRENGTHS", (1e-3, 1e-1))


def made_frame(n: int = 48) -> pd.DataFrame:
    """Three genres, groups of two songs; the last song has no group."""
    rows = [
        {
            "item_id": f"{k}.ogg",
            "labels": [GENRES[k % 3]],
            "title": f"Title {k}",
            "group": "" if k == n - 1 else f"{k % 3}/{k // 6}",
            "split": "train",
        }
        for k in range(n)
    ]
    frame = items_frame(rows)
    return frame.assign(genre_index=np.arange(n) % 3)


def features_of(frame: pd.DataFrame, apart: float, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    middles = apart * rng.normal(size=(3, 6))
    return [(middles[g] + rng.normal(size=(2, 6))).astype(np.float32) for g in frame["genre_index"]]


@pytest.mark.parametrize("seed", [0, 1])
def test_no_song_is_scored_by_a_head_that_saw_its_group(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = made_frame()
    genre = frame["genre_index"].to_numpy()
    groups = np.where(frame["group"] == "", frame["item_id"], frame["group"]).astype(str)
    # The first feature tells which song it is.
    songs = [np.full((2, 2), k, np.float32) for k in range(len(frame))]
    knows: dict[int, set[str]] = {}
    scored: list[int] = []

    def fit(own, its_genre, strength):  # type: ignore[no-untyped-def]
        kernel = np.zeros((2, 3), np.float32)
        knows[id(kernel)] = {groups[int(song[0, 0])] for song in own}
        kept.append(kernel)
        return kernel, np.zeros(3, np.float32)

    def score(own, kernel, bias):  # type: ignore[no-untyped-def]
        for song in own:
            assert groups[int(song[0, 0])] not in knows[id(kernel)]
            scored.append(int(song[0, 0]))
        return [np.full((1, 3), 1 / 3)] * len(own)

    kept: list[np.ndarray] = []
    for place in (heads, module):  # strengths are chosen under the same rule
        monkeypatch.setattr(place, "fit_head", fit)
        monkeypatch.setattr(place, "segment_scores", score)
    probs, fold = fold_probs(songs, genre, groups, 3, seed=seed)
    assert set(scored) == set(range(len(frame)))
    assert probs.shape == (len(frame), 3)
    assert set(fold) == {0, 1, 2}
    assert pd.Series(fold).groupby(groups).nunique().eq(1).all()


def test_the_strength_of_a_fold_is_chosen_without_its_songs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frame = made_frame()
    songs = [np.full((1, 2), k, np.float32) for k in range(len(frame))]
    genre = frame["genre_index"].to_numpy()
    asked: list[set[int]] = []
    tested: list[set[int]] = []

    def choose(own, its_genre, groups):  # type: ignore[no-untyped-def]
        asked.append({int(song[0, 0]) for song in own})
        return 0.1

    def score(own, kernel, bias):  # type: ignore[no-untyped-def]
        tested.append({int(song[0, 0]) for song in own})
        return [np.full((1, 3), 1 / 3)] * len(own)

    monkeypatch.setattr(module, "choose_strength", choose)
    monkeypatch.setattr(module, "segment_scores", score)
    fold_probs(songs, genre, None, 4)
    assert len(asked) == 4
    for learnt, test in zip(asked, tested, strict=True):
        assert not learnt & test
        assert len(learnt | test) == len(frame)


def test_genres_far_apart_are_told_apart_and_noise_is_not() -> None:
    genre = made_frame()["genre_index"].to_numpy()
    far, _ = fold_probs(features_of(made_frame(), 20.0), genre, None, 3)
    assert (far.argmax(axis=1) == genre).all()
    np.testing.assert_allclose(far.sum(axis=1), 1)
    noise, _ = fold_probs(features_of(made_frame(), 0.0), genre, None, 3)
    assert (noise.argmax(axis=1) == genre).mean() < 0.6


@pytest.mark.parametrize("kept", ["group", "none"])
def test_every_figure_stands_beside_its_baselines(kept: str) -> None:
    frame = made_frame()
    lines: list[str] = []
    found = evaluate_by_folds(
        frame,
        features_of(frame, 20.0),
        {BASELINE: features_of(frame, 0.0, seed=1)},
        TASK,
        n_folds=3,
        fold_groups=kept,
        log=lines.append,
    )
    metrics = found.metrics
    json.dumps(metrics, allow_nan=False)
    assert metrics["values"].keys() == metrics["baselines"][BASELINE].keys() == set(FIGURES)
    assert metrics["values"]["accuracy"]["value"] == 1.0
    assert metrics["baselines"]["majority"]["accuracy"]["value"] == pytest.approx(1 / 3, abs=1e-4)
    gain = metrics[f"gain_over_{BASELINE}"]
    assert 0 < gain["low"] <= gain["value"] <= gain["high"]
    assert metrics["headline"] == "macro_f1"
    assert metrics["n"] == len(frame)
    assert metrics["n_groups"] == 25  # eight of each genre, and the song without one
    assert np.sum(metrics["confusion"]) == len(frame)
    assert [row["genre"] for row in metrics["per_genre"]] == list(GENRES)
    # What knowing an artist is worth is asked only where artists are known.
    assert ("random_folds" in metrics) is (kept == "group")
    assert ("random" in metrics["split_rule"]) is (kept == "none")
    if kept == "group":
        assert metrics["random_folds"].keys() == {"network", BASELINE}
        assert metrics["random_folds"]["network"].keys() == set(FIGURES)
    table = found.predictions
    assert list(table["item_id"]) == list(frame["item_id"])
    assert set(table["fold"]) == {0, 1, 2}
    assert (table["predicted"] == table["genre_index"]).all()
    probs = table[["prob_0", "prob_1", "prob_2"]].to_numpy()
    np.testing.assert_allclose(probs.sum(axis=1), 1, atol=1e-6)
    assert (probs.argmax(axis=1) == table["predicted"]).all()
    assert np.isfinite(table[["logit_0", "logit_1", "logit_2"]].to_numpy()).all()
    assert lines


def test_the_folds_of_network_and_baseline_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = made_frame()
    given: list[tuple[bool, int]] = []
    real = module.fold_scores

    def watched(songs, genre, groups, n_folds, seed=0):  # type: ignore[no-untyped-def]
        assert seed == 0
        given.append((groups is None, n_folds))
        return real(songs, genre, groups, n_folds)

    monkeypatch.setattr(module, "fold_scores", watched)
    features = features_of(frame, 1.0)
    evaluate_by_folds(
        frame,
        features,
        {"other": features},
        TASK,
        n_folds=2,
        fold_groups="group",
        log=lambda _: None,
    )
    assert given == [(False, 2), (False, 2), (True, 2), (True, 2)]


def test_songs_of_several_genres_are_learnt_by_their_shares(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frame = made_frame()
    shares = 0.6 * np.eye(3)[frame["genre_index"]] + [0.0, 0.0, 0.4]
    given = []

    def watched(songs, learnt, *_, **__):  # type: ignore[no-untyped-def]
        given.append(learnt)
        return real(songs, learnt, *_, **__)

    real = module.fold_scores
    monkeypatch.setattr(module, "fold_scores", watched)
    features = features_of(frame, 0.5)
    evaluation = evaluate_by_folds(
        frame.assign(shares=list(shares)),
        features,
        {"other": features},
        TASK,
        n_folds=2,
        fold_groups="group",
        n_dealings=2,
        log=lambda _: None,
    )
    assert len(given) == 5
    assert all(np.array_equal(own, shares) for own in given)
    probs = evaluation.predictions[[f"prob_{k}" for k in range(3)]]
    assert probs["prob_2"].mean() > 0.4  # a third without the shares


def test_mfcc_statistics_are_librosa_s() -> None:
    y = made_song(3 * MFCC_SR, MFCC_SR)
    found = mfcc_statistics(Clip(y, MFCC_SR))
    assert found.shape == (1, 40)
    assert found.dtype == np.float32
    # The second source: its steps one by one.
    power = librosa.feature.melspectrogram(y=y, sr=MFCC_SR)
    mfcc = librosa.feature.mfcc(S=librosa.power_to_db(power), n_mfcc=20)
    np.testing.assert_allclose(found[0, :20], mfcc.mean(axis=1), rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(found[0, 20:], mfcc.std(axis=1), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("n_samples", [1, 300, 22_050])
def test_mfcc_statistics_of_silence_and_of_hardly_anything_are_finite(n_samples: int) -> None:
    assert np.isfinite(mfcc_statistics(Clip(np.zeros(n_samples, np.float32), MFCC_SR))).all()
