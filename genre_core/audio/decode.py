"""Decode a song's file into mono samples, or say why it cannot be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import soxr

from genre_core.audio.clip import Clip, Samples
from genre_core.audio.reading import MAX_SR, MIN_SR, Mix, SoundFacts
from genre_core.audio.source import MAX_BYTES, OpenSound, SoundSource, open_sound
from genre_core.audio.whole import read_whole
from genre_core.config import require
from genre_core.errors import DecodeError

MAX_S = 7_200.0
"""Longest song, 2 hours, in seconds."""

DECODER_VERSION = 5
"""Raise it when a file may give other samples: what was computed of songs is computed again."""

__all__ = ["DECODER_VERSION", "MAX_BYTES", "MAX_S", "decode_clip", "decode_clips", "probe_clip"]


def decode_clip(
    source: SoundSource, *, sr: int | None = 22_050, max_s: float = MAX_S, name: str = ""
) -> Clip:
    """Decode one song to mono samples at one rate.

    The content decides what a file is, not its name. Samples are those of
    `librosa.load(path, sr=sr)`: the mean of the channels, resampled by soxr at high quality to
    ceil(n * sr / own rate) samples. WAV, AIFF, AU, CAF, FLAC, Ogg Vorbis, Opus and MP3 are
    read by libsndfile; M4A, AAC and WebM by FFmpeg.

    Parameters
    ----------
    source : str, Path, bytes or an open binary file
        At most 200 MB.
    sr : int or None
        Rate of the clip, 1,000 to 768,000 Hz; None keeps the file's own.
    max_s : float
        Longest song allowed, in seconds, above 0 and at most 7,200.
    name : str
        What messages call it; its own name where empty.

    Returns
    -------
    Clip
        At least one sample, all finite. Its notes say what could not be read.

    Raises
    ------
    DecodeError
        Missing, a folder, empty, over 200 MB, no sound of these formats, damaged from the start,
        too long, without a sample, or with NaN or infinite samples.
    ParameterError
        `source` is nothing that can be read, or `sr` or `max_s` is out of range.

    Notes
    -----
    Samples are counted while they are decoded: a header's claim is neither trusted nor needed.
    Joined and chained files are read to their end, at the rate of the first, and so is what follows
    a hole; a file that ends too early gives what could be read. Notes say what was damaged. Silence
    is decoded like others: `Clip.no_music` tells.

    Examples
    --------
    >>> import io, soundfile
    >>> file = io.BytesIO()
    >>> soundfile.write(file, np.zeros((44_100, 2)), 44_100, format="WAV")
    >>> decode_clip(file)
    Clip(1 s at 22050 Hz)
    >>> decode_clip(b"hello", name="song.mp3")
    Traceback (most recent call last):
        ...
    genre_core.errors.DecodeError: A song must be a WAV, FLAC, Ogg, Opus, MP3, AIFF, AU, CAF, \
M4A, AAC or WebM file. Received song.mp3: text. Save it again as MP3, Ogg or WAV from a sound \
program.
    """
    return _decode(source, (sr,), max_s, name)[0]


def decode_clips(
    source: SoundSource,
    *,
    srs: Sequence[int] = (22_050, 16_000),
    max_s: float = MAX_S,
    name: str = "",
) -> dict[int, Clip]:
    """Decode one song once: for each of several rates the same clip as `decode_clip` gives.

    >>> import io, soundfile
    >>> file = io.BytesIO()
    >>> soundfile.write(file, np.zeros(44_100), 44_100, format="WAV")
    >>> decode_clips(file)
    {22050: Clip(1 s at 22050 Hz), 16000: Clip(1 s at 16000 Hz)}
    >>> decode_clips(file, srs=())
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: srs must hold at least one rate (Hz), and no None. Received \
() (tuple). Give (22050, 16000).
    """
    rates = tuple(dict.fromkeys(srs))
    require(
        bool(rates) and None not in rates,
        "srs must hold at least one rate (Hz), and no None.",
        srs,
        "Give (22050, 16000).",
    )
    return dict(zip(rates, _decode(source, rates, max_s, name), strict=True))


def probe_clip(source: SoundSource, *, name: str = "") -> SoundFacts:
    """Read what a sound file's header claims; nothing is decoded to check it.

    Frames of MP3 and AAC are counted: where a header claims more than is there, that counts.

    >>> import io, soundfile
    >>> file = io.BytesIO()
    >>> soundfile.write(file, np.zeros((4_000, 2)), 8_000, format="WAV")
    >>> probe_clip(file)
    SoundFacts(container='WAV', codec='PCM 16 bit', sr=8000, n_channels=2, duration_s=0.5, \
n_bytes=16044)
    >>> probe_clip(b"")
    Traceback (most recent call last):
        ...
    genre_core.errors.DecodeError: A song must be a sound file with something in it. Received \
bytes: an empty file (0 bytes). Download or copy it again.
    """
    with open_sound(source, name=name) as sound, read_whole(sound) as reading:
        claimed = reading.n_expected
        duration_s = None if claimed is None else claimed / reading.sr
        named = (reading.container, reading.codec, reading.sr, reading.n_channels)
        return SoundFacts(*named, duration_s, sound.n_bytes)


def _decode(
    source: SoundSource, rates: tuple[int | None, ...], max_s: float, name: str
) -> list[Clip]:
    _check_rates(rates)
    require(
        not isinstance(max_s, bool) and 0 < max_s <= MAX_S,
        f"max_s must be above 0 and at most {MAX_S:,.0f} s.",
        max_s,
        "Give 7200.",
    )
    with open_sound(source, name=name) as sound:
        mix = Mix()
        clips = _clips(sound, mix, rates, max_s)
        if mix.louder is not None:  # as rare as it is quick to say
            clips = _clips(sound, Mix(mix.louder), rates, max_s)
            clips = [replace(clip, notes=(mix.note(), *clip.notes)) for clip in clips]
    return clips


def _clips(sound: OpenSound, mix: Mix, rates: tuple[int | None, ...], max_s: float) -> list[Clip]:
    with read_whole(sound, mix) as reading:
        n_most = int(max_s * reading.sr)
        n_expected = min(reading.n_expected or n_most, n_most)
        streams = [_Resampled(reading.sr, rate or reading.sr, n_expected) for rate in rates]
        n = n_unreal = 0
        with np.errstate(over="ignore", invalid="ignore"):  # floats may be anything: we look
            for found in reading.blocks:
                block, n_more = _real(found)
                n_unreal += n_more
                n += len(block)
                if n > n_most:
                    raise _too_long(sound.label, max_s)
                for stream in streams:
                    stream.add(block)
        if n == 0:
            raise DecodeError(
                "A song must have at least one sample.",
                received=f"{sound.label}: {reading.codec} without a sample",
                cure="Save it again, or copy it again from where it came.",
            )
        facts = (tuple(reading.notes), reading.step, n_unreal)
        return [Clip(stream.finish(n), stream.sr, *facts) for stream in streams]


def _check_rates(rates: tuple[int | None, ...]) -> None:
    for rate in rates:
        is_whole = isinstance(rate, int) and not isinstance(rate, bool)
        require(
            rate is None or (is_whole and MIN_SR <= rate <= MAX_SR),
            f"sr must be a whole number from {MIN_SR:,} to {MAX_SR:,} Hz, or None.",
            rate,
            "Give 22050 for the studies' features, or None for the file's own rate.",
        )


def _real(y: Samples) -> tuple[Samples, int]:
    """Put 0 in the place of NaN and infinities, and count them."""
    # A dot product meets every sample at a fraction of isfinite's time; only huge values fool it.
    if np.isfinite(y @ y):
        return y, 0
    is_real = np.isfinite(y)
    return np.where(is_real, y, np.float32(0)), len(y) - int(is_real.sum())


def _too_long(label: str, max_s: float) -> DecodeError:
    return DecodeError(
        f"A song may last at most {max_s:,.0f} s ({max_s / 60:.3g} minutes).",
        received=f"{label}: a longer one",
        cure="Cut it first, for instance into single songs.",
    )


class _Resampled:
    """Mono samples at one rate, growing block by block in one array.

    **Source**: soxr's "HQ" as a stream, which gives the bits of `librosa.resample(...,
    res_type="soxr_hq")` whatever the blocks.
    """

    def __init__(self, own_sr: int, sr: int, n_expected: int) -> None:
        self.sr = sr
        self._ratio = float(sr) / own_sr
        self._stream = (
            None if sr == own_sr else soxr.ResampleStream(own_sr, sr, 1, "float32", "soxr_hq")
        )
        # Memory is taken when it is written to, so a claim of two hours costs nothing by itself.
        self._y = np.empty(int(n_expected * self._ratio) + 1024, np.float32)
        self._n = 0

    def add(self, block: Samples, *, is_last: bool = False) -> None:
        """Take the next block, [shape=(n,), dtype=float32]."""
        part = self._stream.resample_chunk(block, is_last) if self._stream else block
        stop = self._n + len(part)
        if stop > len(self._y):
            # Alone on this array: refcheck would also count a debugger's view.
            self._y.resize(max(stop, len(self._y) * 5 // 4), refcheck=False)
        self._y[self._n : stop] = part
        self._n = stop

    def finish(self, n_own: int) -> Samples:
        """Cut or fill to the length librosa gives, without a copy of the whole."""
        self.add(np.empty(0, np.float32), is_last=True)
        n = int(np.ceil(n_own * self._ratio))
        self._y[self._n : n] = 0
        self._y.resize(n, refcheck=False)
        # Numbers may grow infinite on their way to another rate: they were far too large before.
        with np.errstate(over="ignore", invalid="ignore"):
            if not np.isfinite(self._y @ self._y):
                np.nan_to_num(self._y, copy=False, nan=float(np.finfo(np.float32).max))
        return self._y
