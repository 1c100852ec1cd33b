"""The lanes of the player for one song."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from genre_core.runs.bundle import Bundle
from pages.ui.player import Curves, Lane, Series, Spectrogram, Strip, Taggram, Waveform
from pages.ui.problems import plain
from pages.ui.songs.verdicts import short

if TYPE_CHECKING:
    from genre_core.audio.overview import Overview
    from genre_core.runs.answers import SongPrediction, SongReading

COLOURS = ("#7a60e0", "#c2571a", "#2f78c4", "#1f8a5b", "#c7457b", "#8a6d1f")
"""One a network, in the order of the page; at least 3:1 on the lanes of both themes."""

MAX_TAGS = 12


def lanes(
    reading: SongReading,
    shown: Overview,
    bundles: Sequence[Bundle],
    named: Bundle | None,
    threshold: float | None,
    strip: Strip | None,
) -> list[Lane]:
    """Lay out prog curves, waveform, spectrogram, importance and taggram, from top to bottom.

    The curves come first: on the first screen, beside the threshold that draws a line in them.
    """
    lanes: list[Lane] = []
    scoring = [bundle.name for bundle in bundles if bundle.card.prog_score is not None]
    colours = dict(zip(scoring, COLOURS, strict=False))  # the same while answers still come
    series = [
        _series(bundle, reading.predictions[bundle.name], colours[bundle.name])
        for bundle in _scoring(reading, bundles)
        if bundle.name in colours
    ]
    if series:
        lanes.append(Curves(series, threshold=threshold, label="Prog score 0-1", height_px=150))
    lanes.append(Waveform(shown.low, shown.high))
    lanes.append(Spectrogram(shown.picture, shown.ticks))
    if strip is not None:
        lanes.append(strip)
    if named is not None:
        lanes.append(_taggram(named, reading.predictions[named.name]))
    return lanes


def late(reading: SongReading, bundles: Sequence[Bundle]) -> str:
    """Say which networks leave out the song's beginning; empty where none does."""
    starts: dict[float, list[str]] = {}
    for bundle in _scoring(reading, bundles):
        prediction = reading.predictions[bundle.name]
        if len(prediction) > 1 and prediction.start_s[0] > 0:
            starts.setdefault(float(prediction.start_s[0]), []).append(short(bundle))
    return " ".join(
        f"{', '.join(map(plain, names))}: from {start_s:.0f} s on; the beginning of a long song is "
        "left out."
        for start_s, names in starts.items()
    )


def _scoring(reading: SongReading, bundles: Sequence[Bundle]) -> list[Bundle]:
    return [
        bundle
        for bundle in bundles
        if bundle.name in reading.predictions
        and reading.predictions[bundle.name].scores is not None
    ]


def _series(bundle: Bundle, prediction: SongPrediction, colour: str) -> Series:
    scores = np.asarray(prediction.scores)
    return Series(short(bundle), scores, prediction.start_s, prediction.end_s, colour)


def _taggram(bundle: Bundle, prediction: SongPrediction) -> Taggram:
    names = [name for name, _ in prediction.ranking()[:MAX_TAGS]]
    rows = [prediction.genres.index(name) for name in names]
    label = "Genres" if bundle.card.head == "softmax" else "Tags"
    return Taggram(
        prediction.probs[:, rows].T, names, prediction.start_s, prediction.end_s, label=label
    )
