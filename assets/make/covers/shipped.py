"""The covers that ship: the built-in ones with their list, and the zip for a first training."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from assets.make.covers.paint import STYLES, make_cover
from assets.make.covers.words import words_for
from genre_core.config import require
from genre_core.data.demo import COVERS_DIR, DRAWN_COVERS, DemoCover, demo_covers
from genre_core.data.files import atomic_path, atomic_write

N_PER_STYLE = 24
"""Covers a style in the zip."""

SHIPPED: tuple[tuple[str, int, str], ...] = (
    (
        "prog",
        20,
        "Two floating islands with castles, joined by a bridge, before a ringed planet in a "
        "violet sky, inside an ornate gold border",
    ),
    (
        "hip-hop",
        6,
        "A hooded figure with dark glasses and a gold chain before heavy worn type on a "
        "yellow wall and a halftone skyline",
    ),
    (
        "electronic",
        20,
        "An orange sun cut by horizontal slits over a neon grid that runs to a dark "
        "horizon, with glitched rows",
    ),
    (
        "country",
        3,
        "A sunset over prairie hills with a rail fence, a wind pump and a guitar that leans "
        "on the fence",
    ),
    (
        "pop",
        4,
        "A flat portrait of a singer with pink hair and heart-shaped glasses in candy colours "
        "among confetti",
    ),
    (
        "rock",
        3,
        "Four band members in black silhouette before a red disc, with distressed type, like "
        "a photocopied poster",
    ),
    (
        "metal",
        13,
        "A horned skull with glowing eyes in orange fire under a thorny, hardly legible name",
    ),
    (
        "jazz",
        2,
        "A saxophone in a deep blue tint beside large tight lower-case type and yellow bars",
    ),
    (
        "classical",
        5,
        "A walker on a rock above mountains in fog, as a painting in a cream panel with an "
        "ornate gold frame",
    ),
    ("reggae", 8, "A lion's head in a sun of red, gold and green rays with palms on both sides"),
    (
        "prog",
        16,
        "Floating islands with castles and waterfalls before an orange planet in a teal sky, "
        "inside an ornate gold border",
    ),
    (
        "electronic",
        7,
        "A disc of bent rings in violet, pink and yellow, with glitched rows, on deep violet",
    ),
)
"""Style, seed, and what somebody who does not see the cover should know."""


def write_covers(folder: str | Path = COVERS_DIR) -> tuple[DemoCover, ...]:
    """Paint the built-in covers, and write `covers.json` beside them, as `demo_covers` reads it."""
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
    about = "Painted by assets.make.covers; titles and artists are invented."
    text = json.dumps({"about": about, "covers": entries}, indent=2, ensure_ascii=False)
    atomic_write(where / "covers.json", text + "\n")
    return demo_covers(where)


def write_zip(folder: str | Path, *, n_per_style: int = N_PER_STYLE) -> Path:
    """Paint genre folders of small covers and pack them as `FOLDER/drawn-covers.zip`."""
    archive = Path(folder) / DRAWN_COVERS.name
    with tempfile.TemporaryDirectory() as place, atomic_path(archive) as part:
        made = made_dataset(place, n_per_style=n_per_style)
        # Stored, since JPEG packs no further; one date, so that the same covers give the same zip.
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as packed:
            for path in sorted(made.glob("*/*.jpg")):
                packed.writestr(
                    zipfile.ZipInfo(path.relative_to(made).as_posix()), path.read_bytes()
                )
    return archive


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

    Raises
    ------
    ParameterError
        A count, size, seed or style out of range.
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
