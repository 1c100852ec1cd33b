"""The segments of a song as a list, and everything to take away."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from genre_core.audio.tags import Tags
from genre_core.metrics.references import References
from genre_core.runs.bundle import Bundle
from pages.ui import controls
from pages.ui.media.choice import Choice
from pages.ui.problems import plain
from pages.ui.songs import standing, verdicts
from pages.ui.songs.cached import references
from pages.ui.songs.verdicts import Thresholds, short

if TYPE_CHECKING:
    import pandas as pd

    from genre_core.audio.overview import Overview
    from genre_core.runs.answers import SongPrediction, SongReading


def clock(seconds: float) -> str:
    """Write a time as minutes and seconds.

    Examples
    --------
    >>> clock(75.32)
    '1:15.3'
    """
    tenths = round(10 * seconds)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def segments(prediction: SongPrediction) -> pd.DataFrame:
    """List a network's segments as study S5 lists those of its example song."""
    import pandas as pd

    columns: dict[str, Any] = {
        "from": [clock(value) for value in prediction.start_s],
        "to": [clock(value) for value in prediction.end_s],
    }
    if prediction.scores is not None:
        columns["non-prog"] = np.round(1 - prediction.scores, 4)
        columns["prog"] = np.round(prediction.scores, 4)
    if len(prediction.genres) > 2:
        best = np.argmax(prediction.probs, axis=1)
        columns["strongest"] = [prediction.genres[i] for i in best]
        columns["its score"] = np.round(prediction.probs[np.arange(len(best)), best], 3)
    return pd.DataFrame(columns)


def every_segment(bundles: Sequence[Bundle], reading: SongReading) -> pd.DataFrame:
    """List all networks' segments in one table, for a CSV."""
    import pandas as pd

    parts = []
    for bundle in bundles:
        prediction = reading.predictions.get(bundle.name)
        if prediction is None:
            continue
        part = pd.DataFrame(
            {"model": bundle.name, "start_s": prediction.start_s, "end_s": prediction.end_s}
        )
        part["prog_score"] = np.nan if prediction.scores is None else prediction.scores
        best = np.argmax(prediction.probs, axis=1)
        part["genre"] = [prediction.genres[i] for i in best]
        part["probability"] = prediction.probs[np.arange(len(best)), best]
        parts.append(part)
    return pd.concat(parts, ignore_index=True).round(4) if parts else pd.DataFrame()


def downloads(
    choice: Choice,
    bundles: Sequence[Bundle],
    reading: SongReading,
    shown: Overview,
    thresholds: Thresholds,
) -> None:
    """Offer the scores as CSV and JSON, and the spectrogram as a picture."""
    stem = choice.file.rsplit(".", 1)[0]
    # Made when they are asked for: the page need not wait for them.
    with st.container(horizontal=True):
        for label, content, kind, mime in (
            (
                "Scores (CSV)",
                lambda: every_segment(bundles, reading).to_csv(index=False),
                "csv",
                "text/csv",
            ),
            (
                "Everything (JSON)",
                lambda: json.dumps(_whole(choice, bundles, reading, thresholds), indent=2),
                "json",
                "application/json",
            ),
            ("Spectrogram (PNG)", shown.picture, "png", "image/png"),
        ):
            controls.download(label, content, f"{stem}.{kind}", mime, key=f"download_{kind}")


def _whole(
    choice: Choice, bundles: Sequence[Bundle], reading: SongReading, thresholds: Thresholds
) -> dict[str, Any]:
    answers = [
        reading.predictions[bundle.name].to_dict(thresholds.get(bundle.name), _songs_of(bundle))
        for bundle in bundles
        if bundle.name in reading.predictions
    ]
    return {"song": choice.file, "duration_s": round(reading.duration_s, 3), "models": answers}


def _songs_of(bundle: Bundle) -> References | None:
    stored = references(bundle)
    return None if stored is None else stored.songs


def heading(chosen: Choice, tags: Tags, duration_s: float) -> str:
    """Name a song by its tags, or by its file, with its length."""
    known = " · ".join(part for part in (tags.title, tags.artist) if part)
    return f"{plain(known or chosen.label)} ({clock(duration_s)})"


def among(
    standings: Sequence[standing.Standing],
    bundles: Sequence[Bundle],
    predictions: dict[str, SongPrediction],
    thresholds: Thresholds,
    rule: str,
) -> None:
    """Show the song's place among songs people know, and what thresholds would make of it."""
    standing.section(standings, thresholds)
    if standings:
        verdicts.section(bundles, predictions, thresholds, rule)


def every_score(
    chosen: Choice,
    focus: Bundle,
    bundles: Sequence[Bundle],
    song: SongReading,
    shown: Overview,
    thresholds: Thresholds,
) -> None:
    """List every segment and every network's verdict, to be taken along too."""
    section(focus, song, verdicts.table(bundles, song.predictions, thresholds))
    downloads(chosen, bundles, song, shown, thresholds)


def section(focus: Bundle, song: SongReading, judged: pd.DataFrame) -> None:
    """List the segments of one network, and the scores of all."""
    controls.table(
        judged, "Mean score of every network with a score, and its verdicts at your threshold"
    )
    st.markdown(f"**The segments of {plain(short(focus))}**, in order:")
    st.dataframe(
        segments(song.predictions[focus.name]),
        hide_index=False,
        height=320,
        column_config={"prog": controls.share()},
        alt="Each segment with its time and its scores",
    )
