"""Find the samples of WAV and AIFF files whose headers say something else, and mend the headers."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from genre_core.audio.containers import RESAVE, RULE, file_at
from genre_core.audio.mpeg import starts_with_frames
from genre_core.audio.source import OpenSound, of_bytes
from genre_core.errors import DecodeError

_UNKNOWN = 0x7FFF0000
"""Sizes from here on are those of writers that could not go back: sox, FFmpeg in a pipe."""

_SAMPLES = (b"data", b"SSND")
_FILES = (b"RIFF", b"RIFX", b"RF64", b"BW64", b"FORM")
_AFTER = (b"LIST", b"id3 ", b"ID3 ", b"bext", b"iXML", b"cue ", b"fact", b"smpl", b"_PMX", b"afsp")
_TAGS = (b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"ID3\2", b"ID3\3", b"ID3\4")
_NEXT = (*_SAMPLES, *_AFTER, b"fmt ", b"COMM")
_TAIL = 65_536
_MOST_CHUNKS = 20_000
_MIN_REST_S = 0.1  # fewer bytes after the samples are somebody's padding


@dataclass(slots=True)
class Wave:
    """One WAV or AIFF file, and where its samples really are.

    samples: the extents of its samples, first and last byte
    is_wrong: the header is wrong about them
    is_odd: libsndfile would not read them as the header is
    is_cut: the file ends before its header says so
    other: the kind of another sound file that stands behind it
    """

    start: int
    order: str
    chunks: dict[bytes, bytes] = field(default_factory=dict)
    samples: list[tuple[int, int]] = field(default_factory=list)
    is_wrong: bool = False
    is_odd: bool = False
    is_cut: bool = False
    other: str = ""

    @property
    def has_form(self) -> bool:
        """Whether the chunk is there that tells what the samples are."""
        return len(self.chunks.get(b"fmt ", b"")) >= 16 or len(self.chunks.get(b"COMM", b"")) >= 18


def find_waves(sound: OpenSound) -> list[Wave]:
    """Walk the chunks of a file; one that was joined to it is found too.

    `DecodeError` where they are countless, which would cost every reader minutes.
    """
    waves: list[Wave] = []
    long_size: int | None
    place, long_size, n_chunks = 0, None, 0
    while place + 8 <= sound.n_bytes:
        n_chunks += 1
        if n_chunks > _MOST_CHUNKS:
            raise DecodeError(
                f"A WAV or AIFF file must have at most {_MOST_CHUNKS:,} chunks.",
                received=f"{sound.label}: more",
                cure="Save it again from a sound program.",
            )
        head = sound.peek(place, 12)
        if head[:4] in _FILES and head[8:12] in (b"WAVE", b"AIFF", b"AIFC"):
            waves.append(Wave(place, ">" if head[:4] in (b"RIFX", b"FORM") else "<"))
            waves[-1].is_odd = head[:4] == b"BW64"
            place, long_size = place + 12, None
            continue
        if not waves:
            break
        wave = waves[-1]
        if not any(head):  # padding
            zeros = sound.peek(place, _TAIL)
            place += len(zeros) - len(zeros.lstrip(b"\0"))
            continue
        is_chunk = not wave.samples or head.startswith(_NEXT)
        if not is_chunk and (other := file_at(sound, place)):
            wave.other = other
            break
        name, size = struct.unpack(f"{wave.order}4sI", head[:8])
        start = place + 8
        if name == b"ds64":  # RF64: sizes over 4 GB stand here
            long_size = int.from_bytes(sound.peek(start + 8, 8), "little")
        if name in _SAMPLES:
            if size == 0xFFFFFFFF and long_size is not None:
                wave.is_wrong = not 0 < long_size < 1 << 62  # never filled in
                size = size if wave.is_wrong else long_size
            size = _true_size(sound, wave, start, size)
            wave.samples.append((start, start + size))
        elif name in (b"fmt ", b"COMM", b"FVER"):
            wave.chunks.setdefault(name, sound.peek(start, min(size, 4096)))
        place = start + size
        if size % 2 and sound.peek(place, 4) in _NEXT:  # a writer that forgot the padding
            wave.is_odd = True
        else:
            place += size % 2
    return waves


_MPEG = (0x50, 0x55, 0xFF, 0x1600, 0x1602, 0x1610)  # MP2, MP3, AAC in some ways


def mpeg_inside(sound: OpenSound) -> tuple[str, OpenSound] | None:
    """Return kind and frames of a WAV file that holds MPEG audio: these tell how long it is."""
    waves = find_waves(sound)
    forms = [wave.chunks.get(b"fmt ", b"")[:2] for wave in waves]
    if not forms or any(int.from_bytes(form, "little") not in _MPEG for form in forms):
        return None
    extents = [extent for wave in waves for extent in wave.samples]
    frames = b"".join(sound.peek(start, stop - start) for start, stop in extents)
    kind = "MP3" if int.from_bytes(forms[0], "little") < 0xFF else starts_with_frames(frames)
    if frames and not kind:
        raise DecodeError(
            RULE,
            received=f"{sound.label}: a WAV of bare AAC (the table of its frames is missing)",
            cure=RESAVE,
        )
    return (kind, of_bytes(frames, sound.label)) if frames and kind else None


def mended(sound: OpenSound, wave: Wave) -> bytes:
    """Return the file with a header that says what its samples are."""
    samples = b"".join(sound.peek(start, stop - start) for start, stop in wave.samples)
    chunks = dict(wave.chunks)
    is_aiff = b"COMM" in chunks or sound.peek(wave.start, 4) == b"FORM"
    if is_aiff:
        frame = struct.unpack(">H", chunks[b"COMM"][:2])[0] * _bytes_a_sample(chunks[b"COMM"])
        n_frames = (len(samples) - 8) // max(1, frame)
        if chunks[b"COMM"][18:22] in _PLAIN:
            chunks[b"COMM"] = b"".join(
                (chunks[b"COMM"][:2], struct.pack(">I", n_frames), chunks[b"COMM"][6:])
            )
    chunks[b"SSND" if is_aiff else b"data"] = samples
    body = b"".join(
        name + struct.pack(f"{wave.order}I", len(content)) + content + bytes(len(content) % 2)
        for name, content in chunks.items()
    )
    magic = b"FORM" if is_aiff else b"RIFX" if wave.order == ">" else b"RIFF"
    kind = sound.peek(wave.start + 8, 4)
    return magic + struct.pack(f"{wave.order}I", 4 + len(body)) + kind + body


_PLAIN = (b"", b"NONE", b"twos", b"sowt", b"fl32", b"FL32", b"fl64", b"FL64", b"in24", b"in32")


def _bytes_a_sample(common: bytes) -> int:
    return int((struct.unpack(">H", common[6:8])[0] + 7) // 8)


def _true_size(sound: OpenSound, wave: Wave, start: int, size: int) -> int:
    """Return how many bytes of samples begin at `start`, whatever the header says."""
    left = sound.n_bytes - start
    if size > left:
        wave.is_cut = size < _UNKNOWN
        return left
    if _ends_well(sound, wave, start + size + size % 2, is_empty=size == 0):
        wave.is_wrong = wave.is_wrong or bool(wave.samples)  # samples in two places
        return size
    wave.is_wrong = True
    tail = sound.peek(-_TAIL, _TAIL)
    for name in _AFTER:  # a real chunk at the very end is no sound
        place = tail.rfind(name)
        if place >= 0 and len(tail) >= place + 8:
            claimed = struct.unpack(f"{wave.order}I", tail[place + 4 : place + 8])[0]
            if 0 <= len(tail) - place - 8 - claimed <= 1:
                return left - (len(tail) - place)
    return left


def _ends_well(sound: OpenSound, wave: Wave, place: int, *, is_empty: bool) -> bool:
    """Tell whether what follows the samples is a chunk, another file, a tag, padding or nothing."""
    left = sound.n_bytes - place
    head = sound.peek(place, 16)
    if left < 8 or head.startswith((*_AFTER, *_FILES, *_TAGS)) or file_at(sound, place):
        return True
    name, size = struct.unpack(f"{wave.order}4sI", head[:8])
    if all(0x20 <= sign < 0x7F for sign in name) and size <= left - 8:
        return True
    if is_empty:
        return False
    form = wave.chunks.get(b"fmt ", b"")
    second = struct.unpack(f"{wave.order}I", form[8:12])[0] if len(form) >= 12 else 88_200
    return left < _MIN_REST_S * second or not any(sound.peek(place, left))
