"""Score a whole library of songs: resumable, one row a song, sorted by prog score."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from genre_core.audio.decode import DECODER_VERSION
from genre_core.data.files import path_text
from genre_core.data.scores_growing import GrowingScores, real_path
from genre_core.data.scores_table import KEY, Digests, Row, batches, digests_of
from genre_core.errors import DatasetError, GenreError
from genre_core.guarded import read_tags
from genre_core.metrics.references import References
from genre_core.progress import Progress

if TYPE_CHECKING:
    from genre_core.inference.songs import SongClassifier
    from genre_core.runs.answers import SongReading

_CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Scored:
    """What became of a library.

    table: a Parquet file, one row a song, the highest prog score first, unreadable ones last: path,
        title, artist, duration_s, prog_score (mean of the networks that give one), for each network
        `<model>:prog`, `<model>:most_prog_s` (start of its most prog moment), `<model>:share` and
        `<model>:majority` (empty without a threshold), `<model>:genre`, `<model>:prob` and whether
        it is `<model>:calibrated`, `<model>:above:<genre>` (share of its references there that
        score lower), `notes` on what was odd about the file, and `error` where a song could not be
        read; rows of other folders too
    n_songs: songs that were asked about
    n_new: songs that were read this time
    n_broken: songs that could not be read
    """

    table: Path
    n_songs: int
    n_new: int
    n_broken: int
    _files: Sequence[Path] = field(repr=False)
    _asked: Digests = field(repr=False)
    _folder: tempfile.TemporaryDirectory[str] | None = field(repr=False)

    def frames(self, *columns: str) -> Iterator[pd.DataFrame]:
        """Read the rows that were asked about, in the table's order, a few thousand at a time.

        `columns` names some of them beside the path, which is as it was given.
        """
        for batch in batches(self.table, ["path", *columns] if columns else None):
            places = self._asked.places(digests_of(batch.column("path").to_pylist()))
            asked = np.flatnonzero(places >= 0)
            frame = batch.take(pa.array(asked)).to_pandas()
            frame["path"] = [path_text(self._files[k]) for k in places[asked].tolist()]
            yield frame.drop(columns=[name for name in KEY[1:] if name in frame])


Scorer = Callable[[Iterable[tuple[Path, Row]]], Iterable[tuple[Path, Row]]]
"""Takes songs, each with its row so far, and gives them back scored, in any order."""


def score_library(
    files: Sequence[Path],
    classifiers: Sequence[SongClassifier],
    *,
    out: Path | None = None,
    threshold: float | None = None,
    references: Mapping[str, References] | None = None,
    progress: Progress | None = None,
    scorer: Scorer | None = None,
) -> Scored:
    """Let networks read every song, keeping what was read before.

    No table is ever whole in memory: it takes some 200 bytes a song beside the paths.

    Parameters
    ----------
    files : sequence of Path
        The songs.
    classifiers : sequence of SongClassifier
        The networks.
    out : Path, optional
        A Parquet file with one row a song by its real path. New rows are kept beside it every
        `SAVE_EVERY_S` seconds; they come into it at the end, and before that as often as
        `WRITING_SHARE` allows, each time whole or not at all. What stands in it for the same file
        (path, size, time), networks and decoder is not computed again, unless it is an error. Rows
        of other songs stay, but for those that are gone from a folder that is there.
    threshold : float, optional
        As in `metrics.votes.judge`; without one nothing is judged.
    references : mapping, optional
        From names of networks to their references, for the columns `above`.
    progress : callable, optional
        `progress(done, total, name)`.
    scorer : callable, optional
        Scores songs elsewhere, each as `score_song` does; here and one after another by default.

    Raises
    ------
    DatasetError
        `out` exists and is no table that this function wrote.
    """
    models = ",".join(f"{model.name}@{_version(model)}" for model in classifiers)
    models += f"|{'none' if threshold is None else f'{threshold:g}'}|decoder {DECODER_VERSION}"
    folder = tempfile.TemporaryDirectory(prefix="library-") if out is None else None
    table = Path(folder.name) / "scores.parquet" if folder is not None else Path(str(out))
    growing = GrowingScores(table, references or {})
    known = growing.known()
    real = digests_of(map(real_path, files))
    asked = Digests(real)
    # A song that is given twice is read once.
    is_first = asked.places(real) == np.arange(len(files))
    once = [path for path, is_once in zip(files, is_first, strict=True) if is_once]
    done, n_new, n_broken = 0, 0, 0

    def tell(path: Path) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, len(once), path.name)

    def unknown() -> Iterator[tuple[Path, Row]]:
        for start in range(0, len(once), _CHUNK):
            chunk = once[start : start + _CHUNK]
            keys = [_key(path, models) for path in chunk]
            is_known = known.places(digests_of(keys)) >= 0
            for path, key, has_row in zip(chunk, keys, is_known, strict=True):
                if has_row:
                    tell(path)
                else:
                    yield path, dict(zip(KEY, key, strict=True))

    score = scorer or partial(_score_here, classifiers=classifiers, threshold=threshold)
    for path, row in score(unknown()):
        n_broken += bool(row["error"])
        n_new += not row["error"]
        growing.add(row)
        tell(path)
    growing.end(asked)
    return Scored(table, len(once), n_new, n_broken, files, asked, folder)


def score_song(path: Path, classifiers: Sequence[SongClassifier], threshold: float | None) -> Row:
    """Let networks read one song; what is wrong with its file stands in `error`, else ""."""
    from genre_core.inference.song_reading import read_song

    try:
        _need_text(path)
        reading, _ = read_song(path, classifiers)
        return reading_row(path, reading, threshold)
    except GenreError as error:
        return {"error": str(error)}


def _score_here(
    songs: Iterable[tuple[Path, Row]],
    *,
    classifiers: Sequence[SongClassifier],
    threshold: float | None,
) -> Iterator[tuple[Path, Row]]:
    for path, row in songs:
        yield path, row | score_song(path, classifiers, threshold)


def _need_text(path: Path) -> None:
    text = path_text(path)
    if text != str(path):
        raise DatasetError(
            "The path of a song must be text, to stand in tables and playlists.",
            received=text,
            cure="Rename the file.",
        )


def _key(path: Path, models: str) -> tuple[str, int, int, str]:
    real = real_path(path)
    try:
        status = path.stat()
    except OSError:
        return real, -1, -1, models
    return real, status.st_size, status.st_mtime_ns, models


def _version(model: SongClassifier) -> str:
    sha, calibration = model.card.model_sha256[:12], model.card.calibration
    return sha if calibration is None else f"{sha} {calibration.temperature:g}"


def reading_row(path: Path, reading: SongReading, threshold: float | None) -> Row:
    """Write what networks said of a song, and its tags, as columns of the table."""
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
