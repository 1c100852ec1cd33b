"""A network whose training steps take a batch in micro-batches, in a fraction of the memory."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from genre_core.config import require


def in_micro_batches(network: keras.Model, size: int) -> keras.Model:
    """Return a network that shares its weights and trains each batch in micro-batches.

    A micro-batch has at most `size` items. The gradient of a batch is the mean over its items, and
    so the mean of its micro-batches' means, weighted by their items: with n = n_1 + n_2 + ...

        g = n_1 / n * g_1 + n_2 / n * g_2 + ...

    One update follows, so that optimizer, schedule, momentum, weight decay and the history's loss
    and accuracy are those of whole batches. What a step keeps of its items, most of its memory,
    falls in proportion. Compile with `jit_compile=False`, as XLA needs every size beforehand, and
    fit on (inputs, targets, weights).

    The weights after an update are those of the whole batch, to rounding, for every layer that
    treats items one by one; dropout draws other masks. Batch normalization does not: it normalizes
    each micro-batch by its own statistics, unless they are kept as they are (`freeze_norm`).

    Keras's own `gradient_accumulation_steps` weighs micro-batches alike, whatever their size, lets
    an update reach into the next epoch, and moves a schedule of the learning rate with each.
    """
    require(size >= 1, "A micro-batch must have at least 1 item.", size, "Give a whole number.")
    return _InMicroBatches(network.input, network.output, name=network.name, size=size)


class _InMicroBatches(keras.Model):
    def __init__(self, *args: Any, size: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._size = size

    def train_step(self, data: Any) -> dict[str, Any]:
        inputs, targets, weights = keras.utils.unpack_x_y_sample_weight(data)
        trained = self.trainable_variables
        n_items = tf.shape(inputs)[0]
        loss_metric = next(metric for metric in self.metrics if metric.name == "loss")

        def add_micro_batch(
            start: tf.Tensor, summed: list[tf.Tensor]
        ) -> tuple[tf.Tensor, list[tf.Tensor]]:
            stop = tf.minimum(start + self._size, n_items)
            x, y = inputs[start:stop], targets[start:stop]
            w = None if weights is None else weights[start:stop]
            with tf.GradientTape() as tape:
                logits = self(x, training=True)
                loss = self.compute_loss(x, y, logits, w, training=True)
            share = tf.cast(stop - start, tf.float32) / tf.cast(n_items, tf.float32)
            gradients = tape.gradient(loss, trained)
            loss_metric.update_state(loss, sample_weight=stop - start)
            self.compute_metrics(x, y, logits, w)
            return stop, [old + share * new for old, new in zip(summed, gradients, strict=True)]

        # A loop of the graph, one round at a time: micro-batches laid out side by side would run,
        # and need their memory, at once.
        _, gradients = tf.while_loop(
            lambda start, _: start < n_items,
            add_micro_batch,
            (tf.constant(0), [tf.zeros_like(variable.value) for variable in trained]),
            parallel_iterations=1,
        )
        self.optimizer.apply_gradients(zip(gradients, trained, strict=True))
        return dict(self.get_metrics_result())
