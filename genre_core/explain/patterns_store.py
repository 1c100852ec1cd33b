"""Patterns of whole layers, stored: with the app for shipped networks, at home for one's own.

A file a network, named by the checksum of its weights: of one that was trained again nothing is
found. `python -m assets.make.patterns` makes the shipped ones, a run of kind "patterns" the others.
Imports no TensorFlow.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PIL.WebPImagePlugin  # noqa: F401, found later only among all of Pillow's readers
from numpy.typing import NDArray
from PIL import Image

from genre_core.config import CoverInput, SongInput
from genre_core.data.demo import ASSETS_DIR
from genre_core.data.files import atomic_path
from genre_core.data.home import home
from genre_core.errors import CheckpointError
from genre_core.explain.kernel_pictures import turn_upright
from genre_core.explain.patterns_groups import Group
from genre_core.runs.card import Card

SHIPPED = ASSETS_DIR / "patterns"
COMMAND = "python -m assets.make.patterns"

VERSION = 1
"""Raise it where patterns would come out otherwise: what is stored is made again then."""

MAX_KERNELS = 128
"""Kernels of a layer that are stored at most, those of the largest norm."""

MAX_CELLS = 3_000_000
"""Cells of all patterns that are stored of a network: where they would be more, each layer is cut
to the same number of kernels."""

MAX_WORK = 25_000_000_000
"""Multiplications of one forward pass for all patterns together, likewise: a step costs three."""

LONGEST = 64
"""Longest side of a stored cover's pattern, in px; songs keep their bands and frames."""

QUALITY = 20
"""Of the stored pictures (WebP)."""

_SHADES = 255


@dataclass(frozen=True, slots=True, eq=False)
class StoredLayer:
    """Patterns of one layer as they are stored.

    layer: Name of the convolution, or of the layer of logits.
    n_filters: Kernels of the layer, stored or not.
    kernels [shape=(n,), dtype=int64]: Which are stored, the strongest norm first.
    pictures [shape=(n, height, width, channels), dtype=uint8]: On the axes of the input, 0 to 255
        for the range of values; covers' are made smaller.
    values, noise, real [shape=(n,), dtype=float64]: What the kernel answers to its pattern, to
        noise, and to the built-in cover or segment that excites it most.
    blank [shape=(n,), dtype=bool]: The search found nothing above noise; see `answers_real`.
    groups: By the rule of `patterns_groups`; of genres none.
    """

    layer: str
    n_filters: int
    kernels: NDArray[np.int64]
    pictures: NDArray[np.uint8]
    values: NDArray[np.float64]
    noise: NDArray[np.float64]
    real: NDArray[np.float64]
    blank: NDArray[np.bool_]
    groups: tuple[Group, ...]

    def place_of(self, kernel: int) -> int | None:
        """Give a kernel's place among those stored; None where it is not."""
        places = np.flatnonzero(self.kernels == kernel)
        return int(places[0]) if len(places) else None

    def upright(self, spec: CoverInput | SongInput) -> NDArray[np.uint8]:
        """Give the pictures as they are drawn, see `upright`."""
        return upright(self.pictures, spec)

    def unit(self) -> NDArray[np.float32]:
        """Give the pictures in 0 to 1."""
        return np.asarray(self.pictures / np.float32(_SHADES), np.float32)


def most_kernels(
    n_filters: Sequence[int], cells: Sequence[int], work: Sequence[int], *, max_work: int = MAX_WORK
) -> int:
    """Tell how many kernels a layer are stored, at least one.

    Of layers with so many kernels, cells a pattern, and multiplications that one pattern takes.

    Examples
    --------
    >>> most_kernels([32, 64, 128], [5_504] * 3, [1] * 3)
    128
    >>> most_kernels([1_280] * 70, [4_096] * 70, [1] * 70), most_kernels([64], [1], [MAX_WORK // 9])
    (10, 9)
    """
    for most in range(MAX_KERNELS, 1, -1):
        counts = [min(n, most) for n in n_filters]
        n_cells, n_work = (
            sum(n * each for n, each in zip(counts, limited, strict=True))
            for limited in (cells, work)
        )
        if n_cells <= MAX_CELLS and n_work <= max_work:
            return most
    return 1


def stored_size(shape: tuple[int, ...]) -> tuple[int, int]:
    """Tell the height and width at which a pattern is stored: a colour one within `LONGEST`.

    >>> stored_size((128, 96, 3)), stored_size((43, 128, 1))
    ((64, 48), (43, 128))
    """
    height, width = shape[:2]
    share = min(1.0, LONGEST / max(height, width)) if shape[-1] == 3 else 1.0
    return max(1, round(height * share)), max(1, round(width * share))


def shaded(pictures: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Turn pictures in 0 to 1 into bytes, colours no larger than `LONGEST`: means of squares.

    >>> shaded(np.ones((1, 128, 96, 3), np.float32)).shape, shaded(np.ones((1, 4, 90, 1))).max()
    ((1, 64, 48, 3), np.uint8(255))
    """
    shades = np.rint(pictures * _SHADES).astype(np.uint8)
    if pictures.ndim == 3:
        return shades
    height, width = stored_size(pictures.shape[1:])
    if pictures.shape[1:3] == (height, width):
        return shades
    small = (Image.fromarray(one).resize((width, height), Image.Resampling.BOX) for one in shades)
    return np.stack([np.asarray(one) for one in small])


def upright(pictures: NDArray[Any], spec: CoverInput | SongInput) -> NDArray[Any]:
    """Turn patterns [shape=(n, ...)] as they are drawn: time to the right, low tones below.

    A song's become (n, bands, frames), a cover's stay (n, height, width, 3).
    """
    if not isinstance(spec, SongInput):
        return pictures
    return turn_upright(pictures.reshape(pictures.shape[:3]), spec.layout)


def draw_patterns(pictures: NDArray[np.uint8], *, gap: int = 2) -> bytes:
    """Draw upright patterns [shape=(n, h, w[, 3])] side by side as a PNG file, black between.

    Examples
    --------
    >>> draw_patterns(np.zeros((5, 8, 8), np.uint8))[1:4]
    b'PNG'
    """
    colours = np.repeat(pictures[..., np.newaxis], 3, -1) if pictures.ndim == 3 else pictures
    n, height, width = colours.shape[:3]
    columns = max(1, min(n, round(math.sqrt(1.6 * n * height / width))))
    rows = -(-n // columns)
    shape = (rows * (height + gap) - gap, columns * (width + gap) - gap, 3)
    whole = np.zeros(shape, np.uint8)
    for place, picture in enumerate(colours):
        top, left = (height + gap) * (place // columns), (width + gap) * (place % columns)
        whole[top : top + height, left : left + width] = picture
    buffer = io.BytesIO()
    Image.fromarray(whole).save(buffer, "PNG")
    return buffer.getvalue()


def load_patterns(card: Card) -> dict[str, StoredLayer]:
    """Read the patterns that are stored of a network, by layer; those at home replace the shipped.

    Raises `CheckpointError`: a file that is no such store.
    """
    stored: dict[str, StoredLayer] = {}
    for folder in (SHIPPED, home_folder()):
        stored |= read_file(path_of(card, folder))
    return stored


def home_folder() -> Path:
    """Return where patterns of one's own networks lie."""
    return home() / "patterns"


def path_of(card: Card, folder: Path) -> Path:
    """Return where the patterns of a network lie in a folder."""
    return folder / f"{card.model_sha256[:16]}.npz"


def read_file(path: Path) -> dict[str, StoredLayer]:
    """Read one file; nothing where it is missing or of another version."""
    if not path.is_file():
        return {}
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            facts = json.loads(str(stored["facts"]))
            if facts["version"] != VERSION:
                return {}
            return {
                name: _read(name, layer, stored[f"{place}"])
                for place, (name, layer) in enumerate(facts["layers"].items())
            }
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise CheckpointError(
            "Stored patterns must be as they were written.",
            received=f"{path.name}: {error}",
            cure="Remove that file and make them again.",
        ) from error


def save_patterns(card: Card, folder: Path, layers: Iterable[StoredLayer]) -> Path:
    """Write the patterns of a network, in place of what was there before."""
    every = list(layers)
    facts = {
        "version": VERSION,
        "model": card.name,
        "layers": {one.layer: _facts(one) for one in every},
    }
    path = path_of(card, folder)
    atlases: dict[str, Any] = {str(place): _packed(one) for place, one in enumerate(every)}
    with atomic_path(path) as part, part.open("wb") as file:
        np.savez(file, facts=np.array(json.dumps(facts)), **atlases)
    return path


def _facts(layer: StoredLayer) -> dict[str, Any]:
    return {
        "n_filters": layer.n_filters,
        "shape": list(layer.pictures.shape),
        "kernels": layer.kernels.tolist(),
        "values": _short(layer.values),
        "noise": _short(layer.noise),
        "real": _short(layer.real),
        "blank": np.flatnonzero(layer.blank).tolist(),
        "groups": list(layer.groups),
    }


def _short(values: NDArray[np.float64]) -> list[float]:
    return [float(f"{value:.5g}") for value in values]


def _read(name: str, facts: dict[str, Any], atlas: NDArray[np.uint8]) -> StoredLayer:
    n, height, width, channels = facts["shape"]
    columns = _columns(n, height, width)
    with Image.open(io.BytesIO(atlas.tobytes())) as opened:
        whole = np.asarray(opened.convert("RGB" if channels == 3 else "L"))
    whole = whole.reshape(*whole.shape[:2], channels)
    pictures = np.stack(
        [
            whole[row * height : (row + 1) * height, column * width : (column + 1) * width]
            for row, column in (divmod(place, columns) for place in range(n))
        ]
    )
    blank = np.zeros(n, np.bool_)
    blank[facts["blank"]] = True
    values, noise, real = (np.array(facts[key], np.float64) for key in ("values", "noise", "real"))
    return StoredLayer(
        name,
        facts["n_filters"],
        np.array(facts["kernels"], np.int64),
        pictures,
        values,
        noise,
        real,
        blank,
        tuple(facts["groups"]),
    )


def _packed(layer: StoredLayer) -> NDArray[np.uint8]:
    """Lay the pictures side by side in one, and write that as a picture file."""
    n, height, width, channels = layer.pictures.shape
    columns = _columns(n, height, width)
    whole = np.zeros((-(-n // columns) * height, columns * width, channels), np.uint8)
    for place, picture in enumerate(layer.pictures):
        row, column = divmod(place, columns)
        whole[row * height : (row + 1) * height, column * width : (column + 1) * width] = picture
    buffer = io.BytesIO()
    grey = whole if channels == 3 else whole[..., 0]
    Image.fromarray(grey).save(buffer, "WEBP", quality=QUALITY, method=6)
    return np.frombuffer(buffer.getvalue(), np.uint8)


def _columns(n: int, height: int, width: int) -> int:
    return max(1, min(n, round(math.sqrt(n * height / width))))
