"""Patterns made audible: a tone sounds at its frequency, loudness stays safe, blanks are silent."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from genre_core.config import SongInput
from genre_core.errors import ParameterError
from genre_core.explain.patterns_heard import MIN_S, PEAK, as_wav, hear_pattern, upright_bands

SPECS = {
    "mel_128": SongInput(features="mel_128", n_frames=43, hop_frames=43),
    "stft_db": SongInput(features="stft_db", n_frames=48, hop_frames=48, hop_length=625),
    "log_mel_96": SongInput(features="log_mel_96", n_frames=64, hop_frames=64, hop_length=256),
}


def tone(spec: SongInput, band: int) -> np.ndarray:
    picture = np.zeros(spec.shape, np.float32)
    if spec.layout == "time_frequency":
        picture[:, band] = 1
    else:
        picture[band] = 1
    return picture


@pytest.mark.parametrize("band", [20, 70])
@pytest.mark.parametrize("features", SPECS)
def test_a_tone_sounds_at_its_frequency(features: str, band: int) -> None:
    spec = SPECS[features]
    y = hear_pattern(tone(spec, band), spec)
    power = np.abs(np.fft.rfft(y)) ** 2
    hz = np.fft.rfftfreq(len(y), 1 / spec.sr)
    bands = spec.bin_hz
    assert bands is not None
    near = 2 * max(bands[band + 1] - bands[band], spec.sr / spec.n_fft)
    inside = power[np.abs(hz - bands[band]) < near].sum() / power.sum()
    assert inside > 0.8
    # By chance a band of this width would hold few per cent.
    assert 2 * near / (spec.sr / 2) < 0.2


@pytest.mark.parametrize("features", SPECS)
def test_it_is_long_enough_and_never_loud(features: str) -> None:
    spec = SPECS[features]
    chance = np.random.default_rng(0)
    y = hear_pattern(chance.random(spec.shape, np.float32), spec)
    assert len(y) >= 0.95 * MIN_S * spec.sr
    assert len(y) < 2 * MIN_S * spec.sr + spec.segment_s * spec.sr
    assert np.abs(y).max() == pytest.approx(PEAK, rel=1e-4)
    assert np.abs(y[[0, -1]]).max() < 1e-3


def test_a_flat_pattern_is_silent() -> None:
    spec = SPECS["mel_128"]
    y = hear_pattern(np.full(spec.shape, 0.5, np.float32), spec)
    assert np.abs(y).max() == 0
    assert len(y) == MIN_S * spec.sr


def test_scaling_is_taken_back() -> None:
    spec = SongInput(
        features="mel_128", n_frames=4, hop_frames=4, offsets=(-20.0,) * 128, scales=(30.0,) * 128
    )
    bands = upright_bands(np.full(spec.shape, 0.5, np.float32), spec)
    assert bands.shape == (128, 4)
    np.testing.assert_allclose(bands, -20, atol=1e-4)


def test_the_same_pattern_sounds_the_same_and_is_a_wav() -> None:
    spec = SPECS["mel_128"]
    one, again = (hear_pattern(tone(spec, 40), spec) for _ in range(2))
    assert np.array_equal(one, again)
    read, sr = soundfile.read(io.BytesIO(as_wav(one, spec.sr)))
    assert sr == spec.sr
    np.testing.assert_allclose(read, one, atol=1e-4)


@pytest.mark.parametrize(
    ("picture", "spec", "rule"),
    [
        (np.zeros((43, 127, 1)), SPECS["mel_128"], "A pattern must have the shape"),
        (np.zeros((44, 128, 1)), SPECS["mel_128"], "A pattern must have the shape"),
        (
            np.zeros((9, 205)),
            SongInput(features="frames_205", n_frames=9, hop_frames=9),
            "Only a spectrogram",
        ),
    ],
)
def test_bad_input_is_a_message(picture: np.ndarray, spec: SongInput, rule: str) -> None:
    with pytest.raises(ParameterError, match=rule) as caught:
        hear_pattern(picture, spec)
    assert "Received" in str(caught.value)
