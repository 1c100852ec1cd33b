"""What the page Errors keeps in memory: evaluations that were opened, by name and time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from genre_core.analysis.columns import column_of, probs_of, true_and_predicted
from genre_core.analysis.embedding_map import pca_map
from genre_core.analysis.ordering import order_by
from genre_core.analysis.pairs import Comparison, compare
from genre_core.analysis.segments import erred_most
from genre_core.analysis.selection import Selection, columns_needed, select
from genre_core.analysis.shortcuts import ShortcutReport, shortcuts_of
from genre_core.analysis.slices import CLUSTER, SliceReport, clusters, find_slices
from genre_core.analysis.suspects import FlipCheck, Suspects, out_of_sample, suspect_labels
from genre_core.analysis.suspects import flip_check as check_flips
from genre_core.analysis.working_points import CoverageCurve, GenreCurves, coverage_curve
from genre_core.analysis.working_points import genre_curves as curves_of
from genre_core.config import Experiment, from_dict
from genre_core.data.catalog import Catalog
from genre_core.data.notes import Note, noted_items
from genre_core.errors import GenreError
from genre_core.evaluation.mapping import map_genres
from genre_core.metrics.classification import confusion_matrix
from genre_core.runs.bundle import Bundle, find_bundle
from genre_core.runs.evaluations import EvaluationRecord, evaluations_dir, list_evaluations
from pages.ui import cached
from pages.ui.figures import share_text
from pages.ui.problems import plain

LARGE = 3_000
"""Items from which on what looks at all of them is done when somebody asks for it."""


@dataclass(frozen=True, eq=False)
class Opened:
    """An evaluation with what its first screen needs; the rest is read when it is asked for.

    columns: names of the columns of `predictions`
    ids: names of the items, in the order of all else
    probs: of the genres [shape=(n, n_genres)]
    counts: the confusion matrix of all items, rows = true genre
    is_calibrated: whether the network's probabilities are per cent that were fitted on val
    """

    record: EvaluationRecord
    changed: float
    columns: tuple[str, ...]
    metrics: dict[str, Any]
    ids: pd.Series[str]
    probs: np.ndarray
    true: np.ndarray
    predicted: np.ndarray
    counts: np.ndarray
    is_calibrated: bool

    @property
    def key(self) -> tuple[str, float]:
        """What tells it apart in a cache."""
        return self.record.name, self.changed

    def __len__(self) -> int:
        return len(self.true)

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """Its whole table, a row an item, not to be changed: kept for as long as this is."""
        return self.record.predictions()

    @property
    def is_large(self) -> bool:
        """Whether looking at all items takes long."""
        return len(self) > LARGE

    @property
    def genres(self) -> tuple[str, ...]:
        """Genres in the order of `probs`."""
        return self.record.genres

    @property
    def is_song(self) -> bool:
        """Whether its items are songs."""
        return self.record.media == "song"

    @property
    def items(self) -> str:
        """What its items are called."""
        return "songs" if self.is_song else "covers"

    @property
    def has_facts(self) -> bool:
        """Whether facts of the files were kept."""
        return any(str(name).startswith("fact_") for name in self.columns)

    def share_text(self, place: int, genre: int) -> str:
        """Write the probability of a genre of the item at a place of the table."""
        return share_text(float(self.probs[place, genre]), calibrated=self.is_calibrated)


KEYS = {Opened: lambda opened: opened.key}
# Streamlit looks at some values of a long array only.
_BY_CONTENT = {np.ndarray: lambda array: blake2b(array.tobytes(), digest_size=16).digest()}


@st.cache_resource(max_entries=1, show_spinner=False, ttl=5)
def records_in(folder: Path, changed: int) -> tuple[EvaluationRecord, ...]:
    """List the evaluations as they were when their folder last changed."""
    return list_evaluations()


def records() -> tuple[EvaluationRecord, ...]:
    """List the evaluations: one just made is in it, a network's own shows up within seconds."""
    folder = evaluations_dir()
    return records_in(folder, folder.stat().st_mtime_ns if folder.is_dir() else 0)


@st.cache_resource(max_entries=6, show_spinner="Reading the evaluation")
def _opened(name: str, changed: float, _record: EvaluationRecord) -> Opened:
    n = len(_record.genres)
    names = ["item_id", "genre_index", "predicted", *(f"prob_{k}" for k in range(n))]
    answers = _record.predictions(names)
    true, predicted = true_and_predicted(answers)
    counts = confusion_matrix(true, predicted, n)
    probs = probs_of(answers, _record.genres)
    bundle = network(_record)
    has_calibration = bundle is not None and bundle.card.calibration is not None
    return Opened(
        _record,
        changed,
        _record.columns(),
        _record.metrics(),
        answers["item_id"],
        probs,
        true,
        predicted,
        counts,
        # Shares of tags' scores were fitted to nothing.
        is_calibrated=has_calibration and _record.ranked_by == "prob",
    )


def opened(record: EvaluationRecord) -> Opened:
    """Read an evaluation, again when its files change."""
    changed = max(path.stat().st_mtime for path in record.folder.iterdir())
    return _opened(record.name, changed, record)


def network(record: EvaluationRecord) -> Bundle | None:
    """Find the network that was evaluated; None where it is gone or was trained anew since."""
    try:
        bundle = find_bundle(record.about["model"]["name"])
    except GenreError:
        return None
    is_same = bundle.card.model_sha256 == record.about["model"].get("sha256")
    return bundle if is_same else None


def catalog(record: EvaluationRecord) -> tuple[Catalog | None, str]:
    """Find the data set behind an evaluation and its digest; None where it is not here."""
    data = record.about["data"]
    digest, name = str(data.get("digest", "")), str(data.get("name", ""))
    return cached.dataset_of(digest, name) or cached.dataset(name), digest or name


@dataclass(slots=True, eq=False)
class _Notes:
    """The notes on a data set as they last stood: of thousands only what changed is read again."""

    number: int = 0
    items: dict[str, Note] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


@st.cache_resource(max_entries=2, show_spinner=False, hash_funcs=cached.KEYS)
def _notes(catalog: Catalog, name: str, file: tuple[str, int]) -> _Notes:
    return _Notes()


def noted(catalog: Catalog, change: tuple[str, int, int]) -> dict[str, Note]:
    """Read what is noted on the items of a data set, again after each change of the notes."""
    path, file, number = change
    kept = _notes(catalog, catalog.head.name, (path, file))
    with kept.lock:
        if number < kept.number:  # another file in the place of the old
            kept.number, kept.items = 0, {}
        if number > kept.number:
            kept.items = noted_items(catalog, before=kept.items, since=kept.number)
            kept.number = number
        return kept.items


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=KEYS)
def segments(evaluation: Opened, item_ids: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Read the segments of some songs; those without are left out."""
    return evaluation.record.segments_of(item_ids)


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs=KEYS | cached.KEYS)
def mapping(evaluation: Opened, catalog: Catalog) -> dict[str, str]:
    """Give the genre that each label of the data means, the commonest label first."""
    if stored := evaluation.record.about.get("mapping"):
        return dict(stored)
    bundle = network(evaluation.record)
    if bundle is None:
        return {}
    try:
        return map_genres(catalog, from_dict(Experiment, bundle.card.experiment).task).to_dict()
    except GenreError:
        return {}


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs=KEYS)
def with_clusters(evaluation: Opened) -> pd.DataFrame:
    """Give its table, and the cluster of each item's embedding where embeddings are kept."""
    embeddings = evaluation.record.embeddings()
    if embeddings is None:
        return evaluation.predictions
    return evaluation.predictions.assign(**{CLUSTER: clusters(embeddings)})


@st.cache_data(max_entries=8, show_spinner="Trying slices", hash_funcs=KEYS)
def slices(evaluation: Opened) -> SliceReport:
    """Try slices of the items that the network did not learn from; list those wrong most."""
    n_seen = int(evaluation.record.about.get("n_seen", 0))
    unseen = out_of_sample(evaluation.predictions, n_seen)
    return find_slices(with_clusters(evaluation).iloc[unseen], evaluation.genres)


@st.cache_resource(max_entries=8, show_spinner="Trying facts of the files", hash_funcs=KEYS)
def shortcuts(evaluation: Opened) -> ShortcutReport:
    """Tell the genres by each kind of facts alone."""
    return shortcuts_of(evaluation.record)


def rows_of(
    evaluation: Opened, selection: Selection, marks: Mapping[str, Collection[str]]
) -> np.ndarray:
    """Give the places of the selected items [shape=(m,)]."""
    if selection == Selection():
        return np.arange(len(evaluation))
    by_cluster = selection.slice is not None and selection.slice.column == CLUSTER
    needed = columns_needed(selection, len(evaluation.genres))
    table = with_clusters(evaluation) if by_cluster else evaluation.record.predictions(needed)
    return select(table, evaluation.genres, selection, marks=marks)


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs=KEYS | _BY_CONTENT)
def ordered(evaluation: Opened, order: str, rows: np.ndarray) -> np.ndarray:
    """Put places of items into an order of `analysis.ordering`."""
    names = ["item_id", "genre_index", "predicted", "artist", "spread"]
    if order in ("artist", "disagreement"):
        answers = evaluation.record.predictions(names)
    else:
        answers = pd.DataFrame(
            evaluation.probs, columns=[f"prob_{k}" for k in range(len(evaluation.genres))]
        ).assign(
            item_id=evaluation.ids, genre_index=evaluation.true, predicted=evaluation.predicted
        )
    some = None if len(rows) == len(evaluation) else rows
    return order_by(answers, evaluation.genres, order, some)


@st.cache_data(max_entries=24, show_spinner=False, hash_funcs=KEYS)
def values_of(evaluation: Opened, column: str) -> list[str]:
    """List the different values of a column as text, sorted; none where it is not there."""
    table = evaluation.record.predictions([column])
    return sorted({str(value) for value in table[column].unique()}) if column in table else []


@st.cache_data(max_entries=8, show_spinner="Laying the map out", hash_funcs=KEYS)
def places(evaluation: Opened, by_umap: bool) -> np.ndarray | None:
    """Lay its items out on a map [shape=(n, 2)]; None where the UMAP was not made yet."""
    if by_umap:
        return evaluation.record.umap()
    embeddings = evaluation.record.embeddings()
    return None if embeddings is None else pca_map(embeddings)


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=KEYS)
def map_names(evaluation: Opened, by: str) -> list[str]:
    """Name each item by what the map is coloured by."""
    genres = np.array(evaluation.genres, dtype=object)
    if by == "genre":
        return list(genres[evaluation.true])
    if by == "predicted":
        return list(genres[evaluation.predicted])
    if by == "outcome":
        right = evaluation.true == evaluation.predicted
        return list(np.where(right, "right", "wrong"))
    column = column_of(evaluation.predictions, by)
    if column is None:
        return ["not known"] * len(evaluation.true)
    return ["not known" if pd.isna(value) or value == "" else str(value) for value in column]


@st.cache_resource(max_entries=4, show_spinner="Comparing", hash_funcs=KEYS)
def comparison(one: Opened, two: Opened) -> Comparison:
    """Set two networks side by side on the items that both were asked about."""
    return compare((one.predictions, one.genres), (two.predictions, two.genres))


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=KEYS)
def genre_curves(evaluation: Opened) -> list[GenreCurves]:
    """Draw each genre's curves."""
    record = evaluation.record
    return curves_of(evaluation.predictions, record.genres, ranked_by=record.ranked_by)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=KEYS)
def coverage(evaluation: Opened) -> CoverageCurve:
    """Count what is answered, and rightly, as unsure answers are held back."""
    at = np.arange(len(evaluation.true))
    sure = evaluation.probs[at, evaluation.predicted]
    return coverage_curve(evaluation.true == evaluation.predicted, sure)


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs=KEYS)
def suspects(evaluation: Opened) -> Suspects:
    """List the labels that the network contradicts with confidence."""
    n_seen = int(evaluation.record.about.get("n_seen", 0))
    return suspect_labels(evaluation.predictions, evaluation.genres, n_seen=n_seen)


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs=KEYS)
def flip_check(evaluation: Opened) -> FlipCheck:
    """Flip labels on purpose and see how many come first among the suspects."""
    return check_flips(evaluation.true, lambda _: evaluation.probs)


def erred_at(evaluation: Opened, place: int) -> float:
    """Give the start (s) of the segment that erred most; 0 of covers, or where none is kept."""
    item_id = str(evaluation.ids.iloc[place])
    table = segments(evaluation, (item_id,)).get(item_id) if evaluation.is_song else None
    true, said = int(evaluation.true[place]), int(evaluation.predicted[place])
    return 0.0 if table is None else erred_most(table, true, said)


def place_of(evaluation: Opened, item_id: str) -> int | None:
    """Find an item's row in the tables; None where it is not there."""
    if not item_id:
        return None
    places = np.flatnonzero(evaluation.ids.to_numpy() == item_id)
    return int(places[0]) if len(places) else None


def verdict(evaluation: Opened, item_id: str) -> str:
    """Say in Markdown what an item is and what the network said; "" of one that is not there."""
    place = place_of(evaluation, item_id)
    if place is None:
        return ""
    true, said = int(evaluation.true[place]), int(evaluation.predicted[place])
    share = evaluation.share_text(place, said)
    name = plain(evaluation.genres[true])
    if true == said:
        return f"**{name}**, rightly told ({share})"
    return f"true **{name}**, said **{plain(evaluation.genres[said])}** ({share})"
