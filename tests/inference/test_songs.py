"""A song's classifier: a score a segment, judged as the card says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from genre_core.audio.clip import Clip
from genre_core.audio.decode import decode_clip
from genre_core.errors import CheckpointError, DecodeError, ParameterError
from genre_core.inference.forward import Forward
from genre_core.inference.songs import SongClassifier
from genre_core.metrics.probabilities import probabilities
from genre_core.runs.answers import SongPrediction, prog_scores
from genre_core.runs.card import ProgScore
from tests.made_bundles import write_bundle
from tests.made_references import made_references
from tests.made_songs_set import (
    GENRES,
    LOG_MEL,
    made_sound,
    song_card,
    tiny_network,
    write_song,
    write_song_bundle,
)

TONES = ProgScore(genre="Tones", half_at=0.3)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> SongClassifier:
    return SongClassifier.load(write_song_bundle(tmp_path_factory.mktemp("m"), prog_score=TONES))


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_song(tmp_path_factory.mktemp("songs") / "song.ogg", "Tones", duration_s=3.3)


def test_a_file_its_bytes_its_clip_and_its_segments_say_the_same(
    classifier: SongClassifier, song: Path
) -> None:
    clip = decode_clip(song, sr=LOG_MEL.sr)
    found = [
        classifier.classify(each)
        for each in (song, str(song), song.read_bytes(), clip, classifier.prepare(song))
    ]
    for each in found:
        np.testing.assert_array_equal(each.logits, found[0].logits)
        np.testing.assert_array_equal(each.end_s, found[0].end_s)
    assert len(found[0]) == 3  # the rest of .3 s is left out
    assert found[0].model == "tiny.songs"
    assert found[0].genres == classifier.genres == GENRES


def test_probabilities_and_scores_are_those_of_the_logits(
    classifier: SongClassifier, song: Path
) -> None:
    found = classifier.classify(song)
    np.testing.assert_array_equal(found.probs, probabilities(found.logits, "softmax"))
    p = found.probs[:, GENRES.index("Tones")]
    assert found.scores is not None
    np.testing.assert_allclose(found.scores, p / (p + 0.3))
    np.testing.assert_allclose(found.mean_probs, found.probs.mean(axis=0))
    verdict = found.verdict(0.2)
    assert verdict is not None
    assert verdict.mean == pytest.approx(found.scores.mean())


def test_the_batches_of_the_forward_pass_leave_no_seam(song: Path) -> None:
    network = tiny_network(LOG_MEL, 3)
    inputs = np.random.default_rng(0).normal(size=(7, *LOG_MEL.shape)).astype(np.float32)
    by_three = Forward(network, "float32", batch_size=3)
    logits, embeddings = by_three(inputs)
    # Another number of rows may sum in another order.
    np.testing.assert_allclose(logits, np.asarray(network(inputs, training=False)), atol=1e-5)
    np.testing.assert_allclose(embeddings, inputs.mean(axis=1), atol=1e-5)
    nothing = by_three(inputs[:0])
    assert [each.shape for each in nothing] == [(0, 3), (0, 96)]


def test_embeddings_are_what_the_last_layer_reads(classifier: SongClassifier, song: Path) -> None:
    inputs = classifier.prepare(song).inputs
    kernel, bias = classifier.network.get_layer("logits").get_weights()
    embedded = classifier.embed(inputs)
    np.testing.assert_allclose(embedded @ kernel + bias, classifier.logits(inputs), atol=1e-4)


def prediction(probs: list[list[float]], scores: list[float] | None = None) -> SongPrediction:
    array = np.array(probs)
    at = np.arange(len(array), dtype=np.float64)
    return SongPrediction(
        "made.songs",
        GENRES,
        "softmax",
        at,
        at + 1,
        np.log(array).astype(np.float32),
        array,
        None if scores is None else np.array(scores),
    )


def test_the_genre_of_the_highest_mean_is_named() -> None:
    found = prediction([[0.4, 0.35, 0.25], [0.4, 0.35, 0.25], [0.05, 0.9, 0.05]], [0.2, 0.2, 1.0])
    assert found.genre == "Noise"
    assert [genre for genre, _ in found.ranking()] == ["Noise", "Beats", "Tones"]
    plain = found.to_dict(0.3)
    json.dumps(plain, allow_nan=False)
    assert plain["genre"] == "Noise"
    assert [each["genre"] for each in plain["segments"]] == ["Beats", "Beats", "Noise"]
    assert [each["prog"] for each in plain["segments"]] == [0.2, 0.2, 1.0]
    assert plain["verdict"]["by_mean"] is True
    assert plain["verdict"]["by_majority"] is False
    assert plain["verdict"]["threshold"] == 0.3


def test_without_a_threshold_nothing_is_judged_and_the_keys_stay() -> None:
    found = prediction([[0.5, 0.3, 0.2]] * 4, [0.1, 0.2, 0.9, 0.4])
    judged, plain = found.to_dict(0.3)["verdict"], found.to_dict()["verdict"]
    assert set(judged) == set(plain)
    assert (plain["mean"], plain["n_segments"]) == (0.4, 4)
    for name in ("n_above", "share", "threshold", "by_majority", "by_mean"):
        assert plain[name] is None
        assert judged[name] is not None


def test_a_song_s_place_and_its_most_prog_moment_are_in_its_plain_values() -> None:
    found = prediction([[0.5, 0.3, 0.2]] * 30, [*[0.1] * 15, *[0.6] * 10, *[0.1] * 5])
    plain = found.to_dict(references=made_references())
    json.dumps(plain, allow_nan=False)
    assert plain["most_prog"] == {"start_s": 15.0, "end_s": 25.0, "mean": 0.6}
    first = plain["percentiles"][0]
    assert (first["genre"], first["n_songs"], first["n_artists"]) == ("Rock and Pop", 24, 12)
    below = made_references().scores[:24] < found.prog_score
    assert first["higher_than"] == pytest.approx(below.mean(), abs=1e-4)
    assert {row["genre"]: row["higher_than"] for row in plain["percentiles"]}["Jazz"] is None
    assert found.to_dict()["percentiles"] == []


def test_even_votes_go_to_the_first_genre() -> None:
    assert prediction([[0.6, 0.4, 0.0001], [0.4, 0.6, 0.0001]]).genre == "Beats"


def test_a_network_that_knows_nothing_of_prog_gives_no_verdict() -> None:
    found = prediction([[0.5, 0.3, 0.2]])
    assert found.verdict(0.5) is None
    assert (found.prog_score, found.most_prog, found.places(made_references())) == (None, None, [])
    assert found.to_dict()["verdict"] is None
    assert found.to_dict()["segments"][0]["prog"] is None


def test_scores_are_read_as_the_card_says() -> None:
    probs = np.array([[0.7, 0.2, 0.1], [0.0, 0.0, 1.0]])
    assert prog_scores(probs, song_card("tiny.songs")) is None
    plain = prog_scores(probs, song_card("tiny.songs", prog_score=ProgScore(genre="Noise")))
    np.testing.assert_array_equal(plain, [0.2, 0.0])
    ranked = prog_scores(probs, song_card("tiny.songs", prog_score=TONES))
    np.testing.assert_allclose(ranked, [0.25, 1 / 1.3])


def test_a_network_of_covers_is_no_network_of_songs(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="Received one of covers"):
        SongClassifier.load(write_bundle(tmp_path))
    with pytest.raises(CheckpointError, match="Received"):
        SongClassifier.load("no such model")


@pytest.mark.parametrize(
    "inputs",
    [
        np.zeros((2, 62, 96)),  # float64
        np.zeros((2, 61, 96), np.float32),
        np.zeros((62, 96), np.float32),
    ],
)
def test_inputs_of_another_kind(classifier: SongClassifier, inputs: np.ndarray) -> None:
    with pytest.raises(ParameterError, match="Received"):
        classifier.logits(inputs)
    with pytest.raises(ParameterError, match="Received"):
        classifier.embed(inputs)


def test_what_is_no_song(classifier: SongClassifier, tmp_path: Path) -> None:
    with pytest.raises(DecodeError, match="Received"):
        classifier.classify(b"no song")
    with pytest.raises(DecodeError, match="Received"):
        classifier.classify(tmp_path / "missing.ogg")
    with pytest.raises(ParameterError, match="Received"):
        classifier.classify(Clip(made_sound("Beats", 44_100), 44_100))


@pytest.mark.parametrize("n_samples", [1, 400, 16_000, 90_000])
def test_silence_and_hardly_anything_get_no_verdict(
    classifier: SongClassifier, n_samples: int
) -> None:
    with pytest.raises(DecodeError, match=r"hold music to be judged\. Received No verdict: "):
        classifier.classify(Clip(np.zeros(n_samples, np.float32), LOG_MEL.sr))
