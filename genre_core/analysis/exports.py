"""What can be taken away of an evaluation: wrong items as CSV, songs as a playlist, Parquet."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.analysis.columns import probs_of, true_and_predicted
from genre_core.analysis.ordering import order_by
from genre_core.analysis.selection import Selection, select
from genre_core.config import require
from genre_core.data.catalog import Catalog
from genre_core.data.files import path_text
from genre_core.data.media_files import media_files
from genre_core.data.playlists import playlist_text
from genre_core.data.song_pictures import is_picture
from genre_core.errors import Problem
from genre_core.runs.evaluations import EvaluationRecord

Rows = NDArray[np.int64]

_NAMES = ("item_id", "title", "artist", "album", "year", "source", "group", "split", "fold")


def misclassified_csv(
    record: EvaluationRecord, rows: Rows | None = None, *, catalog: Catalog | None = None
) -> bytes:
    """Write the wrong items (of `rows`, as `select` gives them, or of all), the clearest first.

    A row an item: who it is, `true` and `said`, `p_true` and `p_said`, one `p NAME` a genre, and
    `path`, "" where `catalog`, the data set that was evaluated, is not here. UTF-8 with a byte
    order mark, by which spreadsheets know it.
    """
    predictions, genres = record.predictions(), record.genres
    wrong = select(predictions, genres, Selection(outcome="wrong"))
    first = order_by(predictions, genres, "margin", wrong if rows is None else _both(rows, wrong))
    table = _named(record, predictions).iloc[first]
    probs = probs_of(predictions, genres)[first]
    at, (true, said) = np.arange(len(first)), true_and_predicted(predictions)
    table = table.assign(p_true=probs[at, true[first]], p_said=probs[at, said[first]])
    for place, genre in enumerate(genres):
        table[f"p {genre}"] = probs[:, place]
    paths = _paths(catalog, table["item_id"])
    table["path"] = [path_text(paths[item]) if item in paths else "" for item in table["item_id"]]
    text = table.to_csv(index=False, float_format="%.4f", lineterminator="\r\n")
    return ("\ufeff" + text).encode("utf-8", errors="replace")


def predictions_parquet(record: EvaluationRecord, rows: Rows | None = None) -> bytes:
    """Write all predictions as the record holds them, with `true`, `said` and `selected`.

    `selected` is whether an item is one of `rows`; without these, all are.
    """
    predictions = record.predictions()
    is_selected = np.ones(len(predictions), bool)
    if rows is not None:
        is_selected = np.isin(np.arange(len(predictions)), rows)
    named = _named(record, predictions)
    stored = io.BytesIO()
    predictions.assign(true=named["true"], said=named["said"], selected=is_selected).to_parquet(
        stored, index=False
    )
    return stored.getvalue()


def selection_m3u(
    record: EvaluationRecord, rows: Rows, catalog: Catalog, *, folder: Path | None = None
) -> tuple[str, list[Problem]]:
    """Make a playlist of songs in the order of `rows`; say which cannot be in it.

    Paths below `folder`, where the playlist will lie, are relative to it, others absolute. Raises
    `ParameterError` for covers.
    """
    require(
        record.media == "song",
        "A playlist is of songs.",
        f"{record.name}, of covers",
        "Take the CSV: it has the paths.",
    )
    part = record.predictions().iloc[rows].reset_index(drop=True)
    paths = {
        item_id: path
        for item_id, path in _paths(catalog, part["item_id"]).items()
        if not is_picture(path)
    }
    is_there = part["item_id"].isin(list(paths))
    what = "is no sound of the data set"
    gone = [Problem(item_id, what) for item_id in part["item_id"][~is_there]]
    part = part[is_there]
    songs = pd.DataFrame(
        {
            "path": [str(paths[item_id]) for item_id in part["item_id"]],
            "title": part["title"].fillna(""),
            "artist": part["artist"].fillna(""),
            "duration_s": part.get("fact_duration_s", np.nan),
            "error": "",
        }
    )
    text, problems = playlist_text(songs, folder)
    return text, gone + problems


def _both(rows: Rows, wrong: Rows) -> Rows:
    return np.asarray(wrong[np.isin(wrong, rows)])


def _named(record: EvaluationRecord, predictions: pd.DataFrame) -> pd.DataFrame:
    """Give the columns that say who an item is, with its genres by name."""
    true, said = true_and_predicted(predictions)
    names = np.array(record.genres, object)
    known = [name for name in _NAMES if name in predictions]
    return predictions[known].assign(true=names[true], said=names[said])


def _paths(catalog: Catalog | None, item_ids: pd.Series[str]) -> dict[str, Path]:
    if catalog is None:
        return {}
    frame = catalog.frame[catalog.frame["item_id"].isin(list(item_ids))]
    return {file.item_id: file.path for file in media_files(catalog, frame)[0]}
