"""Pictures of segments: a sound lies at its own row and column, whatever the features."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.audio.clip import Clip
from genre_core.audio.features import song_segments
from genre_core.audio.frame_names import FRAME_NAMES
from genre_core.audio.segment_picture import segment_picture
from genre_core.config import SongInput
from genre_core.errors import ParameterError
from tests.audio.made_songs import sine

SPECS = {
    "mel_128": SongInput(features="mel_128", n_frames=43, hop_frames=43),
    "stft_db": SongInput(features="stft_db", n_frames=50, hop_frames=50, hop_length=160),
    "log_mel_96": SongInput(features="log_mel_96", n_frames=62, hop_frames=62, hop_length=256),
}
EVERY = pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
FRAMES = SongInput(features="frames_205", n_frames=30, hop_frames=30)


@EVERY
@pytest.mark.parametrize("hertz", [500, 1_000, 3_000])
def test_a_sine_in_the_second_half_lies_at_its_row_and_its_columns(spec, hertz):
    y = sine(hertz, spec.n_frames * spec.hop_length, spec.sr)
    y[: len(y) // 2] = 0
    inputs = song_segments(Clip(y, spec.sr), spec).inputs[0]
    marked = np.zeros(spec.shape[:2], np.float32)
    marked[0, -1] = 1
    picture = segment_picture(inputs, spec, cam=marked)
    assert picture.values.shape == (spec.n_bins, spec.n_frames) == picture.cam.shape
    loudest = picture.values[:, -10].argmax()
    steps_hz = np.diff(spec.bin_hz)[loudest - 1 : loudest + 1]
    assert abs(spec.bin_hz[loudest] - hertz) <= steps_hz.max()
    row = next(place for place, label in picture.ticks if label == "1 kHz")
    assert np.interp(row, np.arange(spec.n_bins), spec.bin_hz) == pytest.approx(1_000)
    assert picture.values[loudest, picture.time_s < 0.4 * spec.segment_s].max() < (
        picture.values[loudest, picture.time_s > 0.6 * spec.segment_s].min()
    )
    corner = (0, -1) if spec.layout == "frequency_time" else (-1, 0)
    assert picture.cam[corner] == 1
    assert picture.cam.sum() == 1


@EVERY
def test_rows_rise_in_hz_and_columns_are_a_frame_apart(spec):
    picture = segment_picture(np.zeros(spec.shape, np.float32), spec)
    assert picture.cam is None
    assert len(picture.rows) == spec.n_bins
    assert all(row.endswith("Hz") for row in picture.rows)
    assert (np.diff(spec.bin_hz) > 0).all()
    assert len(picture.ticks) >= 4
    assert picture.time_s[0] == 0
    np.testing.assert_allclose(np.diff(picture.time_s), spec.hop_length / spec.sr)


def test_rows_of_the_205_numbers_have_their_names_and_their_families_are_ticks():
    inputs = np.arange(30 * 205, dtype=np.float32).reshape(30, 205)
    inputs[20:] = -1_000
    picture = segment_picture(inputs, FRAMES)
    assert picture.rows == FRAME_NAMES
    for k in (0, 44, 204):
        np.testing.assert_array_equal(picture.values[k, :20], inputs[:20, k])
    assert np.isnan(picture.values[:, 20:]).all()
    assert not np.isnan(picture.values[:, :20]).any()
    assert len(picture.ticks) == 7  # those of 6 rows or more
    for place, family in picture.ticks:
        rows = [k for k, name in enumerate(FRAME_NAMES) if name.startswith(family)]
        assert place == np.mean(rows)


def test_statistics_have_no_picture():
    spec = SongInput(features="statistics_423", n_frames=60, hop_frames=60)
    assert segment_picture(np.zeros(423, np.float32), spec) is None


@pytest.mark.parametrize(
    ("shape", "cam"),
    [((205, 30), None), ((30, 205, 1), None), ((2, 30, 205), None), ((30, 205), (205, 30))],
)
def test_other_shapes_are_refused(shape, cam):
    cam = None if cam is None else np.zeros(cam, np.float32)
    with pytest.raises(ParameterError, match="Received"):
        segment_picture(np.zeros(shape, np.float32), FRAMES, cam=cam)
