"""The one door to a prediction."""

import io
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genre_core.errors import CheckpointError, DecodeError, ParameterError
from genre_core.inference.classifier import Classifier
from genre_core.metrics.probabilities import probabilities
from tests.made_bundles import some_covers, write_bundle


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    return Classifier.load(write_bundle(tmp_path_factory.mktemp("models")))


def test_equals_the_network_itself(classifier: Classifier) -> None:
    covers = some_covers(5)
    expected = np.asarray(classifier.network(covers.astype(np.float32), training=False))
    np.testing.assert_allclose(classifier.logits(covers), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("n_covers", [0, 1, 31, 32, 33, 65])
def test_any_number_of_covers(classifier: Classifier, n_covers: int) -> None:
    covers = some_covers(n_covers)
    probs = classifier.probs(covers)
    assert probs.shape == (n_covers, 2)
    np.testing.assert_allclose(probs.sum(axis=1), 1, rtol=1e-5)
    alone = [classifier.probs(cover[np.newaxis])[0] for cover in covers]
    np.testing.assert_allclose(probs, np.reshape(alone, (n_covers, 2)), atol=1e-5)


def test_file_bytes_and_pixels_agree(classifier: Classifier, tmp_path: Path) -> None:
    pixels = some_covers(1, size=100)[0]
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    path = tmp_path / "cover.png"
    path.write_bytes(buffer.getvalue())
    ways = [classifier.classify(source) for source in (path, buffer.getvalue(), pixels)]
    assert all(np.array_equal(ways[0].probs, way.probs) for way in ways)


def test_prediction_reads_its_own_probabilities(classifier: Classifier) -> None:
    prediction = classifier.classify(some_covers(1)[0])
    ranking = prediction.ranking()
    assert [p for _, p in ranking] == sorted(prediction.probs, reverse=True)
    assert ranking[0][0] == prediction.genre == prediction.genres[prediction.genre_index]
    expected = probabilities(prediction.logits[np.newaxis], "softmax")[0]
    np.testing.assert_allclose(prediction.probs, expected)
    assert set(prediction.to_dict()["probs"]) == {"Blue", "Red"}


def test_binary_head_has_one_logit_and_two_genres(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path, genres=("other", "prog"), head="binary")
    prediction = Classifier.load(bundle).classify(some_covers(1)[0])
    assert prediction.logits.shape == (1,)
    assert prediction.probs.shape == (2,)
    assert prediction.probs[1] == pytest.approx(1 / (1 + np.exp(-prediction.logits[0])), rel=1e-5)


def test_embedding_is_what_the_last_layer_reads(classifier: Classifier) -> None:
    covers = some_covers(4)
    kernel, bias = classifier.network.get_layer("logits").get_weights()
    np.testing.assert_allclose(
        classifier.embed(covers) @ kernel + bias, classifier.logits(covers), rtol=1e-4, atol=1e-5
    )


def test_threads_get_their_own_answers(classifier: Classifier) -> None:
    covers = some_covers(8)
    expected = classifier.logits(covers)
    found: dict[int, np.ndarray] = {}

    def work(place: int) -> None:
        for _ in range(5):
            found[place] = classifier.logits(covers[place : place + 1])[0]

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(covers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_allclose([found[i] for i in range(8)], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "covers",
    [
        np.zeros((1, 64, 64, 3), np.float32),
        np.zeros((64, 64, 3), np.uint8),
        np.zeros((1, 32, 64, 3), np.uint8),
        np.zeros((1, 64, 64, 1), np.uint8),
    ],
    ids=["float", "no batch", "size", "grey"],
)
def test_unprepared_covers(classifier: Classifier, covers: np.ndarray) -> None:
    with pytest.raises(ParameterError, match="Received"):
        classifier.logits(covers)


def test_a_file_that_is_no_picture(classifier: Classifier) -> None:
    with pytest.raises(DecodeError, match="Received"):
        classifier.classify(b"hello")


def test_an_unknown_name_names_the_nearest(genre_home: Path) -> None:
    write_bundle(genre_home / "models", name="made.test")
    with pytest.raises(CheckpointError, match=r"Did you mean 'made\.test'"):
        Classifier.load("made.tset")
