"""Tell what songs a file holds: one nearly always, several where files were joined or chained."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice, pairwise

from genre_core.audio import chunks, flac, matroska, mp4, mpeg, ogg, riff
from genre_core.audio.containers import file_at
from genre_core.audio.source import OpenSound, of_bytes

_MOST_PARTS = 1_000  # hours of a radio; more are damage that costs time


@dataclass(frozen=True, slots=True)
class Part:
    """One song of a file, as decoders are given it.

    sound: the file itself where its header can be trusted
    seconds: its length, counted without decoding; None where nobody counted
    is_tagged: an MP3 with a tag that tells its length to the sample
    is_cut: it ends before its headers say so
    notes: what was odd about it, whole sentences
    """

    sound: OpenSound
    seconds: float | None = None
    is_tagged: bool = False
    is_cut: bool = False
    notes: tuple[str, ...] = ()


def parts_of(sound: OpenSound, kind: str) -> list[Part]:
    """Tell what songs a file holds, at least one, in their order."""
    finder = _FINDERS.get(kind)
    parts = finder(sound, kind) if finder else []
    return parts[:_MOST_PARTS] or [Part(sound)]


def _of_frames(sound: OpenSound, kind: str) -> list[Part]:
    content = sound.content()
    runs, n_tail = mpeg.find_frames(content, kind)
    songs: list[list[mpeg.Run]] = []
    for run in runs:
        if run.is_first:
            songs.append([])
        songs[-1].append(run)
    other = file_at(sound, runs[-1].stop) if runs else ""
    # FFmpeg takes a tag in front of LOAS for damage, and libsndfile's decoder walks through one.
    start = 0 if kind == "LOAS" else mpeg.skip_tags(content)
    is_plain = len(runs) == 1 and runs[0].start == start <= _LONGEST_TAG and not other
    parts = []
    for song in songs:
        first = song[0]
        counter = mpeg.has_count(content, first.start, first.stream)
        n_frames = sum(run.n_frames for run in song) - counter
        sr = first.stream.sr
        seconds = n_frames * first.stream.n_samples / sr if sr else None
        n_lost = sum(run.n_lost for run in song) + (n_tail if song is songs[-1] else 0)
        notes: tuple[str, ...] = (_lost_note(n_lost, kind),) if n_lost else ()
        head = content[first.start : first.start + 256]
        claimed = _counted(head, first.stream)
        is_wrong = bool(claimed) and (claimed < n_frames - _NEAR or len(song) > 1)
        own = sound
        if is_wrong or not is_plain:
            frames = b"".join(content[run.start : run.stop] for run in song)
            frames = _with_count(frames, first.stream, n_frames) if is_wrong else frames
            own = of_bytes(frames, sound.label)
        is_tagged = any(tag in head for tag in (b"Xing", b"Info", b"VBRI"))
        is_cut = song is songs[-1] and mpeg.is_cut(content, song[-1], kind)
        if song is songs[-1]:
            notes = other_notes(other, kind) or notes
        parts.append(Part(own, seconds, is_tagged, is_cut, notes))
    return parts


_LONGEST_TAG = 1 << 24  # bytes: of one full of tiny texts that cost a second
_NEAR = 3  # frames: some encoders count their own tag, some forget the last


def _counted(frames: bytes, stream: mpeg.Stream) -> int:
    """Return how many frames a Xing tag counts; 0 where there is none."""
    if not mpeg.has_count(frames, 0, stream) or not frames[stream.mark + 7] & 1:
        return 0
    return int.from_bytes(frames[stream.mark + 8 : stream.mark + 12], "big")


def _with_count(frames: bytes, stream: mpeg.Stream, n_frames: int) -> bytes:
    """Let the Xing tag say how many frames, and bytes, there are."""
    mended = bytearray(frames)
    mended[stream.mark + 8 : stream.mark + 12] = struct.pack(">I", n_frames)
    if frames[stream.mark + 7] & 2:
        mended[stream.mark + 12 : stream.mark + 16] = struct.pack(">I", len(frames))
    return bytes(mended)


def _lost_note(n_lost: int, kind: str) -> str:
    return f"The file is damaged: {n_lost:,} bytes inside it are no {kind} and were left out."


def other_notes(other: str, kind: str) -> tuple[str, ...]:
    """Say that a sound file of another kind stands behind the one that is read; () of none."""
    if other in ("", kind):
        return ()
    note = f"Behind the {kind} stands another sound file ({other}), which was not read: "
    return (note + "save it as a file of its own.",)


def _of_pages(sound: OpenSound, kind: str) -> list[Part]:
    content = sound.content()
    links = ogg.find_links(content)
    parts = []
    for link in links[:_MOST_PARTS]:
        is_plain = len(links) == 1 and link.pieces[0][0] == 0 and not link.n_lost
        is_plain = is_plain and not link.is_wrong
        own = sound if is_plain else of_bytes(link.pages(content), sound.label)
        notes: tuple[str, ...] = (_lost_note(link.n_lost, kind),) if link.n_lost else ()
        notes += (_wrong_note(kind),) if link.is_wrong else ()
        if link is links[-1]:
            notes = other_notes(file_at(sound, link.pieces[-1][1]), kind) or notes
        parts.append(Part(own, is_cut=not link.has_end, notes=notes))
    return parts or [Part(sound, is_cut=True)]


def _of_waves(sound: OpenSound, kind: str) -> list[Part]:
    waves = riff.find_waves(sound)
    parts = []
    stops = [*(wave.start for wave in waves[1:]), sound.n_bytes]
    for wave, stop in zip(waves, stops, strict=False):
        own, notes = sound, []
        if (wave.is_wrong or wave.is_odd) and wave.has_form:
            own = of_bytes(riff.mended(sound, wave), sound.label)
            notes += [_wrong_note(kind)] if wave.is_wrong else []
        elif len(waves) > 1 or wave.start:
            own = of_bytes(sound.peek(wave.start, stop - wave.start), sound.label)
        notes += other_notes(wave.other, kind)
        parts.append(Part(own, is_cut=wave.is_cut, notes=tuple(notes)))
    return parts


def _wrong_note(kind: str) -> str:
    return f"The header of the {kind} file is wrong about its length: all that is there was read."


def _of_chunks(sound: OpenSound, kind: str) -> list[Part]:
    parts = []
    for piece in chunks.find_pieces(sound.content(), kind):
        own = of_bytes(piece.content, sound.label) if piece.is_new else sound
        notes: tuple[str, ...] = (_wrong_note(kind),) if piece.is_wrong else ()
        notes = other_notes(piece.other, kind) or notes
        parts.append(Part(own, is_cut=piece.is_cut, notes=notes))
    return parts


def _of_elements(sound: OpenSound, kind: str) -> list[Part]:
    content = sound.content()
    pieces = matroska.find_pieces(content)[:_MOST_PARTS]
    parts = []
    for piece in pieces:
        is_plain = len(pieces) == 1 and not piece.gaps
        own = sound if is_plain else of_bytes(piece.mended(content), sound.label)
        notes = (_lost_note(piece.n_lost, kind),) if piece.gaps else ()
        others = other_notes(file_at(sound, piece.end), kind) if piece is pieces[-1] else ()
        parts.append(Part(own, is_cut=piece.is_cut and not others, notes=others or notes))
    return parts


def _of_flac(sound: OpenSound, kind: str) -> list[Part]:
    """Count the samples of a FLAC whose header claims fewer than its last frames reach."""
    counts = flac.count_samples(sound)
    if counts is None or not 0 < counts.claimed < counts.held:
        return []
    parts = joined_flac(Part(sound))
    if len(parts) > 1 or not counts.sr:
        return parts
    return [Part(sound, counts.held / counts.sr, notes=(_wrong_note(kind),))]


def joined_flac(part: Part) -> list[Part]:
    """Cut a FLAC file into those that were joined; only looked for where something is left."""
    content, label = part.sound.content(), part.sound.label
    starts = [found.start() for found in islice(flac.MAGIC.finditer(content), _MOST_PARTS)]
    ends = pairwise([*starts, len(content)])
    return [Part(of_bytes(content[start:stop], label)) for start, stop in ends] or [part]


def _of_boxes(sound: OpenSound, kind: str) -> list[Part]:
    starts, gaps, end = mp4.find_files(sound)
    others = other_notes(file_at(sound, end), kind)
    if starts == [0] and not gaps:
        return [Part(sound, notes=others)]
    content = mp4.mended(sound.content(), gaps)
    stops = [*starts[1:], len(content)]
    parts = []
    for start, stop in list(zip(starts, stops, strict=True))[:_MOST_PARTS]:
        n_lost = sum(size for place, size in gaps if start <= place < stop)
        notes: tuple[str, ...] = (_lost_note(n_lost, kind),) if n_lost else ()
        notes = (others if stop == len(content) else ()) or notes
        parts.append(Part(of_bytes(content[start:stop], sound.label), notes=notes))
    return parts


_FINDERS: dict[str, Callable[[OpenSound, str], list[Part]]] = {
    "MP3": _of_frames,
    "AAC": _of_frames,
    "LOAS": _of_frames,
    "FLAC": _of_flac,
    "Ogg": _of_pages,
    "WAV": _of_waves,
    "AIFF": _of_waves,
    "AU": _of_chunks,
    "CAF": _of_chunks,
    "W64": _of_chunks,
    "MP4": _of_boxes,
    "WebM": _of_elements,
}
