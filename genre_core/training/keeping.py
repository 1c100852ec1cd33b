"""Keep a training's state after every epoch, and make each epoch's chance its own."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from genre_core.training.history import ValidationHistory
from genre_core.training.ledger import Ledger, TrainingState


class OwnChance(keras.callbacks.Callback):
    """Let dropout draw in each epoch by seed and epoch alone, whatever was drawn before.

    Parameters
    ----------
    seed : int
        Of the run.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed = seed

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Start anew."""
        seed_dropout(self.model, self._seed, epoch)


class Keeping(keras.callbacks.Callback):
    """Write down after each epoch what is needed to go on, tell of steps, and stop when asked.

    Stands behind the history among the callbacks: its row is what is kept.

    Parameters
    ----------
    ledger : Ledger
        Where states go.
    run : int
        Place of the run.
    watch : ValidationHistory
        The run's history.
    n_items, n_steps, batch_size : int
        Items and steps of an epoch, items of a step.
    """

    def __init__(
        self,
        ledger: Ledger,
        run: int,
        *,
        watch: ValidationHistory,
        n_items: int,
        n_steps: int,
        batch_size: int,
    ) -> None:
        super().__init__()
        self._ledger, self._run, self._watch = ledger, run, watch
        self._n_items, self._n_steps, self._batch_size = n_items, n_steps, batch_size
        self._epoch = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Note the epoch; a stop may have been asked for while the last one was measured."""
        self._epoch = epoch
        self._ledger.stop_if_wanted()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Tell of the step."""
        done = batch + 1
        n_items = min(self._batch_size, self._n_items - batch * self._batch_size)
        self._ledger.step(self._run, self._epoch, done, self._n_steps, n_items)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Keep the state, before anything else can go wrong."""
        self._ledger.save(self._run, self.state(is_finished=False))

    def state(self, *, is_finished: bool) -> TrainingState:
        """Describe where the training stands."""
        return TrainingState(
            n_epochs=len(self._watch.rows),
            weights=self.model.get_weights(),
            optimizer=[np.asarray(each) for each in self.model.optimizer.variables],
            rows=self._watch.rows,
            best_epoch=self._watch.best_epoch,
            best_weights=self._watch.best_weights,
            is_finished=is_finished,
        )


def take_up(network: keras.Model, watch: ValidationHistory, state: TrainingState) -> None:
    """Put a compiled network, its optimizer and its history back to where a state was kept."""
    network.set_weights(state.weights)
    network.optimizer.build(network.trainable_variables)
    for variable, value in zip(network.optimizer.variables, state.optimizer, strict=True):
        variable.assign(value)
    watch.rows = [dict(row) for row in state.rows]
    watch.best_epoch, watch.best_weights = state.best_epoch, list(state.best_weights)


def seed_dropout(network: keras.Model, seed: int, epoch: int) -> None:
    """Set what a network's layers draw from, by seed and epoch alone.

    Keras counts every draw since the network was built: a training that was taken up again would
    draw other masks than one that never stopped.

    Parameters
    ----------
    network : keras.Model
        Functional.
    seed, epoch : int
        Both at least 0.

    Examples
    --------
    >>> sound = keras.Input((4,))
    >>> network = keras.Model(sound, keras.layers.Dropout(0.5)(sound))
    >>> seed_dropout(network, 0, 3)
    >>> first = np.asarray(network(np.ones((2, 4)), training=True))
    >>> seed_dropout(network, 0, 3)
    >>> bool((np.asarray(network(np.ones((2, 4)), training=True)) == first).all())
    True
    """
    drawn = [each for each in network.variables if _is_seed(each)]
    for place, state in enumerate(drawn):
        key = np.random.SeedSequence((seed, epoch, place)).generate_state(1)[0]
        state.assign(np.array([key, 0], dtype=state.dtype))


def _is_seed(variable: Any) -> bool:
    return str(variable.path).endswith("seed_generator_state")
