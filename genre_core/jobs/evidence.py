"""Measure what a network's heat maps are worth on items of a data set, and store it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.config import Experiment, from_dict, require
from genre_core.data.catalog import Catalog
from genre_core.data.home import home
from genre_core.data.media_files import Each, media_files, use_file
from genre_core.data.song_inputs import read_song_file
from genre_core.errors import DatasetError, DecodeError, Problem
from genre_core.evaluation.report import figure_of, item_groups
from genre_core.explain.cam import Cam, has_maps
from genre_core.explain.evidence import chance_of
from genre_core.explain.hiding import CONTROLS, SLICES, SQUARES, STEPS, control_maps, try_maps
from genre_core.explain.lru_store import LruStore
from genre_core.explain.plain_inputs import BLURRED_WORDS, PLAIN_WORDS
from genre_core.explain.pointing import point
from genre_core.explain.saliency import FRAME_GRADIENT, METHODS, PERTURBING
from genre_core.explain.shuffled import DEPTHS, cascade
from genre_core.inference.classifier import Classifier
from genre_core.inference.songs import SongClassifier
from genre_core.jobs.evaluating import items_of, names_genres
from genre_core.jobs.fits.kinds import need_medium
from genre_core.jobs.kept_parts import Arrays, KeptParts
from genre_core.jobs.seen_items import seen_items
from genre_core.metrics.intervals import bootstrap_interval
from genre_core.metrics.probabilities import probabilities
from genre_core.progress import Log, Progress
from genre_core.runs.bundle import Bundle
from genre_core.runs.evidence import MethodEvidence, StoredEvidence, save_evidence

N_ITEMS, N_DEAR, N_SHUFFLED, N_POINTED = 200, 40, 10, 50
"""Items of the cheap methods, of the dear ones, of the test with shuffled weights; made covers."""

CHEAP = ("gradcam", "gradcam++", "layercam", FRAME_GRADIENT)
"""Methods that cost about a forward pass; all others cost many more."""

STEPPED = ("gradcam", FRAME_GRADIENT)
"""Methods whose maps are made again after each step of shuffling; others with all shuffled."""

_NO_NETWORK = "maps of no network"
_AT_ONCE = 5  # Items of a part: so many at most are made again after a stop.
_VERSION = 1  # Raise it when parts would hold something else.
_TIMES = 3  # A forward pass, of which the median counts.
_CONSTANT = ("layers", "names")  # Of all items alike.
_MAX_READ = 500  # Inputs held for the next method: 100 MB of covers.


class _Reader:
    """Items of a data set as a network reads them, and the genre that a page explains at first."""

    def __init__(self, bundle: Bundle, catalog: Catalog) -> None:
        is_song = bundle.card.media == "song"
        reader = SongClassifier if is_song else Classifier
        self._model: Classifier | SongClassifier = reader.load(bundle)
        require(
            not is_song or has_maps(self._model.network),
            "Evidence is for networks with heat maps.",
            f"{bundle.name}, which reads statistics",
            "Name another model.",
        )
        self._catalog, self._prog = catalog, bundle.card.prog_score
        self._read: LruStore[str, tuple[NDArray[Any], int]] = LruStore(_MAX_READ)
        self.cam = Cam(self._model.network, bundle.card.head)
        self.time_axis = 0
        if isinstance(self._model, SongClassifier):
            self.time_axis = int(self._model.spec.layout == "frequency_time")

    def read(self, row: pd.DataFrame) -> tuple[NDArray[Any], int]:
        """Read one row, and choose the genre: a cover, or the segment in a song's middle."""
        return self._read.get(str(row["item_id"].iloc[0]), lambda: self._read_anew(row))

    def _read_anew(self, row: pd.DataFrame) -> tuple[NDArray[Any], int]:
        item = self._item(row)
        if isinstance(item, Problem):
            raise DatasetError(
                "Every item that is used must be readable.",
                received=str(item),
                cure="Import the data again: what is broken is then left out.",
            )
        if self._prog is not None:
            return item, self._model.genres.index(self._prog.genre)
        return item, int(probabilities(self.forward(item), self.cam.head)[0].argmax())

    def forward(self, item: NDArray[Any]) -> NDArray[np.float32]:
        """Let the network see one input, as it is served."""
        return self._model.logits(item[np.newaxis])

    def _item(self, row: pd.DataFrame) -> NDArray[Any] | Problem:
        files, _, problems = media_files(self._catalog, row)
        if problems:
            return problems[0]
        [file] = files
        if isinstance(self._model, Classifier):
            return use_file(file, self._model.prepare)
        try:
            segments = read_song_file(file.path, file.checksum, self._model.spec)
        except DecodeError as error:
            return Problem(file.item_id, str(error))
        return np.ascontiguousarray(segments.inputs[len(segments) // 2])


def methods_of(cam: Cam) -> tuple[str, ...]:
    """List the methods that explain a network, cheap ones first.

    >>> from genre_core.architectures import build
    >>> methods_of(Cam(build("s5_lstm", input_shape=(5, 205)), "softmax"))
    ('gradient x input', 'integrated-gradients', 'occlusion')
    """
    return METHODS if cam.stages else (FRAME_GRADIENT, *PERTURBING)


def write_evidence(
    bundle: Bundle,
    catalog: Catalog,
    *,
    n: int = N_ITEMS,
    n_dear: int = N_DEAR,
    n_shuffled: int = N_SHUFFLED,
    items: Mapping[str, int] | None = None,
    command: str,
    progress: Progress,
    log: Log,
    out: Path | None = None,
) -> StoredEvidence:
    """Measure the methods that explain a network on test items, and store it in its bundle.

    Of each item the map of the network's answer (prog where it gives a prog score) is tried, see
    `explain.evidence`; of a song the segment in its middle. What is made stays in the home folder,
    some items at a time: a run that was stopped or killed goes on where it was, and one that asks
    for more items makes those alone.

    Parameters
    ----------
    bundle : Bundle
        The network; it must have heat maps.
    catalog : Catalog
        Whose test split is used, in an order drawn once; every item where there is no such split.
    n, n_dear, n_shuffled : int
        Items for `CHEAP` methods and for maps that ask no network, for the other methods, and for
        the test with shuffled weights: of `STEPPED` methods in steps, of the others with all layers
        at once. Fewer where there are fewer; 0 leaves a test out.
    items : mapping, optional
        Method to its own number of items, in place of these.
    command : str
        How this is typed, for the record.
    out : Path, optional
        Folder that gets `evidence.json`; the bundle's own by default.

    Raises
    ------
    ParameterError, DatasetError, CheckpointError
        Numbers below 0, a method that does not explain this network, a network without maps, data
        of another medium or without a readable item.
    """
    asked = dict(items or {})
    require(
        n >= 1 and min(n_dear, n_shuffled, *asked.values()) >= 0,
        "There must be at least 1 item, and of single tests 0 or more.",
        (n, n_dear, n_shuffled, *asked.values()),
        "Use 200, 40 and 10.",
    )
    frame, split = _items(bundle, catalog)
    reader = _Reader(bundle, catalog)
    cam = reader.cam
    methods = methods_of(cam)
    strange = [name for name in asked if name not in methods]
    require(
        not strange,
        f"Methods that explain {bundle.name} are {', '.join(methods)}.",
        ", ".join(strange),
        "Name one of these.",
    )
    counts = {name: asked.get(name, n if name in CHEAP else min(n, n_dear)) for name in methods}
    key = [_VERSION, bundle.card.model_sha256, catalog.digest, SQUARES, SLICES, STEPS]
    parts = KeptParts(home() / "evidence" / bundle.name, key, _AT_ONCE, progress, log)
    what = f"{bundle.card.media}s of {bundle.name}"

    def make(name: str, first: int, work: Callable[[pd.DataFrame, Each], Arrays]) -> Arrays:
        first = min(first, len(frame))
        if not first:
            return {}
        whole = frame.iloc[: -(-first // _AT_ONCE) * _AT_ONCE]
        made = [arrays for _, arrays in parts.make(name, whole, work, f"{what}, {name}")]
        every = {k: np.concatenate([one[k] for one in made])[:first] for k in made[0]}
        return every | {k: made[0][k] for k in _CONSTANT if k in every}

    tried = make(_NO_NETWORK, max(n, *counts.values()), partial(_try, reader, CONTROLS))
    for name, count in counts.items():
        tried |= make(name, count, partial(_try, reader, (name,)))
    stepped = tuple(name for name in methods if name in STEPPED)
    others = tuple(name for name in methods if name not in STEPPED)
    shuffled = make("weights shuffled", n_shuffled, partial(_shuffle, reader, stepped, DEPTHS))
    final = make(
        "all layers shuffled", n_shuffled if n_dear else 0, partial(_shuffle, reader, others, 1)
    )
    pointing = _pointing(progress, log)
    groups = item_groups(frame)
    is_seen, is_known = seen_items(bundle, catalog, frame.iloc[:n])
    used = [name for name, count in counts.items() if count]
    rows = {name: _figures(name, tried, groups) for name in (*CONTROLS, *used)}
    for name, figures in rows.items():
        figures |= {"cost": _cost(tried.get(f"cost {name}")), "pointing": pointing.get(name)}
        changes = shuffled if name in (*CONTROLS, *stepped) else final
        figures |= _changes(changes.get(f"correlation {name}"), groups)
    names, layers = (shuffled.get(own, np.array([])).tolist() for own in ("names", "layers"))
    stored = StoredEvidence(
        {name: MethodEvidence(**rows[name]) for name in methods if name in rows},
        {name: MethodEvidence(**rows[name]) for name in CONTROLS},
        {
            "name": catalog.head.name,
            "title": catalog.head.title,
            "digest": catalog.digest,
            "split": split,
            "n_items": len(frame),
            "n_seen": int(is_seen.sum()),
            "is_seen_known": is_known,
        },
        [list(pair) for pair in zip(layers, names, strict=True)],
        {
            "stage": "" if cam.stage is None else cam.stage.name,
            "squares": [SQUARES, SQUARES] if cam.is_cover else [SLICES],
            "steps": STEPS,
            "plain": PLAIN_WORDS[cam.kind],
            "blurred": BLURRED_WORDS[cam.kind],
            "n_pointed": N_POINTED,
            "explained": "prog" if bundle.card.prog_score else "the network's answer",
        },
        command,
    )
    save_evidence(stored, bundle.card.model_sha256, out or bundle.folder)
    return stored


def _items(bundle: Bundle, catalog: Catalog) -> tuple[pd.DataFrame, str]:
    """Choose the items, in an order that is drawn once and is the same for every network."""
    need_medium(from_dict(Experiment, bundle.card.experiment), catalog)
    frame, split = catalog.frame, "test"
    if names_genres(bundle):
        _, frame = items_of(bundle, catalog, "all")
    if (frame["split"] == "test").any():
        frame = frame[frame["split"] == "test"]
    else:
        split = "all"
    if frame.empty:
        raise DatasetError(
            "There must be an item.", received=catalog.head.name, cure="Import the data again."
        )
    order = np.random.default_rng(0).permutation(len(frame))
    return frame.sort_values("item_id").iloc[order].reset_index(drop=True), split


def _try(reader: _Reader, names: Sequence[str], some: pd.DataFrame, each: Each) -> Arrays:
    """Try maps of some items: areas, whether they are located, time beside a forward pass."""
    cam, axis = reader.cam, reader.time_axis
    columns: dict[str, list[float]] = {}

    def add(column: str, value: float) -> None:
        columns.setdefault(column, []).append(value)

    for place in range(len(some)):
        item, genre = reader.read(some.iloc[[place]])
        whole = median(_seconds(partial(reader.forward, item)) for _ in range(_TIMES))
        seed = int(str(some["checksum"].iloc[place])[:8] or "0", 16)
        controls = control_maps(item, cam.kind, seed)
        maps: dict[str, NDArray[Any]] = {k: own for k, own in controls.items() if k in names}
        for name in names:
            if name in maps:
                continue
            begin = time.process_time()
            saliency = cam.explain(item, genre, method=name, time_axis=axis)
            add(f"cost {name}", (time.process_time() - begin) / whole)
            add(f"located {name}", saliency.is_located)
            maps[name] = cam.on_input(saliency)
        chance = chance_of(cam, genre)
        trials = try_maps(item, maps, chance, cam.kind, time_axis=axis, seed=seed)
        for name, trial in trials.items():
            add(f"insertion {name}", trial.insertion)
            add(f"deletion {name}", trial.deletion)
        each(str(some["item_id"].iloc[place]))
    return {name: np.array(column, np.float64) for name, column in columns.items()}


def _seconds(work: Callable[[], object]) -> float:
    """Give the processor's seconds, of all threads: other work on the machine adds nothing."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def _shuffle(
    reader: _Reader, names: Sequence[str], n_depths: int, some: pd.DataFrame, each: Each
) -> Arrays:
    """Make maps of some items while the network's layers are shuffled."""
    read = [reader.read(some.iloc[[place]]) for place in range(len(some))]
    found = cascade(
        reader.cam,
        np.stack([item for item, _ in read]),
        [genre for _, genre in read],
        names,
        time_axis=reader.time_axis,
        n_depths=n_depths,
    )
    for item_id in some["item_id"]:
        each(str(item_id))
    arrays: Arrays = {f"correlation {name}": own for name, own in found.correlation.items()}
    return arrays | {"layers": found.layers, "names": np.array(found.names, str)}


def _pointing(progress: Progress, log: Log) -> dict[str, float]:
    """Let every method point at made covers, once: no network of a data set takes part."""

    def work(some: pd.DataFrame, _: Each) -> Arrays:
        shares = point(METHODS, n=len(some), seed=int(some.index[0]))
        return {name: np.full(len(some), share) for name, share in shares.items()}

    key = [_VERSION, list(METHODS)]
    parts = KeptParts(home() / "evidence" / "pointing", key, _AT_ONCE, progress, log)
    covers = pd.DataFrame(index=range(N_POINTED))
    made = [arrays for _, arrays in parts.make("made", covers, work, "made covers")]
    return {name: float(np.concatenate([one[name] for one in made]).mean()) for name in made[0]}


def _cost(ratios: NDArray[np.float64] | None) -> float | None:
    return None if ratios is None else round(float(np.median(ratios)), 1)


def _figures(name: str, tried: Arrays, groups: NDArray[np.str_]) -> dict[str, Any]:
    n = len(tried[f"insertion {name}"])

    def worth(of: str) -> NDArray[np.float64]:
        return np.asarray(tried[f"insertion {of}"] - tried[f"deletion {of}"])[:n]

    return {
        "n": n,
        "n_located": int(tried.get(f"located {name}", np.ones(n)).sum()),
        "insertion": _mean(tried[f"insertion {name}"], groups),
        "deletion": _mean(tried[f"deletion {name}"], groups),
        "over": {
            control: _mean(worth(name) - worth(control), groups)
            for control in CONTROLS
            if control != name
        },
    }


def _changes(rows: NDArray[np.float64] | None, groups: NDArray[np.str_]) -> dict[str, Any]:
    if rows is None:
        return {}
    return {
        "correlation": [round(float(value), 3) for value in rows.mean(axis=0)],
        "changed": _mean(rows[:, -1], groups),
        "n_shuffled": len(rows),
    }


def _mean(values: NDArray[np.float64], groups: NDArray[np.str_]) -> dict[str, Any]:
    """Give a mean over the first items with its interval, whole groups drawn again."""
    own = groups[: len(values)]
    return figure_of(bootstrap_interval, lambda index: float(values[index].mean()), own)
