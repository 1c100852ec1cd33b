"""Heat maps: where in a cover or in a song's segments a network finds what speaks for a genre."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from genre_core.config import Head, require
from genre_core.errors import ParameterError
from genre_core.explain import MAPS_LOCK
from genre_core.explain.checks import (
    check_genre,
    check_item,
    check_items,
    check_network,
    reads_covers,
)
from genre_core.explain.gradcam import compile_frame_gradient, compile_grad_cam
from genre_core.explain.keras_vis import class_activation
from genre_core.explain.lru_store import LruStore
from genre_core.explain.map_geometry import Centres, cell_centres, even_centres, stretch
from genre_core.explain.passes import Passes
from genre_core.explain.perturbed import run_perturbed, score_cam, smooth_gradient
from genre_core.explain.places import Stage, pick_stage
from genre_core.explain.plain_inputs import kind_of_input
from genre_core.explain.saliency import (
    FRAME_GRADIENT,
    METHODS,
    PERTURBING,
    WITHOUT_LAYER,
    Saliency,
    make_saliency,
)
from genre_core.explain.stages import conv_stages, song_stages

MAX_STAGES = 8
"""Compiled stages kept for one network; each holds a graph, the weights are shared."""

MAX_NETWORKS = 16
"""Networks that `cam_of` remembers, covers' and songs'."""

_SEGMENTS_AT_ONCE = 16


class Cam:
    """Every way to explain one network, for covers and for segments of songs alike.

    Grad-CAM and gradient times input are compiled (`gradcam`), Grad-CAM++ and LayerCAM weigh what
    that pass finds otherwise (`keras_vis`), the other methods ask often (`perturbed`). The network
    is read, never changed, and runs as in inference.

    Parameters
    ----------
    network : keras.Model
        Flat functional, logits out. An input of (height, width, 3) is a cover, another a segment.
    head : {"softmax", "binary", "multilabel"}
        How its logits are read.
    stage : str, optional
        The layer that is explained unless a call names another: one of `stages.conv_stages` for
        covers, of `stages.song_stages` for songs. If not given, `places.pick_stage` chooses.
    seed : int
        Of SmoothGrad's noise: the same input gives the same map.

    Raises
    ------
    ParameterError
        The network cannot be explained: no logits, no convolution and no frames, no such stage.

    Notes
    -----
    Threads may share it: one map is made at a time (`MAPS_LOCK`). A stage is compiled on its first
    use (one to a few seconds for a large network).

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> cam = Cam(build("s1_prog_covers"), "binary")
    >>> cover = np.zeros((260, 260, 3), dtype=np.uint8)
    >>> cam.stage.name, cam.explain(cover, 1, stage="conv_7").reason
    ('conv_5', 'the map of this stage is a single cell')
    >>> songs = Cam(build("s5_cnn"), "softmax")
    >>> heat, located = songs.maps(np.zeros((3, 43, 128, 1), np.float32), genre_index=1)
    >>> songs.stage.name, songs.stage.map_size, heat.shape
    ('conv_6', (10, 32), (3, 43, 128))
    """

    def __init__(
        self, network: keras.Model, head: Head, stage: str | None = None, *, seed: int = 0
    ) -> None:
        check_network(network, head)
        self.network = network
        self.head: Head = head
        self.seed = seed
        self.shape: tuple[int, ...] = tuple(network.inputs[0].shape[1:])
        self.is_cover = reads_covers(network)
        self.stages = conv_stages(network) if self.is_cover else song_stages(network)
        require(
            bool(self.stages) or len(self.shape) == 2,
            "A map needs a network with at least one 2-D convolution, or with frames.",
            network.name,
            "Statistics have no place in time or frequency that could be shown.",
        )
        self.stage: Stage | None = pick_stage(self.stages) if self.stages else None
        self.stage = self._pick(stage)
        self.kind = kind_of_input(self.shape, has_bands=bool(self.stages))
        self._compiled: LruStore[str, Any] = LruStore(MAX_STAGES)
        self._passes: Passes | None = None

    def explain(
        self,
        item: NDArray[Any],
        genre_index: int,
        *,
        method: str | None = None,
        stage: str | None = None,
        time_axis: int = 0,
    ) -> Saliency:
        """Show where in one cover or segment the network finds what speaks for a genre.

        Parameters
        ----------
        item : ndarray [shape=shape]
            A prepared cover (uint8, RGB) or a segment as the network reads it (float32).
        genre_index : int
            From 0. A binary head has two: the logit is explained for 1, its negative for 0.
        method : str, optional
            `gradcam`, `gradcam++` and `layercam` cost about one forward pass, `scorecam` 33
            (`perturbed.SCORECAM_FILTERS`) and no gradient, `smoothgrad` 16 to 128 passes there and
            back (`perturbed.SMOOTH_SAMPLES`): as many as two runs need to agree to .95.
            `integrated-gradients` costs 16 to 144 of these
            (`integrated.STEPS`), `occlusion` 82 forward passes for a cover and 20 for a segment.
            These three have no stage. `gradient x input` is for networks of frames and the default
            where there is no convolution; integrated gradients and occlusion explain these too.
        stage : str, optional
            Another convolution than the default.
        time_axis : {0, 1}
            Which axis of a segment is time; only occlusion and integrated gradients ask.

        Returns
        -------
        Saliency
            Finite, >= 0, at the stage's resolution (SmoothGrad and integrated gradients: the
            input's; occlusion: `occlusion.cells_of`). SmoothGrad takes the
            absolute gradient, so it is the same for both genres of a binary head.

        Raises
        ------
        ParameterError
            Bad input, stage, method or genre.
        GenreError
            tf-keras-vis fails at this stage, or the map is not finite.

        Notes
        -----
        **Source**: Selvaraju et al., arXiv 1610.02391 (Grad-CAM); Chattopadhay et al., arXiv
        1710.11063 (Grad-CAM++); Jiang et al., doi 10.1109/TIP.2021.3089943 (LayerCAM); Wang et al.,
        arXiv 1910.01279 (Score-CAM); Smilkov et al., arXiv 1706.03825 (SmoothGrad); Sundararajan et
        al., arXiv 1703.01365 (integrated gradients); Zeiler and Fergus, arXiv 1311.2901
        (occlusion), both against `plain_inputs.plain_input`. Differences
        from tf-keras-vis: Grad-CAM++ takes exp(s - s0) for exp(s), which changes the map by one
        factor and cannot overflow; Score-CAM weighs a filter by what its mask adds to the genre's
        logit over an input of zeros, as its paper does, where tf-keras-vis takes the softmax, which
        hardly depends on the genre; SmoothGrad's map, and that of integrated gradients, is a mean
        over 5 x 5 places.
        """
        check_item(self.network, item)
        [saliency] = self.explain_all(
            item[np.newaxis], genre_index, method=method, stage=stage, time_axis=time_axis
        )
        return saliency

    def explain_all(
        self,
        items: NDArray[Any],
        genre_index: int,
        *,
        method: str | None = None,
        stage: str | None = None,
        time_axis: int = 0,
    ) -> list[Saliency]:
        """Explain each of several covers or segments [shape=(n, *shape)], as `explain`."""
        chosen = method or ("gradcam" if self.stages else FRAME_GRADIENT)
        known = (*METHODS, FRAME_GRADIENT) if len(self.shape) == 2 else METHODS
        require(
            chosen in known,
            f"method must be one of {', '.join(known)}.",
            chosen,
            "Choose one of them.",
        )
        check_items(self.network, items)
        index = check_genre(self.network, self.head, genre_index)
        place = None if chosen == FRAME_GRADIENT else self._pick(stage)
        scales: list[float | None] = [None] * len(items)
        if place is None and chosen not in (FRAME_GRADIENT, *PERTURBING):
            raise ParameterError(
                f"{chosen} needs a network with a convolution.",
                received=self.network.name,
                cure=f"Use one of {', '.join((FRAME_GRADIENT, *PERTURBING))}.",
            )
        if chosen in (FRAME_GRADIENT, "gradcam"):
            maps, sizes = self._run(items, index, place)
            values, scales = list(maps), sizes.tolist()
        else:
            values = [self._run_one(item, index, place, chosen, time_axis) for item in items]
        name = "" if place is None or chosen in WITHOUT_LAYER else place.name
        return [
            make_saliency(value, method=chosen, stage=name, genre_index=index, scale=scale)
            for value, scale in zip(values, scales, strict=True)
        ]

    def signed(
        self, items: NDArray[Any], genre_index: int, *, stage: str | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Compute what speaks for the genre (above 0) and against it (below 0).

        By Grad-CAM, or by gradient times input where there is no convolution. Returns values
        (n, h, w) in units of the logit, neither rectified nor scaled, and for each input the size
        of the terms that were summed (n,); both float32.
        """
        check_items(self.network, items)
        index = check_genre(self.network, self.head, genre_index)
        return self._run(items, index, self._pick(stage))

    def maps(
        self,
        items: NDArray[Any],
        genre_index: int,
        *,
        method: str | None = None,
        time_axis: int = 0,
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Give maps on the input's own axes (n, *shape[:2]), and which of them are located.

        Heat is scaled to 0 to 1 by each map's own range before it is stretched; where a map is the
        same everywhere it is 0 and not located. Method and axis are those of `explain`.
        """
        explained = self.explain_all(items, genre_index, method=method, time_axis=time_axis)
        located = np.array([saliency.is_located for saliency in explained], dtype=bool)
        size = (self.shape[0], self.shape[1])
        if not explained:
            return np.empty((0, *size), np.float32), located
        heat = np.stack([saliency.heat for saliency in explained])
        return stretch(heat, self.centres_of(explained[0]), size), located

    def centres_of(self, saliency: Saliency) -> Centres:
        """Where the cells of one of its maps lie among the input's, on its first and second axis.

        A layer's where its cells look; the others divide the input evenly.
        """
        if saliency.stage:
            return cell_centres(self.network, pick_stage(self.stages, saliency.stage).output)
        return even_centres(saliency.map.shape, (self.shape[0], self.shape[1]))

    def on_input(self, saliency: Saliency) -> NDArray[np.float32]:
        """Bring a map of this network to the input's own axes [shape=shape[:2]], 0 to 1.

        A cover's is stretched over the whole picture, as it is drawn; a song's as `centres_of`.
        """
        size = (self.shape[0], self.shape[1])
        centres = even_centres(saliency.map.shape, size)
        if not self.is_cover:
            centres = self.centres_of(saliency)
        return np.asarray(stretch(saliency.heat[np.newaxis], centres, size)[0])

    def logits(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run changed covers or segments [shape=(n, *shape), dtype=float32] to logits (n, k).

        In turn with whatever makes maps: who asks what hiding does asks hundreds of times.
        """
        with MAPS_LOCK:
            return self._own_passes().logits(inputs)

    def _pick(self, stage: str | None) -> Stage | None:
        if stage is None:
            return self.stage
        require(bool(self.stages), "Only convolutions are stages.", stage, "Leave the stage out.")
        return pick_stage(self.stages, stage)

    def _run(
        self, items: NDArray[Any], index: int, place: Stage | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        size = (self.shape[0], 1) if place is None else place.map_size
        values = np.empty((len(items), *size), np.float32)
        scales = np.empty(len(items), np.float32)
        at_once = 1 if self.is_cover else _SEGMENTS_AT_ONCE
        with MAPS_LOCK:
            for first in range(0, len(items), at_once):
                some = slice(first, first + at_once)
                maps, sizes, *_ = self._ask(items[some], index, place)
                values[some], scales[some] = maps.numpy(), sizes.numpy()
                MAPS_LOCK.let_others_through()
        return values, scales

    def _ask(self, items: NDArray[Any], index: int, place: Stage | None) -> tuple[Any, ...]:
        """Run the compiled pass of a stage, or of the frames where there is none."""
        output = "" if place is None else place.output
        compiled = self._compiled.get(output, lambda: self._compile(output))
        batch = tf.constant(np.ascontiguousarray(items))
        return tuple(compiled(batch, tf.constant(index, tf.int32)))

    def _compile(self, output: str) -> Any:
        if not output:
            return compile_frame_gradient(self.network, self.head)
        batch, dtype = (1, tf.uint8) if self.is_cover else (None, tf.float32)
        return compile_grad_cam(self.network, self.head, output, batch=batch, dtype=dtype)

    def _own_passes(self) -> Passes:
        """Give what runs the network; within `MAPS_LOCK`."""
        if self._passes is None:
            self._passes = Passes(self.network, self.head)
        return self._passes

    def _run_one(
        self, item: NDArray[Any], index: int, place: Stage | None, method: str, time_axis: int
    ) -> NDArray[np.float32]:
        """Run any method but the compiled two on one input."""
        values = item.astype(np.float32)
        with MAPS_LOCK:
            passes = self._own_passes()
            if method in PERTURBING:
                return run_perturbed(
                    passes,
                    values,
                    method=method,
                    genre_index=index,
                    kind=self.kind,
                    time_axis=time_axis,
                )
            if method == "smoothgrad":
                return smooth_gradient(passes, values, index, self.seed)
            _, _, *found = self._ask(item[np.newaxis], index, place)
            maps, gradients = (one.numpy()[0] for one in found)  # (h, w, n_filters)
            if method == "scorecam":
                return score_cam(passes, values, maps, index)
            name = "" if place is None else place.name
            return class_activation(maps, gradients, method=method, stage=name)


_CAMS: LruStore[tuple[int, Head], Cam] = LruStore(MAX_NETWORKS)


def cam_of(network: keras.Model, head: Head) -> Cam:
    """Return a network's `Cam`, made once while it is among the `MAX_NETWORKS` used last."""
    # The Cam holds its network, so that its id cannot pass to another one meanwhile.
    return _CAMS.get((id(network), head), lambda: Cam(network, head))


def has_maps(network: keras.Model) -> bool:
    """Tell whether a song's network has convolutions or frames to show; one of statistics has not.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> has_maps(build("s5_mlp")), has_maps(build("s5_lstm"))
    (False, True)
    """
    return bool(song_stages(network)) or len(network.inputs[0].shape) == 3
