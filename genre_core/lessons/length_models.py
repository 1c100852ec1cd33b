"""The models of the question of length: study S5's MLP, and two plain ones beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Labels = NDArray[np.int64]
Scores = Callable[[Numbers], Numbers]
"""From songs to the probability of prog of each."""

MODELS = ("S5's MLP", "logistic regression", "random forest")

VAL_PART = 0.2
"""Part of the songs to learn from on which an epoch is chosen; ours, S5 used other songs."""

BATCH_SIZE = 128
"""As in study S5."""

N_TREES = 500
"""Of a random forest."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What one repeat gave.

    seed: of the cut, of the weights and of the order
    epoch: the chosen one, counted from 1; 0 where there are none
    val_loss: cross-entropy on the songs to choose on
    probs [shape=(n_test,), dtype=float64]: probability of prog of each test song
    """

    seed: int
    epoch: int
    val_loss: float
    probs: Numbers


def fit_and_ask(
    model: str, train: Numbers, is_prog: Labels, test: Numbers, *, seed: int, epochs: int
) -> Outcome:
    """Cut off the songs to choose on, fit one of `MODELS` on the others, ask it about unseen ones.

    `train` and `test` are (songs, columns). Of the network the epoch with the least cross-entropy
    on the songs to choose on counts. The plain models choose nothing, and still do not see those
    songs: all three learn from the same.

    Examples
    --------
    >>> songs = np.linspace(-1, 1, 40)[:, np.newaxis]
    >>> outcome = fit_and_ask("logistic regression", songs, np.repeat([0, 1], 20),
    ...                       np.array([[-0.9], [0.9]]), seed=0, epochs=1)
    >>> (outcome.probs > 0.5).tolist(), outcome.epoch
    ([False, True], 0)
    """
    from sklearn.metrics import log_loss
    from sklearn.model_selection import train_test_split

    learn, choose = train_test_split(
        np.arange(len(train)), test_size=VAL_PART, stratify=is_prog, random_state=seed
    )
    # Of the songs that are learnt from alone: those to choose on and to test stay unseen.
    mean, deviation = train[learn].mean(axis=0), train[learn].std(axis=0)
    deviation[deviation == 0] = 1.0
    x, val, unseen = ((part - mean) / deviation for part in (train[learn], train[choose], test))
    if model == MODELS[0]:
        score, epoch = _fit_mlp(x, is_prog[learn], val, is_prog[choose], seed=seed, epochs=epochs)
    else:
        score, epoch = _fit_plain(model, x, is_prog[learn], seed=seed), 0
    val_loss = float(log_loss(is_prog[choose], score(val), labels=(0, 1)))
    return Outcome(seed, epoch, val_loss, score(unseen))


def _fit_plain(model: str, x: Numbers, is_prog: Labels, *, seed: int) -> Scores:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    fitted = (
        LogisticRegression(max_iter=5_000)
        if model == "logistic regression"
        else RandomForestClassifier(N_TREES, random_state=seed)
    ).fit(x, is_prog)
    return lambda songs: np.asarray(fitted.predict_proba(songs)[:, 1], np.float64)


def _fit_mlp(
    x: Numbers, is_prog: Labels, val: Numbers, val_is_prog: Labels, *, seed: int, epochs: int
) -> tuple[Scores, int]:
    import keras

    from genre_core.architectures.s5_songs import build_s5_mlp
    from genre_core.metrics.probabilities import probabilities

    keras.utils.set_random_seed(seed)
    network = build_s5_mlp(input_shape=(x.shape[1],))
    # As in the study: Adam, and two classes rather than one probability.
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    # Compiling so few sums to machine code takes ten times longer than doing them.
    network.compile("adam", loss, jit_compile=False)
    network.optimizer.build(network.trainable_variables)  # or its step would be laid out twice
    order = np.random.default_rng(seed)
    chosen = (np.inf, 0, network.get_weights())
    for epoch in range(1, epochs + 1):
        mixed = order.permutation(len(x))
        for start in range(0, len(x), BATCH_SIZE):
            batch = mixed[start : start + BATCH_SIZE]
            network.train_on_batch(x[batch], is_prog[batch])
        val_loss = float(loss(val_is_prog, network(val, training=False)))
        if val_loss < chosen[0]:
            chosen = (val_loss, epoch, network.get_weights())
    network.set_weights(chosen[2])

    def score(songs: Numbers) -> Numbers:
        logits = np.asarray(network(songs, training=False))  # (n_songs, 2)
        return np.asarray(probabilities(logits, "softmax")[:, 1], np.float64)

    return score, chosen[1]
