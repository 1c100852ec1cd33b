"""What is known of every network before it is built: one table row each."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import keras

from genre_core.architectures import (
    efficientnet_lite,
    musicnn,
    picture_bands,
    prog_covers,
    s2_backbones,
    s3_covers,
    s4_spectrograms,
    s5_songs,
)
from genre_core.config import Head


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """What is known of a network before it is built.

    name: Key of `ARCHITECTURES`.
    study: "S1" to "S5", or "ours".
    media: What it is fed with.
    input_shape: Default input without the batch: (size, size, 3) of a cover, `SongInput.shape` of a
        song.
    n_logits: Width of the last layer that `n_parameters` counts.
    n_parameters: Exact count with `n_logits` logits and the default input.
    head: How the study reads the logits.
    source: Where the design comes from.
    builder: `builder(n_logits=..., input_size=..., **network) -> keras.Model` for covers, and
        `builder(n_logits=..., input_shape=..., **network)` for songs.
    """

    name: str
    title: str
    study: str
    media: Literal["cover", "song"]
    input_shape: tuple[int, ...]
    n_logits: int
    n_parameters: int
    source: str
    builder: Callable[..., keras.Model]
    head: Head = "softmax"


def _lite(variant: str, size: int, n_parameters: int) -> Architecture:
    return Architecture(
        name=f"efficientnet_lite{variant}",
        title=f"EfficientNet-Lite{variant}",
        study="ours",
        media="cover",
        input_shape=(size, size, 3),
        n_logits=1000,
        n_parameters=n_parameters,
        source="Tan and Le, arXiv 1905.11946; Lite variants by the TensorFlow TPU team",
        builder=functools.partial(efficientnet_lite.build_efficientnet_lite, variant),
    )


def _backbone(name: str, n_parameters: int) -> Architecture:
    backbone = s2_backbones.BACKBONES[name]

    return Architecture(
        name=f"s2_{name}",
        title=f"{backbone.title} with a flatten and dense head (study S2)",
        study="S2",
        media="cover",
        input_shape=(backbone.default, backbone.default, 3),
        n_logits=15,
        n_parameters=n_parameters,
        source="keras.applications, with study S2's head",
        builder=functools.partial(s2_backbones.build_backbone, name),
    )


def _s3_model(layout: str, n_parameters: int, *, size: int = 128) -> Architecture:
    return Architecture(
        name=f"s3_model_{layout}",
        title=f"Twelve genres from covers, model {layout.replace('_', '.')} (study S3)",
        study="S3",
        media="cover",
        input_shape=(size, size, 3),
        n_logits=12,
        n_parameters=n_parameters,
        source="Study S3, its printed networks",
        builder=functools.partial(s3_covers.build_s3_covers, layout),
    )


def _musicnn(trained: str, n_parameters: int) -> Architecture:
    build_tagger = musicnn.build_musicnn_vgg if "vgg" in trained else musicnn.build_musicnn
    tags = "Last.fm's" if trained.startswith("MSD") else "TagATune's"

    return Architecture(
        name=trained.lower(),
        title=f"musicnn's tagger {trained}: {tags} 50 tags of 3 s of a song",
        study="ours",
        media="song",
        input_shape=(musicnn.N_FRAMES, musicnn.N_MELS),
        n_logits=50,
        n_parameters=n_parameters,
        head="multilabel",
        source="Pons and Serra, arXiv 1909.06654, as stored with musicnn 0.1.0",
        builder=functools.partial(build_tagger, trained),
    )


def _s4_network(layout: str, n_parameters: int) -> Architecture:
    return Architecture(
        name=f"s4_{layout}",
        title=f"Twenty genres from spectrograms, network {layout.upper()} (study S4)",
        study="S4",
        media="song",
        input_shape=(s4_spectrograms.N_BANDS, s4_spectrograms.LAYOUTS[layout].n_frames, 1),
        n_logits=20,
        n_parameters=n_parameters,
        source="Study S4, its printed layer tables",
        builder=functools.partial(s4_spectrograms.build_s4_spectrograms, layout),
    )


def _s5_network(
    name: str,
    title: str,
    input_shape: tuple[int, ...],
    n_parameters: int,
    builder: Callable[..., keras.Model],
    source: str = "Study S5",
) -> Architecture:
    return Architecture(
        name=f"s5_{name}",
        title=f"{title} (study S5)",
        study="S5",
        media="song",
        input_shape=input_shape,
        n_logits=2,
        n_parameters=n_parameters,
        source=source,
        builder=builder,
    )


ARCHITECTURES: dict[str, Architecture] = {
    architecture.name: architecture
    for architecture in (
        _lite("0", 224, 4_694_024),
        _lite("1", 240, 5_470_344),
        _lite("2", 260, 6_150_168),
        Architecture(
            name="s1_prog_covers",
            title="Prog covers against the rest (study S1)",
            study="S1",
            media="cover",
            input_shape=(260, 260, 3),
            n_logits=1,
            n_parameters=447_593,
            head="binary",
            source="Study S1, its printed layer table",
            builder=prog_covers.build_prog_covers,
        ),
        _backbone("resnet50", 49_281_935),
        _backbone("densenet169", 33_520_207),
        _backbone("inceptionv3", 55_361_327),
        _backbone("vgg16", 21_141_327),
        _s3_model("1", 3_268_428),
        _s3_model("2", 1_570_852, size=90),
        _s3_model("3", 6_499_852),
        _s3_model("4_1", 6_516_620),
        _s3_model("4_2", 3_326_412),
        _s3_model("5", 140_236),
        _s3_model("7", 3_268_428),
        _s4_network("a", 67_081_236),
        _s4_network("b", 2_236_164),
        Architecture(
            name="s4_lite0",
            title="EfficientNet-Lite0 over spectrograms, the next step of study S4",
            study="S4",
            media="song",
            input_shape=(s4_spectrograms.N_BANDS, s4_spectrograms.LAYOUTS["b"].n_frames, 1),
            n_logits=20,
            n_parameters=3_438_644,
            source="Tan and Le, arXiv 1905.11946; Lite variants by the TensorFlow TPU team",
            builder=functools.partial(efficientnet_lite.build_spectrogram_lite, "0"),
        ),
        _s5_network(
            "lstm",
            "Prog rock by two LSTM layers over frames",
            (2_000, 205),
            674_452,
            s5_songs.build_s5_lstm,
        ),
        _s5_network(
            "cnn",
            "Prog rock by convolutions over one second",
            (43, 128, 1),
            614_210,
            s5_songs.build_s5_cnn,
            "Study S5, after Han et al., doi 10.1109/TASLP.2016.2632307",
        ),
        _s5_network(
            "cnn_han",
            "Prog rock by the deeper convolutions it began with",
            (43, 128, 1),
            1_436_898,
            functools.partial(
                s5_songs.build_s5_cnn,
                (32, 64, 128, 256),
                name="s5_cnn_han",
                width=1024,
                gather="max",
            ),
            "Han et al., doi 10.1109/TASLP.2016.2632307, as study S5 tells of it",
        ),
        _s5_network(
            "mlp",
            "Prog rock by dense layers over a song's statistics",
            (423,),
            389_698,
            s5_songs.build_s5_mlp,
        ),
        Architecture(
            name="picture_bands",
            title="Statistics of the bands of a song's middle minute",
            study="ours",
            media="song",
            input_shape=(149, 153, 1),
            n_logits=1,
            n_parameters=448,
            head="binary",
            source="Ours",
            builder=picture_bands.build_picture_bands,
        ),
        _musicnn("MSD_musicnn", 792_079),
        _musicnn("MTT_musicnn", 792_079),
        _musicnn("MSD_vgg", 607_030),
        _musicnn("MTT_vgg", 607_030),
    )
}
