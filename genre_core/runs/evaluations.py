"""Evaluations on disk: what a network answered on each item of a data set, and its figures."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from genre_core.data.home import home
from genre_core.data.table_rows import GROUP_ROWS, rows_at
from genre_core.data.whole_folder import find_folders, remove_folder, whole_folder
from genre_core.errors import EvaluationError, GenreError, did_you_mean
from genre_core.runs.bundle import METRICS_FILE, PREDICTIONS_FILE, Bundle, find_bundle, list_bundles

FORMAT_VERSION = 1
ABOUT_FILE = "evaluation.json"
SEGMENTS_FILE = "segments.parquet"
EMBEDDINGS_FILE = "embeddings.npy"
UMAP_FILE = "umap.npy"

_NAME = re.compile(r"\w[\w.-]*@[\w.@-]+")
_MAX_BYTES = 240  # of a folder's name; file systems allow 255
_NEEDED = ("item_id", "genre_index", "predicted", "prob_0")
_ABOUT = ("format_version", "model", "data", "split", "mapping", "n", "made")
_ROWS_READ = 4096  # of segments at once: one song's are found without reading the others


@dataclass(frozen=True, slots=True)
class EvaluationRecord:
    """A network's answers on a data set: an evaluation that was made, or a bundle's own.

    name: `MODEL@SET`, with `@SPLIT` behind it unless the split is test; also the folder's name
    folder: where its files lie
    about: what `evaluation.json` holds: `model` (name, title, media, sha256, genres), `data` (name,
        title, digest, media), `split` ("test", "all" or "folds"), `mapping` (label of the data to
        genre of the network, empty where the recipe's rules hold), `n`, `n_left_out`, `n_seen`
        (items that the network may have learnt from), `made`, `command`, `versions`; of a network
        that gives tags, whose `genres` are those that a label means, also `tags_rule`, how they
        are read (`evaluation.tags`)
    is_stored: False for a bundle's own, which is read-only and has neither segments nor embeddings
        unless its training stored them
    """

    name: str
    folder: Path
    about: dict[str, Any]
    is_stored: bool

    @property
    def genres(self) -> tuple[str, ...]:
        """The network's genres in the order of `prob_<k>`."""
        return tuple(self.about["model"]["genres"])

    @property
    def ranked_by(self) -> str:
        """Which columns order the items by one genre: "prob", or of tags "logit".

        The probabilities of tags are shares of their scores: how high one is, hangs on the others.
        """
        return "logit" if "tags_rule" in self.about else "prob"

    @property
    def media(self) -> str:
        """Either "cover" or "song"."""
        return str(self.about["model"]["media"])

    def metrics(self) -> dict[str, Any]:
        """Figures as `evaluation.report.lay_out` lays them out."""
        try:
            return dict(json.loads((self.folder / METRICS_FILE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise self._broken(METRICS_FILE, error) from error

    def columns(self) -> tuple[str, ...]:
        """Names of the columns of `predictions`, without reading a row."""
        try:
            names = pq.read_schema(self.folder / PREDICTIONS_FILE).names
        except (OSError, ValueError) as error:
            raise self._broken(PREDICTIONS_FILE, error) from error
        missing = [name for name in _NEEDED if name not in names]
        if missing:
            raise self._broken(PREDICTIONS_FILE, f"without {', '.join(missing)}")
        return tuple(_with_later(names))

    def predictions(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """One row an item: what it is, `genre_index`, `predicted`, `prob_<k>` and `logit_<k>`.

        Also `fold` where folds made it, `spread` (share of the repeats that answer otherwise) where
        there were some, and facts of the file as `fact_<name>` where they were measured. With
        `columns` only those are read, and those that are not there are passed over.
        """
        known = self.columns()
        names = known if columns is None else [name for name in columns if name in known]
        return self._complete(names, lambda path, stored: pd.read_parquet(path, columns=stored))

    def items_at(
        self, rows: Sequence[int] | NDArray[np.integer[Any]], columns: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Read some rows of `predictions`, in the order that they are given, and no others."""

        def read(path: Path, stored: list[str]) -> pd.DataFrame:
            with pq.ParquetFile(path) as file:
                return rows_at(file, rows, stored).to_pandas()

        known = self.columns()
        names = known if columns is None else [name for name in columns if name in known]
        return self._complete(names, read)

    def _complete(
        self, names: Sequence[str], read: Callable[[Path, list[str]], pd.DataFrame]
    ) -> pd.DataFrame:
        """Read columns, and give those that bundles of before they were kept do not have."""
        path = self.folder / PREDICTIONS_FILE
        try:
            in_file = {*pq.read_schema(path).names}
            rows = read(path, [name for name in names if name in in_file])
        except (OSError, ValueError) as error:
            raise self._broken(PREDICTIONS_FILE, error) from error
        for place, name in enumerate(names):
            if name not in in_file:
                empty = "" if name == "album" else pd.array([pd.NA] * len(rows), dtype="Int64")
                rows.insert(place, name, empty)
        return rows

    def segments(self, item_id: str) -> pd.DataFrame | None:
        """One row a segment of a song: start_s, end_s, prob_<k>; None where none are kept."""
        return self.segments_of([item_id]).get(item_id)

    def segments_of(self, item_ids: Sequence[str]) -> dict[str, pd.DataFrame]:
        """Read the segments of several songs at once; those that have none are left out."""
        path = self.folder / SEGMENTS_FILE
        if not path.is_file() or not item_ids:
            return {}
        try:
            rows = pd.read_parquet(path, filters=[("item_id", "in", list(item_ids))])
        except (OSError, ValueError) as error:
            raise self._broken(SEGMENTS_FILE, error) from error
        return {
            str(item_id): own.drop(columns="item_id").reset_index(drop=True)
            for item_id, own in rows.groupby("item_id", sort=False)
        }

    def embeddings(self) -> NDArray[np.floating[Any]] | None:
        """One row a row of `predictions` [shape=(n_items, d)]; None where none are kept."""
        return self._rows(EMBEDDINGS_FILE)

    def umap(self) -> NDArray[np.floating[Any]] | None:
        """Places of the items on a map [shape=(n_items, 2)]; None where none was made yet."""
        return self._rows(UMAP_FILE)

    def _rows(self, file: str) -> NDArray[np.floating[Any]] | None:
        path = self.folder / file
        if not path.is_file():
            return None
        try:
            rows: NDArray[np.floating[Any]] = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise self._broken(file, error) from error
        if rows.ndim != 2 or len(rows) != self.about["n"]:
            raise self._broken(file, f"shape {rows.shape} for {self.about['n']} items")
        return rows

    def _broken(self, file: str, what: object) -> EvaluationError:
        return _broken(self.name, f"{file}: {str(what)[:200]}")


def evaluations_dir() -> Path:
    """Return the folder of all evaluations that were made, `GENRE_HOME/evaluations`."""
    return home() / "evaluations"


def evaluation_name(model: str, data: str, split: str = "test") -> str:
    """Name the evaluation of a network on a data set.

    Examples
    --------
    >>> evaluation_name("s1.mine", "My covers/2"), evaluation_name("s1.mine", "covers", "all")
    ('s1.mine@My-covers-2', 's1.mine@covers@all')
    """
    plain = re.sub(r"[^\w.-]+", "-", data)
    while len(plain.encode()) > _MAX_BYTES // 2:
        plain = plain[:-1]
    return f"{model}@{plain}" + ("" if split == "test" else f"@{split}")


def list_evaluations() -> tuple[EvaluationRecord, ...]:
    """Find all evaluations of one genre an item: those made, newest first, then bundles' own.

    A damaged one is left out; one that was made hides a bundle's own of the same name.
    """
    made: dict[str, EvaluationRecord] = {}
    for name, folder in find_folders(evaluations_dir(), ABOUT_FILE):
        try:
            made[name] = _open(name, folder)
        except EvaluationError:
            continue
    listed = sorted(made.values(), key=lambda record: str(record.about["made"]), reverse=True)
    for bundle in (*list_bundles(), *list_bundles(media="song")):
        try:
            own = own_evaluation(bundle)
        except GenreError:
            continue
        if own.name not in made:
            listed.append(own)
    return tuple(listed)


def find_evaluation(name: str) -> EvaluationRecord:
    """Find an evaluation by its name; `EvaluationError` where there is none or it is damaged."""
    if _NAME.fullmatch(name) and len(name.encode()) <= _MAX_BYTES:
        folders = dict(find_folders(evaluations_dir(), ABOUT_FILE))
        if name in folders:
            return _open(name, folders[name])
        try:
            own = own_evaluation(find_bundle(name.partition("@")[0]))
        except GenreError:
            pass
        else:
            if own.name == name:
                return own
    raise EvaluationError(
        "An evaluation is named MODEL@SET.",
        received=repr(name[:100]),
        cure=did_you_mean(name, (record.name for record in list_evaluations())),
    )


def own_evaluation(bundle: Bundle) -> EvaluationRecord:
    """Read what a bundle stores of its own test as an evaluation, without a copy.

    Raises `EvaluationError`: no predictions, or not of one genre an item.
    """
    card, metrics = bundle.card, bundle.metrics()
    split = "folds" if metrics.get("split") == "folds" else "test"
    data = str(card.data.get("name") or "its-data")
    name = evaluation_name(bundle.name, data, split)
    try:
        columns = pq.read_schema(bundle.folder / PREDICTIONS_FILE).names
    except (OSError, ValueError) as error:
        raise _broken(name, f"no {PREDICTIONS_FILE} in the model's folder") from error
    if card.head == "multilabel" or not {*_NEEDED} <= {*columns}:
        raise _broken(name, "answers that are not of one genre an item")
    about = {
        "format_version": FORMAT_VERSION,
        "model": model_facts(bundle),
        "data": {
            "name": data,
            "title": str(card.data.get("title", data)),
            "digest": str(card.data.get("digest", "")),
            "media": card.media,
        },
        "split": split,
        "mapping": {},
        "n": int(metrics.get("n", 0)),
        "n_left_out": 0,
        "n_seen": 0,
        "made": str(card.provenance.get("created", "")),
        "command": str(card.provenance.get("command", "")),
        "versions": dict(card.provenance.get("versions", {})),
    }
    return EvaluationRecord(name, bundle.folder, about, is_stored=False)


def model_facts(bundle: Bundle) -> dict[str, Any]:
    """Say of a network what an evaluation keeps of it, see `EvaluationRecord.about`."""
    card = bundle.card
    return {
        "name": bundle.name,
        "title": card.title,
        "media": card.media,
        "sha256": card.model_sha256,
        "genres": list(card.genres),
    }


def save_evaluation(
    about: dict[str, Any],
    metrics: dict[str, Any],
    predictions: pd.DataFrame,
    *,
    segments: pd.DataFrame | None = None,
    embeddings: NDArray[np.floating[Any]] | None = None,
) -> EvaluationRecord:
    """Store an evaluation whole or not at all; an older one of its name is replaced.

    Parameters
    ----------
    about : dict
        As `EvaluationRecord.about`, without `format_version`.
    metrics : dict
        As `evaluation.report.lay_out` lays them out.
    predictions : pd.DataFrame
        One row an item, as `EvaluationRecord.predictions`.
    segments : pd.DataFrame, optional
        One row a segment of a song: item_id, start_s, end_s, prob_<k>.
    embeddings : np.ndarray [shape=(n_items, d), dtype=float16 or float32], optional
        One row an item, in the order of `predictions`.
    """
    about = {"format_version": FORMAT_VERSION, **about, "n": len(predictions)}
    name = evaluation_name(about["model"]["name"], about["data"]["name"], about["split"])
    target = evaluations_dir() / name
    with whole_folder(target) as folder:
        folder.mkdir()
        predictions.to_parquet(folder / PREDICTIONS_FILE, index=False, row_group_size=GROUP_ROWS)
        if segments is not None:
            write_segments(folder / SEGMENTS_FILE, segments)
        if embeddings is not None:
            np.save(folder / EMBEDDINGS_FILE, embeddings, allow_pickle=False)
        for file, table in ((METRICS_FILE, metrics), (ABOUT_FILE, about)):
            text = json.dumps(table, indent=1) + "\n"
            (folder / file).write_text(text, encoding="utf-8")
    return _open(name, target)


def segment_table(
    item_ids: Sequence[str] | NDArray[Any],
    spans: NDArray[np.float64],
    scores: NDArray[np.floating[Any]],
) -> pd.DataFrame:
    """Lay out a row a segment [shape=(n,)]: item_id, start_s and end_s, prob_<k> (float32)."""
    start_s, end_s = spans.T
    columns = {f"prob_{k}": column.astype(np.float32) for k, column in enumerate(scores.T)}
    return pd.DataFrame({"item_id": item_ids, "start_s": start_s, "end_s": end_s, **columns})


def write_segments(path: Path, table: pd.DataFrame) -> None:
    """Write a `segment_table` so that one song's rows are found without reading the others."""
    ordered = table.sort_values(["item_id", "start_s"], kind="stable")
    ordered.to_parquet(path, index=False, row_group_size=_ROWS_READ)


def delete_evaluation(name: str) -> None:
    """Remove an evaluation that was made; `EvaluationError` where it is none."""
    record = find_evaluation(name)
    if not record.is_stored:
        raise EvaluationError(
            "An evaluation that is deleted must be one that was made.",
            received=f"{name}, which belongs to the model",
            cure="Nothing needs to be done: it takes no room of its own.",
        )
    remove_folder(evaluations_dir() / name)


def _with_later(names: Sequence[str]) -> list[str]:
    """Put columns that were not kept at first where they stand since."""
    complete = list(names)
    for place, name in ((3, "album"), (4, "year")):
        if name not in complete:
            complete.insert(place, name)
    return complete


def _open(name: str, folder: Path) -> EvaluationRecord:
    try:
        about = dict(json.loads((folder / ABOUT_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise _broken(name, f"{ABOUT_FILE}: {str(error)[:200]}") from error
    missing = [key for key in _ABOUT if key not in about]
    if missing:
        raise _broken(name, f"{ABOUT_FILE} without {', '.join(missing)}")
    if about["format_version"] != FORMAT_VERSION:
        raise _broken(name, f"{ABOUT_FILE} of format {about['format_version']!r}")
    model, n = about["model"], about["n"]
    if not (isinstance(model, dict) and isinstance(about["data"], dict) and isinstance(n, int)):
        raise _broken(name, f"{ABOUT_FILE} with fields that are none of its own")
    if not (isinstance(model.get("genres"), list) and model.get("media") in ("cover", "song")):
        raise _broken(name, f"{ABOUT_FILE} without the network's genres and media")
    lacking = [file for file in (METRICS_FILE, PREDICTIONS_FILE) if not (folder / file).is_file()]
    if lacking:
        raise _broken(name, f"no {' and no '.join(lacking)}")
    return EvaluationRecord(name, folder, about, is_stored=True)


def _broken(name: str, what: str) -> EvaluationError:
    return EvaluationError(
        "An evaluation must have the files that it was stored with.",
        received=f"{name} with {what}",
        cure="Run: python -m genre_core evaluate MODEL --data SET again.",
    )
