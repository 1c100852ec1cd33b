"""Figures of the first lessons on songs: a curve's range, length alone, other genres' songs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genre_core.audio.overview import envelope
from genre_core.config import require

_STROKE_HZ = 50

MODEL = "S5's MLP"
"""Of the programs of the question of length, the study's own."""

FEATURES = ("all", "without length", "length alone")

BANDS_HZ: Mapping[str, tuple[float, float] | None] = {
    "everything": None,
    "low: below 250 Hz": (0.0, 250.0),
    "middle: 250 to 2,000 Hz": (250.0, 2_000.0),
    "high: above 2,000 Hz": (2_000.0, 22_050.0),
}
"""Bands of pitch that can be heard alone."""


def place_in(value: float, edges: Sequence[float]) -> int:
    """Say between which edges a value lies: 0 below the first, at an edge the place above it.

    >>> [place_in(value, [0.1, 0.3]) for value in (0.05, 0.1, 0.2, 0.4)]
    [0, 1, 1, 2]
    """
    return int(np.searchsorted(np.asarray(edges), value, side="right"))


def curve_facts(scores: ArrayLike, song: str) -> tuple[dict[str, str], int]:
    """Write how far a song's scores lie apart; the right choice is the place in 0.1 and 0.3.

    Parameters
    ----------
    scores : array_like [shape=(n,)]
        Of its segments, 0 to 1.
    song : str
        Its title.

    Examples
    --------
    >>> facts, right = curve_facts([0.2, 0.6], "Tide")
    >>> facts["apart"], right
    ('0.40', 2)
    """
    values = np.asarray(scores, dtype=np.float64)
    low, high = float(values.min()), float(values.max())
    apart = round(round(high, 2) - round(low, 2), 2)  # as a reader subtracts what is written
    facts = {
        "song": song,
        "n": f"{len(values)}",
        "lowest": f"{low:.2f}",
        "highest": f"{high:.2f}",
        "apart": f"{apart:.2f}",
    }
    return facts, place_in(apart, [0.1, 0.3])


def length_accuracy(result: Mapping[str, Any], features: str, model: str = MODEL) -> float:
    """Read a mean accuracy off the stored question of length.

    Parameters
    ----------
    result : mapping
        As `load_lesson("song_length")` gives it.
    features : {"all", "without length", "length alone"}
    model : str
        One of its models.

    Raises
    ------
    ParameterError
        No such row.
    """
    found = [
        float(row["accuracy"]["mean"])
        for row in result["rows"]
        if (row["features"], row["model"]) == (features, model)
    ]
    require(
        len(found) == 1,
        "The question of length has one row for each model and each set of columns.",
        f"{len(found)} rows of {model!r} on {features!r}",
        f"Ask for one of {', '.join(FEATURES)}.",
    )
    return found[0]


def length_facts(result: Mapping[str, Any]) -> tuple[dict[str, str], int]:
    """Write what length alone is worth; the right choice is the place in 60 and 70 %."""
    all_of_it, without, alone = (length_accuracy(result, one) for one in FEATURES)
    means = result["data"]["train"]["mean_s"]
    columns = next(row["n_columns"] for row in result["rows"] if row["features"] == "all")
    facts = {
        "prog_minutes": f"{means['prog'] / 60:.0f}",
        "other_minutes": f"{means['non-prog'] / 60:.0f}",
        "line": f"{100 * float(result['majority']):.0f} %",
        "model": "a small network",
        "n_columns": str(columns),
        "all": f"{100 * all_of_it:.0f} %",
        "without": f"{100 * without:.0f} %",
        "alone": f"{100 * alone:.0f} %",
    }
    return facts, place_in(alone, [0.6, 0.7])


def false_alarm_rows(metrics: Mapping[str, Any], fewest: int = 5) -> list[tuple[str, int, int]]:
    """List genres of test songs that are not prog: name, songs, how many were called prog.

    Those with fewer than `fewest` songs that are surely not prog are left out.

    >>> false_alarm_rows({"by_genre": [{"genre": "Pop", "n_known": 8, "k": 2},
    ...                                {"genre": "Jazz", "n_known": 1, "k": 0}]})
    [('Pop', 8, 2)]
    """
    rows = [
        (str(row["genre"]), int(row["n_known"]), int(row["k"]))
        for row in metrics["by_genre"]
        if row["n_known"] >= fewest
    ]
    return sorted(rows, key=lambda row: -row[2] / row[1])


def classical_facts(metrics: Mapping[str, Any]) -> tuple[dict[str, str], int] | None:
    """Write how many classical pieces were called prog; None where none was asked about."""
    row = next((one for one in false_alarm_rows(metrics) if one[0] == "Classical"), None)
    if row is None:
        return None
    _, n, called = row
    facts = {"n_classical": str(n), "called": "all" if called == n else str(called)}
    share = called / n
    return facts, 0 if share <= 0.25 else 1 if share < 0.75 else 2


def strongest_stroke(y: ArrayLike, sr: int) -> int:
    """Find the second of a song with its strongest stroke: where it grows loudest at once.

    A stroke is a rise of power from one fiftieth of a second to the next.

    Examples
    --------
    >>> y = np.zeros(4_000)
    >>> y[2_500:2_600] = 0.5
    >>> strongest_stroke(y, sr=1_000), strongest_stroke(y[:500], sr=1_000)
    (2, 0)
    """
    whole = np.asarray(y, dtype=np.float32)
    step = max(1, sr // _STROKE_HZ)
    n_seconds = len(whole) // (step * _STROKE_HZ)
    if n_seconds == 0:
        return 0
    parts = whole[: n_seconds * _STROKE_HZ * step].reshape(-1, step)
    rise = np.diff(np.einsum("ij,ij->i", parts, parts))
    return int(np.argmax(rise) + 1) // _STROKE_HZ


def stretch(
    y: ArrayLike, sr: int, start_s: float, length_s: float, *, most: int = 1_600
) -> tuple[NDArray[np.float64], NDArray[np.float32], int]:
    """Cut a stretch of sound to draw: times in s, samples, and how many there really are.

    Of more than `most` samples the lowest and the highest of each part are kept, as
    `audio.overview.envelope` finds them: a screen shows no more.

    Examples
    --------
    >>> times, samples, n = stretch(np.arange(10.0), 10, 0.5, 0.3)
    >>> times.round(1).tolist(), samples.tolist(), n
    ([0.5, 0.6, 0.7], [5.0, 6.0, 7.0], 3)
    """
    whole = np.asarray(y, dtype=np.float32)
    first = min(max(0, round(start_s * sr)), max(0, len(whole) - 1))
    part = whole[first : first + max(1, round(length_s * sr))]
    if len(part) <= most:
        return (first + np.arange(len(part))) / sr, part, len(part)
    low, high = (np.abs(part).max() * side for side in envelope(part, most // 2))
    times = np.linspace(first, first + len(part) - 1, 2 * len(low)) / sr
    return times, np.stack([low, high], axis=1).ravel(), len(part)
