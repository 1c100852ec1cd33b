"""Decode with FFmpeg, through PyAV: M4A, AAC, WebM and what libsndfile cannot open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame, format_dtypes
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from numpy.typing import NDArray

from genre_core.audio.containers import RESAVE
from genre_core.audio.parts import Part
from genre_core.audio.reading import MAX_SR, MIN_SR, Mix, Reading, at_rate, check_facts
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
    "LOAS": "loas",
    "AU": "au",
    "CAF": "caf",
    "W64": "w64",
    "MP4": "mp4",
    "WebM": "matroska",
}
_CODECS = {
    "aac": "AAC",
    "aac_latm": "AAC",
    "alac": "ALAC",
    "opus": "Opus",
    "vorbis": "Vorbis",
    "mp3": "MP3",
}
_SLACK_S = 0.2  # containers round to packets and count the encoder's padding,
_SLACK_SAMPLES = 4_096  # which is some frames
_MOST_CHANNELS = 8
_AT_ONCE = 1 << 16  # samples: enough that a block costs more than the calls it takes


@contextmanager
def open_container(sound: OpenSound, kind: str) -> Iterator[InputContainer]:
    """Open a file with the one demuxer that its content asks for."""
    sound.file.seek(0)
    with av.open(sound.file, "r", format=_DEMUXERS[kind], metadata_errors="replace") as container:
        yield container


@contextmanager
def read_ffmpeg(part: Part, kind: str, mix: Mix) -> Iterator[Reading]:
    """Open the sound of a part of a file; `DecodeError` where FFmpeg can decode none."""
    sound = part.sound
    with open_container(sound, kind) as container:
        stream = _chosen(container, sound.label, kind)
        context = stream.codec_context
        check_facts(sound.label, context.sample_rate, context.channels)
        if context.channels > _MOST_CHANNELS:
            raise DecodeError(
                f"A song in {kind} must have at most {_MOST_CHANNELS} channels.",
                received=f"{sound.label}: {context.channels} channels",
                cure=RESAVE,
            )
        codec = _CODECS.get(context.name.removesuffix("float"), context.name)
        claimed = _claimed(container, stream, part, context.sample_rate)
        reading = Reading(kind, codec, context.sample_rate, context.channels, claimed, iter(()))
        reading.slack_s = max(_SLACK_S, _SLACK_SAMPLES / reading.sr)
        if len(container.streams.audio) > 1:
            reading.notes.append(
                f"The file has {len(container.streams.audio)} sound tracks: number "
                f"{container.streams.audio.index(stream) + 1} was read."
            )
        frames = _gathered(_frames(container, stream), reading)
        reading.blocks = at_rate(
            ((sr, mix(block)) for sr, block in frames), reading.sr, reading.notes
        )
        yield reading


def _chosen(container: InputContainer, label: str, kind: str) -> AudioStream:
    """Choose the first sound marked as the default, else the one that FFmpeg holds for the best."""
    streams: list[Any] = list(container.streams.audio)
    if not streams:
        raise DecodeError(
            "A song must have a sound stream.",
            received=f"{label}: {kind} without sound",
            cure="Give the file that holds the sound.",
        )
    # FFmpeg may know a codec's number, but nobody's decoder.
    known = [stream for stream in streams if stream.codec_context is not None]
    if not known:
        raise DecodeError(
            "The sound of a song must be in a codec with a decoder.",
            received=f"{label}: {kind} with an unknown codec",
            cure=RESAVE,
        )
    marked = [stream for stream in known if stream.disposition & Disposition.default]
    best: Any = container.streams.best("audio")
    chosen: AudioStream = marked[0] if marked else best if best in known else known[0]
    return chosen


def _claimed(container: InputContainer, stream: AudioStream, part: Part, sr: int) -> int | None:
    if part.seconds is not None:
        return round(part.seconds * sr)
    if container.format.name == "loas":  # a guess from its bytes a second
        return None
    if stream.duration and stream.time_base:
        return int(stream.duration * stream.time_base * sr)
    # Matroska writes it as a tag of the stream; the whole may last longer than its sound.
    clock = re.fullmatch(r"(\d+):(\d+):(\d+\.?\d*)", stream.metadata.get("DURATION", ""))
    if clock:
        return int((int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3])) * sr)
    if container.duration:
        return int(container.duration / av.time_base * sr)
    return None


def _gathered(
    frames: Iterator[AudioFrame | None], reading: Reading
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield rate and samples, [shape=(n, n_channels)], of some frames at a time."""
    waiting: list[NDArray[np.float32]] = []
    shape, n = (0, 0), 0
    for frame in frames:
        values = None if frame is None else _to_float(frame)
        if frame is None or values is None:
            reading.is_damaged = True
            continue
        if n > _AT_ONCE or (frame.sample_rate, values.shape[1]) != shape:
            if waiting:
                yield shape[0], np.concatenate(waiting)
            waiting, n, shape = [], 0, (frame.sample_rate, values.shape[1])
        waiting.append(values)
        n += len(values)
    if waiting:
        yield shape[0], np.concatenate(waiting)


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame | None]:
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


def _to_float(frame: AudioFrame) -> NDArray[np.float32] | None:
    """Return a frame's samples, [shape=(n, n_channels), dtype=float32], full scale -1 to 1.

    None for what only a damaged packet gives: more channels than a frame has places for, where
    PyAV reads past the end of its memory, a rate of 0, or numbers that are none.
    """
    n_channels, n = frame.layout.nb_channels, frame.samples
    dtype = format_dtypes.get(frame.format.name)
    if not (dtype and 1 <= n_channels <= _MOST_CHANNELS and MIN_SR <= frame.sample_rate <= MAX_SR):
        return None
    # Not all of `planes`: behind the eighth lies something else.
    planes = frame.planes[: n_channels if frame.format.is_planar else 1]
    count = n if frame.format.is_planar else n * n_channels
    rows: list[NDArray[Any]] = [
        np.frombuffer(memoryview(plane), np.dtype(dtype), count) for plane in planes
    ]
    values = np.stack(rows, axis=1) if frame.format.is_planar else rows[0].reshape(n, n_channels)
    floats = np.ascontiguousarray(values, np.float32)
    if values.dtype == np.uint8:
        return (floats - np.float32(128)) / np.float32(128)
    if values.dtype.kind == "i":
        return floats / np.float32(2 ** (8 * values.dtype.itemsize - 1))
    return floats
