"""The 205 numbers: librosa's family by family, their order, their laws."""

import librosa
import numpy as np
import pytest

from genre_core.audio import constant_q, octaves, spectral, spectrum_loops, stft
from genre_core.audio.frame_names import FAMILIES, FRAME_NAMES
from genre_core.audio.frames import frames_205, frames_reference, warm_up
from genre_core.audio.spectral import contrast_bands
from genre_core.errors import ParameterError
from tests.audio.made_songs import made_song, sine, square
from tests.audio.real_songs import real_songs

SR = 22_050
OF_PITCH_CLASSES = ("chroma_cqt", "chroma_cens", "tonnetz")
LONG_ENOUGH = 65_536  # samples, from which on librosa's constant-Q transform does not warn


def _families(frames):
    ends = np.cumsum(list(FAMILIES.values()))
    return dict(zip(FAMILIES, np.split(frames, ends[:-1], axis=1), strict=True))


def _assert_same(found, expected):
    """Compare family by family, relative to each family's range."""
    assert found.shape == expected.shape
    assert found.dtype == np.float32
    there = _families(expected)
    for name, here in _families(found).items():
        span = float(np.ptp(there[name])) or 1.0
        if name == "spectral_rolloff":  # whole bins: librosa's, but for a rounding now and then
            off = np.abs(here - there[name])
            assert off.max() <= SR / 2_048 * 1.01
            assert (off > 0).mean() <= 1e-3
            continue
        # The constant-Q transform is another sum of float32 in librosa; both round.
        tolerance = 1e-4 if name in OF_PITCH_CLASSES else 3e-6
        np.testing.assert_allclose(here, there[name], rtol=0, atol=tolerance * span, err_msg=name)


def _out_of_tune(n_samples):
    """Return the made song a third of a semitone higher."""
    y = made_song(round(n_samples * 1.02), SR)
    return np.interp(np.arange(n_samples) * 2 ** (1 / 36), np.arange(len(y)), y).astype(np.float32)


SOUNDS = {
    "music": lambda: made_song(100_000, SR),
    "out of tune": lambda: _out_of_tune(100_000),
    "pauses": lambda: (
        made_song(100_000, SR) * (np.arange(100_000) // 20_000 % 2).astype(np.float32)
    ),
    "silence": lambda: np.zeros(70_000, np.float32),
    "sine": lambda: sine(440, 70_000, SR),
    "square": lambda: square(70_000, SR),
    "noise": lambda: np.random.default_rng(1).normal(0, 0.1, 70_000).astype(np.float32),
}


@pytest.mark.parametrize("sound", SOUNDS.values(), ids=SOUNDS)
def test_frames_are_librosa_s_family_by_family(sound):
    y = sound()
    _assert_same(frames_205(y), frames_reference(y))


@pytest.mark.parametrize("n_samples", [128 * 512 - 1, 128 * 512, 128 * 512 + 1])
def test_there_are_librosa_s_frames(n_samples):
    y = made_song(n_samples, SR)
    found = frames_205(y)
    assert found.shape == (1 + n_samples // 512, 205)
    if n_samples >= LONG_ENOUGH:
        _assert_same(found, frames_reference(y))


@pytest.mark.realdata
@pytest.mark.slow
@pytest.mark.parametrize("n_songs", [3, pytest.param(30, marks=pytest.mark.sweep)])
def test_real_songs_agree_too(data_folder, n_songs):
    songs = real_songs(data_folder, SR, seconds=4.0, n_songs=n_songs)
    assert len(songs) == n_songs
    for y in songs:
        _assert_same(frames_205(y), frames_reference(y))


@pytest.mark.parametrize("n_samples", [1, 2, 511, 512, 2_047, 2_048, 2_049, 30_000, 65_535])
@pytest.mark.filterwarnings("ignore:n_fft=", "ignore:Trying to estimate tuning")  # librosa's own
def test_a_short_clip_has_the_pitch_classes_of_itself_with_silence_after_it(n_samples):
    y = made_song(65_535, SR)[-n_samples:]
    found, expected = _families(frames_205(y)), _families(frames_reference(y))
    n = 1 + n_samples // 512
    padded = np.pad(y, (0, LONG_ENOUGH - n_samples))
    tuning = librosa.estimate_tuning(y=y, sr=SR, bins_per_octave=36)
    spectra = librosa.cqt(padded, sr=SR, n_bins=252, bins_per_octave=36, tuning=tuning)[:, :n]
    for name in ("chroma_cqt", "chroma_cens"):
        expected[name] = getattr(librosa.feature, name)(C=np.abs(spectra), sr=SR).T
    expected["tonnetz"] = librosa.feature.tonnetz(chroma=expected["chroma_cqt"].T, sr=SR).T
    for name, here in found.items():
        span = float(np.ptp(expected[name])) or 1.0
        np.testing.assert_allclose(here, expected[name], rtol=1e-6, atol=3e-6 * span, err_msg=name)


@pytest.fixture(scope="module")
def whole():
    y = made_song(500 * 512, SR)
    return y, frames_205(y, n_threads=1)


@pytest.mark.parametrize("n_threads", [2, 5, None])
def test_threads_change_no_bit(whole, n_threads):
    y, frames = whole
    np.testing.assert_array_equal(frames_205(y, n_threads=n_threads), frames)


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (stft, "_BLOCK_SAMPLES", 2_048),
        (stft, "_BLOCK_SAMPLES", 77 * 2_048),
        (spectral, "_KEPT_FRAMES", 0),
        (constant_q, "_PART", 128),
        (constant_q, "_PART", 150),
        (octaves, "_FED", 5_000),
        (constant_q, "_BLOCK", 7),
    ],
)
def test_blocks_change_nothing(whole, monkeypatch, module, name, value):
    y, frames = whole
    monkeypatch.setattr(module, name, value)
    found, there = _families(frames_205(y)), _families(frames)
    for family in FAMILIES:
        atol = 1e-6 * float(np.ptp(there[family]))
        np.testing.assert_allclose(found[family], there[family], rtol=0, atol=atol, err_msg=family)


def test_a_song_that_may_not_be_written_to_is_read():
    y = made_song(9_000, SR)
    expected = frames_205(y)
    y.setflags(write=False)
    np.testing.assert_array_equal(frames_205(y), expected)


def test_names_are_unique_and_stand_over_their_columns():
    assert len(FRAME_NAMES) == len(set(FRAME_NAMES)) == sum(FAMILIES.values()) == 205
    assert FRAME_NAMES[0] == "mfcc_0"
    for family, width in FAMILIES.items():
        named = [name for name in FRAME_NAMES if name == family or name.startswith(f"{family}_")]
        assert len(named) == width
    frames = frames_205(sine(440, 70_000, SR))
    middle = dict(zip(FRAME_NAMES, frames[60], strict=True))
    assert middle["chroma_stft_a"] == middle["chroma_cqt_a"] == 1
    assert middle["spectral_centroid"] == pytest.approx(440, rel=0.02)
    assert middle["rms"] == pytest.approx(0.5 / np.sqrt(2), rel=0.01)
    assert middle["zero_crossing_rate"] == pytest.approx(2 * 440 / SR, rel=0.05)


def test_double_amplitude_moves_what_is_a_level_and_nothing_else():
    y = made_song(100_000, SR) * np.float32(0.25)
    once, twice = _families(frames_205(y)), _families(frames_205(2 * y))
    for name, power in (("rms", 2), ("melspectrogram", 4), ("poly_features", 2)):
        np.testing.assert_allclose(twice[name], power * once[name], rtol=1e-4, atol=1e-7)
    # The mean of 128 bands' dB times sqrt(128).
    step = 20 * np.log10(2) * np.sqrt(128)
    np.testing.assert_allclose(twice["mfcc"][:, 0] - once["mfcc"][:, 0], step, rtol=1e-3)
    for name in ("chroma_cqt", "spectral_centroid", "spectral_bandwidth", "zero_crossing_rate"):
        np.testing.assert_allclose(twice[name], once[name], rtol=1e-3, atol=1e-4)


def test_contrast_sorts_the_bins_that_librosa_sorts():
    """Ramps, of which each band's extremes are known from its bins alone."""
    ramp = np.linspace(1, 1_000, 1_025, dtype=np.float32)[:, np.newaxis]
    difference = librosa.feature.spectral_contrast(S=ramp, sr=SR, linear=True)[:, 0]
    for (first, end, n), expected in zip(contrast_bands(), difference, strict=True):
        part = ramp[first:end, 0]
        assert part[-n:].mean() - part[:n].mean() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("y", "sr"),
    [
        (np.zeros(9_000, np.float32), 44_100),
        (np.zeros(0, np.float32), SR),
        (np.zeros((2, 9_000), np.float32), SR),
        (np.full(9_000, np.nan, np.float32), SR),
        (np.full(9_000, np.inf, np.float32), SR),
    ],
)
@pytest.mark.parametrize("compute", [frames_205, frames_reference])
def test_what_has_no_frames_is_refused(y, sr, compute):
    with pytest.raises(ParameterError, match="Received"):
        compute(y, sr)


@pytest.mark.parametrize("n_threads", [0, -1])
def test_no_thread_is_refused(n_threads):
    with pytest.raises(ParameterError, match="Received"):
        frames_205(np.zeros(9_000, np.float32), n_threads=n_threads)


def test_after_the_warm_up_nothing_is_left_to_compile():
    warm_up()
    n_before = _n_compiled()
    frames_205(made_song(70_000, SR))
    assert _n_compiled() == n_before > 0


def _n_compiled():
    loops = [each for each in vars(spectrum_loops).values() if hasattr(each, "signatures")]
    assert len(loops) >= 5
    return sum(len(each.signatures) for each in loops)
