"""Three networks that were trained on real progressive rock, as teachers for ours."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
from keras import layers

from genre_core.architectures.checks import need_one_of
from genre_core.architectures.pretrained import Layout, put_weights
from genre_core.errors import CheckpointError

TEACHERS = ("acoustic", "depthwise", "resnet")
"""Names of the three; the weights of each lie in a file of that name."""

SNIPPET_SHAPE = (431, 43)
"""Frames and rows that they read."""

_CHANNELS = {"acoustic": (64, 128, 64, 32), "depthwise": (86, 172, 344)}
_SLOPE = 0.01
_NORM_EPSILON = 1e-5


def build_prog_teacher(name: str) -> keras.Model:
    """Build one of the networks that type-null/progrock trained on 501 real songs.

    =====================  ======================================  =====================
    layers                 block, "acoustic" and "depthwise"       map
    =====================  ======================================  =====================
    conv_k, norm_k         width 3 'same', batch norm, ReLU        431, 64 | 86
    pool_k                 2, a last odd frame is left out         215, 64 | 86
    ... to k = 4 | 3                                               26, 32 | 53, 344
    channels_first,        all values, channel by channel          832 | 18,232
    flatten
    logits                 Dense 2: not prog, prog                 2
    =====================  ======================================  =====================

    =====================  ======================================  =====================
    layers                 block, "resnet"                         map
    =====================  ======================================  =====================
    conv_1                 width 3 'same', leaky ReLU              431, 64
    block_k_conv_1, _2     width 3 'same' without bias, batch      431, 64
                           norm; leaky ReLU between
    block_k_way_round      width 1, batch norm (block 3 alone)     109, 128
    block_k_pool           leaky ReLU of the sum, then pools of    216, 64
                           2 that begin one frame before it
    ... to k = 3                                                   55, 128
    conv_2                 width 3 'same', leaky ReLU              55, 128
    channels_first,                                                7,040
    flatten
    logits                 Dense 2: not prog, prog                 2
    =====================  ======================================  =====================

    Parameters
    ----------
    name : str
        One of `TEACHERS`.

    Returns
    -------
    keras.Model
        Input shape (batch, 431, 43): `audio.snippets`. Output shape (batch, 2). With new weights:
        `read_runs` gives those of each training.

    Notes
    -----
    **Source**: type-null/progrock, MIT licence, as its fork ZhiyuZhang803/progrock stores it;
    66,658, 272,450 and 205,314 numbers with the statistics of the batch norms. Difference: the last
    ReLU on the two outputs of the first two is left out, so that they are logits.

    Examples
    --------
    >>> build_prog_teacher("acoustic").count_params()
    66658
    >>> build_prog_teacher("acustic")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: name must be 'acoustic', 'depthwise' or 'resnet'. \
Received 'acustic' (str). They are the three of prog_real.
    """
    need_one_of("name", name, TEACHERS, "They are the three of prog_real.")
    snippet = keras.Input(SNIPPET_SHAPE, name="snippet")
    x = _resnet(snippet) if name == "resnet" else _plain(snippet, _CHANNELS[name])
    x = layers.Permute((2, 1), name="channels_first")(x)
    x = layers.Flatten(name="flatten")(x)
    logits = layers.Dense(2, dtype="float32", name="logits")(x)
    return keras.Model(snippet, logits, name=name)


def read_runs(file: Path, name: str) -> Iterator[keras.Model]:
    """Read every training of a teacher from its file: a network with the weights of each.

    The file (.npz) holds an array for each "RUN/LAYER.PARAMETER", as torch lays them out. The runs
    come in the order of their numbers. Raises `CheckpointError`: a file that is missing, damaged or
    of another network.
    """
    cure = "Put acoustic.npz, depthwise.npz and resnet.npz of prog_real there again."
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
            arrays = {key: stored[key] for key in stored.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise CheckpointError(
            "The weights of a teacher must be a readable .npz file.",
            received=f"{file.name}: {error}",
            cure=cure,
        ) from error
    runs: dict[int, dict[str, np.ndarray]] = {}
    for key, values in arrays.items():
        run, _, place = key.partition("/")
        if not run.isdecimal() or "." not in place:
            raise CheckpointError(
                "Every array of a teacher must be called RUN/LAYER.PARAMETER.",
                received=f"{file.name} with {key!r}",
                cure=cure,
            )
        if not place.endswith("num_batches_tracked"):
            runs.setdefault(int(run), {})["/".join(place.rsplit(".", 1))] = values
    for run in sorted(runs):
        network = build_prog_teacher(name)
        put_weights(network, runs[run], _scopes(network), _LAYOUT, keep_logits=True)
        yield network


def _plain(x: keras.KerasTensor, channels: tuple[int, ...]) -> keras.KerasTensor:
    for k, n_channels in enumerate(channels, start=1):
        x = layers.Conv1D(n_channels, 3, padding="same", name=f"conv_{k}")(x)
        x = layers.BatchNormalization(epsilon=_NORM_EPSILON, name=f"norm_{k}")(x)
        x = layers.ReLU(name=f"relu_{k}")(x)
        x = layers.MaxPooling1D(2, name=f"pool_{k}")(x)
    return x


def _resnet(x: keras.KerasTensor) -> keras.KerasTensor:
    x = layers.Conv1D(64, 3, padding="same", name="conv_1")(x)
    x = layers.LeakyReLU(_SLOPE, name="leaky_1")(x)
    for k, n_channels in enumerate((64, 64, 128), start=1):
        x = _block(x, n_channels, f"block_{k}")
    x = layers.Conv1D(128, 3, padding="same", name="conv_2")(x)
    return layers.LeakyReLU(_SLOPE, name="leaky_2")(x)


def _block(x: keras.KerasTensor, n_channels: int, name: str) -> keras.KerasTensor:
    way_round = x
    for place in (1, 2):
        x = _normed(x, n_channels, 3, f"{name}_conv_{place}")
        if place == 1:
            x = layers.LeakyReLU(_SLOPE, name=f"{name}_leaky_1")(x)
    if way_round.shape[2] != n_channels:
        way_round = _normed(way_round, n_channels, 1, f"{name}_way_round")
    x = layers.Add(name=f"{name}_add")([x, way_round])
    x = layers.LeakyReLU(_SLOPE, name=f"{name}_leaky_2")(x)
    # torch's pool begins one frame early, where nothing is: the first frame again is as good.
    first = layers.Cropping1D((0, x.shape[1] - 1), name=f"{name}_first")(x)
    x = layers.Concatenate(axis=1, name=f"{name}_early")([first, x])
    return layers.MaxPooling1D(2, padding="same", name=f"{name}_pool")(x)


def _normed(x: keras.KerasTensor, n_channels: int, width: int, name: str) -> keras.KerasTensor:
    x = layers.Conv1D(n_channels, width, padding="same", use_bias=False, name=name)(x)
    return layers.BatchNormalization(epsilon=_NORM_EPSILON, name=f"{name}_norm")(x)


def _scopes(network: keras.Model) -> dict[str, str]:
    names = [layer.name for layer in network.layers if layer.weights]
    if network.name != "resnet":
        return {name: _plain_scope(name) for name in names}
    return {name: _resnet_scope(name) for name in names}


def _plain_scope(name: str) -> str:
    if name == "logits":
        return "fc1.0"
    kind, k = name.split("_")
    return f"layer{k}.{0 if kind == 'conv' else 1}"


def _resnet_scope(name: str) -> str:
    if not name.startswith("block"):
        return "fc" if name == "logits" else name.replace("_", "")
    _, k, part = name.split("_", 2)
    is_norm = part.endswith("norm")
    if part.startswith("way_round"):
        return f"layer{k}.0.downsample.{int(is_norm)}"
    return f"layer{k}.0.{'bn' if is_norm else 'conv'}{part.split('_')[1]}"


def _as_keras(layer: keras.Layer, values: np.ndarray) -> np.ndarray:
    # torch keeps (out, in, width) and Keras (width, in, out).
    return values.transpose() if values.ndim in (2, 3) else values


_LAYOUT = Layout(
    norm=("weight", "bias", "running_mean", "running_var"),
    other=("weight", "bias"),
    as_keras=_as_keras,
    cure="Check that the file belongs to this teacher.",
)
