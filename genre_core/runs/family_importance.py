"""Which families of features a network needs, measured on a data set and stored with it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from genre_core.runs.bundle import FAMILIES_FILE, Bundle
from genre_core.runs.measured import load_measured, save_measured

Figure = dict[str, Any]
"""value, with low and high or `no_interval`, why there are none."""


@dataclass(frozen=True, slots=True)
class FamilyImportance:
    """What a network's figure loses where one family of features comes from other songs.

    data: Name, title, digest, split and source of the songs.
    n, n_groups, n_per_genre: Songs, their groups, and songs of each genre.
    segments_each: Of a song, at most.
    folds: Songs in each fold; no group stands in two, and features are exchanged within one only.
    n_repeats: How often each family is exchanged.
    figure: Which one, such as "roc_auc".
    whole: It on all songs as they are.
    rows: A row a family: `family`, `drop` (of the figure, the mean of the repeats), `by_fold` (the
        same in each fold; None where it has one genre), `moved` (mean size of the change of the
        scored genre's probability).
    note: What must be said beside it.
    command: How it is made again.
    """

    data: dict[str, Any]
    n: int
    n_groups: int
    n_per_genre: list[int]
    segments_each: int
    folds: list[int]
    n_repeats: int
    figure: str
    whole: Figure
    rows: list[dict[str, Any]]
    note: str
    command: str


def save_families(stored: FamilyImportance, model_sha256: str, folder: Path) -> Path:
    """Write `families.json` into a folder, whole or not at all."""
    return save_measured(asdict(stored), model_sha256, folder / FAMILIES_FILE)


def load_families(bundle: Bundle) -> FamilyImportance | None:
    """Read what was measured of a bundle; None without it, or where it is another network's.

    Raises `CheckpointError`: a file that cannot be read.
    """
    return load_measured(
        bundle,
        FAMILIES_FILE,
        lambda plain: FamilyImportance(**plain),
        what="What a network's families of features are worth",
        command="families",
    )
