"""Songs changed on purpose: each edit does what it says, and the parts add up to the song."""

from dataclasses import replace

import librosa
import numpy as np
import pytest

from genre_core.audio.clip import Clip
from genre_core.audio.edits import SongEdit, edit_song, from_spectrum, to_spectrum
from genre_core.audio.regions import part_by_heat
from genre_core.cli.parser import make_parser
from genre_core.cli.what_if import edit_of
from genre_core.config import SongInput
from genre_core.config.options import as_options
from genre_core.errors import GenreError

SR = 44_100
T = np.arange(4 * SR) / SR
MEL = SongInput(features="mel_128", n_frames=43, hop_frames=43)


def tones(*hertz: float, sr: int = SR) -> Clip:
    y = sum(np.sin(2 * np.pi * one * np.arange(4 * sr) / sr) for one in hertz)
    return Clip((0.2 * np.asarray(y)).astype(np.float32), sr)


def level(clip: Clip, hertz: float) -> float:
    """How much of one frequency is in it, 1 for a tone of amplitude 1."""
    y = clip.y.astype(np.float64) * np.hanning(clip.n_samples)
    wave = np.exp(-2j * np.pi * hertz * np.arange(clip.n_samples) / clip.sr)
    return float(4 * np.abs(np.mean(y * wave)))


def test_nothing_changed_is_the_song_itself() -> None:
    clip = tones(440)
    assert edit_song(clip, SongEdit()) is clip
    assert SongEdit(band_use="mute").is_empty


@pytest.mark.parametrize(("use", "low", "high"), [("keep", 0.2, 0), ("mute", 0, 0.2)])
def test_a_band_is_kept_or_muted(use: str, low: float, high: float) -> None:
    heard = edit_song(tones(440, 6_000), SongEdit(band=(200, 2_000), band_use=use))
    # Near 0: the ends of the clip ring a little.
    assert level(heard, 440) == pytest.approx(low, abs=2e-3)
    assert level(heard, 6_000) == pytest.approx(high, abs=2e-3)


def test_tones_and_strokes_are_told_apart_and_add_up() -> None:
    strokes = np.zeros(len(T), np.float32)
    strokes[:: SR // 4] = 0.9
    clip = tones(440)
    both = replace(clip, y=clip.y + strokes)
    harmonic, percussive = (edit_song(both, SongEdit(part=p)) for p in ("harmonic", "percussive"))
    np.testing.assert_allclose(harmonic.y + percussive.y, both.y, atol=1e-4)
    assert level(harmonic, 440) > 0.9 * 0.2 > 9 * level(percussive, 440)
    at = np.arange(SR // 4, 3 * SR, SR // 4)
    assert percussive.y[at].mean() > 5 * harmonic.y[at].mean()


def test_tempo_changes_the_length_and_pitch_the_frequency() -> None:
    faster = edit_song(tones(440), SongEdit(tempo=1.05))
    assert faster.duration_s == pytest.approx(4 / 1.05, rel=1e-3)
    assert level(faster, 440) > 0.15 > 10 * level(faster, 440 * 1.05)
    higher = edit_song(tones(440), SongEdit(pitch=1.05))
    assert higher.n_samples == len(T)
    assert level(higher, 440 * 1.05) > 0.15 > 10 * level(higher, 440)


def test_gain_is_cut_off_at_full_scale() -> None:
    assert level(edit_song(tones(440), SongEdit(gain=-6)), 440) == pytest.approx(0.1002, abs=1e-3)
    assert np.abs(edit_song(tones(440), SongEdit(gain=20)).y).max() == 1


def test_seconds_are_cut_off_at_both_ends() -> None:
    clip = tones(440)
    kept = edit_song(clip, SongEdit(trim=(1, 0.5)))
    np.testing.assert_array_equal(kept.y, clip.y[SR : -SR // 2])


def test_an_mp3_of_few_bits_loses_its_heights_and_keeps_its_place() -> None:
    clip = tones(440, 17_000)
    small, large = (edit_song(clip, SongEdit(mp3=kbps)) for kbps in (64, 320))
    assert small.n_samples == large.n_samples == clip.n_samples
    assert level(small, 440) == pytest.approx(0.2, abs=0.02)
    assert level(small, 17_000) < 0.01
    assert level(large, 17_000) > 0.15
    middle = slice(SR, 3 * SR)
    assert np.corrcoef(large.y[middle], clip.y[middle])[0, 1] > 0.99


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        ({"part": "drums"}, "part must be"),
        ({"band": (2_000, 200)}, "band must be"),
        ({"band": (200,)}, "band must be"),
        ({"band_use": "cut"}, "band_use must be"),
        ({"trim": (-1, 0)}, "trim must be"),
        ({"trim": (np.inf, 0)}, "trim must be"),
        ({"trim": (0, np.nan)}, "trim must be"),
        ({"band": (0, np.inf)}, "band must be"),
        ({"band": (np.nan, 200)}, "band must be"),
        ({"tempo": 0.93}, "tempo must lie"),
        ({"pitch": 1.07}, "pitch must lie"),
        ({"gain": 21}, "gain must lie"),
        ({"mp3": 63}, "mp3 must be"),
    ],
)
def test_what_cannot_be_is_refused(edit: dict, rule: str) -> None:
    with pytest.raises(GenreError, match=rule):
        SongEdit(**edit)


def test_what_a_song_does_not_allow_is_refused() -> None:
    with pytest.raises(GenreError, match="At least 1 s"):
        edit_song(tones(440), SongEdit(trim=(2, 1.5)))
    with pytest.raises(GenreError, match="half the sample rate"):
        edit_song(tones(440, sr=16_000), SongEdit(band=(8_000, 9_000)))
    with pytest.raises(GenreError, match="becomes an MP3"):
        edit_song(tones(440, sr=22_050), SongEdit(mp3=64))


def test_an_edit_as_options_is_read_as_it_was() -> None:
    edit = SongEdit(trim=(1, 2), part="harmonic", band=(0, 4_000), tempo=0.97, gain=-3.5, mp3=64)
    options = make_parser().parse_args(["what-if", "song.mp3", *as_options(edit)])
    assert edit_of(options, SongEdit) == edit


@pytest.mark.parametrize("layout", ["mel_128", "log_mel_96", "stft_db"])
def test_the_hottest_cells_and_the_rest_add_up_to_the_song(layout: str) -> None:
    spec = SongInput(features=layout, n_frames=40, hop_frames=40)
    rng = np.random.default_rng(0)
    clip = Clip(rng.normal(0, 0.1, SR * 3).astype(np.float32), SR)
    starts = np.arange(0, 3, spec.segment_s)
    heat = rng.uniform(0, 1, (len(starts), *spec.shape[:2]))
    looked_at, rest = part_by_heat(clip, heat, starts, spec)
    np.testing.assert_allclose(looked_at.y + rest.y, clip.y, atol=1e-4)
    assert 0.1 < looked_at.y.std() / clip.y.std() < 0.6


def test_what_is_hot_in_band_and_time_is_what_is_heard() -> None:
    clip = tones(440, 3_000)
    hertz = MEL.bin_hz
    assert hertz is not None
    heat = np.zeros((4, 43, 128))
    heat[1][:, np.abs(hertz - 3_000) < 300] = 1  # the second second of the higher tone
    looked_at, rest = part_by_heat(clip, heat, [0, 1, 2, 3], MEL, share=1)
    second = slice(round(1.2 * SR), round(1.8 * SR))
    inside, outside = (replace(clip, y=each.y[second]) for each in (looked_at, rest))
    assert level(inside, 3_000) > 0.19 > 0.19 * 10 * level(inside, 440)
    assert level(outside, 440) > 0.19 > 0.19 * 10 * level(outside, 3_000)
    third = replace(clip, y=looked_at.y[round(2.2 * SR) : round(2.8 * SR)])
    assert np.abs(third.y).max() < 1e-3


def test_as_many_cells_are_kept_as_are_asked_for() -> None:
    clip = Clip(np.random.default_rng(0).normal(0, 0.1, SR).astype(np.float32), SR)
    heat = np.random.default_rng(1).uniform(0.1, 1, (1, 43, 128))
    power = [
        np.square(part_by_heat(clip, heat, [0.0], MEL, share=share)[0].y).sum()
        for share in (0.1, 0.5, 1.0)
    ]
    whole = np.square(from_spectrum(band_limited(clip), clip.n_samples)).sum()
    assert power[0] < power[1] < power[2] == pytest.approx(whole, rel=0.05)


def band_limited(clip: Clip) -> np.ndarray:
    """All that a network reads which knows nothing above 11 kHz."""
    spectrum = to_spectrum(clip.y)
    spectrum[librosa.fft_frequencies(sr=SR, n_fft=2_048) > 11_025] = 0
    return spectrum


def test_nothing_located_is_nothing_heard() -> None:
    clip = tones(440)
    looked_at, rest = part_by_heat(clip, np.zeros((1, 43, 128)), [0.0], MEL)
    assert not looked_at.y.any()
    np.testing.assert_array_equal(rest.y, clip.y)


def test_a_map_that_does_not_fit_is_refused() -> None:
    frames = SongInput(features="frames_205", n_frames=40, hop_frames=40)
    with pytest.raises(GenreError, match="reads a spectrogram"):
        part_by_heat(tones(440), np.zeros((1, 40, 205)), [0.0], frames)
    with pytest.raises(GenreError, match="heat must have the shape"):
        part_by_heat(tones(440), np.zeros((1, 128, 43)), [0.0], MEL)
    with pytest.raises(GenreError, match="share must lie"):
        part_by_heat(tones(440), np.zeros((1, 43, 128)), [0.0], MEL, share=0)
