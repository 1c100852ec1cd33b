"""Grad-CAM++ and LayerCAM by tf-keras-vis 0.8.7, from what one compiled pass has found."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from genre_core.errors import GenreError

with warnings.catch_warnings():
    # tf-keras-vis 0.8.7 imports `zoom` from SciPy's old place. That is theirs to mend, and its own
    # calls warn of nothing else as long as the network takes a list of inputs (see `_linear`).
    warnings.filterwarnings("ignore", message="Please import `zoom`", category=DeprecationWarning)
    from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
    from tf_keras_vis.layercam import Layercam

_METHODS = {"gradcam++": GradcamPlusPlus, "layercam": Layercam}

_FAILURES = (
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    IndexError,
    RuntimeError,
    tf.errors.OpError,
)


def class_activation(
    maps: NDArray[np.float32], gradients: NDArray[np.float32], *, method: str, stage: str
) -> NDArray[np.float32]:
    """Weigh a stage's maps by `gradcam++` or `layercam`.

    Both ask no more of a network than what its stage made and how the logit rises with it. So
    tf-keras-vis is given a network that is linear in the maps and has these gradients: the same
    result as with the whole one, which it would run uncompiled and several times as slow.

    Parameters
    ----------
    maps, gradients : ndarray [shape=(h, w, n_filters)]
        A, and ds / dA of the genre's logit s.
    stage : str
        Its name, for the error.

    Returns
    -------
    ndarray [shape=(h, w)]
        At the stage's resolution, >= 0, not scaled.

    Raises
    ------
    GenreError
        tf-keras-vis fails.

    Examples
    --------
    >>> maps, slopes = np.float32([[[1, 2], [3, 4]]]), np.float32([[[1, -1], [0, 1]]])
    >>> class_activation(maps, slopes, method="layercam", stage="conv").tolist()
    [[1.0, 4.0]]
    """
    try:
        values = _METHODS[method](_linear(), clone=True)(
            # s - s0: the gradient of s, but 0 where Grad-CAM++ takes its exponential.
            lambda score: score - tf.stop_gradient(score),
            [maps[np.newaxis], gradients[np.newaxis]],
            penultimate_layer=_STAGE,
            seek_penultimate_conv_layer=False,
            expand_cam=False,
            normalize_cam=False,
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
    except _FAILURES as error:
        raise GenreError(
            f"tf-keras-vis must be able to run {method} at every stage.",
            received=f"{type(error).__name__} at {stage}: {error}",
            cure="Use gradcam, or another stage.",
        ) from error
    return np.asarray(values)[0]


_STAGE = "stage"


@cache
def _linear() -> Any:
    """Build s = sum A * G of inputs A and G, so that ds / dA is G."""
    maps, slopes = (keras.Input((None, None, None)) for _ in range(2))
    stage = keras.layers.Identity(name=_STAGE)(maps)
    return keras.Model([maps, slopes], [keras.ops.sum(stage * slopes, axis=(1, 2, 3))])
