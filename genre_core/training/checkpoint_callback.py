"""Checkpoint every epoch; seed dropout per epoch so that a resumed run is identical."""

from __future__ import annotations

import keras
import numpy as np

from genre_core.training.history import ValidationHistory
from genre_core.training.training_state import StateFolder, TrainingState


class SeedEachEpoch(keras.callbacks.Callback):
    """Let dropout draw in each epoch by seed and epoch alone, whatever was drawn before."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed = seed

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Seed the layers."""
        seed_dropout(self.model, self._seed, epoch)


class Checkpoint(keras.callbacks.Callback):
    """Save after each epoch what resuming needs, report steps, and stop when asked.

    Stands behind the history among the callbacks: its row is what is saved.
    """

    def __init__(
        self,
        states: StateFolder,
        run: int,
        *,
        history: ValidationHistory,
        n_items: int,  # of an epoch
        n_steps: int,
        batch_size: int,
    ) -> None:
        super().__init__()
        self._states, self._run, self._history = states, run, history
        self._n_items, self._n_steps, self._batch_size = n_items, n_steps, batch_size
        self._epoch = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Note the epoch; a stop may have been asked for while the last one was measured."""
        self._epoch = epoch
        self._states.stop_if_wanted()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Report the step."""
        n_items = min(self._batch_size, self._n_items - batch * self._batch_size)
        self._states.step(self._run, self._epoch, batch + 1, self._n_steps, n_items)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Save the state, before anything else can go wrong."""
        self.save(is_finished=False)

    def save(self, *, is_finished: bool) -> None:
        """Save the state of the run as it is now."""
        state = TrainingState(
            n_epochs=len(self._history.rows),
            weights=self.model.get_weights(),
            optimizer=[np.asarray(variable) for variable in self.model.optimizer.variables],
            rows=self._history.rows,
            best_epoch=self._history.best_epoch,
            best_weights=self._history.best_weights,
            is_finished=is_finished,
        )
        self._states.save(self._run, state)


def restore(network: keras.Model, history: ValidationHistory, state: TrainingState) -> None:
    """Put a compiled network, its optimizer and its history back to a saved state."""
    network.set_weights(state.weights)
    for variable, value in zip(network.optimizer.variables, state.optimizer, strict=True):
        variable.assign(value)
    history.rows = [dict(row) for row in state.rows]
    history.best_epoch, history.best_weights = state.best_epoch, list(state.best_weights)


def seed_dropout(network: keras.Model, seed: int, epoch: int) -> None:
    """Set the random states of a network's layers by seed and epoch alone.

    Keras counts every draw since the network was built: a resumed training would draw other masks
    than one that never stopped.
    """
    random_states = [v for v in network.variables if v.path.endswith("seed_generator_state")]
    for place, state in enumerate(random_states):
        key = np.random.SeedSequence((seed, epoch, place)).generate_state(1)[0]
        state.assign(np.array([key, 0], dtype=state.dtype))
