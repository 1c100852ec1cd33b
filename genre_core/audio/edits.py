"""Change a song on purpose, to hear it so and to ask what a network would have said of it then."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Literal

import librosa
import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from genre_core.audio.clip import Clip, Samples
from genre_core.config import require

PARTS = ("all", "harmonic", "percussive")
"""What may be heard of a song."""

MAX_SWAY = 0.06
"""Tempo and pitch change by at most this part: within it most listeners hear the same song."""

N_FFT, HOP_LENGTH = 2_048, 512
"""Of the spectrogram that is changed, in samples; windows of Hann overlap by three quarters."""

HEARD_SR = 44_100
"""Rate at which songs are changed, in Hz: what is above 11 kHz is heard too."""

KBPS = (64, 320)
"""Fewest and most kbit/s of an MP3: with fewer the encoder changes the sample rate too."""

_AT_ONCE = 1 << 14  # samples: a whole song at once overflows the encoder's stack


@dataclass(frozen=True, slots=True, kw_only=True)
class SongEdit:
    """What is changed; every default leaves the song as it is.

    trim: Seconds to cut off at the start and at the end; 1 s at least must stay.
    part {"all", "harmonic", "percussive"}: What goes on (tones) or what strikes (drums) alone, by
        median filters over time and frequency.
    band: Lowest and highest frequency of a band, in Hz.
    band_use {"keep", "mute"}: Whether the band alone is kept, or it alone is muted.
    tempo: Played so many times as fast, at the same pitch, in [0.94, 1.06].
    pitch: Every frequency times this, at the same tempo, in [0.94, 1.06].
    gain: Louder by so many dB, in [-40, 20]; what passes full scale is cut off, as in a file.
    mp3: Stored as an MP3 of so many kbit/s, 64 to 320, and decoded again.

    Examples
    --------
    >>> SongEdit(tempo=1.03, mp3=64).words
    ('3 % faster', 'MP3 of 64 kbit/s')
    >>> SongEdit(pitch=2)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: pitch must lie in [0.94, 1.06]. Received 2 (int). \
Give 1 for none.
    """

    trim: tuple[float, float] | None = None
    part: Literal["all", "harmonic", "percussive"] = "all"
    band: tuple[float, float] | None = None
    band_use: Literal["keep", "mute"] = "keep"
    tempo: float = 1.0
    pitch: float = 1.0
    gain: float = 0.0
    mp3: int | None = None

    def __post_init__(self) -> None:
        require(
            self.part in PARTS, f"part must be one of {', '.join(PARTS)}.", self.part, "Give 'all'."
        )
        require(
            self.band_use in ("keep", "mute"),
            "band_use must be 'keep' or 'mute'.",
            self.band_use,
            "Give 'mute' to take the band out.",
        )
        _check_pair(
            self.band,
            self.band is None or 0 <= self.band[0] < self.band[-1] < np.inf,
            "band must be a lower and a higher frequency, in Hz.",
            "Give for example (200, 2000).",
        )
        _check_pair(
            self.trim,
            self.trim is None or all(0 <= seconds < np.inf for seconds in self.trim),
            "trim must be seconds to cut off at the start and at the end.",
            "Give for example (5, 0).",
        )
        for name, low, high, none in (
            ("tempo", 1 - MAX_SWAY, 1 + MAX_SWAY, "1"),
            ("pitch", 1 - MAX_SWAY, 1 + MAX_SWAY, "1"),
            ("gain", -40, 20, "0"),
        ):
            value = getattr(self, name)
            require(
                low <= value <= high,
                f"{name} must lie in [{low:g}, {high:g}].",
                value,
                f"Give {none} for none.",
            )
        fewest, most = KBPS
        require(
            self.mp3 is None or fewest <= self.mp3 <= most,
            f"mp3 must be {fewest} to {most} kbit/s.",
            self.mp3,
            "Give None to leave it as it is.",
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is changed."""
        return not self.words

    @property
    def words(self) -> tuple[str, ...]:
        """Each step in words, in the order in which it is done.

        Examples
        --------
        >>> SongEdit(band=(0, 4000), band_use="mute", part="percussive", gain=-6).words
        ('drums and strokes alone', '0 to 4,000 Hz muted', '6 dB softer')
        """
        low, high = self.band or (0, 0)
        start, end = self.trim or (0, 0)
        steps = [
            f"{start:g} s cut off at the start and {end:g} s at the end" if start or end else "",
            {"harmonic": "lasting tones alone", "percussive": "drums and strokes alone"}.get(
                self.part, ""
            ),
            f"{low:,g} to {high:,g} Hz {'kept alone' if self.band_use == 'keep' else 'muted'}"
            if self.band
            else "",
            _compared(self.tempo, "faster", "slower"),
            _compared(self.pitch, "higher", "lower"),
            f"{abs(self.gain):g} dB {'louder' if self.gain > 0 else 'softer'}" if self.gain else "",
            f"MP3 of {self.mp3} kbit/s" if self.mp3 else "",
        ]
        return tuple(step for step in steps if step)


def _check_pair(pair: tuple[float, ...] | None, holds: bool, rule: str, cure: str) -> None:
    require(holds and len(pair or (0, 0)) == 2, rule, pair, cure)


def _compared(factor: float, more: str, less: str) -> str:
    percent = round(100 * abs(factor - 1), 2)
    return f"{percent:g} % {more if factor > 1 else less}" if percent else ""


def edit_song(clip: Clip, edit: SongEdit) -> Clip:
    """Change a clip, in the order of `SongEdit`: first what is played, last how it is stored.

    Parameters
    ----------
    clip : Clip
        At 32,000, 44,100 or 48,000 Hz where it becomes an MP3; any rate else.

    Returns
    -------
    Clip
        At the same rate; trim and tempo change its length. An empty edit gives `clip` itself.

    Raises
    ------
    ParameterError
        Less than 1 s would stay, a band above half the rate, an MP3 of a rate that it has not.

    Notes
    -----
    Parts: Fitzgerald 2010, as `librosa.decompose.hpss`; harmonic and percussive add up to the song.
    Tempo and pitch: a phase vocoder, as `librosa.effects`; it blurs strokes a little, so compare
    with a change of 1 % too. Bands are cut in the spectrogram.

    Examples
    --------
    >>> t = np.arange(2 * 44_100) / 44_100
    >>> tones = np.sin(2 * np.pi * 440 * t) + np.sin(2 * np.pi * 4_400 * t)
    >>> clip = Clip(tones.astype(np.float32) / 4, 44_100)
    >>> low = edit_song(clip, SongEdit(band=(0, 1_000)))
    >>> round(float(np.std(low.y) / np.std(clip.y)), 2)  # one tone of two
    0.71
    """
    if edit.is_empty:
        return clip
    y, sr = clip.y, clip.sr
    if edit.trim:
        start, end = (round(seconds * sr) for seconds in edit.trim)
        require(
            len(y) - start - end >= sr,
            "At least 1 s of the song must stay.",
            edit.trim,
            f"Cut off less: it has {clip.duration_s:.1f} s.",
        )
        y = y[start : len(y) - end]
    if edit.part != "all" or edit.band:
        gains = np.ones((1, 1), np.float32)
        spectrum = to_spectrum(y)
        if edit.part != "all":
            harmonic, percussive = librosa.decompose.hpss(np.abs(spectrum), mask=True)
            gains = harmonic if edit.part == "harmonic" else percussive
        if edit.band:
            gains = gains * _band_gains(edit.band, sr, mute=edit.band_use == "mute")[:, np.newaxis]
        y = from_spectrum(spectrum * gains, len(y))
    if edit.tempo != 1:
        y = librosa.effects.time_stretch(y, rate=edit.tempo, n_fft=N_FFT, hop_length=HOP_LENGTH)
    if edit.pitch != 1:
        y = librosa.effects.pitch_shift(y, sr=sr, n_steps=12 * np.log2(edit.pitch))
    if edit.gain:
        y = np.clip(y * np.float32(10 ** (edit.gain / 20)), -1, 1)
    if edit.mp3:
        y = _stored_as_mp3(y, sr, edit.mp3)
    return replace(clip, y=np.ascontiguousarray(y, np.float32))


def at_rate(clip: Clip, sr: int) -> Clip:
    """Bring a clip to another rate (Hz), such as that of a network.

    Examples
    --------
    >>> at_rate(Clip(np.zeros(44_100, np.float32), 44_100), 16_000)
    Clip(1 s at 16000 Hz)
    """
    if sr == clip.sr:
        return clip
    return replace(clip, y=np.asarray(soxr.resample(clip.y, clip.sr, sr), np.float32), sr=sr)


def to_spectrum(y: Samples) -> NDArray[np.complex64]:
    """Compute the spectrogram that is changed [shape=(1 + N_FFT // 2, n_frames)]."""
    return np.asarray(librosa.stft(y, n_fft=N_FFT, hop_length=HOP_LENGTH))


def from_spectrum(spectrum: NDArray[np.complex64], n_samples: int) -> Samples:
    """Turn a changed spectrogram into sound again, by overlap-add.

    Examples
    --------
    >>> y = np.random.default_rng(0).normal(0, 0.1, 9_000).astype(np.float32)
    >>> bool(np.abs(from_spectrum(to_spectrum(y), len(y)) - y).max() < 1e-5)
    True
    """
    return np.asarray(
        librosa.istft(spectrum, hop_length=HOP_LENGTH, length=n_samples, dtype=np.float32)
    )


def _band_gains(band: tuple[float, float], sr: int, *, mute: bool) -> NDArray[np.float32]:
    low, high = band
    require(
        low < sr / 2,
        f"A band must begin below half the sample rate, {sr / 2:g} Hz.",
        band,
        "Give a lower one.",
    )
    hertz = librosa.fft_frequencies(sr=sr, n_fft=N_FFT)
    inside = (hertz >= low) & (hertz <= high)
    return np.asarray(inside != mute, np.float32)


def _stored_as_mp3(y: Samples, sr: int, kbps: int) -> Samples:
    require(
        sr in (32_000, 44_100, 48_000),
        "A song becomes an MP3 at 32,000, 44,100 or 48,000 Hz.",
        sr,
        "Decode it at 44100.",
    )
    level = (320 - kbps) / (320 - 32)  # as libsndfile counts: 0 is 320 kbit/s and 1 is 32
    with io.BytesIO() as file:
        with soundfile.SoundFile(
            file,
            "w",
            sr,
            1,
            format="MP3",
            bitrate_mode="CONSTANT",
            compression_level=level,
        ) as encoder:
            for start in range(0, len(y), _AT_ONCE):
                encoder.write(y[start : start + _AT_ONCE])
        file.seek(0)
        decoded = soundfile.read(file, dtype="float32")[0]
    return np.asarray(np.pad(decoded, (0, max(0, len(y) - len(decoded))))[: len(y)])
