"""Read a sound file's tags: who, what, when, and its cover."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any

import soundfile
from mutagen import MutagenError
from mutagen.aiff import AIFF
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC, Picture
from mutagen.id3 import ID3, ID3NoHeaderError, ParseID3v1
from mutagen.mp4 import MP4, Atoms
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggspeex import OggSpeex
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from genre_core.audio.containers import sniff
from genre_core.audio.mp4 import find_files
from genre_core.audio.mpeg import skip_tags, starts_with_frames
from genre_core.audio.ogg import find_links
from genre_core.audio.riff import find_waves
from genre_core.audio.source import BEFORE, Nameless, OpenSound, SoundSource, of_bytes, open_sound

MAX_COVER_BYTES = 20 * 2**20
"""Largest cover, 20 MB, as much as decode_cover takes."""

MAX_CHARACTERS = 500
"""Longest text of a tag; the rest is cut off."""

_ID3 = re.compile(rb"ID3[\2-\4][\0-\x0f].[\0-\x7f]{4}", re.DOTALL)
_APE = re.compile(rb"APETAGEX.{8}(.{4})", re.DOTALL)
_COMMENTS = re.compile(rb"\x03vorbis|OpusTags")
_MOST_TEXTS = 10_000
_TAIL = 65_536
_MOST_TAGS = 8
_HEAD = 8192
_FRONT = 3  # the picture type "front cover" of ID3 and FLAC
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_JOINERS = "\u200c\u200d"  # they have no width, but some scripts cannot be written without


@dataclass(frozen=True, slots=True)
class Tags:
    """What a sound file says about itself; nobody has checked it.

    title, artist, album, genre: At most 500 characters without control characters; several values
        are joined by commas. Empty where the file says nothing.
    year: 1000 to 2999.
    cover: A picture file of at most 20 MB, the front cover where there are several. It may be
        damaged: `decode_cover` tells.
    notes: What could not be read, as whole sentences.
    """

    title: str = ""
    artist: str = ""
    album: str = ""
    year: int | None = None
    genre: str = ""
    cover: bytes | None = None
    notes: tuple[str, ...] = ()


def read_tags(source: SoundSource, *, name: str = "") -> Tags:
    """Read who, what and when out of a sound file.

    ID3 and APEv2 of MP3 and AAC, ID3 of WAV and AIFF, the INFO chunk of WAV, Vorbis comments of
    FLAC, Ogg and Opus, the atoms of M4A and the tags of WebM (without a cover). Broken tags give
    empty ones and a note, as if there were none; a file that is no sound is a `DecodeError`, as of
    `decode_clip`.

    Examples
    --------
    >>> import io
    >>> import numpy as np
    >>> file = io.BytesIO()
    >>> with soundfile.SoundFile(file, "w", 8_000, 1, format="WAV") as sound:
    ...     sound.title = "Starless"
    ...     sound.write(np.zeros(8))
    >>> read_tags(file).title
    'Starless'
    >>> read_tags(b"hello", name="song.mp3")
    Traceback (most recent call last):
        ...
    genre_core.errors.DecodeError: A song must be a WAV, FLAC, Ogg, Opus, MP3, AIFF, AU, CAF, \
M4A, AAC or WebM file. Received song.mp3: text. Save it again as MP3, Ogg or WAV from a sound \
program.
    """
    with open_sound(source, name=name) as file:
        kind, sound = sniff(file)
        try:
            return _tidy(_READERS[kind](sound))
        except Exception as error:  # on damaged bytes the readers raise nearly anything
            reason = _clean([str(error) or type(error).__name__])
            return Tags(notes=(f"The file's tags cannot be read: {reason}.",))


@dataclass(slots=True)
class _Raw:
    """Values as the file has them."""

    title: Iterable[object] = ()
    artist: Iterable[object] = ()
    album: Iterable[object] = ()
    date: Iterable[object] = ()
    genre: Iterable[object] = ()
    pictures: tuple[tuple[int, bytes], ...] = ()  # type of picture, file


def _tidy(raw: _Raw) -> Tags:
    notes = []
    covers = [content for _, content in sorted(raw.pictures, key=lambda p: p[0] != _FRONT)]
    kept = [content for content in covers if 0 < len(content) <= MAX_COVER_BYTES]
    if covers and not kept and covers[0]:
        notes.append(
            f"The file's cover is left out: it has {len(covers[0]) / 2**20:.1f} MB, and "
            f"{MAX_COVER_BYTES // 2**20} MB are the most."
        )
    year = _YEAR.search(_clean(raw.date))
    return Tags(
        title=_clean(raw.title),
        artist=_clean(raw.artist),
        album=_clean(raw.album),
        year=int(year.group()) if year else None,
        genre=_clean(raw.genre),
        cover=kept[0] if kept else None,
        notes=tuple(notes),
    )


def _clean(values: Iterable[object]) -> str:
    """Join, turn white space into single spaces, drop control characters and cut."""
    text = " ".join(", ".join(str(value) for value in values)[: 4 * MAX_CHARACTERS].split())
    kept = [sign for sign in text if unicodedata.category(sign)[0] != "C" or sign in _JOINERS]
    return "".join(kept)[:MAX_CHARACTERS].strip()


def _of_id3(tags: ID3 | None) -> _Raw:
    if tags is None:
        return _Raw()

    def texts(frame: str) -> list[object]:
        return [value for field in tags.getall(frame) for value in field.text]

    return _Raw(
        texts("TIT2"),
        texts("TPE1"),
        texts("TALB"),
        texts("TDRC"),  # mutagen turns the years of older versions into it
        [genre for field in tags.getall("TCON") for genre in field.genres],  # "(17)" is "Rock"
        tuple((int(field.type), bytes(field.data)) for field in tags.getall("APIC")),
    )


def _of_comments(tags: Any, pictures: Iterable[Picture]) -> _Raw:
    tags = {} if tags is None else tags

    def texts(*keys: str) -> list[object]:
        return next((list(tags[key]) for key in keys if key in tags), [])

    return _Raw(
        texts("title"),
        texts("artist"),
        texts("album"),
        texts("date", "year"),
        texts("genre"),
        tuple((int(picture.type), bytes(picture.data)) for picture in pictures),
    )


def _of_ape(tags: APEv2) -> _Raw:
    def texts(key: str) -> list[object]:
        return list(tags[key]) if key in tags else []

    front = tags["Cover Art (Front)"].value if "Cover Art (Front)" in tags else b""
    _, _, cover = front.partition(b"\0")  # the picture's name goes before it
    return _Raw(
        texts("Title"),
        texts("Artist"),
        texts("Album"),
        texts("Year"),
        texts("Genre"),
        ((_FRONT, cover),) if cover else (),
    )


def _read_frames(sound: OpenSound) -> _Raw:
    """Read the tags before and after frames: of ID3v2, APEv2 and ID3v1 the first that says it."""
    kinds = _before(sound)
    for found in _APE.finditer(sound.peek(0, 64) + sound.peek(-_TAIL, _TAIL)):
        _need_few(int.from_bytes(found[1], "little"))
    sound.file.seek(0)
    with suppress(MutagenError):
        kinds.append(_of_ape(APEv2(sound.file)))
    oldest = ID3()
    for frame in (ParseID3v1(sound.peek(-128, 128)) or {}).values():
        oldest.add(frame)
    return _first_of([*kinds, _of_id3(oldest)])


def _before(sound: OpenSound) -> list[_Raw]:
    """Read the ID3v2 tags, mostly one, in front of a sound, also where something precedes them."""
    kinds: list[_Raw] = []
    head = sound.peek(0, _HEAD)
    found = _ID3.match(head)
    if not (found or starts_with_frames(head)):
        found = _ID3.search(sound.peek(0, BEFORE))
    place = found.start() if found else sound.n_bytes
    while _ID3.match(head := sound.peek(place, 10)) and len(kinds) < _MOST_TAGS:
        end = place + skip_tags(head)
        with suppress(ID3NoHeaderError):
            tag = sound.peek(place, end - place)
            _need_few(_count_frames(tag))
            kinds.append(_of_id3(ID3(of_bytes(tag, sound.label).file, load_v1=False)))
        place = end
    return kinds


def _need_few(n: int) -> None:
    if n > _MOST_TEXTS:  # a reader would take minutes
        raise MutagenError(f"they hold more than {_MOST_TEXTS:,} texts")


def _count_frames(tag: bytes) -> int:
    """Count the frames of an ID3v2 tag up to its padding, whatever is in them."""
    n_name, bits = (3, 8) if tag[3] == 2 else (4, 7 if tag[3] == 4 else 8)
    place, n = 10, 0
    while place < len(tag) and tag[place] and n <= _MOST_TEXTS:
        size = 0
        for byte in tag[place + n_name : place + 2 * n_name]:
            size = size << bits | byte
        place += 2 * n_name + (2 if n_name == 4 else 0) + size
        n += 1
    return n


def _first_of(kinds: Sequence[_Raw]) -> _Raw:
    """Take each text from the first that has it."""
    names = [field.name for field in fields(_Raw)]
    return _Raw(*(next((v for k in kinds if (v := getattr(k, name))), ()) for name in names))


def _read_chunks(reader: Callable[[Nameless], Any]) -> Callable[[OpenSound], _Raw]:
    def read(sound: OpenSound) -> _Raw:
        is_plain = sound.peek(0, 4) in (b"RIFF", b"FORM")  # mutagen knows neither RF64 nor RIFX
        find_waves(sound)  # raises where mutagen would not come to an end
        tags = reader(sound.file).tags if is_plain else None
        if tags:
            return _of_id3(tags)
        sound.file.seek(0)
        with suppress(soundfile.LibsndfileError):  # of a codec that it does not know
            return _read_texts(sound)
        return _read_film(sound, "AIFF" if sound.peek(0, 4) == b"FORM" else "WAV")

    return read


def _read_texts(sound: OpenSound) -> _Raw:
    with soundfile.SoundFile(sound.file) as file:  # INFO of WAV, NAME and AUTH of AIFF
        return _Raw([file.title], [file.artist], [file.album], [file.date], [file.genre])


def _read_flac(sound: OpenSound) -> _Raw:
    file = FLAC(sound.file)
    own = _of_comments(file.tags, file.pictures)
    return _first_of([own, *_before(sound)]) if sound.peek(0, 3) == b"ID3" else own


def _read_ogg(sound: OpenSound) -> _Raw:
    head = sound.peek(0, _TAIL)
    if found := _COMMENTS.search(head):  # who wrote them, then how many there are
        place = found.end() + 4 + int.from_bytes(head[found.end() : found.end() + 4], "little")
        _need_few(int.from_bytes(head[place : place + 4], "little"))
    head = head[:128]
    marks = ((b"OpusHead", OggOpus), (b"\x7fFLAC", OggFLAC), (b"Speex   ", OggSpeex))
    reader = next((reader for mark, reader in marks if mark in head), OggVorbis)
    try:
        tags = reader(sound.file).tags
    except MutagenError:  # it looks for the last page at the very end
        content = sound.content()
        end = max((link.pieces[-1][1] for link in find_links(content)), default=0)
        tags = reader(of_bytes(content[:end], sound.label).file).tags
    blocks = tags.get("metadata_block_picture", []) if tags else []
    return _of_comments(tags, [Picture(base64.b64decode(block)) for block in blocks])


def _read_mp4(sound: OpenSound) -> _Raw:
    find_files(sound)  # raises where mutagen would not come to an end
    if sound.peek(8, 3) == b"3gp":
        return _read_phone(sound)
    if sound.peek(8, 3) == b"qt ":  # their texts lie elsewhere
        return _read_film(sound, "MP4")
    tags = MP4(sound.file).tags
    if tags is None:
        return _Raw()
    return _Raw(
        tags.get("\xa9nam", ()),
        tags.get("\xa9ART", ()),
        tags.get("\xa9alb", ()),
        tags.get("\xa9day", ()),
        tags.get("\xa9gen", ()),
        tuple((_FRONT, bytes(cover)) for cover in tags.get("covr", ())),
    )


def _read_phone(sound: OpenSound) -> _Raw:
    """Read the texts of 3GP: each in a box with version, language and a text that ends in zero."""
    atoms = Atoms(sound.file)

    def text(name: bytes) -> list[object]:
        try:
            content = atoms.path(b"moov", b"udta", name)[-1].read(sound.file)[1][6:]
        except KeyError:
            return []
        encoding = "utf-16" if content[:2] in (b"\xfe\xff", b"\xff\xfe") else "utf-8"
        return [content.decode(encoding, "replace").partition("\0")[0]]

    return _Raw(text(b"titl"), text(b"perf"), text(b"albm"), (), text(b"gnre"))


def _read_film(sound: OpenSound, kind: str) -> _Raw:
    # Needs FFmpeg, which takes a tenth of a second to load.
    from genre_core.audio.ffmpeg import open_container

    with open_container(sound, kind) as container:
        tags = {key.lower(): value for key, value in container.metadata.items()}
    date = tags.get("date") or tags.get("date_released") or tags.get("year") or ""

    def text(key: str) -> list[object]:
        return [tags.get(key, "")]

    return _Raw(text("title"), text("artist"), text("album"), [date], text("genre"))


_READERS: dict[str, Callable[[OpenSound], _Raw]] = {
    "MP3": _read_frames,
    "AAC": _read_frames,
    "LOAS": _read_frames,
    "WAV": _read_chunks(WAVE),
    "AIFF": _read_chunks(AIFF),
    "FLAC": _read_flac,
    "Ogg": _read_ogg,
    "AU": lambda sound: _read_film(sound, "AU"),
    "CAF": lambda sound: _read_film(sound, "CAF"),
    "W64": lambda sound: _read_film(sound, "W64"),
    "MP4": _read_mp4,
    "WebM": lambda sound: _read_film(sound, "WebM"),
}
