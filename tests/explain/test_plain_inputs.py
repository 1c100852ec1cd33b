"""What stands where something is hidden: plain and blurred inputs."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.config import PAD
from genre_core.errors import ParameterError
from genre_core.explain.plain_inputs import blurred_input, kind_of_input, plain_input

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("make", [plain_input, blurred_input])
@pytest.mark.parametrize(
    ("shape", "kind", "time_axis"),
    [
        ((32, 24, 3), "cover", 0),
        ((24, 16, 1), "spectrogram", 0),
        ((16, 24, 1), "spectrogram", 1),
        ((24, 16), "spectrogram", 0),
        ((24, 5), "frames", 0),
    ],
)
def test_shape_and_type_stay_and_the_input_is_not_changed(make, shape, kind, time_axis):
    item = RNG.normal(100, 20, shape).astype(np.float32)
    before = item.copy()
    hidden = make(item, kind, time_axis=time_axis)
    assert (hidden.shape, hidden.dtype) == (shape, np.float32)
    np.testing.assert_array_equal(item, before)
    assert np.ptp(hidden) < np.ptp(item)


@pytest.mark.parametrize(("kind", "time_axis"), [("spectrogram", 0), ("spectrogram", 1)])
def test_silence_is_each_band_s_quietest_moment_and_the_same_all_the_time(kind, time_axis):
    item = RNG.normal(size=(8, 6, 1)).astype(np.float32)
    hidden = plain_input(item, kind, time_axis=time_axis)
    assert not np.ptp(hidden, axis=time_axis).any()
    np.testing.assert_array_equal(hidden.min(axis=time_axis), item.min(axis=time_axis))


@pytest.mark.parametrize("kind", ["spectrogram", "frames"])
def test_frames_of_padding_take_no_part_and_stay(kind):
    item = RNG.normal(5, 1, (12, 4)).astype(np.float32)
    item[9:] = PAD
    for make in (plain_input, blurred_input):
        hidden = make(item, kind)
        np.testing.assert_array_equal(hidden[9:], PAD)
        assert 0 < hidden[:9].min() <= hidden[:9].max() < 10


def test_a_blur_keeps_the_mean_and_loses_the_detail():
    cover = RNG.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    blurred = blurred_input(cover, "cover")
    assert abs(blurred.mean() - cover.mean()) < 2
    assert blurred.std() < 0.2 * cover.std()


@pytest.mark.parametrize(
    ("kind", "time_axis", "received"), [("picture", 0, "'picture'"), ("frames", 2, "2")]
)
def test_unknown_kinds_and_axes_are_refused(kind, time_axis, received):
    for make in (plain_input, blurred_input):
        with pytest.raises(ParameterError, match=f"Received {received}"):
            make(np.zeros((4, 4)), kind, time_axis=time_axis)


def test_the_kind_follows_from_the_shape():
    assert kind_of_input((8, 8, 3)) == "cover"
    assert kind_of_input((8, 8), has_bands=False) == "frames"
    assert kind_of_input((8, 3, 1)) == "spectrogram"
