"""Strips of songs: the map places inside a segment, the score between segments."""

from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np
import pytest

from genre_core.architectures import build
from genre_core.audio.clip import Clip
from genre_core.audio.features import song_segments
from genre_core.audio.segments import Segments, arrange, cut, place, segment_starts
from genre_core.config import PAD, SongInput
from genre_core.errors import ParameterError
from genre_core.explain import song_strip
from genre_core.explain.cam import Cam
from genre_core.explain.saliency import make_saliency
from genre_core.explain.song_strip import cam_strip
from tests.audio.made_songs import made_song
from tests.explain.made_song_networks import deep_network, region_network

EVERY_BAND = slice(None)


def _spec(n_frames=24, hop_frames=None, features="log_mel_96", **settings):
    return SongInput(
        features=features,
        n_frames=n_frames,
        hop_frames=hop_frames or n_frames,
        hop_length=160,
        **settings,
    )


def _segments(spec, n_total, fill=1.0, offset_s=0.0):
    frames = np.full((n_total, spec.n_bins), fill, np.float32)
    return cut(
        frames,
        spec,
        offset_s=offset_s,
        duration_s=offset_s + n_total * spec.frame_step_s,
        pad_value=0.0,
    )


def _region(spec, frames):
    """Lights `frames` of every segment, in 8 bands of the 96."""
    return _made_region(spec.shape, frames.start, frames.stop)


@cache
def _made_region(shape, first, last):
    network = region_network(slice(first, last), slice(0, 8), shape=shape)
    return Cam(network, "softmax", "conv")


class _Known:
    """Stands for an explainer: the heat of a segment is its own first band, or nothing."""

    def __init__(self, spec):
        cells = np.arange(spec.n_frames, dtype=np.float64), np.zeros(1)
        self.centres = cells if spec.layout == "time_frequency" else cells[::-1]
        self.layout = spec.layout

    def centres_of(self, _):
        return self.centres

    def explain_all(self, inputs, genre_index, **_):
        found = []
        for each in inputs:
            first = each[:, :1] if self.layout == "time_frequency" else each[:1, :, 0]
            found.append(make_saliency(first, method="known", stage="", genre_index=genre_index))
        return found


def test_the_stretch_that_counts_is_dark_in_every_segment():
    spec = _spec()
    strip = cam_strip(
        _region(spec, slice(6, 12)), _segments(spec, 72), [0.5] * 3, spec, genre_index=1
    )
    expected = np.zeros(24)
    expected[6:12] = 1
    np.testing.assert_array_equal(strip.values, np.tile(expected, 3))
    assert (strip.n_segments, strip.n_located, strip.genre_index) == (3, 3, 1)


def test_a_segment_is_as_dark_as_it_scores():
    spec = _spec()
    scores = [0.8, 0.2, 0.0, 0.4]
    strip = cam_strip(_region(spec, slice(6, 12)), _segments(spec, 96), scores, spec, genre_index=1)
    per_segment = strip.values.reshape(4, 24)
    np.testing.assert_allclose(per_segment[:, 6:12], np.array([[1, 0.25, 0, 0.5]]).T * np.ones(6))
    assert not per_segment[:, :6].any()


def test_nothing_scored_or_nothing_located_is_blank():
    spec = _spec()
    cam, segments = _region(spec, slice(6, 12)), _segments(spec, 48)
    assert not cam_strip(cam, segments, [0, 0], spec, genre_index=1).values.any()
    even = Cam(region_network(EVERY_BAND, EVERY_BAND, shape=spec.shape), "softmax", "conv")
    strip = cam_strip(even, segments, [1, 1], spec, genre_index=1)
    assert not strip.values.any()
    assert strip.n_located == 0


@pytest.mark.parametrize("layout", ["log_mel_96", "stft_db"])
def test_overlapping_segments_are_averaged(layout):
    spec = _spec(n_frames=8, hop_frames=4, features=layout)
    rng = np.random.default_rng(0)
    frames = rng.random((20, spec.n_bins)).astype(np.float32)
    starts, n_valid = segment_starts(20, spec)
    inputs = arrange(np.stack([frames[start : start + 8] for start in starts]), spec)
    segments = place(inputs, spec, starts, n_valid, offset_s=0.0, duration_s=20 * spec.frame_step_s)
    scores = rng.random(len(segments))
    expected, count = np.zeros(20), np.zeros(20)
    for start, score in zip(starts, scores, strict=True):
        band = frames[start : start + 8, 0].astype(float)
        expected[start : start + 8] += score * (band - band.min()) / np.ptp(band)
        count[start : start + 8] += 1
    assert set(count) == {1, 2}
    expected /= count
    strip = cam_strip(_Known(spec), segments, scores, spec, genre_index=0)
    np.testing.assert_allclose(strip.values, expected / expected.max(), atol=1e-6)


def test_cells_lie_side_by_side_over_the_whole_song_after_what_was_skipped():
    spec = _spec(min_frames=3)
    segments = _segments(spec, 60, offset_s=30.0)
    strip = cam_strip(_region(spec, slice(6, 12)), segments, [1] * 3, spec, genre_index=1)
    assert len(strip.values) == len(strip.start_s) == len(strip.end_s) == 60
    assert strip.start_s[0] == 30
    np.testing.assert_allclose(np.diff(strip.start_s), 0.01)
    np.testing.assert_array_equal(strip.start_s[1:], strip.end_s[:-1])
    assert strip.end_s[-1] == segments.end_s[-1] == pytest.approx(30.6)


def test_padding_is_no_part_of_a_strip():
    spec = _spec(min_frames=3)
    segments = _segments(spec, 30)
    padded = segments.inputs.copy()
    padded[1, 6:] = 50.0  # where the song has ended
    loud = Segments(padded, segments.start_s, segments.end_s, segments.n_valid)
    strip = cam_strip(_region(spec, slice(4, 20)), loud, [1, 1], spec, genre_index=1)
    assert len(strip.values) == 30
    assert strip.values[:24].max() == 1


@pytest.mark.parametrize(("max_cells", "n_cells"), [(48, 48), (47, 24), (24, 24), (10, 10), (1, 1)])
def test_long_songs_have_means_of_frames(max_cells, n_cells):
    spec = _spec()
    cam, segments = _region(spec, slice(6, 12)), _segments(spec, 48)
    fine = cam_strip(cam, segments, [1, 0.5], spec, genre_index=1)
    strip = cam_strip(cam, segments, [1, 0.5], spec, genre_index=1, max_cells=max_cells)
    assert len(strip.values) == n_cells
    n_each = -(-48 // max_cells)
    means = np.array([fine.values[k : k + n_each].mean() for k in range(0, 48, n_each)])
    np.testing.assert_allclose(strip.values, means / means.max(), rtol=1e-6)
    assert (strip.start_s[0], strip.end_s[-1]) == (0, segments.end_s[-1])
    assert (np.diff(strip.start_s) > 0).all()


def test_many_segments_are_explained_a_part_at_a_time(monkeypatch):
    spec = _spec(features="mel_128", n_frames=20)
    segments = song_segments(Clip(made_song(22_050, 22_050), 22_050), spec)
    scores = np.linspace(0, 1, len(segments))
    cam = Cam(deep_network(shape=spec.shape), "softmax")
    whole = cam_strip(cam, segments, scores, spec, genre_index=1)
    monkeypatch.setattr(song_strip, "_SEGMENTS_AT_ONCE", 2)
    parts = cam_strip(cam, segments, scores, spec, genre_index=1)
    np.testing.assert_allclose(parts.values, whole.values, atol=1e-5)
    assert (len(segments), parts.n_segments, parts.n_located) == (7, 7, whole.n_located)


def test_maps_coarser_than_frames_keep_their_place():
    """Only a click in the second half of a segment, seen through pools and long kernels."""
    spec = _spec(features="mel_128", n_frames=24)
    inputs = np.full((1, *spec.shape), -1.0, np.float32)
    inputs[0, 17] = 5
    segments = place(
        inputs, spec, np.array([0]), np.array([24]), offset_s=0.0, duration_s=spec.segment_s
    )
    network = deep_network(shape=spec.shape)
    found = []
    for genre_index in range(3):
        cam = Cam(network, "softmax", "first")
        strip = cam_strip(cam, segments, [1], spec, genre_index=genre_index)
        if strip.n_located:
            found.append(abs(int(strip.values.argmax()) - 17))
    assert found
    assert min(found) <= 1


def test_frames_of_an_lstm_s_input_make_a_strip():
    spec = _spec(n_frames=6, hop_frames=3, features="frames_205", min_frames=2)
    network = build("s5_lstm", input_shape=spec.shape)
    frames = np.random.default_rng(1).normal(size=(11, 205)).astype(np.float32)
    segments = cut(
        frames,
        spec,
        offset_s=0.0,
        duration_s=11 * spec.frame_step_s,
        pad_value=PAD,
    )
    strip = cam_strip(
        Cam(network, "softmax"),
        segments,
        [0.5] * len(segments),
        spec,
        genre_index=1,
    )
    assert len(strip.values) == 11
    assert (strip.values.min() >= 0, strip.values.max()) == (True, 1)


SPEC = _spec()


@pytest.mark.parametrize(
    "scores",
    [[0.5], [0.5] * 3, [0.5, 1.1], [-0.1, 0.5], [float("nan"), 0.5], [[0.5, 0.5]], 0.5],
)
def test_scores_that_do_not_fit_are_refused(scores):
    with pytest.raises(ParameterError, match="Received"):
        cam_strip(_region(SPEC, slice(6, 12)), _segments(SPEC, 48), scores, SPEC, genre_index=1)


@pytest.mark.parametrize(
    "change",
    [{"max_cells": 0}, {"genre_index": 2}, {"spec": _spec(60, features="statistics_423")}],
)
def test_bad_settings_are_refused(change):
    settings = {"spec": SPEC, "genre_index": 1} | change
    spec = settings.pop("spec")
    with pytest.raises(ParameterError, match="Received"):
        cam_strip(_region(SPEC, slice(6, 12)), _segments(SPEC, 48), [1, 1], spec, **settings)


@pytest.mark.parametrize("layout", ["log_mel_96", "stft_db"])
@pytest.mark.parametrize("method", ["occlusion", "integrated-gradients"])
def test_other_methods_find_the_stretch_that_counts_too(layout, method):
    spec = _spec(features=layout)
    shape = spec.shape[:2]
    late = (slice(12, 24), slice(0, 8)) if layout == "log_mel_96" else (slice(0, 8), slice(12, 24))
    cam = Cam(region_network(*late, shape=(*shape, 1)[: len(spec.shape)]), "softmax", "conv")
    segments = _segments(spec, 48)
    loud = np.random.default_rng(0).random(segments.inputs.shape).astype(np.float32)
    strip = cam_strip(
        cam,
        dataclasses.replace(segments, inputs=loud),
        [0.5] * len(segments),
        spec,
        genre_index=1,
        method=method,
    )
    halves = strip.values.reshape(len(segments), 2, 12).mean(axis=(0, 2))
    assert halves[1] > 5 * halves[0]
