"""Heads of songs: what is served is what scikit-learn fitted, and folds keep groups whole."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from genre_core.data.song_folds import inner_folds
from genre_core.errors import ParameterError
from genre_core.training import heads
from genre_core.training.heads import (
    MAX_STEPS,
    STRENGTHS,
    choose_strength,
    fit_head,
    head_probs,
    set_head,
)
from tests.made_songs_set import LOG_MEL, tiny_network

N_FEATURES = 12


def made_songs(
    n: int = 30, *, apart: float = 1.5, seed: int = 0
) -> tuple[list[np.ndarray], np.ndarray]:
    """Songs of 1 to 5 segments whose three genres lie `apart`, with features of unlike size."""
    world = np.random.default_rng(0)  # the same whatever the songs
    middles = apart * world.normal(size=(3, N_FEATURES))
    sizes = 10.0 ** world.integers(-1, 2, N_FEATURES)
    shifts = sizes * world.normal(size=N_FEATURES)
    rng = np.random.default_rng(1 + seed)
    genre = np.arange(n) % 3
    songs = [
        ((middles[g] + rng.normal(size=(1 + k % 5, N_FEATURES))) * sizes + shifts).astype(
            np.float32
        )
        for k, g in enumerate(genre)
    ]
    return songs, genre


def reference_probs(
    songs: list[np.ndarray], genre: np.ndarray, strength: float, test: list[np.ndarray]
) -> np.ndarray:
    """The second source: scikit-learn's own steps, in float64, nothing folded into a kernel."""
    scaler = StandardScaler().fit(np.concatenate(songs).astype(np.float64))
    means = np.stack([song.astype(np.float64).mean(axis=0) for song in songs])
    model = LogisticRegression(C=strength, max_iter=MAX_STEPS).fit(scaler.transform(means), genre)
    return np.stack(
        [
            model.predict_proba(scaler.transform(song.astype(np.float64))).mean(axis=0)
            for song in test
        ]
    )


@pytest.mark.parametrize("strength", [1e-3, 1e-1, 10.0])
def test_the_folded_kernel_answers_as_the_pipeline_it_came_from(strength: float) -> None:
    songs, genre = made_songs()
    unheard, _ = made_songs(9, seed=1)
    kernel, bias = fit_head(songs, genre, strength)
    assert kernel.shape == (N_FEATURES, 3)
    assert kernel.dtype == bias.dtype == np.float32
    expected = reference_probs(songs, genre, strength, unheard)
    # float32 sums of 12 terms whose size is that of the logits (tens at most): 1e-6 of each.
    np.testing.assert_allclose(head_probs(unheard, kernel, bias), expected, atol=2e-5)


@pytest.mark.parametrize("spread", [0.0, 1e-9, 1e-6])
def test_a_feature_that_hardly_changes_gets_no_weight(spread: float) -> None:
    songs, genre = made_songs()
    rng = np.random.default_rng(5)
    flat = [
        np.concatenate(
            [song, (1e-3 + spread * rng.normal(size=(len(song), 1))).astype(np.float32)], axis=1
        )
        for song in songs
    ]
    kernel, bias = fit_head(flat, genre, 0.1)
    assert (kernel[-1] == 0).all()
    expected = reference_probs(songs, genre, 0.1, songs)  # as if the feature were not there
    np.testing.assert_allclose(head_probs(flat, kernel, bias), expected, atol=2e-5)
    # What has no weight may be anything where it is served.
    strange = [song + np.eye(N_FEATURES + 1, dtype=np.float32)[-1] for song in flat]
    np.testing.assert_array_equal(head_probs(strange, kernel, bias), head_probs(flat, kernel, bias))


def test_all_other_features_keep_their_weight() -> None:
    songs, genre = made_songs()
    kernel, _ = fit_head(songs, genre, 0.1)
    assert (np.abs(kernel).max(axis=1) > 0).all()


def test_a_longer_song_counts_no_more_than_a_shorter() -> None:
    songs, genre = made_songs()
    many = [np.repeat(songs[0], 50, axis=0), *songs[1:]]
    scaler_alone = reference_probs(many, genre, 0.1, songs)
    np.testing.assert_allclose(
        head_probs(songs, *fit_head(many, genre, 0.1)), scaler_alone, atol=2e-5
    )


def test_probabilities_are_means_over_segments() -> None:
    songs, genre = made_songs()
    kernel, bias = fit_head(songs, genre, 0.1)
    whole = head_probs(songs[4:5], kernel, bias)
    parts = head_probs([segment[np.newaxis] for segment in songs[4]], kernel, bias)
    np.testing.assert_allclose(whole[0], parts.mean(axis=0), atol=1e-7)
    np.testing.assert_allclose(whole.sum(axis=1), 1)


@pytest.mark.parametrize("genre", [[0, 0, 2, 2, 3, 3], [0, 0, 0]])
def test_a_head_needs_every_genre_and_two_of_them(genre: list[int]) -> None:
    songs = [np.ones((2, 3), np.float32)] * len(genre)
    with pytest.raises(ParameterError, match="Received"):
        fit_head(songs, np.array(genre), 0.1)


@pytest.mark.parametrize("apart", [0.0, 0.3])
def test_the_strength_is_the_one_that_scikit_learn_s_folds_choose(apart: float) -> None:
    songs, genre = made_songs(60, apart=apart)
    songs = [song[:1] for song in songs]
    splits = inner_folds(genre, None)
    figures = []
    for strength in STRENGTHS:
        pipeline = make_pipeline(
            StandardScaler(), LogisticRegression(C=strength, max_iter=MAX_STEPS)
        )
        said = cross_val_predict(pipeline, np.concatenate(songs), genre, cv=splits)
        figures.append(f1_score(genre, said, average="macro"))
    assert len(set(figures)) > 1
    assert choose_strength(songs, genre, None) == STRENGTHS[int(np.argmax(figures))]


def test_among_equals_the_most_regularised_wins() -> None:
    songs, genre = made_songs(36, apart=100.0)  # every strength is right everywhere
    assert choose_strength(songs, genre, None) == STRENGTHS[0] == min(STRENGTHS)


def test_the_strength_with_the_best_figure_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    songs, genre = made_songs(36, apart=100.0)
    right, fitted = fit_head, []

    def only_one_is_any_good(own, its_genre, strength):  # type: ignore[no-untyped-def]
        kernel, bias = right(own, its_genre, strength)
        fitted.append((strength, len(own)))
        return (kernel, bias) if strength == STRENGTHS[3] else (np.zeros_like(kernel), bias)

    monkeypatch.setattr(heads, "fit_head", only_one_is_any_good)
    assert choose_strength(songs, genre, None) == STRENGTHS[3]
    assert {strength for strength, _ in fitted} == set(STRENGTHS)
    assert max(n for _, n in fitted) < len(songs)  # never fitted on what it is judged by


def test_a_choice_by_groups_keeps_them_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    songs, genre = made_songs(60)
    groups = np.array([f"{g}/{k // 6}" for k, g in enumerate(genre)])
    seen: list[object] = []
    deal = heads.inner_folds

    def watched(its_genre, its_groups):  # type: ignore[no-untyped-def]
        seen.append(its_groups)
        return deal(its_genre, its_groups)

    monkeypatch.setattr(heads, "inner_folds", watched)
    choose_strength(songs, genre, groups)
    assert len(seen) == 1
    assert seen[0] is groups


def test_set_in_a_network_a_head_serves_the_same_probabilities(tmp_path: Path) -> None:
    network: keras.Model = tiny_network(LOG_MEL, 3)
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=(96, 3)).astype(np.float32)
    bias = rng.normal(size=3).astype(np.float32)
    set_head(network, kernel, bias)
    inputs = rng.normal(size=(4, *LOG_MEL.shape)).astype(np.float32)
    logits = np.asarray(network(inputs, training=False))
    # float32 sums of 96 terms of size 1, taken in another order
    np.testing.assert_allclose(logits, inputs.mean(axis=1) @ kernel + bias, atol=1e-4)


def test_shares_of_0_and_1_are_whole_labels() -> None:
    songs, genre = made_songs()
    soft, whole = (fit_head(songs, learnt, 0.1) for learnt in (np.eye(3)[genre], genre))
    for ours, theirs in zip(soft, whole, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6 * np.abs(theirs).max())
    assert choose_strength(songs, np.eye(3)[genre], None) == choose_strength(songs, genre, None)


def log_loss(shares: np.ndarray, probs: np.ndarray) -> float:
    return float(-(shares * np.log(probs)).sum(axis=1).mean())


def test_shares_are_what_the_probabilities_sum_to() -> None:
    # The intercept is not regularised: where the fit ends, answers sum to what was learnt.
    songs, genre = made_songs(apart=0.5)
    songs = [song[:1] for song in songs]
    shares = 0.6 * np.eye(3)[genre] + [0.1, 0.0, 0.3]
    probs = head_probs(songs, *fit_head(songs, shares, 0.01))
    np.testing.assert_allclose(probs.mean(axis=0), shares.mean(axis=0), atol=1e-3)
    soft, hard = (head_probs(songs, *fit_head(songs, own, 1.0)) for own in (shares, genre))
    assert log_loss(shares, soft) < log_loss(shares, hard) - 0.05
