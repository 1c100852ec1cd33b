"""Recipes of songs: the settings that are theirs, and that what is shipped fits together."""

from __future__ import annotations

import functools
import json
from typing import Any

import pytest

from genre_core.architectures import build
from genre_core.architectures.registry import ARCHITECTURES
from genre_core.config import (
    CoverInput,
    Experiment,
    SongInput,
    Task,
    Training,
    from_dict,
    list_experiments,
    load_experiment,
    to_dict,
)
from genre_core.errors import ParameterError

SONGS = [name for name in list_experiments() if isinstance(load_experiment(name).input, SongInput)]


def test_every_recipe_of_songs_is_here() -> None:
    assert set(SONGS) >= {
        "emotify_musicnn",
        "gtzan_musicnn",
        "msd_musicnn_tagger",
        "s5_cnn_soft",
        "s5_lstm_soft",
        "s5_mlp_soft",
        "s4_a",
        "s4_b",
        "s4_lite0",
        "emotify_s4_b",
        "emotify_s4_lite0",
        "gtzan_s4_b",
        "s5_lstm",
        "s5_cnn",
        "s5_cnn_balanced",
        "s5_cnn_han",
        "s5_cnn_no_dropout",
        "s5_cnn_single",
        "s5_cnn_5s",
        "s5_cnn_10s",
        "s5_cnn_30s",
        "s5_mlp",
        "s5_mlp_segments",
        "s5_mlp_with_val",
    }


@functools.cache
def shapes(
    name: str, n_logits: int, shape: tuple[int, ...], settings: str
) -> tuple[tuple[int | None, ...], ...]:
    """Build a network as several recipes do; give the shapes of what it reads and gives."""
    network = build(name, n_logits=n_logits, input_shape=shape, **json.loads(settings))
    return network.input_shape, network.output_shape


@pytest.mark.parametrize("name", SONGS)
def test_input_and_network_fit_together(name: str) -> None:
    made = load_experiment(name)
    assert ARCHITECTURES[made.architecture].media == "song"
    settings = made.network | ({"weights": "none"} if "weights" in made.network else {})
    n_logits = made.task.n_logits
    found = shapes(
        made.architecture, n_logits, made.input.shape, json.dumps(settings, sort_keys=True)
    )
    assert found == ((None, *made.input.shape), (None, n_logits))


@pytest.mark.parametrize("name", SONGS)
def test_a_recipe_says_one_way_to_be_fitted(name: str) -> None:
    made = load_experiment(name)
    settings = made.training
    if settings.method == "logistic":
        assert settings.folds >= 2
        assert made.task.head == ("softmax" if len(made.task.genres) > 2 else "binary")
    elif settings.method == "none":
        assert made.network["weights"] == "pretrained"
        assert 0 < made.prog_quantile < 1
        assert made.prog_genre in made.task.genres
    elif settings.teacher:
        teacher = load_experiment("msd_musicnn_tagger")
        assert settings.teacher == teacher.bundle_name
        assert made.task.head == "binary"
        assert made.prog_genre == made.task.genres[1]
        # Networks that mask or scale by the songs need a bound; db needs none.
        assert (made.input.bound > 0) == (made.input.features != "mel_128")
    else:
        assert made.task.head == "softmax"
        # Statistics and frames are scaled by the training songs; decibels are as they are.
        assert (made.input.bound > 0) == (made.input.features in ("frames_205", "statistics_423"))
    # Songs of one synthesizer are a test of their own.
    assert bool(made.task.sources) == (name.split("_")[0] in ("emotify", "gtzan", "msd")) or (
        settings.teacher
    )
    assert "rendered60" not in made.task.sources
    assert made.description
    assert made.confounds


def test_the_tagger_s_genres_are_fifty_tags_and_prog_is_one() -> None:
    made = load_experiment("msd_musicnn_tagger")
    assert len(set(made.task.genres)) == len(made.task.genres) == 50
    assert made.prog_genre in made.task.genres
    assert made.task.head == "multilabel"
    assert made.prog_genre == "Progressive rock"


def test_recipes_that_lean_on_another_take_only_what_they_do_not_say() -> None:
    cnn, lstm = load_experiment("s5_cnn_soft"), load_experiment("s5_lstm_soft")
    assert lstm.task == cnn.task
    assert lstm.input.skip_s == cnn.input.skip_s == 30.0
    assert (lstm.input.features, cnn.input.features) == ("frames_205", "mel_128")
    gtzan, emotify = load_experiment("gtzan_musicnn"), load_experiment("emotify_musicnn")
    assert gtzan.input == emotify.input
    assert gtzan.network == emotify.network
    assert (gtzan.task.clip_s, emotify.task.clip_s) == (0.0, 35.0)


def test_settings_of_songs_come_back_as_they_were() -> None:
    made = Experiment(
        name="x",
        title="X",
        study="ours",
        architecture="msd_musicnn",
        tag="t",
        task=Task(genres=("a", "b", "c"), clip_s=12.5),
        input=SongInput(features="log_mel_96", n_frames=187, hop_frames=187, hop_length=256),
        training=Training(epochs=1, method="logistic", folds=3, fold_groups="none"),
        prog_genre="b",
        prog_quantile=0.9,
    )
    assert from_dict(Experiment, to_dict(made)) == made


PLAIN: dict[str, Any] = {
    "name": "x",
    "title": "X",
    "study": "ours",
    "architecture": "msd_musicnn",
    "tag": "t",
    "task": {"genres": ["a", "b"]},
    "input": {"size": 64},
    "training": {"epochs": 1},
}


@pytest.mark.parametrize(
    "changes",
    [
        {"prog_genre": "c"},
        {"prog_quantile": 1.0},
        {"prog_quantile": -0.1},
        {"prog_quantile": float("nan")},
        {"task": {"genres": ["a", "b"], "clip_s": -1.0}},
        {"task": {"genres": ["a", "b"], "clip_s": float("nan")}},
        {"training": {"epochs": 1, "method": "magic"}},
        {"training": {"epochs": 1, "folds": 1}},
        {"training": {"epochs": 1, "folds": 5, "teacher": "a.b"}},
        {"training": {"epochs": 1, "method": "logistic", "folds": 1}},
        {"training": {"epochs": 1, "method": "logistic", "folds": -2}},
        {"training": {"epochs": 1, "method": "none", "folds": 2}},
        {"training": {"epochs": 1, "fold_groups": "artist"}},
        {"training": {"epochs": 1, "method": "logistic", "teacher": "a.b"}},
        {"training": {"epochs": 1, "method": "none", "teacher": "a.b"}},
    ],
)
def test_settings_that_mean_nothing(changes: dict[str, Any]) -> None:
    from_dict(Experiment, PLAIN)
    with pytest.raises(ParameterError, match="Received"):
        from_dict(Experiment, PLAIN | changes)


def test_a_cover_stays_a_cover() -> None:
    assert isinstance(from_dict(Experiment, PLAIN).input, CoverInput)
