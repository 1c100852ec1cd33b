"""Song files made for the tests: the same few sounds in every format."""

from __future__ import annotations

import io

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

Sound = NDArray[np.float32]

SNDFILE = {
    "wav": ("WAV", "PCM_16"),
    "wav-8": ("WAV", "PCM_U8"),
    "wav-24": ("WAV", "PCM_24"),
    "wav-float": ("WAV", "FLOAT"),
    "wav-double": ("WAV", "DOUBLE"),
    "wav-rf64": ("RF64", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "flac-24": ("FLAC", "PCM_24"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "aiff": ("AIFF", "PCM_16"),
    "aiff-24": ("AIFF", "PCM_24"),
}
"""Format and subtype that soundfile writes."""

FFMPEG = {
    "m4a": ("ipod", "aac"),
    "mp4": ("mp4", "aac"),
    "alac": ("ipod", "alac"),
    "aac": ("adts", "aac"),
    "webm": ("webm", "libopus"),
}
"""Container and codec that PyAV writes."""

LAYOUTS = {1: "mono", 2: "stereo"}


def music(sr: int = 44_100, n_channels: int = 2, seconds: float = 1.0, *, seed: int = 0) -> Sound:
    """Tones that rise from channel to channel, and some noise, [shape=(n, n_channels)]."""
    n = round(sr * seconds)
    t = np.arange(n)[:, None] / sr  # (n, 1)
    tones = 0.4 * np.sin(2 * np.pi * (200 + 150 * np.arange(n_channels)) * t + 3 * np.sin(t))
    noise = np.random.default_rng(seed).uniform(-0.05, 0.05, (n, n_channels))
    return (tones + noise).astype(np.float32)


def encoded(y: Sound, sr: int, kind: str = "wav") -> bytes:
    """One sound, [shape=(n, n_channels)], as the bytes of a file of this kind."""
    if kind in FFMPEG:
        return _by_ffmpeg(y, sr, *FFMPEG[kind])
    file = io.BytesIO()
    name, subtype = SNDFILE[kind]
    with soundfile.SoundFile(file, "w", sr, y.shape[1], subtype=subtype, format=name) as sound:
        for start in range(0, len(y), 4096):  # libsndfile's Ogg writer breaks on long blocks
            sound.write(y[start : start + 4096])
    return file.getvalue()


def _by_ffmpeg(y: Sound, sr: int, container: str, codec: str) -> bytes:
    file, layout = io.BytesIO(), LAYOUTS[y.shape[1]]
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=sr, layout=layout)
        planes = np.ascontiguousarray(y.T)  # (n_channels, n)
        is_whole = codec == "alac"
        for start in range(0, len(y), 1024):
            part = np.ascontiguousarray(planes[:, start : start + 1024])
            if is_whole:
                part, kind = np.round(part * 32_767).astype(np.int16), "s16p"
            else:
                kind = "fltp"
            frame = av.AudioFrame.from_ndarray(part, kind, layout)
            frame.sample_rate, frame.pts = sr, start
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


def varying_mp3(y: np.ndarray, sr: int, *, tagged: bool) -> bytes:
    """Write stereo samples (n, 2) as MP3 of varying bits, with or without a count of its frames."""
    file = io.BytesIO()
    options = {} if tagged else {"write_xing": "0", "id3v2_version": "0"}
    with av.open(file, "w", format="mp3", options=options) as output:
        stream = output.add_stream("libmp3lame", rate=sr, layout="stereo")
        stream.codec_context.qscale = True
        stream.codec_context.global_quality = 2 * 118
        stream.format = "fltp"
        for start in range(0, len(y), 1152):
            part = np.ascontiguousarray(y[start : start + 1152].T)
            frame = av.AudioFrame.from_ndarray(part, "fltp", "stereo")
            frame.sample_rate, frame.pts = sr, start
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()
