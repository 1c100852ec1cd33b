"""One contract over every kind of features: what song_segments promises of each."""

import dataclasses

import numpy as np
import pytest

from genre_core.audio import stft
from genre_core.audio.clip import Clip
from genre_core.audio.features import (
    feature_settings,
    feature_shape,
    segments_of,
    skipped_samples,
    song_features,
    song_segments,
)
from genre_core.audio.frames import frames_205
from genre_core.audio.statistics import statistics_423
from genre_core.config import PAD, SongInput
from genre_core.errors import ParameterError
from tests.audio.made_songs import made_song, square

SPECS = {
    "frames_205": SongInput(features="frames_205", n_frames=40, hop_frames=20),
    "statistics_423": SongInput(features="statistics_423", n_frames=60, hop_frames=60),
    "mel_128": SongInput(features="mel_128", n_frames=43, hop_frames=43),
    "stft_db": SongInput(features="stft_db", n_frames=50, hop_frames=50, hop_length=267),
    "log_mel_96": SongInput(features="log_mel_96", n_frames=187, hop_frames=94, hop_length=256),
}
EVERY = pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)


def _clip(spec, n_samples=None, seed=0):
    return Clip(made_song(n_samples or round(3.3 * spec.sr), spec.sr, seed=seed), spec.sr)


def _same(a, b):
    for field in dataclasses.fields(a):
        np.testing.assert_array_equal(getattr(a, field.name), getattr(b, field.name))


@EVERY
def test_inputs_have_the_shape_of_the_settings_and_places_in_the_clip(spec):
    clip = _clip(spec)
    found = song_segments(clip, spec)
    n = len(found)
    assert n >= 2
    assert found.inputs.shape == (n, *spec.shape)
    assert found.inputs.dtype == np.float32
    assert np.isfinite(found.inputs).all()
    assert found.inputs.std() > 0
    np.testing.assert_allclose(np.diff(found.start_s), spec.hop_s)
    np.testing.assert_allclose((found.end_s - found.start_s)[:-1], spec.segment_s)
    assert found.start_s[0] == 0
    assert found.end_s[-1] == pytest.approx(clip.duration_s)
    assert found.n_valid.dtype == np.int64
    assert (found.n_valid[:-1] == spec.n_frames).all()


@EVERY
def test_the_same_clip_gives_the_same(spec):
    _same(song_segments(_clip(spec), spec), song_segments(_clip(spec), spec))


@EVERY
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_clip_of_three_segments_and_a_sample_more_or_less(spec, more):
    spec = dataclasses.replace(spec, hop_frames=spec.n_frames)
    n_samples = 3 * spec.n_frames * spec.hop_length + more
    found = song_segments(_clip(spec, n_samples), spec)
    n = spec.n_frames
    assert found.n_valid.tolist() == ([n, n, n, 1] if more == 1 else [n, n, n])
    assert found.end_s[-1] == pytest.approx(n_samples / spec.sr)


@EVERY
@pytest.mark.parametrize("n_samples", [1, 2, 100, 255, 1_000, 2_049])
def test_a_very_short_clip_is_one_padded_segment(spec, n_samples):
    found = song_segments(_clip(spec, n_samples), spec)
    assert found.inputs.shape == (1, *spec.shape)
    assert np.isfinite(found.inputs).all()
    assert found.n_valid.tolist() == [-(-n_samples // spec.hop_length)]
    assert found.end_s[0] == pytest.approx(n_samples / spec.sr)


@EVERY
def test_silence_and_full_scale_are_finite(spec):
    n_samples = 2 * spec.sr
    for y in (
        np.zeros(n_samples, np.float32),
        np.ones(n_samples, np.float32),
        square(n_samples, spec.sr),
    ):
        assert np.isfinite(song_segments(Clip(y, spec.sr), spec).inputs).all()


@pytest.mark.parametrize(
    ("features", "silence"), [("mel_128", -80), ("stft_db", -80), ("log_mel_96", 0)]
)
def test_silence_has_one_value_and_stands_after_the_song_s_end(features, silence):
    spec = SPECS[features]
    quiet = song_segments(Clip(np.zeros(spec.sr, np.float32), spec.sr), spec)
    assert (quiet.inputs == silence).all()
    n_frames = spec.n_frames // 2
    one = song_segments(_clip(spec, n_frames * spec.hop_length), spec)
    time = np.moveaxis(one.inputs[0], 1 if spec.layout == "frequency_time" else 0, 0)
    assert (time[n_frames + 4 :] == silence).all()  # windows reach some frames further
    assert (time[:n_frames] != silence).any(axis=1).all()


def test_frames_after_the_end_are_marked_for_masking_whatever_the_scaling():
    plain = SPECS["frames_205"]
    spec = dataclasses.replace(plain, offsets=(3.0,) * 205, scales=(2.0,) * 205, bound=4.0)
    found = song_segments(_clip(spec, 30 * 512), spec)
    assert found.n_valid.tolist() == [30]
    assert (found.inputs[0, 30:] == PAD).all()
    assert (np.abs(found.inputs[0, :30]) <= 4).all()


@EVERY
def test_scaling_is_a_law_of_each_feature(spec):
    rng = np.random.default_rng(0)
    offsets, scales = rng.normal(0, 5, spec.n_bins), rng.uniform(0.5, 3, spec.n_bins)
    other = dataclasses.replace(spec, offsets=tuple(offsets), scales=tuple(scales))
    plain, scaled = song_segments(_clip(spec), spec), song_segments(_clip(spec), other)
    axis = 1 if spec.layout == "frequency_time" else plain.inputs.shape.index(spec.n_bins, 1)
    expected = np.moveaxis((np.moveaxis(plain.inputs, axis, -1) - offsets) / scales, -1, axis)
    there = np.ones(expected.shape, bool)
    if spec.features == "frames_205":
        for row, n in zip(there, plain.n_valid, strict=True):
            row[n:] = False
    np.testing.assert_allclose(scaled.inputs[there], expected[there], rtol=1e-4, atol=1e-4)
    bounded = song_segments(_clip(spec), dataclasses.replace(other, bound=1.5)).inputs
    np.testing.assert_allclose(bounded[there], np.clip(expected, -1.5, 1.5)[there], atol=1e-4)


@EVERY
def test_the_skipped_part_counts_in_seconds_and_in_nothing_else(spec):
    spec = dataclasses.replace(spec, skip_s=1.0, skip_if_longer_s=2.0)
    whole = _clip(spec)
    found = song_segments(whole, spec)
    rest = song_segments(Clip(whole.y[spec.sr :], spec.sr), dataclasses.replace(spec, skip_s=0.0))
    np.testing.assert_array_equal(found.inputs, rest.inputs)
    np.testing.assert_allclose(found.start_s, rest.start_s + 1)
    np.testing.assert_allclose(found.end_s, rest.end_s + 1)


def test_a_clip_that_is_not_longer_is_read_from_its_start():
    spec = dataclasses.replace(SPECS["mel_128"], skip_s=30.0, skip_if_longer_s=60.0)
    assert skipped_samples(60 * 22_050, spec) == 0
    assert skipped_samples(60 * 22_050 + 1, spec) == 30 * 22_050


@pytest.mark.parametrize("features", ["mel_128", "log_mel_96", "stft_db"])
def test_a_later_start_by_a_segment_gives_the_later_segments(features):
    spec = dataclasses.replace(SPECS[features], hop_frames=SPECS[features].n_frames)
    n_samples = spec.n_frames * spec.hop_length
    clip = _clip(spec, 4 * n_samples)
    later = song_segments(Clip(clip.y[n_samples:], spec.sr), spec).inputs
    found = song_segments(clip, spec).inputs[1:]
    if features != "mel_128":  # the first window reaches back
        found, later = found[1:], later[1:]
    np.testing.assert_array_equal(found, later)


@EVERY
def test_blocks_change_nothing(spec, monkeypatch):
    clip = _clip(spec)
    whole = song_features(clip, spec)
    monkeypatch.setattr(stft, "_BLOCK_SAMPLES", 7 * 2_048)
    # Some processors' matrix products add in another order at a block's edge: an MFCC is a sum of
    # 128 terms of up to 100, so float32 leaves some 1e-5 of doubt whatever its own size.
    np.testing.assert_allclose(song_features(clip, spec), whole, rtol=2e-5, atol=1e-4)


@EVERY
def test_kept_features_are_all_that_cutting_needs(spec):
    clip = _clip(spec)
    kept = song_features(clip, spec)
    assert kept.shape == feature_shape(clip.n_samples, spec)
    _same(segments_of(kept, spec, clip.n_samples), song_segments(clip, spec))


def test_settings_of_features_leave_out_what_is_applied_afterwards():
    for spec in SPECS.values():
        n_bins = spec.n_bins
        scaled = dataclasses.replace(
            spec, offsets=(1.0,) * n_bins, scales=(2.0,) * n_bins, bound=9.0
        )
        assert feature_settings(scaled) == feature_settings(spec)
        assert feature_settings(spec) != feature_settings(dataclasses.replace(spec, skip_s=9.0))
        longer = dataclasses.replace(spec, n_frames=spec.n_frames + 1)
        assert (feature_settings(longer) == feature_settings(spec)) == (spec.features != "mel_128")


def test_statistics_are_those_of_each_segment_s_own_frames():
    spec = dataclasses.replace(SPECS["statistics_423"], hop_frames=40)
    clip = _clip(spec)
    frames, found = frames_205(clip.y), song_segments(clip, spec)
    assert len(found) == 4
    for k, row in enumerate(found.inputs):
        part = frames[40 * k : 40 * k + 60][: found.n_valid[k]]
        np.testing.assert_array_equal(row, statistics_423(part))


@EVERY
@pytest.mark.parametrize("what", ["rate", "nan", "inf"])
def test_what_is_no_song_is_refused(spec, what):
    y = np.zeros(5_000, np.float32)
    if what != "rate":
        y[77] = float(what)
    clip = Clip(y, 44_100 if what == "rate" else spec.sr)
    with pytest.raises(ParameterError, match="Received"):
        song_segments(clip, spec)


@pytest.mark.parametrize("features", ["frames_205", "statistics_423"])
def test_another_step_of_the_205_numbers_is_refused(features):
    spec = dataclasses.replace(SPECS[features], hop_length=256)
    with pytest.raises(ParameterError, match="Received 256"):
        song_segments(_clip(spec), spec)
