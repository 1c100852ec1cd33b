"""Made covers: the built-in examples, and whole genre folders for tests and classrooms.

Every picture is painted by `genre_core.data.demo_covers` from a seed, titles and artists are
invented, and nothing is read or downloaded. `python -m genre_core.data.demo` paints `assets/`
again.
"""

from __future__ import annotations

import difflib
import io
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from genre_core.config import require
from genre_core.data.demo_covers import (
    classical,
    country,
    electronic,
    hip_hop,
    jazz,
    metal,
    pop,
    prog,
    reggae,
    rock,
)
from genre_core.data.demo_covers.canvas import Canvas
from genre_core.data.demo_covers.logo import write_logo
from genre_core.data.demo_covers.shipped import SHIPPED
from genre_core.data.demo_covers.words import Words, words_for
from genre_core.data.files import atomic_write
from genre_core.errors import DatasetError, ParameterError, describe

ASSETS_DIR = Path(__file__).resolve().parents[2] / "assets"
COVERS_DIR = ASSETS_DIR / "covers"

_PAINTERS: dict[str, Callable[[Canvas, Words], None]] = {
    "prog": prog.paint,
    "hip-hop": hip_hop.paint,
    "electronic": electronic.paint,
    "country": country.paint,
    "pop": pop.paint,
    "rock": rock.paint,
    "metal": metal.paint,
    "jazz": jazz.paint,
    "classical": classical.paint,
    "reggae": reggae.paint,
}

STYLES: tuple[str, ...] = tuple(_PAINTERS)
"""Every style that `make_cover` can paint."""


@dataclass(frozen=True, slots=True)
class DemoCover:
    """One built-in cover.

    Parameters
    ----------
    name : str
        Short and unique, also the file's stem.
    title, artist : str
        Invented, as painted on the cover.
    style : str
        One of `STYLES`: what the painter aimed at, not a label to be measured against.
    path : Path
        The JPEG file.
    seed : int
        `make_cover(style, seed)` paints it again.
    alt : str
        What the picture shows, in words.
    """

    name: str
    title: str
    artist: str
    style: str
    path: Path
    seed: int
    alt: str


def make_cover(style: str, seed: int, size: int = 640) -> npt.NDArray[np.uint8]:
    """Paint one cover.

    The same style and seed give the same pixels on one machine, and the same design at any size.

    Parameters
    ----------
    style : str
        One of `STYLES`.
    seed : int
        0 or more; chooses colours, composition, title and artist.
    size : int
        Side in pixels, 32 to 2048.

    Returns
    -------
    ndarray [shape=(size, size, 3), dtype=uint8]
        RGB.

    Raises
    ------
    ParameterError
        Unknown style, or a seed or size out of range.

    Examples
    --------
    >>> make_cover("pop", 1, size=48).shape
    (48, 48, 3)
    >>> make_cover("popp", 1)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: style must be one that can be painted. \
Received 'popp' (str). Did you mean 'pop'?
    """
    if style not in _PAINTERS:
        near = difflib.get_close_matches(str(style), STYLES, n=1, cutoff=0.5)
        cure = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(STYLES)}."
        raise ParameterError(
            "style must be one that can be painted.", received=describe(style), cure=cure
        )
    require(seed >= 0, "seed must be 0 or more.", seed, "Give a whole number.")
    require(32 <= size <= 2048, "size must lie in [32, 2048] px.", size, "Try 640.")
    # The style is part of the seed, so that equal seeds do not look alike across styles.
    rng = np.random.default_rng([seed, zlib.crc32(style.encode())])
    canvas = Canvas(size, rng)
    _PAINTERS[style](canvas, words_for(style, seed))
    return canvas.picture()


def demo_covers(folder: str | Path | None = None) -> tuple[DemoCover, ...]:
    """List the built-in covers.

    Parameters
    ----------
    folder : str or Path, optional
        A folder that `write_demo_covers` wrote; `assets/covers` by default.

    Returns
    -------
    tuple of DemoCover
        In the order in which they are shown; every file exists.

    Raises
    ------
    DatasetError
        The list or one of its files is missing or damaged.

    Examples
    --------
    >>> len(demo_covers()) >= 8
    True
    """
    where = COVERS_DIR if folder is None else Path(folder)
    cure = "Run `python -m genre_core.data.demo` to paint them again."
    try:
        entries = json.loads((where / "covers.json").read_text(encoding="utf-8"))["covers"]
        covers = tuple(DemoCover(path=where / entry.pop("file"), **entry) for entry in entries)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(
            "The built-in covers need their list covers.json.", received=str(error), cure=cure
        ) from error
    missing = [cover.path.name for cover in covers if not cover.path.is_file()]
    if missing:
        raise DatasetError(
            "Every cover of covers.json must lie beside it.",
            received=f"a folder without {', '.join(missing)}",
            cure=cure,
        )
    return covers


def write_demo_covers(folder: str | Path = COVERS_DIR) -> tuple[DemoCover, ...]:
    """Paint the built-in covers and their list.

    Parameters
    ----------
    folder : str or Path
        Where `covers.json` and the JPEG files go; made if missing.

    Returns
    -------
    tuple of DemoCover
        As `demo_covers` lists them.
    """
    where, entries = Path(folder), []
    for style, seed, alt in SHIPPED:
        name, words = f"{style}-{seed}", words_for(style, seed)
        atomic_write(where / f"{name}.jpg", _jpeg(make_cover(style, seed)))
        entries.append(
            {
                "name": name,
                "file": f"{name}.jpg",
                "title": words.title,
                "artist": words.artist,
                "style": style,
                "seed": seed,
                "alt": f"{alt}.",
            }
        )
    about = "Painted by genre_core.data.demo; titles and artists are invented."
    text = json.dumps({"about": about, "covers": entries}, indent=2, ensure_ascii=False)
    atomic_write(where / "covers.json", text + "\n")
    return demo_covers(where)


def made_dataset(
    folder: str | Path,
    *,
    n_per_style: int,
    size: int = 96,
    seed: int = 0,
    styles: Sequence[str] = STYLES,
) -> Path:
    """Write genre folders of small made covers, as `import_genre_folders` reads them.

    Parameters
    ----------
    folder : str or Path
        Gets one folder a style; made if missing.
    n_per_style : int
        Covers a style, 1 or more.
    size : int
        Side in pixels, 32 to 2048.
    seed : int
        Another seed gives other covers.
    styles : sequence of str
        At least one of `STYLES`.

    Returns
    -------
    Path
        `folder`.

    Raises
    ------
    ParameterError
        A count, size, seed or style out of range.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     made = made_dataset(place, n_per_style=1, size=32, styles=("jazz", "pop"))
    ...     sorted(path.parent.name for path in made.glob("*/*.jpg"))
    ['jazz', 'pop']
    """
    require(n_per_style >= 1, "n_per_style must be at least 1.", n_per_style, "Try 20.")
    require(len(styles) >= 1, "styles must name at least one style.", styles, "Leave it out.")
    where = Path(folder)
    for style in styles:
        for k in range(n_per_style):
            # Far above the built-in seeds, so that no made set repeats a built-in cover.
            picture = make_cover(style, 1_000_000 * (seed + 1) + k, size)
            atomic_write(where / style / f"{style}-{seed}-{k:05d}.jpg", _jpeg(picture))
    return where


def _jpeg(picture: npt.NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, format="JPEG", quality=86, optimize=True)
    return file.getvalue()


if __name__ == "__main__":
    write_demo_covers()
    write_logo(ASSETS_DIR)
