"""Open a sound file with the decoder that its content asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import av
import soundfile

from genre_core.audio.containers import RESAVE, RULE, sniff
from genre_core.audio.ffmpeg import read_ffmpeg
from genre_core.audio.reading import Reading
from genre_core.audio.sndfile import read_sndfile
from genre_core.audio.source import OpenSound
from genre_core.errors import DecodeError

_BY_FFMPEG = ("AAC", "MP4", "WebM")


@contextmanager
def open_reading(sound: OpenSound) -> Iterator[Reading]:
    """Open a sound file.

    Parameters
    ----------
    sound : OpenSound
        From `open_sound`.

    Yields
    ------
    Reading
        Facts, and the mono blocks to read.

    Raises
    ------
    DecodeError
        No sound of our formats, or one that no decoder can open.

    Examples
    --------
    >>> from genre_core.audio.source import open_sound
    >>> with open_sound(b"fLaC and no more") as sound, open_reading(sound) as reading:
    ...     pass
    Traceback (most recent call last):
        ...
    genre_core.errors.DecodeError: A song must be a WAV, FLAC, Ogg, Opus, MP3, AIFF, M4A, AAC or \
WebM file. Received bytes: a damaged, cut or odd FLAC (...). Save it again as MP3, Ogg or WAV from \
a sound program.
    """
    kind = sniff(sound)
    try:
        with ExitStack() as stack:
            yield _open(stack, sound, kind)
    except (av.FFmpegError, soundfile.LibsndfileError) as error:
        reason = error.strerror if isinstance(error, av.FFmpegError) else error.error_string
        raise DecodeError(
            RULE,
            received=f"{sound.label}: a damaged, cut or odd {kind} ({reason})",
            cure=RESAVE,
        ) from error


def _open(stack: ExitStack, sound: OpenSound, kind: str) -> Reading:
    if kind not in _BY_FFMPEG:
        try:
            return stack.enter_context(read_sndfile(sound, kind))
        except soundfile.LibsndfileError:
            pass  # FFmpeg knows rare codecs, and MP3s that begin with something else
    return stack.enter_context(read_ffmpeg(sound, kind))
