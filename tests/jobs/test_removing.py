"""Measured without kernels: a dead one changes nothing, all of them leave a constant answer."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from genre_core.data.catalog import Catalog
from genre_core.errors import CheckpointError, DatasetError, ParameterError
from genre_core.explain import kernel_groups
from genre_core.explain.patterns_store import StoredLayer, home_folder, save_patterns
from genre_core.explain.removed_store import load_removed, removed_path, save_removed
from genre_core.jobs import removing
from genre_core.jobs.removing import measure_removed, removal_request
from genre_core.jobs.run_worker import carry_out
from genre_core.runs.bundle import Bundle
from genre_core.runs.run_folder import new_run
from tests.made_bundles import make_network, write_bundle, write_dataset
from tests.made_song_bundles import write_song_bundle

pytestmark = pytest.mark.usefixtures("few_resamples")


@pytest.fixture
def bundle(genre_home: Path) -> Bundle:
    """A network whose kernels 0 and 5 of conv_2 never respond; conv_3 follows one of as many."""
    network = make_network()
    weights, biases = network.get_layer("conv_2").get_weights()
    weights[..., 0], biases[5] = 0, -1e5
    biases[0] = 0
    network.get_layer("conv_2").set_weights([weights, biases])
    return write_bundle(genre_home / "models", network=network)


@pytest.fixture
def covers(tmp_path: Path) -> Catalog:
    return write_dataset(tmp_path / "covers", 24)


def groups(bundle: Bundle, names: list[str]) -> None:
    stored = StoredLayer(
        layer="conv_2",
        n_filters=16,
        kernels=np.arange(len(names)),
        pictures=np.zeros((len(names), 8, 8, 3), np.uint8),
        values=np.ones(len(names)),
        noise=np.zeros(len(names)),
        real=np.zeros(len(names)),
        blank=np.array([name == "blank" for name in names]),
        groups=tuple(names),  # type: ignore[arg-type]
    )
    save_patterns(bundle.card, home_folder(), [stored])


def test_groups_and_chosen_kernels_are_measured_beside_the_whole(
    bundle: Bundle, covers: Catalog
) -> None:
    groups(bundle, ["blank", "dots", "dots", "mixed", "mixed", "blank"])
    result = measure_removed(
        bundle, covers, split="all", kernels={"conv_1": range(8), "conv_2": [0]}
    )
    assert (result["n"], result["n_groups"], result["n_per_genre"]) == (24, 24, [12, 12])
    rows = {(row["what"], row["layer"], row["group"]): row for row in result["rows"]}
    assert {key[2] for key in rows if key[0] == "group"} == {"blank", "dots", "mixed"}
    dead = rows["group", "conv_2", "blank"]
    assert (dead["n_kernels"], dead["n_filters"], dead["n_changed"]) == (2, 16, 0)
    assert dead["gains"]["accuracy"]["value"] == 0
    assert dead["figures"] == result["whole"]
    assert rows["kernels", "conv_2", "0"]["n_changed"] == 0
    # Without any of the first layer all covers look alike: one answer, half of them right.
    constant = rows["kernels", "conv_1", "0, 1, 2, 3, 4, 5, 6, 7"]
    assert constant["figures"]["accuracy"]["value"] == 0.5
    assert constant["figures"]["balanced_accuracy"]["value"] == 0.5


def test_figures_are_those_of_the_served_network(bundle: Bundle, covers: Catalog) -> None:
    """The second source: the classifier, item by item."""
    from genre_core.inference.classifier import Classifier

    classifier = Classifier.load(bundle)
    said = [classifier.classify(covers.root / path).genre for path in covers.frame["path"].tolist()]
    right = [genre == labels[0] for genre, labels in zip(said, covers.frame["labels"], strict=True)]
    result = measure_removed(bundle, covers, split="all")
    assert result["whole"]["accuracy"]["value"] == pytest.approx(np.mean(right), abs=1e-4)
    tested = measure_removed(bundle, covers)
    assert tested["n"] == int((covers.frame["split"] == "test").sum())


def test_corrected_groups_are_taken_out_as_corrected(bundle: Bundle, covers: Catalog) -> None:
    groups(bundle, ["blank", "dots", "dots"])
    kernel_groups.correct(bundle.card, "conv_2", 1, "vertical", who="Ann")
    rows = measure_removed(bundle, covers)["rows"]
    assert [(row["group"], row["n_kernels"]) for row in rows if row["what"] == "group"] == [
        ("blank", 1),
        ("dots", 1),
        ("vertical", 1),
    ]


def test_the_second_of_a_pair_is_passed_by(genre_home: Path, covers: Catalog) -> None:
    import keras
    from keras import layers

    image = keras.Input((64, 64, 3))
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="one")(image)
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="two")(x)
    logits = layers.Dense(2, name="logits")(layers.GlobalAveragePooling2D()(x))
    network = keras.Model(image, logits)
    # A second layer that hands on what it is given can be left out.
    weights = np.zeros((3, 3, 4, 4), np.float32)
    weights[1, 1] = np.eye(4)
    network.get_layer("two").set_weights([weights, np.zeros(4, np.float32)])
    bundle = write_bundle(genre_home / "models", network=network)
    [row] = measure_removed(bundle, covers, split="all")["rows"]
    assert (row["what"], row["layer"], row["n_changed"]) == ("second layer", "two", 0)


def test_prog_scores_are_measured_on_songs_of_known_kind(
    genre_home: Path, song_set: Catalog, kept_features: None
) -> None:
    bundle = write_song_bundle(genre_home / "models")
    result = measure_removed(bundle, song_set, split="test", kernels={"conv_1": [0]})
    frame = song_set.frame
    is_known = frame["labels"].map(lambda labels: "non-prog" in labels)
    assert result["n"] == int(((frame["split"] == "test") & is_known).sum()) == 5
    assert result["n_per_genre"] == [5, 0]
    assert result["segments_each"] == removing.SEGMENTS_EACH
    assert result["whole"]["accuracy"]["no_interval"] == "one genre alone"


def test_a_run_keeps_what_is_measured_and_goes_on(
    bundle: Bundle, covers: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups(bundle, ["blank", "dots", "mixed"])
    run = new_run(removal_request(bundle.name, str(covers.root), split="all"))
    measured = removing._figures
    calls = []

    def stops(*scored: object) -> dict:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return measured(*scored)

    monkeypatch.setattr(removing, "_figures", stops)
    with pytest.raises(KeyboardInterrupt):
        carry_out(run)
    assert run.status().state == "stopped"
    assert "what was measured is kept" in run.status().text
    assert load_removed(bundle.card) == []
    monkeypatch.setattr(removing, "_figures", lambda *scored: calls.append(2) or measured(*scored))
    carry_out(run)
    assert calls.count(2) == 2  # the first of three was kept
    [result] = load_removed(bundle.card)
    assert [row["group"] for row in result["rows"]] == ["blank", "dots", "mixed"]
    assert run.status().result == bundle.name


def test_one_measurement_a_data_set_and_split(bundle: Bundle, covers: Catalog) -> None:
    for split in ("all", "test", "all"):
        save_removed(bundle.card, measure_removed(bundle, covers, split=split), home_folder())
    assert [one["split"] for one in load_removed(bundle.card)] == ["test", "all"]


def test_a_damaged_store_is_a_message(bundle: Bundle) -> None:
    path = removed_path(bundle.card, home_folder())
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps([{"version": 1}]))
    with pytest.raises(CheckpointError, match="Received"):
        load_removed(bundle.card)


def test_bad_requests_are_messages(bundle: Bundle, covers: Catalog) -> None:
    with pytest.raises(ParameterError, match="split must be"):
        removal_request(bundle.name, str(covers.root), split="val")
    with pytest.raises(ParameterError, match="0 to 7"):
        measure_removed(bundle, covers, kernels={"conv_1": [8]})
    with pytest.raises(DatasetError, match="of source 'nobody'"):
        measure_removed(bundle, covers, source="nobody")


def test_what_is_shipped_takes_out_the_blank_kernels_that_are_stored_and_changes_nothing() -> None:
    from genre_core.explain.patterns_store import load_patterns
    from genre_core.runs.bundle import find_bundle

    card = find_bundle("s5_cnn.soft_prog").card
    stored, results = load_patterns(card), load_removed(card)
    assert results
    for result in results:
        blank = [row for row in result["rows"] if row["group"] == "blank"]
        assert {row["layer"]: row["n_kernels"] for row in blank} == {
            name: int(layer.blank.sum()) for name, layer in stored.items() if layer.blank.any()
        }
        assert {row["n_changed"] for row in blank} == {0}
        seconds = [row for row in result["rows"] if row["what"] == "second layer"]
        assert [row["layer"] for row in seconds] == ["conv_2", "conv_4", "conv_6"]
