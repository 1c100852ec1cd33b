"""The scaling question: does a network learn how its files were scaled."""

from __future__ import annotations

import dataclasses
import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from genre_core import __version__
from genre_core.config import Augment, Experiment, cover_input, require, to_dict
from genre_core.data.audit import check
from genre_core.data.cover_cache import cached_covers
from genre_core.data.home import home
from genre_core.data.importers import find_dataset
from genre_core.data.split_needs import need_every_genre
from genre_core.image.picture import Picture
from genre_core.image.treatments import ALIKE, RESCALE, Treatment, scale_alike, treat_covers
from genre_core.progress import Log

if TYPE_CHECKING:
    import keras

    from genre_core.explain.cam import Cam
    from genre_core.training.split_data import SplitData

TESTED: tuple[Treatment, ...] = (
    "as they are",
    "scaled apart",
    "scaled the other way",
    "neutralised",
)
MAX_MAPS = 100


@dataclass(frozen=True, slots=True)
class Course:
    """How the covers of one training were made, and what is done against it.

    treatment: how the files were made
    neutralise: whether each epoch hides that anew, at random; in training alone
    alike: whether every cover is scaled alike first, in training and whenever the network is asked
    """

    treatment: Treatment
    neutralise: bool = False
    alike: bool = False

    def inputs(self, covers: Picture) -> Picture:
        """Make files into what the network receives."""
        return scale_alike(covers) if self.alike else covers


TRAINED: dict[str, Course] = {
    "as they are": Course("as they are"),
    "scaled apart": Course("scaled apart"),
    "scaled apart, neutralised": Course("scaled apart", neutralise=True),
    "scaled apart, then all alike": Course("scaled apart", alike=True),
    # What the covers themselves tell at so little detail: the figure that the cure should reach.
    "as they are, then all alike": Course("as they are", alike=True),
}


def scaling_question(
    experiment: Experiment,
    data: str | Path,
    *,
    command: str,
    log: Log,
    epochs: int | None = None,
    repeats: int | None = None,
) -> dict[str, Any]:
    """Train one network on the same covers made in several ways, and test each in four.

    Parameters
    ----------
    experiment : Experiment
        Two genres; the second is the one whose covers are scaled.
    data : str or Path
        What `data.importers.find_dataset` takes.
    command : str
        How this was started, for the record.
    log : callable
        Takes one line at a time.
    epochs, repeats : int, optional
        In place of the experiment's own.

    Returns
    -------
    dict
        JSON values: `data`, `experiment`, `treatment`, `alike`, `majority` (accuracy of the larger
        class), `rows` (one a training and test: roc_auc as {value, low, high}, accuracy) and `maps`
        (one a training: the mean Grad-CAM over the test covers made as in training, the part of it
        at the border beside the border's area, its correlation with the covers' own contours).

    Raises
    ------
    ParameterError, DatasetError, LeakError, JobError
        Not two genres, the data, a leaking split, or a training that went wrong.
    """
    from genre_core.explain.cam import Cam
    from genre_core.training.fit import fit_experiment
    from genre_core.training.split_data import SplitData

    task = experiment.task
    require(
        len(task.genres) == 2,
        "The scaling question is asked of two genres.",
        task.genres,
        "Use s1_scaling_question.",
    )
    own = experiment.training
    settings = dataclasses.replace(
        own,
        epochs=own.epochs if epochs is None else epochs,
        repeats=own.repeats if repeats is None else repeats,
    )
    catalog = check(find_dataset(data))
    frame = catalog.select(task)
    need_every_genre(catalog, frame, task)
    parts = {}
    for name in ("train", "val", "test"):
        rows = frame[frame["split"] == name]
        covers = cached_covers(catalog, rows, cover_input(experiment.input))
        parts[name] = SplitData(covers, rows["genre_index"].to_numpy())
    test = parts["test"]
    tests = {way: treat_covers(test.inputs, test.genre_index, way) for way in TESTED}
    table, maps = [], []
    for trained_on, course in TRAINED.items():
        log(f"training on covers {trained_on}")
        augment = Augment(neutralise=float(course.neutralise))
        recipe = dataclasses.replace(experiment, training=settings, augment=augment)
        train, val = (_made(parts[name], course) for name in ("train", "val"))
        best = fit_experiment(
            recipe, train, val, key="", cache_dir=home() / "caches" / "maps", log=log
        )
        for tested_on in TESTED:
            row = _test(best.network, course.inputs(tests[tested_on]), frame, task.head)
            table.append({"trained_on": trained_on, "tested_on": tested_on, **row})
            log(f"  tested on covers {tested_on}: ROC AUC {row['roc_auc']['value']:.3f}")
        seen: Treatment = "neutralised" if course.neutralise else course.treatment
        cam = Cam(best.network, task.head)
        located = _maps(cam, course.inputs(tests[seen]), test.genre_index)
        maps.append({"trained_on": trained_on, "tested_on": seen, **located})
    shares = np.bincount(test.genre_index, minlength=2) / len(test.genre_index)
    return {
        "created": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "command": command,
        "version": __version__,
        "data": {
            "name": catalog.head.name,
            "title": catalog.head.title,
            "digest": catalog.digest,
            **{f"n_{name}": len(part.genre_index) for name, part in parts.items()},
        },
        "experiment": to_dict(dataclasses.replace(experiment, training=settings)),
        "treatment": f"covers of {task.genres[1]} scaled to {100 * RESCALE:.0f} % and back",
        "alike": f"every cover scaled to {100 * ALIKE:.0f} % and back",
        "genres": list(task.genres),
        "majority": round(float(shares.max()), 4),
        "interval": "95 % bootstrap over groups, 2,000 resamples",
        "rows": table,
        "maps": maps,
    }


def _made(part: SplitData, course: Course) -> SplitData:
    treated = treat_covers(part.inputs, part.genre_index, course.treatment)
    return dataclasses.replace(part, inputs=course.inputs(treated))


def _test(
    network: keras.Model, covers: np.ndarray, frame: pd.DataFrame, head: Any
) -> dict[str, Any]:
    from genre_core.evaluation.report import Scored, figure_of, item_groups
    from genre_core.metrics.intervals import bootstrap_interval
    from genre_core.metrics.probabilities import probabilities
    from genre_core.training.batches import logits_of

    test = frame[frame["split"] == "test"]
    scored = Scored(
        test["genre_index"].to_numpy(),
        probabilities(logits_of(network, covers), head),
        item_groups(test),
    )
    every = np.arange(len(covers))
    return {
        "roc_auc": figure_of(bootstrap_interval, scored.measure("roc_auc"), scored.groups),
        "accuracy": round(scored.measure("accuracy")(every), 4),
    }


def _maps(cam: Cam, covers: np.ndarray, genre_index: np.ndarray) -> dict[str, Any]:
    """Sum up where Grad-CAM looks for each cover's own genre, over evenly picked covers."""
    from genre_core.explain.borders import (
        border_area,
        border_share,
        contour_correlation,
        mean_heat,
    )

    picked = np.unique(np.linspace(0, len(covers) - 1, MAX_MAPS).round().astype(int))
    maps = [cam.explain(covers[i], genre_index=int(genre_index[i])) for i in picked]
    located = [(heat, i) for heat, i in zip(maps, picked, strict=True) if heat.is_located]
    if not located:
        return {"n": len(maps), "n_located": 0}
    along = [contour_correlation(heat.map, covers[i]) for heat, i in located]
    shape = located[0][0].map.shape
    return {
        "n": len(maps),
        "n_located": len(located),
        "stage": located[0][0].stage,
        "border_share": round(float(np.mean([border_share(heat.map) for heat, _ in located])), 4),
        "border_area": round(border_area((shape[0], shape[1])), 4),
        "contour_correlation": round(float(np.nanmean(along)), 4),
        "mean_heat": np.round(mean_heat(maps), 5).tolist(),
    }
