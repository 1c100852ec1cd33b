"""From a tagger to a prog score, and to a network that learnt it from the tagger."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

from genre_core import architectures
from genre_core.architectures import build
from genre_core.audio.segments import Segments, cut
from genre_core.config import PAD, Experiment, SongInput
from genre_core.data.catalog import Catalog
from genre_core.data.song_inputs import read_songs
from genre_core.errors import CheckpointError, GenreError, ParameterError
from genre_core.inference.songs import SongClassifier
from genre_core.jobs import measure as measuring
from genre_core.jobs.fits import pupil as pupils
from genre_core.jobs.fits import segments
from genre_core.jobs.fits.sounds import sounds_of
from genre_core.jobs.measure import measure
from genre_core.jobs.train import train
from genre_core.runs.bundle import Bundle
from genre_core.runs.references import load_references
from genre_core.training.teacher import scaled_by, teacher_targets
from tests.made_songs_set import (
    STATISTICS,
    build_tiny,
    pupil_recipe,
    song_experiment,
    write_song_bundle,
)

pytestmark = pytest.mark.usefixtures("few_resamples", "tiny_taggers", "kept_features")

TAGS = ("Tones and more", "Progressive rock", "Noise")

N_EPOCHS = 20


def tagger_recipe(**fields: object) -> Experiment:
    settings = {"prog_genre": "Progressive rock", "prog_quantile": 0.5, "tag": "made_tagger"}
    return song_experiment(
        genres=TAGS, head="multilabel", training={"method": "none"}, **(settings | fields)
    )


@pytest.fixture(scope="module")
def tiny_taggers(small_mlp: None) -> Iterator[None]:
    """Taggers have a mean over time and a dense layer for their network."""

    def build_small(name: str, **shape: Any) -> keras.Model:
        if name != "msd_musicnn":
            return build(name, **shape)
        keras.utils.set_random_seed(0)
        return build_tiny(**shape)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(architectures, "build", build_small)
        yield


@pytest.fixture(scope="module")
def tagger(song_set: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return train(
        tagger_recipe(),
        song_set.root,
        command="a test",
        log=str,
        out=tmp_path_factory.mktemp("models"),
    )


def test_the_quantile_of_known_songs_of_val_lies_at_a_half(
    tagger: Bundle, song_set: Catalog
) -> None:
    score = tagger.card.prog_score
    assert score is not None
    assert score.genre == "Progressive rock"
    assert "6 songs of val" in score.rule
    assert "not a probability" in score.rule
    classifier = SongClassifier.load(tagger)
    val = song_set.frame[song_set.frame["split"] == "val"]
    found = [classifier.classify(song_set.root / path) for path in val["path"]]
    means = [each.scores.mean() for each in found]
    assert np.median(means) == pytest.approx(0.5, abs=1e-6)
    assert min(means) < 0.5 < max(means)
    for each in found:
        p = each.probs[:, 1]
        np.testing.assert_allclose(each.scores, p / (p + score.half_at))


def test_a_tagger_is_measured_by_its_false_alarms(tagger: Bundle, song_set: Catalog) -> None:
    metrics = tagger.metrics()
    json.dumps(metrics, allow_nan=False)
    # One test song is only presumed to be no prog.
    assert metrics["n"] == metrics["false_alarms"]["n"] == 5
    assert metrics["headline"] == "specificity"
    alarms, specificity = metrics["false_alarms"]["by_mean"], metrics["values"]["specificity"]
    assert specificity["value"] == pytest.approx(1 - alarms["value"])
    assert metrics["data"]["digest"] == song_set.digest
    assert "rank_correlation" not in metrics["values"]
    # Its scores of songs people know are stored with it, of which it learned from none.
    stored = load_references(tagger)
    assert stored is not None
    assert len(stored.songs) == len(song_set.frame)
    assert not stored.songs.heard.any()
    assert metrics["extra"] == []
    classifier = SongClassifier.load(tagger)
    table = tagger.predictions()
    assert len(table) == 6
    scores = {
        path: float(classifier.classify(song_set.root / path).scores.mean())
        for path in table["item_id"]
    }
    np.testing.assert_allclose(table["prog_score"], list(scores.values()), atol=1e-6)
    known = song_set.frame[song_set.frame["labels"].map(lambda each: "non-prog" in each)]
    k = sum(scores[path] > 0.5 for path in known["item_id"] if path in scores)
    assert alarms["k"] == k
    assert tagger.card.data["n_train"] == 0
    assert tagger.card.data["n_val"] == 6
    assert tagger.card.data["n_test"] == 5


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"prog_genre": ""}, "Received"),
        ({"prog_quantile": 0.0}, "Received"),
        ({"sources": ("nowhere",)}, "Received split val: no song; split test: no song"),
    ],
)
def test_a_tagger_without_a_score_or_without_songs(
    fields: dict[str, object], said: str, song_set: Catalog
) -> None:
    with pytest.raises(GenreError, match=said):
        train(tagger_recipe(**fields), song_set.root, command="a test", log=str)


@pytest.fixture(scope="module")
def pupil(tagger: Bundle, song_set: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return train(
        pupil_recipe(teacher=str(tagger.folder), epochs=N_EPOCHS, learning_rate=1e-2),
        song_set.root,
        command="a test",
        log=str,
        out=tmp_path_factory.mktemp("models"),
    )


def test_a_pupil_is_scaled_by_the_training_songs(pupil: Bundle, song_set: Catalog) -> None:
    spec = pupil.card.input
    train_songs = song_set.frame[song_set.frame["split"] == "train"]
    plain = dataclasses.replace(STATISTICS, bound=0.0)
    rows = np.concatenate(
        [each.inputs.astype(np.float64) for each in read_songs(song_set, train_songs, plain)]
    )
    spread = rows.std(axis=0)
    # Seven digits are kept; a deviation is a difference of squares in float64.
    np.testing.assert_allclose(spec.offsets, rows.mean(axis=0), rtol=1e-6, atol=1e-12)
    clear = spread > 1e-6 * np.abs(rows.mean(axis=0))
    np.testing.assert_allclose(np.array(spec.scales)[clear], spread[clear], rtol=1e-4)
    assert clear.mean() > 0.8
    assert spec.bound == 5.0
    assert pupil.card.experiment["input"]["offsets"] == list(spec.offsets)


def test_a_pupil_is_compared_with_its_teacher(pupil: Bundle, tagger: Bundle) -> None:
    metrics = pupil.metrics()
    json.dumps(metrics, allow_nan=False)
    assert metrics["headline"] == "rank_correlation"
    assert -1 <= metrics["values"]["rank_correlation"]["value"] <= 1
    assert metrics["rank_correlation_val"]["n"] == 6
    assert metrics["n"] == metrics["rank_correlation_test"]["n"] == 6
    score = pupil.card.prog_score
    assert score is not None
    assert score.genre == "prog"
    assert score.half_at is None
    assert tagger.name in score.rule
    assert pupil.card.provenance["chosen_by"] == "val_loss"
    history = pupil.history()
    assert len(history) == N_EPOCHS
    assert history["chosen"].sum() == 1
    table = pupil.predictions()
    assert table["prog_score"].between(0, 1).all()


def test_a_pupil_comes_near_its_teacher(pupil: Bundle, tagger: Bundle, song_set: Catalog) -> None:
    taught = SongClassifier.load(pupil)
    teacher = SongClassifier.load(tagger)
    known = song_set.frame[song_set.frame["split"] == "train"]
    own, theirs = (
        [each.classify(song_set.root / path).scores.mean() for path in known["path"]]
        for each in (taught, teacher)
    )
    assert np.corrcoef(own, theirs)[0, 1] > 0.6
    assert np.mean(own) == pytest.approx(np.mean(theirs), abs=0.1)


def test_a_teacher_must_be_there_and_give_a_score(song_set: Catalog, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="Received"):
        train(pupil_recipe(teacher="no.such"), song_set.root, command="a test", log=str)
    mute = write_song_bundle(tmp_path, "tiny.mute")
    with pytest.raises(ParameterError, match=r"tiny\.mute"):
        train(pupil_recipe(teacher=str(mute.folder)), song_set.root, command="a test", log=str)


@pytest.mark.parametrize(
    "changes",
    [
        {"head": "softmax"},
        {"genres": ("prog", "non-prog")},
        {"prog_genre": ""},
    ],
)
def test_recipes_that_learn_no_score(changes: dict[str, str], song_set: Catalog) -> None:
    made = pupil_recipe(teacher="no.such")
    task = {key: value for key, value in changes.items() if key != "prog_genre"}
    made = dataclasses.replace(
        made,
        task=dataclasses.replace(made.task, **task),
        prog_genre=changes.get("prog_genre", "prog"),
    )
    with pytest.raises(ParameterError, match="binary head"):
        train(made, song_set.root, command="a test", log=str)


def test_a_task_s_cut_holds_for_teacher_pupil_and_test(
    tagger: Bundle, song_set: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuts: list[float] = []

    def watched(
        function: Callable[..., object], *given: object, clip_s: float = 0.0, **options: object
    ) -> object:
        cuts.append(clip_s)
        return function(*given, clip_s=clip_s, **options)

    for module in (pupils, measuring):
        monkeypatch.setattr(module, "sounds_of", functools.partial(watched, sounds_of))
    monkeypatch.setattr(segments, "read_songs", functools.partial(watched, read_songs))
    made = pupil_recipe(teacher=str(tagger.folder), epochs=1)
    made = dataclasses.replace(made, task=dataclasses.replace(made.task, clip_s=1.0))
    train(made, song_set.root, command="a test", log=str, out=tmp_path)
    made = tagger_recipe()
    made = dataclasses.replace(made, task=dataclasses.replace(made.task, clip_s=1.0))
    train(made, song_set.root, command="a test", log=str, out=tmp_path)
    assert len(cuts) > 6
    assert set(cuts) == {1.0}


FRAMES = SongInput(features="frames_205", n_frames=8, hop_frames=4, min_frames=2, bound=5.0)


def made_song(frames: np.ndarray, spec: SongInput) -> Segments:
    """Segments of frames [shape=(n_total, d)] at the places that `segment_starts` gives."""
    seconds = len(frames) * spec.frame_step_s
    pad = PAD if spec.features == "frames_205" else -80.0
    return cut(frames.astype(np.float32), spec, offset_s=0.0, duration_s=seconds, pad_value=pad)


@pytest.mark.parametrize(
    "spec",
    [
        FRAMES,
        dataclasses.replace(FRAMES, hop_frames=8),
        SongInput(features="log_mel_96", n_frames=8, hop_frames=8, min_frames=2, bound=5.0),
        SongInput(features="mel_128", n_frames=8, hop_frames=8, min_frames=2, bound=5.0),
        SongInput(features="stft_db", n_frames=8, hop_frames=8, min_frames=2, bound=5.0),
    ],
)
def test_scales_are_those_of_real_frames_each_counted_once(spec: SongInput) -> None:
    rng = np.random.default_rng(0)
    songs = [rng.normal(3, 2, (n, spec.n_bins)) for n in (8, 19, 3, 18)]
    songs = [each.astype(np.float32).astype(np.float64) for each in songs]
    for each in songs:
        each[:, 7] = 2.5  # never changes
    found = scaled_by(spec, iter([made_song(each, spec) for each in songs]))
    rows = np.concatenate(songs)
    np.testing.assert_allclose(found.offsets, rows.mean(axis=0), rtol=1e-6)
    scales = rows.std(axis=0)
    scales[7] = 1.0
    np.testing.assert_allclose(found.scales, scales, rtol=1e-5)
    assert dataclasses.replace(found, offsets=(), scales=()) == spec


def segments_at(start_s: list[float], end_s: list[float]) -> Segments:
    n = len(start_s)
    return Segments(
        np.zeros((n, 1), np.float32), np.array(start_s), np.array(end_s), np.ones(n, np.int64)
    )


LESSON = (np.array([0.0, 3.0, 6.0]), np.array([3.0, 6.0, 9.0]))


def test_a_teacher_that_always_says_the_same_is_heard_so() -> None:
    song = segments_at([0, 1.5, 4, 8.5, 20], [1, 7, 9, 12, 21])
    np.testing.assert_allclose(teacher_targets(song, *LESSON, np.full(3, 0.3)), 0.3)


def test_a_segment_gets_what_is_said_of_its_own_time() -> None:
    scores = np.array([0.2, 0.8, 0.5])
    song = segments_at([0.5, 2, 3, 0, 4.5], [1.5, 4, 6, 9, 7.5])
    found = teacher_targets(song, *LESSON, scores)
    #        inside, half and half, the same, all three, half and half
    np.testing.assert_allclose(found, [0.2, 0.5, 0.8, 0.5, 0.65])
    # 1 s of the first, 3 of the second
    np.testing.assert_allclose(teacher_targets(segments_at([2], [6]), *LESSON, scores), [0.65])


def test_a_rest_that_the_teacher_left_out_gets_the_nearest_score() -> None:
    scores = np.array([0.2, 0.8, 0.5])
    np.testing.assert_allclose(teacher_targets(segments_at([9.2], [10]), *LESSON, scores), [0.5])
    skipped = (LESSON[0] + 30, LESSON[1] + 30)
    np.testing.assert_allclose(teacher_targets(segments_at([5], [6]), *skipped, scores), [0.2])


def test_overlapping_lessons_are_averaged() -> None:
    lesson = (np.array([0.0, 1.0]), np.array([2.0, 3.0]))
    found = teacher_targets(segments_at([0, 1, 0], [1, 2, 3]), *lesson, np.array([0.0, 1.0]))
    np.testing.assert_allclose(found, [0.0, 0.5, 0.5])


def test_scores_stay_between_the_teacher_s_lowest_and_highest() -> None:
    rng = np.random.default_rng(0)
    start = np.sort(rng.random(50) * 100)
    song = segments_at(start.tolist(), (start + 1 + 5 * rng.random(50)).tolist())
    at = np.arange(0, 90, 3.0)
    scores = 0.2 + 0.5 * rng.random(30)
    found = teacher_targets(song, at, at + 3, scores)
    assert found.shape == (50,)
    assert scores.min() <= found.min() < found.max() <= scores.max()


def test_measured_again_the_figures_are_the_same(tagger: Bundle, song_set: Catalog) -> None:
    before, table = tagger.metrics(), tagger.predictions()
    (tagger.folder / "metrics.json").write_text("{}")
    after = measure(tagger, song_set.root, log=str)
    assert after == before == tagger.metrics()
    pd.testing.assert_frame_equal(tagger.predictions(), table)
