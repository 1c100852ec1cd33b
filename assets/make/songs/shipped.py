"""The built-in songs: which there are, and how their files are written."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import soundfile as sf
from mutagen.flac import Picture
from mutagen.oggvorbis import OggVorbis
from PIL import Image

from assets.make.covers import make_cover
from assets.make.covers.words import words_for
from assets.make.songs.make import make_song
from assets.make.songs.oscillators import Sound
from genre_core.data.demo import SONGS_DIR, DemoSong, demo_songs
from genre_core.data.files import atomic_path, atomic_write

ARTIST = "Genre Explorer"

COVER_PX = 300

# Style of the song, its seed, style and seed of its cover, and what one hears.
SHIPPED: tuple[tuple[str, int, str, int, str], ...] = (
    (
        "prog",
        0,
        "prog",
        2,
        "We wrote it to rise and fall: a dance verse, an organ over taped strings in seven, a race "
        "in five with guitars, an organ with a flute. All four networks that follow a song hear "
        "more prog in the second part and the fourth",
    ),
    ("pop", 0, "pop", 0, "Verse and chorus over four chords, with drums, bass and a lead tune"),
    ("metal", 0, "metal", 2, "Overdriven guitars, a double kick drum, a slow breakdown and a solo"),
    ("ambient", 0, "electronic", 3, "Four slow chords, wind and a few bells in a very large room"),
)

# Vorbis at a quality that keeps all songs together below 3 MB.
_COMPRESSION = 0.6


def write_songs(folder: str | Path = SONGS_DIR) -> tuple[DemoSong, ...]:
    """Play the built-in songs into Ogg Vorbis files with tags and covers, and write `songs.json`.

    Parameters
    ----------
    folder : str or Path
        Where the files go; made if missing.

    Returns
    -------
    tuple of DemoSong
        As `demo_songs` reads them from the folder.
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
    about = "Played by assets.make.songs; titles are invented."
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
    # Where they were made once; another word would change the bytes of every shipped file.
    tags["comment"] = ["Made by genre_core.data.demo_songs; free to use like the code"]
    tags["metadata_block_picture"] = [base64.b64encode(picture.write()).decode("ascii")]
    tags.save()
