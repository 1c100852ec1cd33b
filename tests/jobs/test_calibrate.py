"""What is fitted on val, what follows from it, and what stays."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genre_core.data.catalog import Catalog
from genre_core.errors import ParameterError
from genre_core.inference.classifier import Classifier, Prediction
from genre_core.jobs.calibrate import calibrate
from genre_core.jobs.fits.calibration import class_shares, fold_calibration
from genre_core.jobs.measure import measure
from genre_core.metrics import temperature
from genre_core.metrics.calibration import Calibration
from genre_core.runs.bundle import Bundle, open_bundle
from genre_core.runs.card import load_card, save_card
from tests.made_bundles import make_experiment, make_network, write_bundle, write_dataset

pytestmark = pytest.mark.usefixtures("few_resamples")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return write_dataset(tmp_path_factory.mktemp("data"), 60)


@pytest.fixture(scope="module")
def measured(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A network that is far too sure, measured as it is."""
    network = make_network()
    layer = network.get_layer("logits")
    layer.set_weights([300 * weights for weights in layer.get_weights()])
    data = {"name": "made", "digest": catalog.digest}
    bundle = write_bundle(tmp_path_factory.mktemp("models"), network=network, data=data)
    measure(bundle, catalog, log=lambda _: None)
    return bundle


def test_covers_are_calibrated_on_val_and_served_as_measured(
    measured: Bundle, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(temperature, "MIN_ITEMS", 10)
    before, metrics = measured.predictions(), measured.metrics()
    assert not metrics["calibration"]["is_calibrated"]
    bundle = calibrate(str(measured.folder), catalog.root, log=lambda _: None)
    fitted = bundle.card.calibration
    assert fitted is not None
    assert (fitted.n, fitted.fitted_on) == (10, "the 10 covers of val")
    assert fitted.temperature > 1
    after, report = bundle.predictions(), bundle.metrics()["calibration"]
    assert report["is_calibrated"]
    assert report["own"]["log_loss"] == metrics["calibration"]["log_loss"]["value"]
    columns = ["predicted", "logit_0", "logit_1"]
    pd.testing.assert_frame_equal(before[columns], after[columns])  # a temperature moves no answer
    for name in ("accuracy", "macro_f1", "roc_auc"):
        assert bundle.metrics()["values"][name] == metrics["values"][name]
    item, *_ = after["item_id"]
    said = Classifier.load(bundle).classify(catalog.path_of(item))
    assert said.is_calibrated
    assert said.to_dict()["calibrated"] is True
    np.testing.assert_allclose(said.probs, after[["prob_0", "prob_1"]].to_numpy()[0], atol=1e-6)
    assert not np.allclose(said.probs, before[["prob_0", "prob_1"]].to_numpy()[0])


def test_another_data_set_is_refused(measured: Bundle, tmp_path: Path) -> None:
    other = write_dataset(tmp_path, 12)
    with pytest.raises(ParameterError, match=r"trained on.*Received"):
        calibrate(str(measured.folder), other.root, log=lambda _: None)


def test_a_card_without_calibration_stays_as_it_was_written(measured: Bundle) -> None:
    card = dataclasses.replace(measured.card, calibration=None)
    save_card(card, measured.folder)
    assert "calibration" not in (measured.folder / "card.json").read_text()
    assert not Classifier.load(open_bundle(measured.folder)).card.calibration
    weighed = Calibration(temperature=1.5, weights=(0.8, 0.3), fitted_on="val", n=60)
    save_card(dataclasses.replace(card, calibration=weighed), measured.folder)
    assert load_card(measured.folder).calibration == weighed
    with pytest.raises(ParameterError, match="a weight for each genre"):
        dataclasses.replace(card, calibration=dataclasses.replace(weighed, weights=(1.0,) * 3))


def test_with_class_weights_the_answer_is_read_before_the_weights() -> None:
    probs = Calibration(temperature=1.0, weights=(0.9, 0.1)).apply([[0.4, 0.6]], "binary")[0]
    logits = np.array([np.log(0.6 / 0.4)], np.float32)
    said = Prediction("made", ("other", "prog"), probs, logits, "binary", True)
    assert said.genre == "prog"
    assert said.probability == pytest.approx(0.06 / 0.42)
    assert said.ranking()[0][0] == "other"


def test_folds_calibrate_what_the_stored_network_learnt_from() -> None:
    rng = np.random.default_rng(0)
    genre = rng.integers(0, 2, 120)
    sure = np.where(rng.random((120, 1)) < 0.7, np.eye(2)[genre], 1 - np.eye(2)[genre])
    logits = np.log(0.98 * sure + 0.01)
    fold = np.arange(120) % 3
    table = pd.DataFrame(
        {"fold": fold, "genre_index": genre, "logit_0": logits[:, 0], "logit_1": logits[:, 1]}
    )
    experiment = make_experiment()
    learnt = np.arange(120) < 100
    fitted = fold_calibration(table, table, learnt, experiment)
    assert fitted is not None
    assert fitted.n == 100
    right = (logits.argmax(axis=1) == genre)[learnt].mean()
    assert fitted.apply(np.exp(logits), "softmax").max() == pytest.approx(right, abs=0.01)
    changed = table.assign(genre_index=np.where(learnt, genre, 1 - genre))
    assert fold_calibration(changed, changed, learnt, experiment) == fitted
    training = dataclasses.replace(experiment.training, class_weights=True)
    weighed = dataclasses.replace(experiment, training=training)
    assert class_shares(weighed, table) == pytest.approx(tuple(np.bincount(genre) / 120))

    assert class_shares(experiment, table) == ()


def test_shares_of_genres_are_what_a_calibration_aims_at() -> None:
    genre = np.arange(120) % 2
    shares = np.array([[0.7, 0.3], [0.3, 0.7]])[genre]
    logits = 3 * np.log(shares)  # surer than what it learnt
    table = pd.DataFrame(
        {"fold": np.arange(120) % 3, "genre_index": genre, "logit_0": logits[:, 0]}
    ).assign(logit_1=logits[:, 1])
    experiment, learnt = make_experiment(), np.ones(120, bool)
    fitted = fold_calibration(table, table.assign(shares=list(shares)), learnt, experiment)
    assert fitted is not None
    own = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(fitted.apply(own, "softmax"), shares, atol=0.01)
    whole = fold_calibration(table, table, learnt, experiment)
    assert whole is not None
    assert whole.apply(own, "softmax").max() > 0.98  # it was always right
