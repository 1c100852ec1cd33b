"""Decode with libsndfile: WAV, AIFF, FLAC, Ogg Vorbis, Opus and MP3."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import soundfile

from genre_core.audio.clip import Samples
from genre_core.audio.containers import has_length_tag, is_cut_short
from genre_core.audio.reading import BLOCK_VALUES, Reading, check_facts, cut_note, to_mono
from genre_core.audio.source import Nameless, OpenSound
from genre_core.audio.threads import read_ahead

_CODECS = {
    "MPEG_LAYER_I": "MP1",
    "MPEG_LAYER_II": "MP2",
    "MPEG_LAYER_III": "MP3",
    "VORBIS": "Vorbis",
    "OPUS": "Opus",
    "FLOAT": "32-bit float",
    "DOUBLE": "64-bit float",
    "ULAW": "mu-law",
    "ALAW": "A-law",
}
_MARK_STEP = 64  # of a file that breaks off at most so many good samples are lost
_MIN_MISSING_S = 0.1  # encoders' padding is shorter


class _Forward(soundfile.SoundFile):
    """A file that is only read on: soundfile seeks after each read, which MP3 pays dearly."""

    def seekable(self) -> bool:
        """Say no, so that soundfile leaves the position alone."""
        return False


@contextmanager
def read_sndfile(sound: OpenSound, kind: str) -> Iterator[Reading]:
    """Open a file with libsndfile."""
    # Before libsndfile holds the file: it would not notice that the position moved.
    is_cut = is_cut_short(sound, kind)
    # Without such a tag an MP3's length is a guess from its first frame and the file's size.
    is_counted = kind != "MP3" or has_length_tag(sound)
    with _Forward(_handle(sound)) as file:
        check_facts(sound.label, file.samplerate, file.channels)
        codec = _codec(file.subtype)
        claimed = file.frames if 0 < file.frames < 1 << 62 else None
        reading = Reading(kind, codec, file.samplerate, file.channels, claimed, iter(()))
        ahead = read_ahead(_blocks(file, reading, is_cut=is_cut, is_counted=is_counted))
        reading.blocks = ahead
        try:
            yield reading
        finally:
            ahead.close()  # Before the file: its thread may be reading.


def _handle(sound: OpenSound) -> int | Nameless:
    # libsndfile reads a real file by itself; through Python each few hundred bytes are a call,
    # a sixth of the time of an MP3. On Windows it may have a C library and descriptors of its own.
    if sound.descriptor is None or os.name == "nt":
        return sound.file
    own = os.dup(sound.descriptor)
    os.lseek(own, 0, os.SEEK_SET)
    return own


def _codec(subtype: str) -> str:
    if subtype.startswith("PCM_"):
        bits = subtype.removeprefix("PCM_").removeprefix("S").removeprefix("U")
        return f"PCM {bits} bit"
    return _CODECS.get(subtype, subtype)


def _blocks(
    file: soundfile.SoundFile, reading: Reading, *, is_cut: bool, is_counted: bool
) -> Iterator[Samples]:
    n_frames = max(1024, BLOCK_VALUES // file.channels)
    buffer = np.empty((n_frames, file.channels), np.float32)
    marks = buffer[::_MARK_STEP, -1]
    n_read = 0
    is_broken = False
    while not is_broken:
        marks[:] = np.nan
        try:
            block = file.read(out=buffer)
        except soundfile.LibsndfileError:
            # It does not say how far it came: up to the last mark that it overwrote, or farther.
            n_marks = len(marks) - int(np.isnan(marks).sum())
            block = buffer[: max(0, n_marks - 1) * _MARK_STEP]
            is_broken = True
        if not len(block):
            break
        n_read += len(block)
        mono = to_mono(block)
        yield mono.copy() if mono.base is not None else mono  # the buffer is filled again
    claimed = reading.n_claimed if is_counted else None
    n_missing = (claimed or 0) - n_read
    if is_cut or is_broken or n_missing > _MIN_MISSING_S * reading.sr:
        reading.notes.append(cut_note(n_read, claimed if n_missing > 0 else None, reading.sr))
