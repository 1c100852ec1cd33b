"""Five ways to ask where in a cover a network looks, behind one function."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from genre_core.config import Head
from genre_core.errors import GenreError, ParameterError, describe
from genre_core.explain.bounded import BoundedStore
from genre_core.explain.checks import check_cover, check_genre
from genre_core.explain.gradcam import GradCam, logit_of_genre
from genre_core.explain.saliency import METHODS, Saliency, make_saliency
from genre_core.explain.stages import Stage, pick_stage

with warnings.catch_warnings():
    # tf-keras-vis 0.8.7 imports `zoom` from SciPy's old place. That is theirs to mend, and its own
    # calls warn of nothing else as long as the network takes a list of inputs (see `_copy`).
    warnings.filterwarnings("ignore", message="Please import `zoom`", category=DeprecationWarning)
    from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
    from tf_keras_vis.layercam import Layercam
    from tf_keras_vis.saliency import Saliency as InputGradient
    from tf_keras_vis.scorecam import Scorecam

SCORECAM_FILTERS = 32
"""Score-CAM masks the cover with so many filters (those that vary most), one pass each."""

SMOOTH_SAMPLES = 16
"""Noisy copies of the cover whose input gradients SmoothGrad averages."""

SMOOTH_NOISE = 0.2
"""Standard deviation of SmoothGrad's noise as a part of the cover's own range of values."""

BATCH = 4
"""Covers a pass of Score-CAM and SmoothGrad: bounds memory, as fast as more on a CPU."""

MAX_NETWORKS = 4
"""Networks that `explain_cover` remembers, each with a copy of its weights once needed."""

_FAILURES = (
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    IndexError,
    RuntimeError,
    tf.errors.OpError,
)


class Explainer:
    """Every method for one network; safe to share between threads.

    Grad-CAM is ours (`gradcam.GradCam`, compiled). The others are tf-keras-vis 0.8.7 on a copy of
    the network (`clone=True`), refreshed from it before each use: the served network cannot be
    changed by them.

    Parameters
    ----------
    network : keras.Model
        Flat functional, logits out.
    head : {"softmax", "binary", "multilabel"}
        How its logits are read.
    seed : int
        Seed of SmoothGrad's noise: the same cover gives the same map.

    Raises
    ------
    ParameterError
        The network cannot be explained.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> explainer = Explainer(build("s1_prog_covers"), "binary")
    >>> [stage.name for stage in explainer.stages][-1]
    'conv_7'
    """

    def __init__(self, network: keras.Model, head: Head, *, seed: int = 0) -> None:
        self.network = network
        self.head: Head = head
        self.seed = seed
        self.gradcam = GradCam(network, head)
        self.stages = self.gradcam.stages
        self._copy: _Copy | None = None
        # The copy is refreshed and read under one lock: two methods never meet on it.
        self._lock = threading.Lock()

    def explain(
        self,
        cover: NDArray[np.uint8],
        *,
        method: str = "gradcam",
        stage: str | None = None,
        genre_index: int,
    ) -> Saliency:
        """Explain one cover; see `explain_cover`."""
        if method not in METHODS:
            raise ParameterError(
                f"method must be one of {', '.join(METHODS)}.",
                received=describe(method),
                cure="Choose one of them.",
            )
        if method == "gradcam":
            return self.gradcam.explain(cover, stage=stage, genre_index=genre_index)
        check_cover(self.network, cover)
        index = check_genre(self.network, self.head, genre_index)
        place = pick_stage(self.stages, stage)
        pixels = cover[np.newaxis].astype(np.float32)  # (1, size, size, 3)
        with self._lock:
            values = self._run(method, pixels, place, index)
        name = "" if method == "smoothgrad" else place.name
        return make_saliency(values, method=method, stage=name, genre_index=index)

    def _run(
        self, method: str, pixels: NDArray[np.float32], stage: Stage, index: int
    ) -> NDArray[np.float32]:
        run: Callable[..., NDArray[np.float32]] = {
            "gradcam++": _gradient_cam,
            "layercam": _gradient_cam,
            "scorecam": _score_cam,
            "smoothgrad": _smooth_gradient,
        }[method]
        try:
            if self._copy is None:
                self._copy = _Copy(self.network, self.head)
            self._copy.refresh(self.network)
            return run(self._copy, pixels, method=method, stage=stage, index=index, seed=self.seed)
        except _FAILURES as error:
            raise GenreError(
                f"tf-keras-vis must be able to run {method} at every stage.",
                received=f"{type(error).__name__} at {stage.name}: {error}",
                cure="Use gradcam, or another stage.",
            ) from error


_EXPLAINERS: BoundedStore[tuple[int, Head], Explainer] = BoundedStore(MAX_NETWORKS)


def explain_cover(
    network: keras.Model,
    head: Head,
    cover: NDArray[np.uint8],
    *,
    method: str = "gradcam",
    stage: str | None = None,
    genre_index: int,
) -> Saliency:
    """Show where in a cover a network finds what speaks for a genre.

    Parameters
    ----------
    network : keras.Model
        Flat functional, logits out. It is read, never changed; what is compiled for the
        `MAX_NETWORKS` networks used last is kept.
    head : {"softmax", "binary", "multilabel"}
        How its logits are read.
    cover : ndarray [shape=(size, size, 3), dtype=uint8]
        A prepared cover, RGB 0 to 255; never changed.
    method : {"gradcam", "gradcam++", "layercam", "scorecam", "smoothgrad"}
        `gradcam` costs about one forward pass. `gradcam++` and `layercam` cost one uncompiled pass
        there and back. `scorecam` costs `SCORECAM_FILTERS` forward passes and asks no gradient,
        `smoothgrad` `SMOOTH_SAMPLES` uncompiled passes there and back.
    stage : str, optional
        Name of a convolution (`stages.conv_stages`); `stages.default_stage` if not given.
        SmoothGrad looks at the input and has no stage.
    genre_index : int
        From 0. A binary head has two: the logit is explained for 1, its negative for 0.

    Returns
    -------
    Saliency
        Finite, >= 0, at the stage's resolution (SmoothGrad: the input's). SmoothGrad takes the
        absolute gradient, so it is the same for both genres of a binary head.

    Raises
    ------
    ParameterError
        Bad network, cover, stage, method or genre.
    GenreError
        tf-keras-vis fails at this stage, or the map is not finite.

    Notes
    -----
    **Source**: tf-keras-vis 0.8.7; Chattopadhay et al., arXiv 1710.11063 (Grad-CAM++); Jiang et
    al., doi 10.1109/TIP.2021.3089943 (LayerCAM); Wang et al., arXiv 1910.01279 (Score-CAM);
    Smilkov et al., arXiv 1706.03825 (SmoothGrad). Differences: Grad-CAM++ takes exp(s - s0)
    instead of exp(s), which changes the map by one factor only and cannot overflow. Score-CAM
    weighs a filter by the probability of the genre as the head gives it; tf-keras-vis always takes
    a softmax, which for a single logit is the constant 1.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> cover = np.zeros((260, 260, 3), dtype=np.uint8)
    >>> found = explain_cover(
    ...     build("s1_prog_covers"), "binary", cover, stage="conv_7", genre_index=1
    ... )
    >>> found.is_located, found.reason
    (False, 'the map of this stage is a single cell')
    >>> explain_cover(build("s1_prog_covers"), "binary", cover, method="lime", genre_index=1)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: method must be one of gradcam, gradcam++, layercam, \
scorecam, smoothgrad. Received 'lime' (str). Choose one of them.
    """
    # The explainer holds its network, so that its id cannot pass to another one meanwhile.
    explainer = _EXPLAINERS.get((id(network), head), lambda: Explainer(network, head))
    return explainer.explain(cover, method=method, stage=stage, genre_index=genre_index)


class _Copy:
    """A network of our own for tf-keras-vis, with the weights of the served one."""

    def __init__(self, network: keras.Model, head: Head) -> None:
        clone = keras.models.clone_model(network)
        # tf-keras-vis feeds a list; a network that expects a bare tensor warns at each call.
        self.network = keras.Model(list(clone.inputs), list(clone.outputs))
        self.head: Head = head
        size = self.network.inputs[0].shape[1:]
        self._forward = tf.function(
            lambda covers: self.network([covers], training=False),
            input_signature=[tf.TensorSpec((None, *size), tf.float32)],
            autograph=False,
        )

    def refresh(self, network: keras.Model) -> None:
        for mine, served in zip(self.network.weights, network.weights, strict=True):
            mine.assign(served.value)

    def logits(self, covers: NDArray[np.float32]) -> NDArray[np.float32]:
        starts = range(0, len(covers), BATCH)
        parts = [self._forward(tf.constant(covers[start : start + BATCH])) for start in starts]
        return np.concatenate([_first(part) for part in parts])  # (n, n_logits)

    def score(self, index: int) -> Callable[[Any], Any]:
        """Read s - s0: the gradient of s, but 0 where Grad-CAM++ takes its exponential."""

        def centred(logits: Any) -> Any:
            score = logit_of_genre(logits, index, self.head)
            return score - tf.stop_gradient(score)

        return centred


class _Probabilities:
    """What Score-CAM asks of a network, with `predict` made to suit the head.

    tf-keras-vis takes the softmax of what `predict` gives. The two columns (0, logit) make it the
    sigmoid of the logit; its own `predict` would also draw a progress bar at each call.
    """

    def __init__(self, copy: _Copy, index: int) -> None:
        self.inputs = copy.network.inputs
        self.outputs = copy.network.outputs
        self.layers = copy.network.layers
        self.column = index if copy.head == "softmax" else 1
        self._copy = copy
        self._index = index

    def predict(self, covers: list[NDArray[np.float32]], batch_size: int) -> NDArray[np.float32]:
        logits = self._copy.logits(covers[0])
        if self._copy.head == "softmax":
            return logits
        chosen = np.asarray(logit_of_genre(logits, self._index, self._copy.head))
        return np.stack([np.zeros_like(chosen), chosen], axis=-1)  # (n, 2)


def _first(outputs: Any) -> NDArray[np.float32]:
    """Take the only output of a network that gives a list."""
    return np.asarray(outputs[0] if isinstance(outputs, list | tuple) else outputs)


def _gradient_cam(
    copy: _Copy, pixels: NDArray[np.float32], *, method: str, stage: Stage, index: int, seed: int
) -> NDArray[np.float32]:
    visualiser = {"gradcam++": GradcamPlusPlus, "layercam": Layercam}[method]
    values = visualiser(copy.network, clone=True)(
        copy.score(index),
        pixels,
        penultimate_layer=stage.output,
        seek_penultimate_conv_layer=False,
        expand_cam=False,
        normalize_cam=False,
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
    )
    return np.asarray(values)[0]  # (h, w)


def _score_cam(
    copy: _Copy, pixels: NDArray[np.float32], *, method: str, stage: Stage, index: int, seed: int
) -> NDArray[np.float32]:
    view = _Probabilities(copy, index)
    values = Scorecam(view, clone=True)(
        lambda probabilities: probabilities[:, view.column],
        pixels,
        penultimate_layer=stage.output,
        seek_penultimate_conv_layer=False,
        max_N=min(SCORECAM_FILTERS, stage.n_filters),
        expand_cam=False,
        normalize_cam=False,
    )
    return np.asarray(values)[0]  # (h, w)


def _smooth_gradient(
    copy: _Copy, pixels: NDArray[np.float32], *, method: str, stage: Stage, index: int, seed: int
) -> NDArray[np.float32]:
    # Their own noise comes from NumPy's global generator, which threads share and nobody may seed;
    # the mean of their plain gradient over our noisy copies is the same sum.
    rng = np.random.default_rng(seed)
    spread = SMOOTH_NOISE * float(pixels.max() - pixels.min())
    gradient = InputGradient(copy.network, clone=True)
    total = np.zeros(pixels.shape[1:], dtype=np.float64)
    for _ in range(0, SMOOTH_SAMPLES, BATCH):
        noise = rng.normal(0.0, spread, (BATCH, *pixels.shape[1:])).astype(np.float32)
        size = gradient(copy.score(index), pixels + noise, keepdims=True, normalize_map=False)
        total += np.asarray(size, dtype=np.float64).sum(axis=0)
    return (total / SMOOTH_SAMPLES).max(axis=-1).astype(np.float32)  # (size, size)
