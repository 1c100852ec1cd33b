"""Decode with FFmpeg, through PyAV: M4A, AAC, WebM and what libsndfile cannot open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from genre_core.audio.clip import Samples
from genre_core.audio.containers import RESAVE
from genre_core.audio.reading import Reading, check_facts, cut_note, to_mono
from genre_core.audio.source import OpenSound
from genre_core.errors import DecodeError

# Only the demuxer of the sniffed container may run: others read playlists and open addresses.
_DEMUXERS = {
    "WAV": "wav",
    "AIFF": "aiff",
    "FLAC": "flac",
    "Ogg": "ogg",
    "MP3": "mp3",
    "AAC": "aac",
    "MP4": "mp4",
    "WebM": "matroska",
}
_CODECS = {"aac": "AAC", "alac": "ALAC", "opus": "Opus", "vorbis": "Vorbis", "mp3": "MP3"}
_MIN_MISSING_S = 0.2  # containers round to packets and count the encoder's padding


@contextmanager
def open_container(sound: OpenSound, kind: str) -> Iterator[InputContainer]:
    """Open a file with the one demuxer that its content asks for."""
    sound.file.seek(0)
    with av.open(sound.file, "r", format=_DEMUXERS[kind], metadata_errors="replace") as container:
        yield container


@contextmanager
def read_ffmpeg(sound: OpenSound, kind: str) -> Iterator[Reading]:
    """Open the first sound stream of a file; `DecodeError` where FFmpeg can decode none."""
    with open_container(sound, kind) as container:
        if not container.streams.audio:
            raise DecodeError(
                "A song must have a sound stream.",
                received=f"{sound.label}: {kind} without sound",
                cure="Give the file that holds the sound.",
            )
        stream = container.streams.audio[0]
        context = stream.codec_context
        if context is None:  # FFmpeg knows its number, but nobody's decoder
            raise DecodeError(
                "The sound of a song must be in a codec with a decoder.",
                received=f"{sound.label}: {kind} with an unknown codec",
                cure=RESAVE,
            )
        check_facts(sound.label, context.sample_rate, context.channels)
        codec = _CODECS.get(context.name.removesuffix("float"), context.name)
        claimed = None if kind == "AAC" else _claimed(container, stream, context.sample_rate)
        reading = Reading(kind, codec, context.sample_rate, context.channels, claimed, iter(()))
        reading.blocks = _blocks(container, stream, reading)
        yield reading


def _claimed(container: InputContainer, stream: AudioStream, sr: int) -> int | None:
    if stream.duration and stream.time_base:
        return int(stream.duration * stream.time_base * sr)
    if container.duration:
        return int(container.duration / av.time_base * sr)
    return None


def _blocks(container: InputContainer, stream: AudioStream, reading: Reading) -> Iterator[Samples]:
    n_read = n_broken = 0
    for frame in _frames(container, stream, reading):
        if frame is None:
            n_broken += 1
        elif frame.sample_rate != reading.sr:
            reading.notes.append(
                f"The rate changes to {frame.sample_rate} Hz after {n_read / reading.sr:.1f} s: "
                "what follows is left out."
            )
            return
        else:
            block = to_mono(_to_float(frame))
            n_read += len(block)
            yield block
    n_missing = (reading.n_claimed or 0) - n_read
    if n_broken or n_missing > _MIN_MISSING_S * reading.sr:
        claimed = reading.n_claimed if n_missing > 0 else None
        reading.notes.append(cut_note(n_read, claimed, reading.sr))


def _frames(
    container: InputContainer, stream: AudioStream, reading: Reading
) -> Iterator[AudioFrame | None]:
    """Yield decoded frames, and None for each packet that cannot be decoded."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError:
            yield None
            # The decoder still holds the last frames.
            with suppress(av.FFmpegError):
                yield from stream.decode(None)
            return
        try:
            yield from packet.decode()
        except av.FFmpegError:
            yield None


def _to_float(frame: AudioFrame) -> NDArray[np.float32]:
    """Return a frame's samples, [shape=(n, n_channels), dtype=float32], full scale -1 to 1."""
    values: NDArray[Any] = (
        frame.to_ndarray()
    )  # (n_channels, n), or (1, n * n_channels) if interleaved
    if not frame.format.is_planar:
        values = values.reshape(-1, frame.layout.nb_channels).T
    values = values.T
    floats = np.ascontiguousarray(values, np.float32)
    if values.dtype == np.uint8:
        return (floats - np.float32(128)) / np.float32(128)
    if values.dtype.kind == "i":
        return floats / np.float32(2 ** (8 * values.dtype.itemsize - 1))
    return floats
