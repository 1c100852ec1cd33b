"""Measure the files of a data set and look for shortcuts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.analysis.columns import groups_of
from genre_core.analysis.shortcuts import KINDS, ShortcutReport, find_shortcuts
from genre_core.audio.decode import decode_clip
from genre_core.audio.song_facts import SONG_FACTS, song_facts
from genre_core.data.catalog import Catalog
from genre_core.data.media_files import MediaFile, media_files, use_file
from genre_core.errors import Problem
from genre_core.image.colour import COLOUR_FEATURES, colour_statistics
from genre_core.image.decode import decode_cover
from genre_core.image.facts import COVER_FACTS, FILE_FACTS, cover_facts, file_facts
from genre_core.progress import Progress, map_in_order

_MEASURED = {
    "cover": (*COVER_FACTS, *FILE_FACTS, *COLOUR_FEATURES),
    "song": SONG_FACTS,
}


def audit_dataset(
    catalog: Catalog, *, limit: int = 1_000, seed: int = 0, progress: Progress | None = None
) -> tuple[ShortcutReport, list[Problem]]:
    """Measure files of a data set and tell its labels by these facts alone.

    Parameters
    ----------
    catalog : Catalog
        Of covers or songs; of an item with several labels the first counts.
    limit : int
        So many items at most are read, whole groups drawn at random.
    seed : int
        What is drawn.
    progress : callable, optional
        `progress(done, total, item_id)`.

    Returns
    -------
    tuple
        The report, see `analysis.shortcuts.find_shortcuts`, and the files that could not be read.
    """
    frame = catalog.frame[catalog.frame["labels"].map(len) > 0].reset_index(drop=True)
    groups = groups_of(frame)
    _, owner = np.unique(groups.astype(str), return_inverse=True)
    place = np.random.default_rng(seed).permutation(owner.max(initial=0) + 1)[owner]
    rows = np.sort(np.argsort(place, kind="stable")[:limit])
    frame, groups = frame.iloc[rows].reset_index(drop=True), groups[rows]
    media = "song" if catalog.head.media == "track" else "cover"
    places, facts, problems = _measure(catalog, frame, media, progress)
    labels = np.array([own[0] for own in frame["labels"]], str)[places]
    report = find_shortcuts(facts, labels, groups[places].astype(str), KINDS[media], seed=seed)
    return report, problems


def _measure(
    catalog: Catalog, frame: pd.DataFrame, media: str, progress: Progress | None
) -> tuple[NDArray[np.int64], pd.DataFrame, list[Problem]]:
    """Measure files: places in the frame of those that can be read, their facts, and the others."""

    def see(content: bytes) -> NDArray[np.float32]:
        picture = decode_cover(content, name="cover")
        n_bytes = len(content)
        blocks = (cover_facts(picture, n_bytes), file_facts(picture, n_bytes))
        return np.concatenate([*blocks, colour_statistics(picture)])

    def look(file: MediaFile) -> NDArray[np.float32] | Problem:
        if media == "cover":
            return use_file(file, see)
        return use_file(file, lambda content: song_facts(decode_clip(content, name="song")))

    files, rows, problems = media_files(catalog, frame)
    places, measured = [], []
    for done, (row, file, facts) in enumerate(
        zip(rows, files, map_in_order(look, files), strict=True), start=1
    ):
        if progress is not None:
            progress(done, len(files), file.item_id)
        if isinstance(facts, Problem):
            problems.append(facts)
        else:
            places.append(row)
            measured.append(facts)
    names = _MEASURED[media]
    table = pd.DataFrame(np.array(measured).reshape(-1, len(names)), columns=list(names))
    return np.array(places, np.int64), table.loc[:, ~table.columns.duplicated()], problems
