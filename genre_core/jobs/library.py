"""Score a whole library of songs: resumable, one row a song, sorted by prog score."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from genre_core.audio.decode import DECODER_VERSION
from genre_core.data.files import atomic_path, path_text
from genre_core.errors import DatasetError, GenreError
from genre_core.guarded import read_tags
from genre_core.metrics.references import References, places
from genre_core.progress import Progress

if TYPE_CHECKING:
    from genre_core.inference.songs import SongClassifier
    from genre_core.runs.answers import SongReading

SAVE_EVERY_S = 10.0
"""So much work at most is lost when the run is killed."""

_ABOVE = ":above:"
_KEY = ("path", "n_bytes", "changed_ns", "models")


@dataclass(frozen=True, slots=True)
class Scored:
    """What became of a library.

    frame: one row a song, the highest prog score first, unreadable ones last: path, title, artist,
        duration_s, prog_score (mean of the networks that give one), for each network
        `<model>:prog`, `<model>:most_prog_s` (start of its most prog moment), `<model>:share` and
        `<model>:majority` (empty without a threshold), `<model>:genre`, `<model>:prob` and whether
        it is `<model>:calibrated`, `<model>:above:<genre>` (share of its references there that
        score lower), `notes` on what was odd about the file, and `error` where a song could not be
        read
    n_new: songs that were read this time
    """

    frame: pd.DataFrame
    n_new: int

    @property
    def n_broken(self) -> int:
        """Songs that could not be read."""
        return int((self.frame["error"] != "").sum()) if len(self.frame) else 0


def score_library(
    files: Sequence[Path],
    classifiers: Sequence[SongClassifier],
    *,
    out: Path | None = None,
    threshold: float | None = None,
    references: Mapping[str, References] | None = None,
    progress: Progress | None = None,
) -> Scored:
    """Let networks read every song, keeping what was read before.

    Parameters
    ----------
    files : sequence of Path
        The songs.
    classifiers : sequence of SongClassifier
        The networks.
    out : Path, optional
        A Parquet file with one row a song by its real path: written every `SAVE_EVERY_S` seconds
        and at the end, each time whole or not at all. What stands in it for the same file (path,
        size, time), networks and decoder is not computed again, unless it is an error. Rows of
        other songs stay, but for those that are gone from a folder that is there.
    threshold : float, optional
        As in `metrics.votes.judge`; without one nothing is judged.
    references : mapping, optional
        From names of networks to their references, for the columns `above`.
    progress : callable, optional
        `progress(done, total, name)`.

    Raises
    ------
    DatasetError
        `out` exists and is no table that this function wrote.
    """
    from genre_core.inference.song_reading import read_song

    models = ",".join(f"{model.name}@{_version(model)}" for model in classifiers)
    models += f"|{'none' if threshold is None else f'{threshold:g}'}|decoder {DECODER_VERSION}"
    known = references or {}
    table = _known(out)
    asked: dict[str, str] = {}
    n_new, saved = 0, time.monotonic()
    for done, path in enumerate(files, start=1):
        key = _key(path, models)
        row = table.get(key[0], {})
        asked.setdefault(key[0], path_text(path))
        if row.get("error") or tuple(row.get(name) for name in _KEY) != key:
            row = dict(zip(_KEY, key, strict=True))
            try:
                _need_text(path)
                reading, _ = read_song(path, classifiers)
                row |= _facts(path, reading, threshold)
                n_new += 1
            except GenreError as error:
                row["error"] = str(error)
        table[key[0]] = row
        if progress is not None:
            progress(done, len(files), path.name)
        if out is not None and time.monotonic() - saved > SAVE_EVERY_S:
            _save(_placed(_table(table.values()), known), out)
            saved = time.monotonic()
    if out is not None:
        kept = (row for path, row in table.items() if path in asked or not _is_gone(path))
        _save(_placed(_table(kept), known), out)
    frame = _placed(_table(table[path] for path in asked), known)
    frame["path"] = frame["path"].map(asked)
    return Scored(frame.drop(columns=list(_KEY[1:])), n_new)


def _need_text(path: Path) -> None:
    text = path_text(path)
    if text != str(path):
        raise DatasetError(
            "The path of a song must be text, to stand in tables and playlists.",
            received=text,
            cure="Rename the file.",
        )


def _key(path: Path, models: str) -> tuple[str, int, int, str]:
    real = path_text(Path(os.path.realpath(path)))
    try:
        status = path.stat()
    except OSError:
        return real, -1, -1, models
    return real, status.st_size, status.st_mtime_ns, models


def _is_gone(path: str) -> bool:
    # Where the folder is gone too, a disk may only not be there today.
    return not Path(path).exists() and Path(path).parent.is_dir()


def _version(model: SongClassifier) -> str:
    sha, calibration = model.card.model_sha256[:12], model.card.calibration
    return sha if calibration is None else f"{sha} {calibration.temperature:g}"


def _facts(path: Path, reading: SongReading, threshold: float | None) -> dict[str, Any]:
    tags = read_tags(path)
    row: dict[str, Any] = {
        "title": tags.title,
        "artist": tags.artist,
        "duration_s": round(reading.duration_s, 3),
        "notes": " ".join(reading.notes),
        "error": "",
    }
    means = []
    for name, prediction in reading.predictions.items():
        genre = prediction.genre
        prob = dict(prediction.ranking())[genre]
        row |= {
            f"{name}:genre": genre,
            f"{name}:prob": round(prob, 4),
            f"{name}:calibrated": prediction.calibration is not None,
        }
        score, moment = prediction.prog_score, prediction.most_prog
        if score is None or moment is None:
            continue
        means.append(score)
        row |= {f"{name}:prog": round(score, 4), f"{name}:most_prog_s": round(moment[0], 3)}
        verdict = None if threshold is None else prediction.verdict(threshold)
        if verdict is not None:
            row |= {
                f"{name}:share": round(verdict.share, 4),
                f"{name}:majority": verdict.by_majority,
            }
    row["prog_score"] = round(sum(means) / len(means), 4) if means else None
    return row


def _table(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    first = [*_KEY, "title", "artist", "duration_s", "prog_score", "notes", "error"]
    frame = pd.DataFrame(list(rows))
    scored = [name for name in map(str, frame) if name.endswith(":prog")]
    judged = [name.removesuffix("prog") + what for name in scored for what in ("share", "majority")]
    for name in (*first, *judged):  # of a table without a threshold nothing is judged
        if name not in frame:
            frame[name] = None
    for name in ("title", "artist", "notes", "error"):
        frame[name] = frame[name].fillna("")
    frame["prog_score"] = frame["prog_score"].astype("Float64")
    others = sorted(set(frame) - set(first))
    ordered = frame[[*first, *others]].sort_values("prog_score", ascending=False, kind="stable")
    return ordered.reset_index(drop=True)


def _placed(frame: pd.DataFrame, references: Mapping[str, References]) -> pd.DataFrame:
    """Add each network's places; anew each time, since references may have been written again."""
    frame = frame.drop(columns=[name for name in frame if _ABOVE in str(name)])
    for model, songs in references.items():
        scores = frame.get(f"{model}:prog")
        if scores is None:
            continue
        found = [
            {}
            if pd.isna(score)
            else {place.genre: place.higher_than for place in places(songs, score)}
            for score in scores
        ]
        for genre in dict.fromkeys(genre for song in found for genre in song):
            column = [song.get(genre) for song in found]
            if any(value is not None for value in column):
                frame[f"{model}{_ABOVE}{genre}"] = column
    return frame


def _save(table: pd.DataFrame, out: Path) -> None:
    with atomic_path(out) as part:
        table.to_parquet(part, index=False)


def _known(out: Path | None) -> dict[str, dict[str, Any]]:
    if out is None or not out.exists():
        return {}
    try:
        frame = pd.read_parquet(out)
        frame["path"] = [os.path.realpath(path) for path in frame["path"]]
        frame = frame.astype({"n_bytes": int, "changed_ns": int, "models": str, "error": str})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(
            "--out must be a new file, or a table of scores that this command wrote.",
            received=f"{out.name}: {str(error)[:120]}",
            cure="Give another name, or delete the file.",
        ) from error
    return {
        row["path"]: {name: value for name, value in row.items() if not _is_missing(value)}
        for row in frame.to_dict("records")
    }


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)
