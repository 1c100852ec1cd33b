"""A head on pictures of songs, from the recipe to a bundle that hears songs."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from genre_core.audio.clip import Clip
from genre_core.config import load_experiment
from genre_core.evaluation.picture_facts import picture_facts
from genre_core.inference.songs import SongClassifier
from genre_core.jobs.train import train
from genre_core.runs.bundle import Bundle
from genre_core.training import heads
from tests.made_pictures import write_pictures


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("pictures")
    write_pictures(folder, n_each=8)
    recipe = load_experiment("prog_pictures")
    settings = dataclasses.replace(recipe.training, folds=2, repeats=2)
    small = dataclasses.replace(recipe, training=settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(heads, "STRENGTHS", (1e-3, 1e-2))
        return train(
            small, folder, command="a test", log=lambda _: None, out=tmp_path_factory.mktemp("m")
        )


def test_it_gives_a_song_one_prog_score(bundle: Bundle) -> None:
    classifier = SongClassifier.load(bundle)
    rng = np.random.default_rng(0)
    clip = Clip(rng.normal(0, 0.1, 70 * 22_050).astype(np.float32), 22_050)
    answer = classifier.classify(classifier.prepare(clip))
    assert len(answer) == 1
    assert (answer.start_s[0], answer.genres) == (5.0, ("non-prog", "prog"))
    np.testing.assert_allclose(answer.scores, answer.probs[:, 1])


def test_its_single_logit_is_the_second_genre_s(bundle: Bundle) -> None:
    network = SongClassifier.load(bundle).network
    kernel = np.array([[1.0, 3.0]] * network.get_layer("logits").input.shape[1], np.float32)
    heads.set_head(network, kernel, np.array([0.5, 0.0], np.float32))
    weights, bias = network.get_layer("logits").get_weights()
    assert (weights == 2).all()
    assert bias.tolist() == [-0.5]


def test_its_figures_stand_beside_what_the_files_tell(bundle: Bundle) -> None:
    metrics = bundle.metrics()
    assert metrics["compared_with"] == "file_facts"
    assert list(metrics["baselines"]) == [
        "majority", "file_facts", "top_rows", "dynamic_range", "loudness",
    ]  # fmt: skip
    assert metrics["values"]["roc_auc"]["value"] > 0.9
    assert [len(values) for values in metrics["dealings"].values()] == [2] * 4
    assert metrics["dealings"]["roc_auc"][0] > 0.9
    assert [report["n"] for report in metrics["extra"]] == [16, 16]
    assert all({"network", "source_probe"} <= report.keys() for report in metrics["extra"])
    assert "artists are unknown" in metrics["split_rule"]


def test_file_facts_follow_their_laws() -> None:
    loud, quiet = np.full((2, 1, 149, 153, 1), 0.6, np.float32)
    quiet[:, :, ::2] -= 0.25  # every second moment 20 dB lower
    quiet[:, -15:] = 0  # nothing above 6.5 kHz
    facts = {name: [song.tolist() for song in values] for name, values in
             picture_facts([loud, quiet]).items()}  # fmt: skip
    assert facts["loudness"][0] == [[pytest.approx(-32)]]
    assert facts["loudness"][1][0][0] < -32
    assert facts["dynamic_range"][0] == [[0]]
    assert facts["dynamic_range"][1] == [[pytest.approx(20, abs=0.01)]]
    assert facts["top_rows"][0] == [[pytest.approx(10 * np.log10(15 / 149), abs=1e-3)]]
    assert facts["top_rows"][1][0][0] < -30
