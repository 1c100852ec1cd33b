"""Laws of the plain baseline: order, scale, what val decides, what it must never see."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.errors import ParameterError
from genre_core.evaluation import baseline
from genre_core.evaluation.baseline import baseline_predictions, choose_baseline
from genre_core.metrics import accuracy, balanced_accuracy, paired_gain, predicted, roc_auc

Parts = dict[str, np.ndarray]


def make_parts(n_genres: int, *, signal: float = 1.5, n: int = 150, seed: int = 0) -> Parts:
    """Draw three parts whose first descriptors lean towards the genre; the last is constant."""
    rng = np.random.default_rng(seed)
    parts = {}
    for part in ("train", "val", "test"):
        genre = rng.integers(0, n_genres, n)
        noise = rng.normal(size=(n, 6))
        noise[:, :n_genres] += signal * np.eye(n_genres)[genre]
        noise[:, 5] = 7.0
        parts[f"{part}_x"], parts[f"{part}_y"] = noise.astype(np.float32), genre
    return parts


def predict(parts: Parts, n_genres: int) -> np.ndarray:
    given = {name: values for name, values in parts.items() if name != "test_y"}
    return baseline_predictions(**given, n_genres=n_genres)


def chosen(parts: Parts, n_genres: int) -> object:
    given = {name: values for name, values in parts.items() if not name.startswith("test")}
    return choose_baseline(**given, n_genres=n_genres).named_steps["logisticregression"]


@pytest.mark.parametrize("n_genres", [2, 4])
def test_probabilities_that_beat_chance_where_there_is_a_signal(n_genres: int) -> None:
    parts = make_parts(n_genres)
    probs = predict(parts, n_genres)
    assert probs.shape == (150, n_genres)
    np.testing.assert_allclose(probs.sum(axis=1), 1.0)
    constant = np.zeros(150, dtype=int)
    gain = paired_gain(
        lambda i: accuracy(parts["test_y"][i], predicted(probs)[i]),
        lambda i: accuracy(parts["test_y"][i], constant[i]),
        np.arange(150),
        n_resamples=500,
    )
    assert gain.low > 0


def test_no_signal_gives_about_chance() -> None:
    parts = make_parts(2, signal=0.0, n=600)
    # The deviation of a chance AUC with 300 a side is .024.
    assert roc_auc(parts["test_y"], predict(parts, 2)) == pytest.approx(0.5, abs=0.1)


def test_nothing_is_random_and_each_test_row_stands_alone() -> None:
    parts = make_parts(3)
    probs = predict(parts, 3)
    np.testing.assert_array_equal(predict(parts, 3), probs)
    some = parts | {"test_x": parts["test_x"][[5, 2]]}
    np.testing.assert_allclose(predict(some, 3), probs[[5, 2]], rtol=1e-12)
    none = parts | {"test_x": parts["test_x"][:0]}
    assert predict(none, 3).shape == (0, 3)


def test_the_order_of_training_items_does_not_matter() -> None:
    parts = make_parts(3)
    order = np.random.default_rng(1).permutation(150)
    moved = parts | {"train_x": parts["train_x"][order], "train_y": parts["train_y"][order]}
    # lbfgs stops at a gradient of 1e-4, a little apart when sums are taken in another order.
    np.testing.assert_allclose(predict(moved, 3), predict(parts, 3), atol=1e-3)


def test_the_unit_of_a_descriptor_does_not_matter() -> None:
    parts = make_parts(3)
    unit, zero = np.array([1, 1000, 0.01, 1, 50, 1]), np.array([0, 5, -3, 100, 0, 0])
    other = {k: v * unit + zero if k.endswith("_x") else v for k, v in parts.items()}
    np.testing.assert_allclose(predict(other, 3), predict(parts, 3), atol=1e-3)


def test_renaming_genres_permutes_columns() -> None:
    parts = make_parts(3)
    place = np.array([2, 0, 1])
    renamed = {k: place[v] if k.endswith("_y") else v for k, v in parts.items()}
    np.testing.assert_allclose(predict(renamed, 3)[:, place], predict(parts, 3), atol=1e-3)


def test_a_genre_without_training_items_gets_no_probability() -> None:
    parts = make_parts(3)
    probs = predict(parts | {"train_y": np.where(parts["train_y"] == 1, 2, parts["train_y"])}, 4)
    assert probs.shape == (150, 4)
    assert (probs[:, [1, 3]] == 0).all()
    assert (probs[:, [0, 2]] > 0).all()
    np.testing.assert_allclose(probs.sum(axis=1), 1.0)


def test_val_decides_how_much_is_regularised() -> None:
    parts = make_parts(2, n=60)
    rng = np.random.default_rng(0)
    # Many noisy descriptors and few items: what fits train best does not serve val.
    for part in ("train", "val", "test"):
        parts[f"{part}_x"] = np.hstack([parts[f"{part}_x"], rng.normal(size=(60, 100))])
    as_train = parts | {"val_x": parts["train_x"], "val_y": parts["train_y"]}
    assert chosen(parts, 2).C < chosen(as_train, 2).C


def test_genres_rare_in_train_are_weighed_where_val_gains_by_it() -> None:
    parts = make_parts(3, signal=0.7, n=900)
    is_kept = (parts["train_y"] == 0) | (np.arange(900) % 15 == 0)
    parts |= {name: parts[name][is_kept] for name in ("train_x", "train_y")}
    assert chosen(parts, 3).class_weight == "balanced"
    # Unweighed nearly every prediction is genre 0, which has a balanced accuracy of 1/3.
    assert balanced_accuracy(parts["test_y"], predicted(predict(parts, 3))) > 0.42


def test_val_and_test_never_train() -> None:
    parts = make_parts(2)
    given = {name: values for name, values in parts.items() if not name.startswith("test")}
    fitted = choose_baseline(**given, n_genres=2)
    scaler = fitted.named_steps["standardscaler"]
    np.testing.assert_allclose(scaler.mean_, parts["train_x"].mean(axis=0, dtype=float))
    before = predict(parts, 2)
    far = parts | {"test_x": np.vstack([parts["test_x"], np.full((50, 6), 1e4)])}
    np.testing.assert_array_equal(predict(far, 2)[:150], before)


@pytest.mark.parametrize(
    "change",
    [
        {"train_x": np.zeros(150)},
        {"train_x": np.zeros((149, 6))},
        {"train_x": np.zeros((150, 0))},
        {"train_x": np.full((150, 6), np.nan)},
        {"train_y": np.zeros(150, dtype=int)},
        {"train_y": np.linspace(0, 1, 150)},
        {"train_y": np.arange(150)},
        {"val_x": np.zeros((150, 5))},
        {"val_x": np.zeros((0, 6)), "val_y": np.zeros(0, dtype=int)},
        {"val_y": np.ones(150, dtype=int)},
        {"val_y": -np.ones(150, dtype=int)},
        {"test_x": np.zeros((4, 5))},
        {"test_x": np.full((4, 6), np.inf)},
        {"test_x": np.zeros(6)},
    ],
)
def test_bad_parts(change: Parts) -> None:
    with pytest.raises(ParameterError, match="Received"):
        predict(make_parts(2) | change, 2)


def test_items_of_several_genres_count_as_each_by_its_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(baseline, "WEIGHTS", (None,))
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 3)), np.arange(60) % 3
    x[:, 0] += y
    answers = [
        choose_baseline(x, learnt, x, y, n_genres=3).predict_proba(x)
        for learnt in (y, np.eye(3)[y], 0.6 * np.eye(3)[y] + [0.4, 0.0, 0.0])
    ]
    np.testing.assert_allclose(answers[1], answers[0], atol=1e-6)
    # The intercept is not regularised: where the fit ends, answers sum to what was learnt.
    np.testing.assert_allclose(answers[0].mean(axis=0), [1 / 3] * 3, atol=1e-3)
    np.testing.assert_allclose(answers[2].mean(axis=0), [0.6, 0.2, 0.2], atol=1e-3)
