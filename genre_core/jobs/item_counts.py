"""How many items a training would learn from, fit by fit, and what it would write to the disk."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from genre_core.audio.decode import probe_clip
from genre_core.audio.features import feature_shape, skipped_samples
from genre_core.audio.segments import frames_of, segment_starts
from genre_core.config import Experiment, SongInput, cover_input, song_input
from genre_core.data.catalog import Catalog
from genre_core.data.cover_cache import cache_file
from genre_core.data.feature_cache import feature_file
from genre_core.data.song_inputs import song_key
from genre_core.errors import GenreError
from genre_core.jobs.fits.result import by_split

INNER_SHARE = 3 / 4
"""Of the songs that a fold learns from; the others choose its epoch."""

_LOOKED_AT = 200  # songs, evenly spread: a header each, or a number of a kept file


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCounts:
    """What a training learns from."""

    items: str
    """What a step is made of: "covers" or "segments"."""
    fits: tuple[tuple[int, int], ...] = ()
    """Items to learn from and to choose on of each network that is fitted in one repeat; with folds
    one a fold, and the network that is stored comes last. Empty where they could not be counted, or
    nothing is fitted step by step."""
    disk_bytes: dict[str, int] = field(default_factory=dict)
    """What is still to be written, by cache; `segments` are removed again."""
    unknown: tuple[str, ...] = ()
    """What could not be counted, a sentence each."""


def count_items(experiment: Experiment, catalog: Catalog) -> ItemCounts:
    """Count what a training would learn from, without decoding anything.

    Of covers exactly. Segments are counted from kept features, else from what the files' headers
    say, of at most 200 songs evenly spread; the mean stands for the others.
    """
    if isinstance(experiment.input, SongInput):
        return _of_songs(experiment, catalog)
    frame = catalog.select(experiment.task)
    parts = by_split(frame)
    learns = _learnt(experiment, parts)
    spec = cover_input(experiment.input)
    n_missing = sum(
        len(part) for part in (*learns, parts["test"]) if not cache_file(part, spec).is_file()
    )
    return ItemCounts(
        items="covers",
        fits=((len(learns[0]), len(learns[1])),),
        disk_bytes={"covers": n_missing * int(np.prod(spec.shape))},
    )


def _of_songs(experiment: Experiment, catalog: Catalog) -> ItemCounts:
    settings, task = experiment.training, experiment.task
    if settings.is_taught or settings.method == "none":
        # All songs of the sources that have a split, whatever their labels.
        frame = catalog.frame
        frame = frame[frame["source"].isin(task.sources)] if task.sources else frame
    else:
        frame = catalog.select(task)
    kept = _kept(experiment, frame)
    lengths = np.array(list(_lengths(experiment, catalog, frame, kept)))
    unknown = []
    if not all(kept):
        unknown.append(
            f"The features of {len(kept) - sum(kept):,} of {len(kept):,} songs are not computed "
            "yet: that comes first and its time is not known here. `python -m genre_core features` "
            "does it ahead."
        )
    if not len(lengths):
        unknown.append("No song says how long it is: segments, and all times, are not known.")
        return ItemCounts(items="segments", unknown=tuple(unknown))
    spec = song_input(experiment.input)
    per_song = float(np.mean([count_segments(int(n), spec) for n in lengths]))
    disk = {"features": (len(kept) - sum(kept)) * _feature_bytes(lengths, spec)}
    if settings.method != "gradient":
        return ItemCounts(items="segments", disk_bytes=disk, unknown=tuple(unknown))
    fits = tuple(
        (round(learn * per_song), round(choose * per_song))
        for learn, choose in _song_fits(experiment, frame)
    )
    disk["segments"] = 4 * max(map(sum, fits)) * int(np.prod(spec.shape))
    return ItemCounts(items="segments", fits=fits, disk_bytes=disk, unknown=tuple(unknown))


def count_segments(n_samples: int, spec: SongInput) -> int:
    """Count the segments of a song of so many samples at the rate of its features.

    Examples
    --------
    >>> spec = SongInput(features="mel_128", n_frames=43, hop_frames=43)
    >>> count_segments(22_050 * 10, spec)
    11
    """
    if spec.features == "log_picture":
        return 1
    n_left = n_samples - skipped_samples(n_samples, spec)
    return len(segment_starts(frames_of(n_left, spec.hop_length), spec)[0])


def _song_fits(experiment: Experiment, frame: pd.DataFrame) -> list[tuple[float, float]]:
    """Songs to learn from and to choose on, of each network of one repeat."""
    settings = experiment.training
    folds = settings.folds
    own_split = not folds or settings.fold_groups == "group"
    parts = by_split(frame)
    learn, choose = map(len, _learnt(experiment, parts))
    last = (float(learn), float(choose)) if own_split else (float(len(frame)), 0.0)
    in_fold = len(frame) * (folds - 1) / folds if folds else 0.0
    own = (in_fold * INNER_SHARE, in_fold * (1 - INNER_SHARE))
    return [own] * folds + [last]


def _learnt(
    experiment: Experiment, parts: dict[str, pd.DataFrame]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    if experiment.training.train_on == "train+val":
        return pd.concat([parts["train"], parts["val"]]), parts["val"][:0]
    return parts["train"], parts["val"]


def _kept(experiment: Experiment, frame: pd.DataFrame) -> list[bool]:
    spec, clip_s = song_input(experiment.input), experiment.task.clip_s
    return [
        feature_file(song_key(checksum, clip_s), spec).is_file() for checksum in frame["checksum"]
    ]


def _lengths(
    experiment: Experiment, catalog: Catalog, frame: pd.DataFrame, kept: list[bool]
) -> Iterator[int]:
    """Tell the samples of some songs, from what is kept or from their headers."""
    spec, clip_s = song_input(experiment.input), experiment.task.clip_s
    places = np.unique(np.linspace(0, len(frame) - 1, min(len(frame), _LOOKED_AT)).round())
    for place in places.astype(int):
        checksum, path = frame["checksum"].iloc[place], frame["path"].iloc[place]
        if kept[place]:
            try:
                with np.load(feature_file(song_key(checksum, clip_s), spec)) as parts:
                    yield int(parts["n_samples"])
                    continue
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
                pass  # Damaged: the training makes it again.
        try:
            duration_s = probe_clip(catalog.root / path).duration_s
        except GenreError:
            continue
        if duration_s:
            yield max(1, round(min(duration_s, clip_s or duration_s) * spec.sr))


def _feature_bytes(lengths: np.ndarray, spec: SongInput) -> int:
    each = [4 * int(np.prod(feature_shape(int(n), spec))) for n in lengths]
    return round(float(np.mean(each)))
