"""Bundles on disk: find them, list them and read their figures without loading a network."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genre_core.data.home import home
from genre_core.data.whole_folder import find_folders, whole_folder
from genre_core.errors import CheckpointError, GenreError, describe, did_you_mean
from genre_core.runs.card import CARD_FILE, Card, load_card

if TYPE_CHECKING:
    import pandas as pd

MODEL_FILE = "model.keras"
METRICS_FILE = "metrics.json"
HISTORY_FILE = "history.csv"
PREDICTIONS_FILE = "predictions.parquet"
NEIGHBOURS_FILE = "neighbours.parquet"
VECTORS_FILE = "neighbours.npy"
REPEATS_FILE = "repeats.json"
REFERENCES_FILE = "references.json"
EVIDENCE_FILE = "evidence.json"
FAMILIES_FILE = "families.json"

SHIPPED_DIR = Path(__file__).resolve().parents[2] / "models"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A trained network's folder and its checked card.

    The folder holds model.keras, card.json, metrics.json, history.csv and predictions.parquet; also
    neighbours.parquet and neighbours.npy where its training covers can be searched,
    references.json with the prog scores of songs people know, evidence.json, which tells what its
    heat maps are worth, and families.json, which of its features it needs.
    """

    folder: Path
    card: Card

    @property
    def name(self) -> str:
        """`<architecture>.<tag>`."""
        return self.card.name

    @property
    def model_path(self) -> Path:
        """The stored network."""
        return self.folder / MODEL_FILE

    @property
    def has_network(self) -> bool:
        """Whether it can predict; of a network too large to ship only the record stays."""
        return self.model_path.is_file()

    @property
    def has_neighbours(self) -> bool:
        """Whether the bundle says that its training covers can be searched."""
        return (self.folder / NEIGHBOURS_FILE).is_file()

    def metrics(self) -> dict[str, Any]:
        """Figures on the test split; empty where the bundle was never evaluated."""
        return _read_table(self.folder / METRICS_FILE)

    def repeats(self) -> dict[str, Any]:
        """Figures of every repeat of its training on the test split; empty where there is none."""
        return _read_table(self.folder / REPEATS_FILE)

    def history(self) -> pd.DataFrame:
        """One row a run and epoch; empty where there is none."""
        import pandas as pd

        path = self.folder / HISTORY_FILE
        if not path.is_file():
            return pd.DataFrame(columns=["run", "epoch"])
        try:
            return pd.read_csv(path)
        except ValueError as error:
            raise _unreadable(path, error) from error

    def predictions(self) -> pd.DataFrame:
        """One row a test item; empty where there is none."""
        import pandas as pd

        path = self.folder / PREDICTIONS_FILE
        if not path.is_file():
            return pd.DataFrame(columns=["item_id", "genre_index", "predicted"])
        try:
            return pd.read_parquet(path)
        except (ValueError, OSError) as error:
            raise _unreadable(path, error) from error


def open_bundle(folder: str | Path) -> Bundle:
    """Open a bundle by its folder; `CheckpointError` without a folder or a card that holds."""
    folder = Path(folder)
    if not folder.is_dir():
        raise CheckpointError(
            "A bundle is a folder.", received=describe(str(folder)), cure="Give an existing folder."
        )
    return Bundle(folder, load_card(folder))


def list_bundles(*, media: str = "cover", need_network: bool = False) -> tuple[Bundle, ...]:
    """List every bundle whose card can be read, shipped ones first, then those of the home folder.

    `media` is "cover" or "song"; with `need_network` those that are only a record (card, figures
    and history without the network) are left out. A home bundle hides a shipped one of the same
    name.
    """
    bundles: dict[str, Bundle] = {}
    for _, folder in _bundle_folders():
        try:
            bundle = open_bundle(folder)
        except GenreError:
            continue
        if bundle.card.media == media and (bundle.has_network or not need_network):
            bundles[bundle.name] = bundle
    return tuple(bundles.values())


def find_bundle(name: str) -> Bundle:
    """Find a bundle by its name or its folder's path.

    Raises `CheckpointError` where there is none of that name; the nearest is named.
    """
    if Path(name).is_dir():
        return open_bundle(name)
    folders = dict(_bundle_folders())
    if name in folders:
        return open_bundle(folders[name])
    raise CheckpointError(
        "A model is named by its bundle's folder.",
        received=describe(name),
        cure=did_you_mean(name, folders, "Train one, or put its folder under models/."),
    )


def models_dir() -> Path:
    """Folder of the bundles that a user trains."""
    return home() / "models"


def is_taken(name: str, out: str | Path | None = None) -> bool:
    """Tell whether `put_in_place` would replace a bundle of this name."""
    return ((Path(out) if out else models_dir()) / name).exists()


def free_tag(name: str, out: str | Path | None = None) -> str:
    """Propose a tag under which no bundle stands, shipped ones neither: "mine-2" for "x.mine"."""
    architecture, _, tag = name.partition(".")
    stem = re.sub(r"-\d+$", "", tag)
    shipped = {folder for folder, _ in _bundle_folders()}
    numbered = (f"{stem}-{k}" for k in itertools.count(2))
    return next(
        tag
        for tag in numbered
        if not is_taken(f"{architecture}.{tag}", out) and f"{architecture}.{tag}" not in shipped
    )


def put_in_place(folder: Path, out: str | Path | None = None) -> Bundle:
    """Copy a complete bundle to where bundles are found; an older one of its name is replaced.

    Whenever the process ends, `find_bundle` knows the older or the new one. `out` gets the bundle's
    folder; the home folder's `models` by default.
    """
    target = (Path(out) if out else models_dir()) / folder.name
    with whole_folder(target) as new:
        shutil.copytree(folder, new)
    return open_bundle(target)


def _bundle_folders() -> list[tuple[str, Path]]:
    """Name every bundle's folder, shipped ones first."""
    roots = (SHIPPED_DIR, models_dir())
    return [own for root in roots for own in find_folders(root, CARD_FILE)]


def _read_table(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> CheckpointError:
    return CheckpointError(
        "The figures of a bundle must be readable.",
        received=f"{path.parent.name}/{path.name} ({error})",
        cure=f"Delete {METRICS_FILE} and {PREDICTIONS_FILE} there, and run: python -m genre_core "
        "evaluate MODEL --data SET --out ITS_FOLDER.",
    )
