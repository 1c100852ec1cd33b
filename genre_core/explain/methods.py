"""Five ways to ask where in a cover a network looks, behind one function."""

from __future__ import annotations

import threading

import keras
import numpy as np
from numpy.typing import NDArray

from genre_core.config import Head
from genre_core.errors import ParameterError, describe
from genre_core.explain.bounded import BoundedStore
from genre_core.explain.checks import check_cover, check_genre
from genre_core.explain.gradcam import GradCam
from genre_core.explain.keras_vis import NetworkCopy, run_method
from genre_core.explain.saliency import METHODS, Saliency, make_saliency
from genre_core.explain.stages import pick_stage

MAX_NETWORKS = 4
"""Networks that `explain_cover` remembers, each with a copy of its weights once needed."""


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
        self._copy: NetworkCopy | None = None
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
        """Show where in a cover the network finds what speaks for a genre.

        Parameters
        ----------
        cover, method, stage, genre_index
            As for `explain_cover`.

        Returns
        -------
        Saliency

        Raises
        ------
        ParameterError, GenreError
            As `explain_cover`.
        """
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
            if self._copy is None:
                self._copy = NetworkCopy(self.network, self.head)
            self._copy.refresh(self.network)
            values = run_method(
                self._copy, pixels, method=method, stage=place, genre_index=index, seed=self.seed
            )
        name = "" if method == "smoothgrad" else place.name
        return make_saliency(values, method=method, stage=name, genre_index=index)


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
        there and back. `scorecam` costs 32 forward passes (`keras_vis.SCORECAM_FILTERS`) and asks
        no gradient; `smoothgrad` costs 16 uncompiled passes there and back
        (`keras_vis.SMOOTH_SAMPLES`).
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
