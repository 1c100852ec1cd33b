"""Decode with libsndfile: WAV, AIFF, FLAC, Ogg Vorbis, Opus and MP3."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import soundfile

from genre_core.audio.clip import Samples
from genre_core.audio.parts import Part
from genre_core.audio.reading import BLOCK_VALUES, Mix, Reading, check_facts
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
_MOST_PADDING = 4_096  # samples: encoders' delay and padding are fewer
_AHEAD = 65_536  # bytes: more than its decoder has read ahead
_MOST_LEFT = 16_384  # bytes: tags at a FLAC's end, and what its decoder has read ahead


class _Forward(soundfile.SoundFile):
    """A file that is only read on: soundfile seeks after each read, which MP3 pays dearly."""

    def seekable(self) -> bool:
        """Say no, so that soundfile leaves the position alone."""
        return False


class StopsEarlyError(Exception):
    """libsndfile would end before the sound does: its guess of an MP3's length is too small."""


@contextmanager
def read_sndfile(part: Part, kind: str, mix: Mix) -> Iterator[Reading]:
    """Open a part of a file with libsndfile; `StopsEarlyError` where much would stay unread."""
    handle = _handle(part.sound)
    with _Forward(handle) as file:
        check_facts(part.sound.label, file.samplerate, file.channels)
        codec = _codec(file.subtype)
        claimed = file.frames if 0 < file.frames < 1 << 62 else None
        counted = None if part.seconds is None else round(part.seconds * file.samplerate)
        if counted is not None:
            if claimed is None or claimed < counted - _MOST_PADDING:
                raise StopsEarlyError
            # Without a tag an MP3's length is a guess from its first frame and the file's size.
            claimed = claimed if part.is_tagged else counted
        reading = Reading(kind, codec, file.samplerate, file.channels, claimed, iter(()))
        reading.n_counted = counted
        if file.subtype in ("PCM_U8", "PCM_S8"):
            reading.step = 2.0**-7
        ahead = read_ahead(_blocks(file, handle, reading, part.sound.n_bytes, mix))
        reading.blocks = ahead
        try:
            yield reading
        finally:
            ahead.close()  # Before the file: its thread may be reading.


def _handle(sound: OpenSound) -> int | Nameless:
    # libsndfile reads a real file by itself; through Python each few hundred bytes are a call,
    # a sixth of the time of an MP3. On Windows it may have a C library and descriptors of its own.
    if sound.descriptor is None or os.name == "nt":
        sound.file.seek(0)
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
    file: soundfile.SoundFile, handle: int | Nameless, reading: Reading, n_bytes: int, mix: Mix
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
            # Past the length that it believes in it fills up with zeros.
            n_most = file.frames - n_read if 0 < file.frames < 1 << 62 else n_frames
            block = buffer[: max(0, min(n_marks - 1, n_most // _MARK_STEP)) * _MARK_STEP]
            is_broken = True
        if not len(block):
            break
        n_read += len(block)
        mono = mix(block)
        yield mono.copy() if mono.base is not None else mono  # the buffer is filled again
    n_held = reading.n_claimed if reading.n_counted is None else reading.n_counted
    n_left = n_bytes - _position(handle) if reading.container == "FLAC" else 0
    reading.n_left = n_left + _AHEAD if n_left > _MOST_LEFT else 0
    reading.is_damaged = is_broken
    reading.is_unfinished = (
        is_broken or reading.n_left > 0 or (n_held or 0) - n_read > _MOST_PADDING
    )


def _position(handle: int | Nameless) -> int:
    return int(handle.tell() if isinstance(handle, Nameless) else os.lseek(handle, 0, os.SEEK_CUR))
