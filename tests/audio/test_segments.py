"""The one rule of segments: where they start, what the last one is, what padding stands in."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from genre_core.audio.segments import cut, frames_of, segment_starts
from genre_core.config import PAD, SongInput
from genre_core.errors import ParameterError


def _spec(n_frames, hop_frames=None, min_frames=1, **changes):
    settings = {"features": "log_mel_96", "hop_length": 160} | changes
    return SongInput(
        n_frames=n_frames, hop_frames=hop_frames or n_frames, min_frames=min_frames, **settings
    )


@st.composite
def _specs(draw):
    n_frames = draw(st.integers(1, 40))
    hop_frames = draw(st.integers(1, n_frames))
    return _spec(n_frames, hop_frames, draw(st.integers(1, n_frames)))


@given(_specs(), st.integers(1, 300))
def test_starts_are_a_hop_apart_and_only_the_last_is_short(spec, n_total):
    starts, n_valid = segment_starts(n_total, spec)
    assert starts[0] == 0
    assert (np.diff(starts) == spec.hop_frames).all()
    assert (n_valid[:-1] == spec.n_frames).all()
    assert 1 <= n_valid[-1] <= spec.n_frames
    assert (starts + n_valid <= n_total).all()


@given(_specs(), st.integers(1, 300))
def test_what_is_left_out_is_shorter_than_min_frames(spec, n_total):
    starts, n_valid = segment_starts(n_total, spec)
    covered = starts[-1] + n_valid[-1]
    left_out = n_total - covered
    assert left_out == 0 or n_total - (starts[-1] + spec.hop_frames) < spec.min_frames
    if spec.min_frames == 1:
        assert left_out == 0


@given(_specs(), st.integers(1, 300))
def test_no_segment_lies_within_another(spec, n_total):
    starts, n_valid = segment_starts(n_total, spec)
    assert (np.diff(starts + n_valid) > 0).all()


@given(st.integers(1, 40), st.integers(1, 300))
def test_side_by_side_every_frame_is_held_once(n_frames, n_total):
    starts, n_valid = segment_starts(n_total, _spec(n_frames))
    frames = [frame for s, n in zip(starts, n_valid, strict=True) for frame in range(s, s + n)]
    assert frames == list(range(n_total))


@given(_specs(), st.integers(1, 300))
def test_a_song_shorter_than_a_segment_is_one(spec, n_total):
    assume(n_total <= spec.n_frames)
    starts, n_valid = segment_starts(n_total, spec)
    assert starts.tolist() == [0]
    assert n_valid.tolist() == [n_total]


@pytest.mark.parametrize(
    ("n_total", "min_frames", "expected"),
    [
        (20, 4, [10, 10]),
        (23, 4, [10, 10]),
        (24, 4, [10, 10, 4]),
        (3, 4, [3]),
        (29, 10, [10, 10]),
        (30, 10, [10, 10, 10]),
    ],
)
def test_a_rest_counts_from_min_frames_on(n_total, min_frames, expected):
    assert segment_starts(n_total, _spec(10, min_frames=min_frames))[1].tolist() == expected


def test_overlapping_segments_end_with_one_short_one():
    starts, n_valid = segment_starts(2_500, _spec(2_000, 1_000))
    assert starts.tolist() == [0, 1_000]
    assert n_valid.tolist() == [2_000, 1_500]


@pytest.mark.parametrize(
    ("n_samples", "expected"), [(1, 1), (511, 1), (512, 1), (513, 2), (1_024, 2), (1_025, 3)]
)
def test_a_frame_stands_for_a_hop_of_samples(n_samples, expected):
    assert frames_of(n_samples, 512) == expected


@given(_specs(), st.integers(1, 120), st.integers(0, 3))
def test_inputs_are_the_frames_and_then_padding(spec, n_total, skipped):
    frames = np.arange(n_total * 2, dtype=np.float32).reshape(n_total, 2)
    offset_s = skipped * 7 * spec.frame_step_s
    duration_s = offset_s + n_total * spec.frame_step_s
    found = cut(frames, spec, offset_s=offset_s, duration_s=duration_s, pad_value=PAD)
    starts, n_valid = segment_starts(n_total, spec)
    assert found.inputs.dtype == np.float32
    assert found.start_s.dtype == found.end_s.dtype == np.float64
    assert len(found) == len(starts)
    for row, start, n in zip(found.inputs, starts, n_valid, strict=True):
        np.testing.assert_array_equal(row[:n], frames[start : start + n])
        assert (row[n:] == PAD).all()
    np.testing.assert_array_equal(found.n_valid, n_valid)
    np.testing.assert_allclose(found.start_s, offset_s + starts * spec.frame_step_s)
    np.testing.assert_allclose(found.end_s, found.start_s + n_valid * spec.frame_step_s)
    assert (found.end_s <= duration_s).all()


def test_the_end_is_the_clip_s_and_not_the_last_frame_s():
    found = cut(
        np.zeros((16, 3), np.float32), _spec(10), offset_s=0.0, duration_s=0.155, pad_value=0.0
    )
    assert found.end_s.tolist() == [0.1, 0.155]


def test_the_frame_centred_on_the_very_end_makes_no_segment():
    frames = np.zeros((21, 3), np.float32)  # librosa's 1 + 3200 // 160
    found = cut(frames, _spec(10), offset_s=0.0, duration_s=0.2, pad_value=0.0)
    assert found.n_valid.tolist() == [10, 10]


def test_overlapping_segments_share_memory():
    frames = np.zeros((10_000, 5), np.float32)
    found = cut(frames, _spec(2_000, 10), offset_s=0.0, duration_s=100.0, pad_value=0.0)
    assert len(found) == 801
    assert np.shares_memory(found.inputs[0], found.inputs[1])
    assert not found.inputs.flags.writeable


@pytest.mark.parametrize(
    ("features", "d", "shape"),
    [
        ("stft_db", 128, (2, 128, 9, 1)),
        ("mel_128", 128, (2, 9, 128, 1)),
        ("log_mel_96", 96, (2, 9, 96)),
    ],
)
def test_axes_are_those_of_the_settings(features, d, shape):
    spec = _spec(9, features=features)
    frames = np.arange(18 * d, dtype=np.float32).reshape(18, d)
    duration_s = 18 * spec.frame_step_s
    found = cut(frames, spec, offset_s=0.0, duration_s=duration_s, pad_value=0.0)
    assert found.inputs.shape == shape == (2, *spec.shape)
    second = found.inputs[1].reshape(shape[1], shape[2])
    np.testing.assert_array_equal(second.T if features == "stft_db" else second, frames[9:])


@pytest.mark.parametrize(
    ("frames", "offset_s", "duration_s"),
    [
        (np.zeros((0, 4), np.float32), 0.0, 1.0),
        (np.zeros(4, np.float32), 0.0, 1.0),
        (np.zeros((4, 4), np.float32), 2.0, 2.0),
        (np.zeros((4, 4), np.float32), -1.0, 2.0),
        (np.zeros((4, 4), np.float32), 0.0, float("nan")),
    ],
)
def test_what_cannot_be_cut_is_refused(frames, offset_s, duration_s):
    with pytest.raises(ParameterError, match="Received"):
        cut(frames, _spec(10), offset_s=offset_s, duration_s=duration_s, pad_value=0.0)


def test_no_frame_is_refused():
    with pytest.raises(ParameterError, match="Received 0"):
        segment_starts(0, _spec(10))
