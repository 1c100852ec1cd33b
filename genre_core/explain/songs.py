"""Where inside a song's segments a network finds what speaks for a genre."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import layers

from genre_core.config import Head, require
from genre_core.explain.cells import Centres, cell_centres
from genre_core.explain.frame_gradient import FrameGradient
from genre_core.explain.gradcam import compile_grad_cam
from genre_core.explain.segment_maps import SegmentExplainer
from genre_core.explain.stages import Stage, conv_stages, pick_stage

NO_FRAMES = (
    "This network reads one row of statistics a segment: they have no place in time or frequency "
    "that could be shown."
)
"""Why `song_explainer` gives None."""

_CONVOLUTIONS = (layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D)
_POOLS = (layers.GlobalMaxPooling2D, layers.GlobalAveragePooling2D)


def song_stages(network: keras.Model) -> tuple[Stage, ...]:
    """List the maps of a song's network that can be explained, from input to output.

    Parameters
    ----------
    network : keras.Model
        Flat functional, a fixed input size.

    Returns
    -------
    tuple of Stage
        Its convolutions (`stages.conv_stages`). Where several maps are put side by side and then
        pooled over time, as in musicnn, what is pooled follows as a last stage of kind "joined".
        Empty for a network without convolutions (S5's LSTM and MLP).

    Raises
    ------
    ParameterError
        A network inside another one, or a free input size.

    Notes
    -----
    The joined stage is ours. Of musicnn the last convolution is one of four ways to the head, and
    its map says nothing of the other three; all of them pass the joined one. The timbral stages
    have a place in time and (by the middle of their tall kernels) in frequency, the temporal ones
    in frequency and, with kernels of up to 2 s, a blurred one in time.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> [stage.name for stage in song_stages(build("msd_musicnn", n_logits=2))][-2:]
    ['middle_3_conv', 'middle']
    >>> song_stages(build("s5_mlp"))
    ()
    """
    if not any(isinstance(layer, _CONVOLUTIONS) for layer in network.layers):
        return ()
    pooled = [layer.input for layer in network.layers if isinstance(layer, _POOLS)]
    joined = [
        Stage(
            layer.name, "joined", tuple(layer.output.shape[1:3]), layer.output.shape[3], layer.name
        )
        for layer in network.layers
        if isinstance(layer, layers.Concatenate) and any(layer.output is each for each in pooled)
    ]
    return (*conv_stages(network), *joined)


class SongCam(SegmentExplainer):
    """Grad-CAM of one stage for many segments at once, compiled once.

    Parameters
    ----------
    network : keras.Model
        Flat functional, logits out. It is read, never changed; layers run as in inference.
    head : {"softmax", "binary", "multilabel"}
        How its logits are read.
    stage : str, optional
        One of `song_stages`; by default the last with a map of at least 7 cells along one axis.

    Raises
    ------
    ParameterError
        The network has no convolution, no such stage, or does not end in logits.

    Notes
    -----
    **Source**: Selvaraju et al., arXiv 1610.02391, the same compiled function as for covers
    (`gradcam.compile_grad_cam`). It costs a forward pass and the way back to the stage.

    Examples
    --------
    >>> import numpy as np
    >>> from genre_core.architectures import build
    >>> cam = SongCam(build("s5_cnn"), "softmax")
    >>> heat, located = cam.maps(np.zeros((3, 43, 128, 1), np.float32), genre_index=1)
    >>> cam.stage.name, cam.stage.map_size, heat.shape
    ('conv_6', (10, 32), (3, 43, 128))
    """

    method = "gradcam"

    def __init__(self, network: keras.Model, head: Head, stage: str | None = None) -> None:
        super().__init__(network, head)
        stages = song_stages(network)
        require(
            bool(stages),
            "Grad-CAM needs a network with at least one 2-D convolution.",
            network.name,
            "Use song_explainer, which knows what fits.",
        )
        self.stage = pick_stage(stages, stage)
        output = self.stage.output
        self._weigh = compile_grad_cam(network, head, output, batch=None, dtype=tf.float32)
        self._centres = cell_centres(network, output)

    @property
    def centres(self) -> Centres:
        """Where the maps' cells lie among the input's, on its first and second axis."""
        return self._centres


def song_explainer(
    network: keras.Model, head: Head, stage: str | None = None
) -> SongCam | FrameGradient | None:
    """Choose how a song's network is explained.

    Parameters
    ----------
    network : keras.Model
        Flat functional, logits out.
    head : {"softmax", "binary", "multilabel"}
        How its logits are read.
    stage : str, optional
        One of `song_stages`, for a network that has them.

    Returns
    -------
    SongCam, FrameGradient or None
        Grad-CAM where there are convolutions, slopes of frames where there are frames. None for
        statistics, with `NO_FRAMES` as the reason.

    Raises
    ------
    ParameterError
        The network cannot be explained, or there is no such stage.

    Examples
    --------
    >>> from genre_core.architectures import build
    >>> song_explainer(build("s5_mlp"), "softmax") is None
    True
    """
    if song_stages(network):
        return SongCam(network, head, stage)
    require(stage is None, "Only convolutions are stages.", stage, "Leave the stage out.")
    return FrameGradient(network, head) if len(network.inputs[0].shape) == 3 else None
