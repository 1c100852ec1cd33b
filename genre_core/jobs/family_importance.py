"""Measure which families of features a network needs, on songs of a data set, and store it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from genre_core.config import require
from genre_core.data.catalog import Catalog
from genre_core.evaluation.report import Scored, figure_of, item_groups
from genre_core.explain.family_importance import AT_ONCE, deal_donors, deal_folds, permute_families
from genre_core.explain.feature_families import family_columns
from genre_core.inference.forward import Compiled
from genre_core.inference.songs import SongClassifier
from genre_core.jobs.removing import SEGMENTS_EACH, read_asked
from genre_core.metrics.intervals import bootstrap_interval
from genre_core.metrics.probabilities import probabilities
from genre_core.progress import Log, Progress
from genre_core.runs.bundle import Bundle
from genre_core.runs.family_importance import FamilyImportance, save_families

N_FOLDS, N_REPEATS = 5, 5


def write_families(
    bundle: Bundle,
    catalog: Catalog,
    *,
    split: str = "test",
    source: str = "",
    note: str = "",
    n_folds: int = N_FOLDS,
    n_repeats: int = N_REPEATS,
    command: str,
    progress: Progress,
    log: Log,
    out: Path | None = None,
) -> FamilyImportance:
    """Exchange one family of features after the other between songs, and store what that costs.

    Songs take a family's features from songs of another group in their own fold; whole groups are
    dealt into folds (`explain.family_importance`). The figure is AUC of a network with two genres,
    macro-F1 of others, by probabilities before any calibration.

    Parameters
    ----------
    bundle : Bundle
        A network that reads standardized frames or statistics.
    catalog : Catalog
        The songs; those whose genre the network names (for a prog score: known prog and known
        other songs) are taken, `removing.MAX_ITEMS` at most.
    split : {"test", "all"}
        The items.
    source : str
        Only items of this source, or of several with commas between; "" for every one.
    note : str
        What must be said beside the figures.
    n_folds, n_repeats : int
        At most so many folds; how often families are exchanged.
    out : Path, optional
        Folder that gets `families.json`; the bundle's own by default.

    Raises
    ------
    ParameterError, DatasetError
        A network of another kind, numbers below 1, or no song that can be asked.
    """
    card = bundle.card
    require(card.media == "song", "Families are those of songs.", bundle.name, "Choose another.")
    family_columns(card.input)  # type: ignore[arg-type]  # says at once where there are none
    require(split in ("test", "all"), "split must be 'test' or 'all'.", split, "Use 'test'.")
    require(
        min(n_folds, n_repeats) >= 1,
        "Folds and repeats must be at least 1.",
        (n_folds, n_repeats),
        f"Use {N_FOLDS} and {N_REPEATS}.",
    )
    frame, songs = read_asked(bundle, catalog, split, source, log)
    true, groups = frame["genre_index"].to_numpy(), item_groups(frame)
    fold = deal_folds(true, groups, n_folds)
    log(f"{len(frame)} songs of {len(np.unique(groups))} groups in {fold.max() + 1} folds")
    model = SongClassifier.load(bundle)
    # Steps of a recurrent layer cost hardly more for many songs at once than for one.
    ask = Compiled(model.network, "float32", batch_size=AT_ONCE)
    found = permute_families(
        songs,
        model.spec,
        deal_donors(groups, fold, n_repeats=n_repeats),
        lambda segments: probabilities(ask(segments)[0], card.head),
        progress=progress,
    )
    whole = Scored(true, found.whole, groups)
    reached = whole.figure(whole.headline)
    # Where a genre has too few groups for an interval of the figure, so it has for what is lost.
    why_none = {key: reached[key] for key in ("no_interval",) if key in reached}
    shown = card.genres.index(card.prog_score.genre) if card.prog_score else None
    rows = []
    for k, name in enumerate(found.names):
        changed = found.permuted[:, k]
        drop = _drop(whole, [Scored(true, probs, groups) for probs in changed])
        moved = np.abs(changed - found.whole)
        moved = moved.mean() if shown is None else moved[..., shown].mean()
        rows.append(
            {
                "family": name,
                "drop": {"value": _rounded(drop(np.arange(len(true))))} | why_none
                if why_none
                else figure_of(bootstrap_interval, drop, groups),
                "by_fold": [_rounded(drop(np.flatnonzero(fold == f))) for f in np.unique(fold)],
                "moved": round(float(moved), 4),
            }
        )
    stored = FamilyImportance(
        data={
            "name": catalog.head.name,
            "title": catalog.head.title,
            "digest": catalog.digest,
            "split": split,
            "source": source,
        },
        n=len(frame),
        n_groups=len(np.unique(groups)),
        n_per_genre=np.bincount(true, minlength=len(card.genres)).tolist(),
        segments_each=SEGMENTS_EACH,
        folds=np.bincount(fold).tolist(),
        n_repeats=n_repeats,
        figure=whole.headline,
        whole=reached,
        rows=rows,
        note=note,
        command=command,
    )
    save_families(stored, card.model_sha256, out or bundle.folder)
    return stored


def _drop(whole: Scored, changed: list[Scored]) -> Any:
    """Give the mean loss of the headline figure as a function of item indices."""
    figure = whole.measure(whole.headline)
    others = [one.measure(whole.headline) for one in changed]
    return lambda index: figure(index) - float(np.mean([other(index) for other in others]))


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
