"""What a network computes at its first use, done before anybody waits: its answer and its map."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from genre_core.audio.clip import Clip
from genre_core.audio.features import song_segments
from genre_core.explain.cam import cam_of, has_maps
from genre_core.inference.classifier import Classifier
from genre_core.inference.songs import SongClassifier

_SOUND_S = 12.0
"""More than the longest segment."""


def begin() -> None:
    """Start TensorFlow's own threads, which keep the priority of whoever comes here first."""
    tf.config.list_logical_devices()


def use_once(model: Classifier | SongClassifier) -> None:
    """Compile a network's answer and its default map, by something made up."""
    head = model.card.head
    if isinstance(model, Classifier):
        cover = np.zeros((64, 64, 3), np.uint8)
        index = model.classify(cover).genre_index
        cam_of(model.network, head).explain(model.prepare(cover), index)
        return
    time_s = np.arange(round(model.spec.sr * _SOUND_S)) / model.spec.sr
    y = 0.1 * np.sin(2 * np.pi * 220 * time_s) * np.sin(4 * time_s)
    segments = song_segments(Clip(y.astype(np.float32), model.spec.sr), model.spec)
    model.classify(segments, shared={})
    if has_maps(model.network):
        cam_of(model.network, head).maps(segments.inputs[:1], 0)
