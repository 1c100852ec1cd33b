"""Which items of a data set a network may have learnt from."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.config import Experiment, SongInput, from_dict
from genre_core.data.catalog import Catalog, load_catalog
from genre_core.data.home import home
from genre_core.errors import DatasetError
from genre_core.runs.bundle import NEIGHBOURS_FILE, Bundle


def seen_items(
    bundle: Bundle, catalog: Catalog, frame: pd.DataFrame
) -> tuple[NDArray[np.bool_], bool]:
    """Tell of each row [shape=(n,)] whether the network may have learnt from it or chosen by it.

    On the data set that it was trained on the split decides; elsewhere, whether a file of the same
    checksum stood in its training part. The second value is False where these files are not known
    here, or others trained it: then none counts as seen.
    """
    experiment = from_dict(Experiment, bundle.card.experiment)
    if experiment.training.method == "none":
        return np.zeros(len(frame), bool), False  # its weights are of others, learnt elsewhere
    if catalog.digest == bundle.card.data.get("digest"):
        return _is_learnt(experiment, frame), True
    learnt = _learnt_checksums(bundle, experiment)
    if learnt is None:
        return np.zeros(len(frame), bool), False
    return frame["checksum"].isin(learnt).to_numpy(), True


def _is_learnt(experiment: Experiment, frame: pd.DataFrame) -> NDArray[np.bool_]:
    settings = experiment.training
    if not isinstance(experiment.input, SongInput):
        return frame["split"].isin(["train", "val"]).to_numpy()
    if settings.folds and settings.fold_groups == "none":
        return np.ones(len(frame), bool)  # what is stored learnt from all songs
    return (frame["split"] != "test").to_numpy()


def _learnt_checksums(bundle: Bundle, experiment: Experiment) -> set[str] | None:
    """Find the files that it learnt from: in its data set where that is here, else in the bundle.

    A bundle lists the covers of train alone, not those of val.
    """
    try:
        own = load_catalog(home() / "datasets" / str(bundle.card.data.get("name", "")))
    except DatasetError:
        own = None
    if own is not None and own.digest == bundle.card.data.get("digest"):
        return set(own.frame.loc[_is_learnt(experiment, own.frame), "checksum"])
    if bundle.has_neighbours:
        table = pd.read_parquet(bundle.folder / NEIGHBOURS_FILE, columns=["checksum"])
        return set(table["checksum"])
    return None
