"""Overviews: exact envelopes, and spectrograms that show a sound where and when it is."""

from __future__ import annotations

import io
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from genre_core.audio.overview import (
    FLOOR_DB,
    colour_table,
    envelope,
    label_hz,
    lightness,
    octave_ticks,
    spectrogram_picture,
)
from genre_core.errors import ParameterError
from tests.audio.made_songs import made_song, sine, square

SR = 22_050


def _levels(y, sr=SR, **settings):
    """The palette's numbers of a picture, row 0 at the bottom."""
    picture, _ = spectrogram_picture(y, sr, **settings)
    image = Image.open(io.BytesIO(picture))
    assert (image.format, image.mode) == ("PNG", "P")
    np.testing.assert_array_equal(
        np.array(image.getpalette(), np.uint8).reshape(-1, 3)[:256], colour_table()
    )
    return np.asarray(image)[::-1]


def _row_of(hertz, sr, height_px=160):
    return int(height_px * np.log(hertz / 50) / np.log(sr / 2 / 50))


@given(st.integers(1, 400), st.integers(1, 500), st.integers(0, 9))
def test_an_envelope_is_the_extremes_of_each_stretch(n, n_columns, seed):
    y = np.random.default_rng(seed).uniform(-0.5, 0.5, n).astype(np.float32)
    low, high = envelope(y, n_columns)
    assert len(low) == len(high) == n_columns
    peak = np.abs(y).max()
    for k in range(n_columns):
        first = k * n // n_columns
        stretch = y[first : max(first + 1, (k + 1) * n // n_columns)] / peak
        assert (low[k], high[k]) == (stretch.min(), stretch.max())


@given(st.integers(1, 300), st.integers(1, 200))
def test_no_sample_is_left_out_of_an_envelope(n, n_columns):
    for place in (0, n // 2, n - 1):
        y = np.zeros(n, np.float32)
        y[place] = -0.3
        low, high = envelope(y, n_columns)
        assert low.min() == -1
        assert high.max() == (0 if n > 1 and n_columns < n else high.max())


@pytest.mark.parametrize("factor", [1e-30, 0.25, 4.0])
def test_a_gain_leaves_an_envelope_as_it_is(factor):
    y = made_song(9_000, SR)
    for ours, other in zip(envelope(y, 70), envelope(y * np.float32(factor), 70), strict=True):
        np.testing.assert_allclose(ours, other, rtol=1e-6)


def test_a_sound_upside_down_turns_its_envelope_over():
    y = made_song(9_000, SR)
    low, high = envelope(y, 70)
    turned = envelope(-y, 70)
    np.testing.assert_array_equal(turned[0], -high)
    np.testing.assert_array_equal(turned[1], -low)


@pytest.mark.parametrize("n", [1, 500])
def test_silence_has_an_envelope_of_0_and_a_dark_picture(n):
    low, high = envelope(np.zeros(n, np.float32), 20)
    assert not low.any()
    assert not high.any()
    assert not _levels(np.zeros(n, np.float32)).any()


@pytest.mark.parametrize("sr", [8_000, 16_000, 22_050, 44_100])
@pytest.mark.parametrize("hertz", [110, 440, 2_000, 3_500])
def test_a_sine_is_brightest_at_its_own_height(sr, hertz):
    levels = _levels(sine(hertz, 2 * sr, sr), sr)
    brightest = levels[:, 10].argmax()
    # The lowest rows are narrower than a bin of the transform.
    assert abs(brightest - _row_of(hertz, sr)) <= (4 if hertz < 200 else 1)


def test_sines_of_one_loudness_are_equally_bright_at_every_height():
    places = (100, 300, 1_000, 3_000, 9_000)
    y = np.concatenate([sine(hertz, SR, SR, 0.1) for hertz in places])
    brightest = _levels(y)[:, 5::10].max(axis=0)
    assert len(brightest) == len(places)
    in_db = (brightest.astype(float) / 255 - 1) * -FLOOR_DB
    assert in_db.max() == 0
    assert in_db.min() > -3


def test_20_db_less_is_a_quarter_of_the_scale_less():
    y = np.concatenate([sine(1_000, SR, SR, 0.5), sine(1_000, SR, SR, 0.05)])
    levels = _levels(y)[_row_of(1_000, SR)]
    assert int(levels[5]) - int(levels[15]) == pytest.approx(255 * 20 / 80, abs=1)


@pytest.mark.parametrize("factor", [1e-30, 1e-3, 7.0, 1e30])
def test_a_gain_leaves_the_picture_as_it_is(factor):
    y = made_song(3 * SR, SR)
    louder = _levels(y * np.float32(factor)).astype(int)
    assert np.abs(louder - _levels(y)).max() <= 1


def test_a_sound_lies_in_the_column_of_its_time():
    y = np.zeros(30 * SR, np.float32)
    y[12 * SR : 13 * SR] = sine(1_000, SR, SR)
    levels = _levels(y)[_row_of(1_000, SR)]
    assert len(levels) == 300
    assert (levels[120:130] > 200).all()
    assert not levels[:119].any()
    assert not levels[131:].any()


def test_a_click_anywhere_is_seen():
    for place in range(SR, SR + 2_205, 441):
        y = np.zeros(2 * SR, np.float32)
        y[0] = y[place] = 1.0
        assert _levels(y)[:, 9:12].max() > 200, place


@pytest.mark.parametrize(
    ("n", "settings", "size"),
    [
        (1, {}, (1, 160)),
        (2_205, {}, (1, 160)),
        (2_206, {}, (2, 160)),
        (SR, {"columns_per_s": 25, "height_px": 33}, (25, 33)),
        (9 * SR, {"max_columns": 7}, (7, 160)),
        (40, {"columns_per_s": 22_050}, (40, 160)),
    ],
)
def test_the_picture_has_the_asked_size(n, settings, size):
    assert _levels(square(n, SR), **settings).shape == size[::-1]


def test_the_blocks_leave_no_seam(monkeypatch):
    y = made_song(4 * SR, SR)
    whole = _levels(y)
    monkeypatch.setattr("genre_core.audio.overview._SAMPLES_AT_ONCE", 7_000)
    np.testing.assert_array_equal(_levels(y), whole)


def test_ticks_are_octaves_at_equal_steps():
    ticks = octave_ticks(SR)
    assert [label for _, label in ticks] == [
        *("125 Hz", "250 Hz", "500 Hz", "1 kHz", "2 kHz", "4 kHz", "8 kHz"),
    ]
    heights = np.array([height for height, _ in ticks])
    np.testing.assert_allclose(np.diff(heights), heights[1] - heights[0])
    assert 0 < heights[0] < heights[-1] < 1
    rows = 160 * heights
    assert [int(row) for row in rows] == [_row_of(125 * 2**k, SR) for k in range(7)]


def test_labels_name_hz_and_khz():
    given = [label_hz(hertz) for hertz in (31.13, 999.4, 999.6, 1_234, 7_747.5, 12_000)]
    assert given == ["31 Hz", "999 Hz", "1 kHz", "1.2 kHz", "7.7 kHz", "12 kHz"]


def test_equal_steps_of_the_colours_are_equal_steps_of_lightness():
    table = colour_table()
    assert (table.shape, table.dtype) == ((256, 3), np.uint8)
    light = lightness(table)
    assert light[0] < 5
    assert light[-1] > 95
    np.testing.assert_allclose(light, np.linspace(light[0], light[-1], 256), atol=0.6)


def test_half_an_hour_takes_little_memory():
    y = np.tile(made_song(60 * 8_000, 8_000), 30)  # 58 MB
    tracemalloc.start()
    spectrogram_picture(y, 8_000)
    envelope(y, 8_192)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40e6


NAN = np.full(900, np.nan, np.float32)
INFINITE = np.array([0, np.inf, 0], np.float32)


@pytest.mark.parametrize(
    "y",
    [
        *(NAN, INFINITE, np.empty(0, np.float32), np.zeros((2, 90), np.float32)),
        *(np.zeros(90), np.zeros(90, np.int16), [0.0, 1.0]),
    ],
)
def test_bad_sounds_are_refused(y):
    with pytest.raises(ParameterError, match="Received"):
        envelope(y, 10)
    with pytest.raises(ParameterError, match="Received"):
        spectrogram_picture(y, SR)


@pytest.mark.parametrize(
    "settings",
    [{"sr": 999}, {"columns_per_s": 0}, {"max_columns": 0}, {"height_px": 0}, {"sr": 0}],
)
def test_bad_settings_are_refused(settings):
    with pytest.raises(ParameterError, match="Received"):
        spectrogram_picture(np.zeros(900, np.float32), **({"sr": SR} | settings))
