"""What settings mean to Keras: rates, weights and the even chance of logits."""

import keras
import numpy as np
import pytest

from genre_core.config import Training
from genre_core.errors import ParameterError
from genre_core.training.recipe import item_weights, make_accuracy, make_loss, make_optimizer


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({}, keras.optimizers.Adam),
        ({"optimizer": "adamw", "weight_decay": 0.1}, keras.optimizers.AdamW),
        ({"optimizer": "sgd", "weight_decay": 0.1}, keras.optimizers.SGD),
    ],
)
def test_optimizers(settings: dict[str, object], kind: type) -> None:
    made = make_optimizer(Training(epochs=2, learning_rate=0.25, **settings), 5)
    assert type(made) is kind
    assert float(made.learning_rate) == 0.25
    assert made.weight_decay == settings.get("weight_decay")


def test_a_weight_decay_needs_an_optimizer_that_knows_it() -> None:
    with pytest.raises(ParameterError, match="Received"):
        make_optimizer(Training(epochs=1, weight_decay=0.1), 5)


def test_a_cosine_ends_at_nothing_with_the_last_update() -> None:
    made = make_optimizer(Training(epochs=3, learning_rate=1.0, schedule="cosine"), 4)
    rates = [float(made._learning_rate(step)) for step in range(13)]
    assert rates[0] == 1.0
    assert rates[6] == pytest.approx(0.5, abs=1e-6)
    assert rates[12] == pytest.approx(0.0, abs=1e-6)
    assert (np.diff(rates) < 0).all()


@pytest.mark.parametrize(("head", "targets"), [("softmax", [[0, 1]]), ("binary", [[1]])])
def test_losses_take_logits(head: str, targets: list[list[float]]) -> None:
    logits = np.log([[1.0, 3.0]]) if head == "softmax" else np.log([[3.0]])
    loss = float(make_loss(head, 0.0)(np.array(targets, float), logits))
    assert loss == pytest.approx(-np.log(0.75), abs=1e-6)
    smooth = float(make_loss(head, 0.2)(np.array(targets, float), logits))
    # Of the truth .9 is left and .1 goes to the other genre.
    assert smooth == pytest.approx(-0.9 * np.log(0.75) - 0.1 * np.log(0.25), abs=1e-6)


@pytest.mark.parametrize("head", ["binary", "multilabel"])
def test_the_even_chance_of_a_logit_is_nought(head: str) -> None:
    accuracy = make_accuracy(head)(np.array([[1.0], [0.0], [0.0]]), np.array([[0.1], [-0.1], [3]]))
    assert float(accuracy) == pytest.approx(2 / 3)
    assert float(make_accuracy("softmax")(np.eye(2), np.array([[3.0, 2], [3, 2]]))) == 0.5


def test_class_weights_are_balanced() -> None:
    weights = item_weights(np.array([0, 0, 0, 1]), 3, balanced=True)
    np.testing.assert_allclose(weights, [2 / 3, 2 / 3, 2 / 3, 2])
    assert weights.sum() == pytest.approx(4)
    assert item_weights(np.array([0, 2]), 3, balanced=False).tolist() == [1, 1]
