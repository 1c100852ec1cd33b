"""A network whose training steps work off their batch part by part, in a fraction of the memory."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from genre_core.config import require


def in_parts(network: keras.Model, part_size: int) -> keras.Model:
    """Return a network that shares its weights and trains each batch in parts.

    The gradient of a batch is the mean over its items, and a mean over items is the mean of the
    means of its parts, each weighted by how many items it has: with n = n_1 + n_2 + ...

        g = n_1 / n * g_1 + n_2 / n * g_2 + ...

    One update follows, so that optimizer, schedule, momentum, weight decay and the history's loss
    and accuracy are those of whole batches. A last batch that is smaller has fewer parts.

    Parameters
    ----------
    network : keras.Model
        Functional, ends in logits.
    part_size : int
        Most items of a part, at least 1. What a step keeps of its items, which is most of its
        memory, falls in proportion.

    Returns
    -------
    keras.Model
        To be compiled, with `jit_compile=False` as XLA knows no parts whose size is not known
        before, and fitted on (inputs, targets, weights).

    Raises
    ------
    ParameterError
        `part_size` is below 1.

    Notes
    -----
    The weights after an update are those of the whole batch, to rounding, for every layer that
    treats items one by one; dropout draws other masks. A batch normalization does not: each part
    is normalized by its own statistics, and the running ones move with every part. Where its
    statistics are kept as they are (`freeze_norm`), it treats items one by one too.

    Keras's own `gradient_accumulation_steps` takes the parts for batches: it weighs them alike,
    whatever their size, lets an update reach into the next epoch, and moves a schedule of the
    learning rate with each part.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> network = in_parts(build("s1_prog_covers"), 8)
    >>> network.compile("adam", "mse", jit_compile=False)
    >>> history = network.fit(tf.zeros((20, 260, 260, 3)), tf.zeros((20, 1)), verbose=0)
    >>> int(network.optimizer.iterations)
    1
    >>> in_parts(network, 0)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: part_size must be at least 1. Received 0 (int). \
Give a whole number.
    """
    require(part_size >= 1, "part_size must be at least 1.", part_size, "Give a whole number.")
    return _InParts(network.input, network.output, name=network.name, part_size=part_size)


class _InParts(keras.Model):
    def __init__(self, *args: Any, part_size: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._part_size = part_size

    def train_step(self, data: Any) -> dict[str, Any]:
        inputs, targets, weights = keras.utils.unpack_x_y_sample_weight(data)
        trained = self.trainable_variables
        n_items = tf.shape(inputs)[0]

        def one_part(
            start: tf.Tensor, summed: list[tf.Tensor]
        ) -> tuple[tf.Tensor, list[tf.Tensor]]:
            stop = tf.minimum(start + self._part_size, n_items)
            x, y = inputs[start:stop], targets[start:stop]
            w = None if weights is None else weights[start:stop]
            with tf.GradientTape() as tape:
                logits = self(x, training=True)
                loss = self.compute_loss(x, y, logits, w, training=True)
            share = tf.cast(stop - start, tf.float32) / tf.cast(n_items, tf.float32)
            gradients = tape.gradient(loss, trained)
            self._loss_metric.update_state(loss, sample_weight=stop - start)
            self.compute_metrics(x, y, logits, w)
            return stop, [each + share * new for each, new in zip(summed, gradients, strict=True)]

        # A loop of the graph, one round at a time: parts laid out side by side would run, and
        # need their memory, at once.
        _, gradients = tf.while_loop(
            lambda start, _: start < n_items,
            one_part,
            (tf.constant(0), [tf.zeros_like(variable.value) for variable in trained]),
            parallel_iterations=1,
        )
        self.optimizer.apply_gradients(zip(gradients, trained, strict=True))
        return dict(self.get_metrics_result())

    @property
    def _loss_metric(self) -> keras.metrics.Metric:
        return next(metric for metric in self.metrics if metric.name == "loss")
