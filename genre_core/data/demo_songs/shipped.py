"""The built-in songs: which there are, and how their files are written and listed."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soundfile as sf
from mutagen.flac import Picture
from mutagen.oggvorbis import OggVorbis
from PIL import Image

from genre_core.data.demo import ASSETS_DIR, make_cover
from genre_core.data.demo_covers.words import words_for
from genre_core.data.demo_songs.make import make_song
from genre_core.data.demo_songs.oscillators import Sound
from genre_core.data.demo_songs.score import Section
from genre_core.data.files import atomic_path, atomic_write
from genre_core.errors import DatasetError

SONGS_DIR = ASSETS_DIR / "songs"

ARTIST = "Genre Explorer"

COVER_PX = 300

# Style of the song, its seed, style and seed of its cover, and what one hears.
SHIPPED: tuple[tuple[str, int, str, int, str], ...] = (
    (
        "prog",
        0,
        "prog",
        2,
        "An organ intro, a riff in seven, a quiet passage with flute and strings, a climb, a race "
        "in five with guitars, the riff again and a broad finale",
    ),
    ("pop", 0, "pop", 0, "Verse and chorus over four chords, with drums, bass and a lead tune"),
    ("metal", 0, "metal", 2, "Overdriven guitars, a double kick drum, a slow breakdown and a solo"),
    ("ambient", 0, "electronic", 3, "Four slow chords, wind and a few bells in a very large room"),
)

# Vorbis at a quality that keeps all songs together below 3 MB.
_COMPRESSION = 0.6


@dataclass(frozen=True, slots=True)
class DemoSong:
    """One built-in song.

    Parameters
    ----------
    name : str
        Short and unique, also the file's stem.
    title, artist : str
        As in the file's tags.
    style : str
        One of `STYLES`: what the generator aimed at, not a label to be measured against.
    path : Path
        The Ogg Vorbis file.
    seed : int
        `make_song(style, seed)` plays it again.
    about : str
        What one hears, in words.
    sections : tuple of Section
        In order; they tile the song.
    """

    name: str
    title: str
    artist: str
    style: str
    path: Path
    seed: int
    about: str
    sections: tuple[Section, ...]

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.sections[-1].end_s


def demo_songs(folder: str | Path | None = None) -> tuple[DemoSong, ...]:
    """List the built-in songs.

    Parameters
    ----------
    folder : str or Path, optional
        A folder that `write_demo_songs` wrote; `assets/songs` by default.

    Returns
    -------
    tuple of DemoSong
        In the order in which they are shown; every file exists.

    Raises
    ------
    DatasetError
        The list or one of its files is missing or damaged.

    Examples
    --------
    >>> [song.style for song in demo_songs()]
    ['prog', 'pop', 'metal', 'ambient']
    """
    where = SONGS_DIR if folder is None else Path(folder)
    cure = "Run `python -m genre_core.data.demo_songs` to play them again."
    try:
        entries = json.loads((where / "songs.json").read_text(encoding="utf-8"))["songs"]
        songs = tuple(
            DemoSong(
                path=where / entry.pop("file"),
                sections=tuple(Section(**section) for section in entry.pop("sections")),
                **entry,
            )
            for entry in entries
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(
            "The built-in songs need their list songs.json.", received=str(error), cure=cure
        ) from error
    missing = [song.path.name for song in songs if not song.path.is_file()]
    if missing:
        raise DatasetError(
            "Every song of songs.json must lie beside it.",
            received=f"a folder without {', '.join(missing)}",
            cure=cure,
        )
    return songs


def write_demo_songs(folder: str | Path = SONGS_DIR) -> tuple[DemoSong, ...]:
    """Play the built-in songs into Ogg Vorbis files with tags and covers, and write their list.

    Parameters
    ----------
    folder : str or Path
        Where `songs.json` and the files go; made if missing.

    Returns
    -------
    tuple of DemoSong
        As `demo_songs` lists them.
    """
    where, entries = Path(folder), []
    for style, seed, cover_style, cover_seed, about in SHIPPED:
        y, info = make_song(style, seed)
        name, title = f"{style}-{seed}", words_for(cover_style, cover_seed).title
        cover = make_cover(cover_style, cover_seed, size=COVER_PX)
        with atomic_path(where / f"{name}.ogg") as part:
            _write_vorbis(part, y, info.sr)
            _write_tags(part, title, style, cover)
        entries.append(
            {
                "name": name,
                "file": f"{name}.ogg",
                "title": title,
                "artist": ARTIST,
                "style": style,
                "seed": seed,
                "about": f"{about}.",
                "sections": [asdict(section) for section in info.sections],
            }
        )
    about = "Played by genre_core.data.demo_songs; titles are invented."
    text = json.dumps({"about": about, "songs": entries}, indent=2, ensure_ascii=False)
    atomic_write(where / "songs.json", text + "\n")
    return demo_songs(where)


def _write_vorbis(path: Path, y: Sound, sr: int) -> None:
    with sf.SoundFile(
        path, "w", sr, 1, subtype="VORBIS", format="OGG", compression_level=_COMPRESSION
    ) as file:
        # libsndfile's Vorbis writer puts what it gets on the stack, so it gets a second at a time.
        for start in range(0, len(y), sr):
            file.write(y[start : start + sr])


def _write_tags(path: Path, title: str, style: str, cover: np.ndarray) -> None:
    jpeg = io.BytesIO()
    Image.fromarray(cover).save(jpeg, format="JPEG", quality=80, optimize=True)
    picture = Picture()
    picture.type, picture.mime, picture.desc = 3, "image/jpeg", "Cover"  # 3: front cover
    picture.width = picture.height = COVER_PX
    picture.depth, picture.data = 24, jpeg.getvalue()
    tags = OggVorbis(path)
    tags["title"], tags["artist"], tags["album"] = [title], [ARTIST], [title]
    tags["genre"] = [style]
    tags["comment"] = ["Made by genre_core.data.demo_songs; free to use like the code"]
    tags["metadata_block_picture"] = [base64.b64encode(picture.write()).decode("ascii")]
    tags.save()
