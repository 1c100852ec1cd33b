"""Grad-CAM: how it compares with a forward pass and with the way of the tutorials.

Run `python tests/benchmarks/bench_explain.py`; `measure()` gives the same figures to a runner.
Times are medians of interleaved rounds in one process, so that other work on the machine meets all
sides alike; only their ratios are held.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.timing import interleaved, print_rows, row  # noqa: E402

NETWORKS = (("s1_prog_covers", 1, "binary"), ("efficientnet_lite2", 5, "softmax"))
MAX_OF_FORWARD = 1.3
MIN_OF_TUTORIAL = 8.0
MAX_DIFFERENCE = 1e-5
MAX_OF_HIDING = 2.0


def measure(rounds: int = 15) -> list[dict[str, Any]]:
    """Measure both networks.

    The straight way is the Keras tutorial's: `predict` for the scores, then a new sub-model and an
    uncompiled gradient tape, at each call.

    Parameters
    ----------
    rounds : int
        Interleaved rounds, after one to warm up.

    Returns
    -------
    list of dict
        name, value, aim (as text) and holds.
    """
    # Imported here: a runner that lists the benchmarks need not wait for TensorFlow.
    from genre_core.architectures import build
    from genre_core.explain.cam import Cam
    from genre_core.explain.evidence import try_saliency
    from genre_core.explain.hiding import CONTROLS, STEPS

    n_asked = 3 + 2 * (STEPS - 1) * (1 + len(CONTROLS))
    rows = []
    for name, n_logits, head in NETWORKS:
        network = build(name, n_logits=n_logits)
        size = network.inputs[0].shape[1]
        cover = np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8)
        explainer = Cam(network, head)
        seconds = interleaved(
            {
                "forward": _compiled_forward(network, cover),
                "gradcam": lambda e=explainer, c=cover: e.explain(c, genre_index=0),
                "tutorial": lambda n=network, e=explainer, c=cover: _tutorial(n, e, c),
                "evidence": lambda e=explainer, c=cover: try_saliency(
                    e, c, {"gradcam": e.explain(c, genre_index=0)}, 0, n_random=1
                ),
            },
            rounds,
        )
        rows += [row(f"{name}: {side}, ms", 1000 * value) for side, value in seconds.items()]
        rows += [
            row(
                f"{name}: Grad-CAM / compiled forward",
                seconds["gradcam"] / seconds["forward"],
                at_most=MAX_OF_FORWARD,
            ),
            row(
                f"{name}: sub-model per call / Grad-CAM",
                seconds["tutorial"] / seconds["gradcam"],
                at_least=MIN_OF_TUTORIAL,
            ),
            row(
                f"{name}: evidence for a map / as many forward passes",
                seconds["evidence"] / (n_asked * seconds["forward"]),
                at_most=MAX_OF_HIDING,
            ),
            row(
                f"{name}: largest difference from tf-keras-vis",
                _difference_from_tf_keras_vis(network, explainer, cover, head),
                at_most=MAX_DIFFERENCE,
            ),
        ]
    return rows


def _compiled_forward(network: Any, cover: np.ndarray) -> Callable[[], np.ndarray]:
    import tensorflow as tf

    forward = tf.function(
        lambda covers: network(tf.cast(covers, tf.float32), training=False), autograph=False
    ).get_concrete_function(tf.TensorSpec((1, *cover.shape), tf.uint8))
    return lambda: forward(tf.constant(cover[np.newaxis])).numpy()


def _tutorial(network: Any, explainer: Any, cover: np.ndarray) -> np.ndarray:
    import keras
    import tensorflow as tf

    from genre_core.explain.stages import pick_stage

    pixels = cover[np.newaxis].astype(np.float32)
    network.predict(pixels, verbose=0)
    stage = pick_stage(explainer.stages)
    layer = network.get_layer(stage.output)
    both = keras.Model(list(network.inputs), [layer.output, network.outputs[0]])
    with tf.GradientTape() as tape:
        maps, logits = both([pixels], training=False)
        score = logits[:, 0]
    weights = tf.reduce_mean(tape.gradient(score, maps), axis=(0, 1, 2))
    return tf.nn.relu(tf.reduce_sum(maps[0] * weights, axis=-1)).numpy()


def _difference_from_tf_keras_vis(
    network: Any, explainer: Any, cover: np.ndarray, head: str
) -> float:
    """Compare both first genres, each scaled to [0, 1]; at least one must locate something."""
    import keras

    from genre_core.explain import keras_vis  # noqa: F401 - silences the next import's warning
    from genre_core.explain.saliency import normalise
    from genre_core.explain.stages import pick_stage

    from tf_keras_vis.gradcam import Gradcam  # isort: skip

    stage = pick_stage(explainer.stages)
    theirs = Gradcam(keras.Model(list(network.inputs), list(network.outputs)), clone=True)
    differences = []
    for genre in (0, 1):
        ours = explainer.explain(cover, genre_index=genre)
        if not ours.is_located:
            continue
        sign, column = (2 * genre - 1, 0) if head == "binary" else (1, genre)
        values = theirs(
            lambda logits, s=sign, c=column: s * logits[:, c],
            cover[np.newaxis].astype(np.float32),
            penultimate_layer=stage.output,
            seek_penultimate_conv_layer=False,
            expand_cam=False,
            normalize_cam=False,
        )
        differences.append(np.abs(ours.heat - normalise(np.asarray(values)[0])).max())
    return float(max(differences))


if __name__ == "__main__":
    raise SystemExit(print_rows(measure()))
