"""Read a whole sound file: all its parts, and with a second decoder what the first one left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import av
import soundfile

from genre_core.audio import riff
from genre_core.audio.clip import Samples
from genre_core.audio.containers import RESAVE, RULE, file_within, sniff
from genre_core.audio.ffmpeg import read_ffmpeg
from genre_core.audio.parts import Part, joined_flac, other_notes, parts_of
from genre_core.audio.reading import Mix, Reading, at_rate, cut_note
from genre_core.audio.sndfile import StopsEarlyError, read_sndfile
from genre_core.audio.source import OpenSound
from genre_core.errors import DecodeError

_BY_FFMPEG = ("AAC", "LOAS", "MP4", "WebM")
_ERRORS = (av.FFmpegError, soundfile.LibsndfileError)


@contextmanager
def read_whole(sound: OpenSound, mix: Mix | None = None) -> Iterator[Reading]:
    """Open a sound file; its blocks are all that can be decoded, at the rate of its first part."""
    kind, sound = sniff(sound)
    mix = mix or Mix()
    if kind == "WAV" and (frames := riff.mpeg_inside(sound)):
        kind, sound = frames
    parts = parts_of(sound, kind)
    try:
        with (
            _read_part(parts[0], kind, mix)
            if len(parts) == 1
            else _chained(parts, kind, mix) as reading
        ):
            yield reading
    except _ERRORS as error:
        reason = error.strerror if isinstance(error, av.FFmpegError) else error.error_string
        reason = "" if isinstance(error, av.InvalidDataError) else f" ({reason})"
        index = {"MP4": b"moov", "CAF": b"pakt"}.get(kind, b"")
        if index not in sound.content():
            reason = " (its index is missing, which recorders write last)"
        raise DecodeError(
            RULE,
            received=f"{sound.label}: a damaged, cut or odd {kind}{reason}",
            cure=RESAVE,
        ) from error


@contextmanager
def _read_part(part: Part, kind: str, mix: Mix) -> Iterator[Reading]:
    with ExitStack() as stack:
        reading = _opened(stack, part, kind, mix)
        reading.blocks = _to_the_end(reading, reading.blocks, part, mix)
        yield reading


def _opened(stack: ExitStack, part: Part, kind: str, mix: Mix) -> Reading:
    if kind not in _BY_FFMPEG:
        try:
            return stack.enter_context(read_sndfile(part, kind, mix))
        except (soundfile.LibsndfileError, StopsEarlyError):
            pass  # FFmpeg knows rare codecs, and reads an MP3 until its frames end
    return stack.enter_context(read_ffmpeg(part, kind, mix))


def _to_the_end(
    reading: Reading, blocks: Iterable[Samples], part: Part, mix: Mix
) -> Iterator[Samples]:
    """Yield a part's blocks, then what its decoder left; notes say what is missing."""
    n_read = 0
    for block in blocks:
        n_read += len(block)
        yield block
    others: list[Part] = []
    if reading.is_unfinished:
        if reading.container == "FLAC":
            part, *others = joined_flac(part)
            reading.is_damaged = reading.is_damaged and not others  # it stumbled over the seam
        try:
            with read_ffmpeg(part, reading.container, mix) as rest:
                for block in _after(rest.blocks, n_read):
                    n_read += len(block)
                    yield block
                reading.is_damaged = reading.is_damaged or rest.is_damaged
        except (*_ERRORS, DecodeError):
            reading.is_damaged = True
    n_missing = (reading.n_claimed or 0) - n_read
    if reading.container == "FLAC" and reading.n_claimed and n_missing >= 0:  # to the sample
        reading.is_damaged = n_missing > 0
    if part.is_cut or reading.is_damaged or n_missing > reading.slack_s * reading.sr:
        claimed = reading.n_claimed if n_missing > 0 else None
        reading.notes.append(cut_note(n_read, claimed, reading.sr))
    if reading.n_left and not others:
        other = file_within(part.sound.content()[-reading.n_left :])
        reading.notes += other_notes(other, reading.container)
    reading.notes += part.notes
    yield from at_rate(_each(others, reading, mix), reading.sr, reading.notes)


def _after(blocks: Iterable[Samples], n: int) -> Iterator[Samples]:
    """Leave out the first `n` samples."""
    for block in blocks:
        if n < len(block):
            yield block[n:]
        n = max(0, n - len(block))


@contextmanager
def _chained(parts: Sequence[Part], kind: str, mix: Mix) -> Iterator[Reading]:
    facts: Reading | None = None
    claims: list[float | None] = []
    for part in parts:
        try:
            with _read_part(part, kind, mix) as one:
                facts = facts or one
                claims.append(one.n_expected and one.n_expected * facts.sr / one.sr)
        except (*_ERRORS, DecodeError) as error:
            failure = error
    if facts is None:
        raise failure
    claimed = None if None in claims else round(sum(claim or 0 for claim in claims))
    reading = Reading(kind, facts.codec, facts.sr, facts.n_channels, claimed, iter(()))
    reading.blocks = at_rate(_each(parts, reading, mix), reading.sr, reading.notes)
    yield reading


def _each(parts: Sequence[Part], reading: Reading, mix: Mix) -> Iterator[tuple[int, Samples]]:
    for number, part in enumerate(parts, start=1):
        try:
            with _read_part(part, reading.container, mix) as one:
                for block in one.blocks:
                    yield one.sr, block
                reading.notes += one.notes
        except (*_ERRORS, DecodeError):
            reading.notes.append(
                f"Part {number} of the {len(parts)} that the file holds cannot be read."
            )
