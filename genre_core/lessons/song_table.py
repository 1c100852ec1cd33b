"""Tables of numbers a song with people's labels: read, checked, and asked what tells length."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.data.home import data_root
from genre_core.errors import DatasetError, LeakError, Problem, describe

FILES = {"train": "prog_train.csv", "test": "prog_test.csv"}
LABEL = "prog"
DURATION = ("duration", "duration_s", "length", "length_s")
"""Names that the column with a song's length may have, in lower case."""

MIN_SONGS = 10
"""Songs of each class that each table must have: fewer leave nothing to choose an epoch on."""

GROWS = 0.9
"""Rank correlation with the length from which a column counts as one that grows with it; ours."""

_LENGTH_WORDS = {
    "duration", "length", "seconds", "minutes", "samples", "frames", "beats", "bars", "sections",
    "segments", "count", "number",
}  # fmt: skip
_WORD = re.compile(r"[a-z]+")
_MAX_NAMED = 50


@dataclass(frozen=True, slots=True, eq=False)
class SongTable:
    """Two tables of the same columns: songs to learn from, and songs to be judged by.

    name: of the folder
    digest: SHA-256 of both files, 64 digits
    columns: what each song is described by, in order
    duration: the one of them that is its length in seconds
    values [shape=(n_songs, n_columns), dtype=float64]: for "train" and "test"; finite
    is_prog [shape=(n_songs,), dtype=int64]: 1 for prog, 0 for not
    """

    name: str
    digest: str
    columns: tuple[str, ...]
    duration: str
    values: dict[str, NDArray[np.float64]]
    is_prog: dict[str, NDArray[np.int64]]

    def column(self, name: str, part: str) -> NDArray[np.float64]:
        """Return one column of one table."""
        return self.values[part][:, self.columns.index(name)]


def read_song_table(data: str | Path) -> SongTable:
    """Read `prog_train.csv` and `prog_test.csv`.

    `data` is the folder that holds both, or its path below `GENRE_DATA`. Each has a header, a
    column `prog` of 0 and 1, a column of `DURATION` in seconds, and at least one more; every cell
    is a finite number (all others are listed in the error), each class has `MIN_SONGS` songs or
    more, and no song of test stands in train, number by number.

    **Source**: the data of the course in which study S5 was written, as one of its later classes
    published it: 41 numbers a song and people's own labels.

    Examples
    --------
    >>> read_song_table("no-such-folder")
    Traceback (most recent call last):
        ...
    genre_core.errors.DatasetError: Songs with people's labels are two tables, prog_train.csv and \
prog_test.csv. Received no prog_train.csv in no-such-folder. Give the folder that holds both.
    """
    folder = _folder(data)
    frames, digest = {}, hashlib.sha256()
    for part, name in FILES.items():
        path = folder / name
        if not path.is_file():
            raise _no_tables(f"no {name} in {data}")
        content = path.read_bytes()
        digest.update(content)
        frames[part] = _read(path)
    first, other = (list(frames[part].columns) for part in FILES)
    if first != other:
        differ = sorted(set(first) ^ set(other)) or "the order"
        raise _no_tables(f"different columns: {differ}")
    if LABEL not in first:
        raise _no_tables(f"no column {LABEL} among {describe(first)}")
    columns = tuple(name for name in first if name != LABEL)
    durations = [name for name in columns if name.strip().lower() in DURATION]
    if len(durations) != 1 or len(columns) < 2:
        raise DatasetError(
            "A table of songs needs one column of their length, and at least one of something "
            "else.",
            received=f"{len(durations)} columns of a length among {describe(list(columns))}",
            cure=f"Call the length in seconds {DURATION[0]}.",
        )
    numbers = {part: _numbers(frame, part) for part, frame in frames.items()}
    is_prog = {part: _labels(frames[part], numbers[part], part) for part in FILES}
    values = {part: numbers[part].drop(columns=LABEL).to_numpy(np.float64) for part in FILES}
    _refuse_leak(values)
    return SongTable(Path(data).name, digest.hexdigest(), columns, durations[0], values, is_prog)


def length_columns(table: SongTable) -> tuple[str, ...]:
    """Name the columns that are a song's length, or grow with it, in the table's order.

    The duration; every column with a word for a length or a count in its name (unless it is a
    mean); every column whose rank correlation with the duration is `GROWS` or more in train,
    either way.

    Examples
    --------
    >>> songs = np.array([[60.0, 120.0, 3.0], [90.0, 200.0, 1.0], [30.0, 61.0, 2.0]])
    >>> labels = np.array([0, 1, 0])
    >>> made = SongTable("made", "", ("Duration", "Beats", "MFCC"), "Duration",
    ...                  {"train": songs, "test": songs}, {"train": labels, "test": labels})
    >>> length_columns(made)
    ('Duration', 'Beats')
    """
    grows = {row["column"] for row in correlations(table) if abs(row["train"]) >= GROWS}
    return tuple(
        name
        for name in table.columns
        if name == table.duration or name in grows or _is_length(name)
    )


def correlations(table: SongTable) -> list[dict[str, Any]]:
    """Rank every other column by Spearman's rank correlation with the length, the strongest first.

    Each has `column`, and the correlation in `train` and in `test` (0 where a column is constant).
    """
    ranked = []
    for name in table.columns:
        if name != table.duration:
            values = {
                part: _spearman(table.column(name, part), table.column(table.duration, part))
                for part in FILES
            }
            ranked.append({"column": name, **{part: round(v, 3) for part, v in values.items()}})
    return sorted(ranked, key=lambda row: -abs(row["train"]))


def whole_numbers(table: SongTable) -> tuple[str, ...]:
    """Name the columns, besides the duration, that hold whole numbers alone: they may be counts."""
    everything = np.concatenate([table.values[part] for part in FILES])
    is_whole = (everything == np.round(everything)).all(axis=0)
    return tuple(
        name
        for name, whole in zip(table.columns, is_whole, strict=True)
        if whole and name != table.duration
    )


def _is_length(name: str) -> bool:
    words = set(_WORD.findall(name.lower()))
    # A mean over frames or samples does not grow with their number.
    return bool(words & _LENGTH_WORDS) and not words & {"mean", "average", "median"}


def _spearman(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    ranks = [pd.Series(values).rank().to_numpy() for values in (x, y)]
    if min(map(np.ptp, ranks)) == 0:
        return 0.0
    return float(np.corrcoef(ranks)[0, 1])


def _folder(data: str | Path) -> Path:
    folder, root = Path(data).expanduser(), data_root()
    if not folder.is_dir() and root is not None and (root / data).is_dir():
        return root / data
    return folder


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path)
    except (OSError, ValueError) as error:  # pandas' own errors are ValueErrors
        reason = str(error).partition("\n")[0]
        raise _no_tables(f"{path.name}, which is no table: {reason}") from error


def _numbers(frame: pd.DataFrame, part: str) -> pd.DataFrame:
    numbers = frame.apply(pd.to_numeric, errors="coerce").astype(np.float64)
    rows, columns = np.nonzero(~np.isfinite(numbers.to_numpy()))
    if len(rows):
        problems = tuple(
            Problem(
                # The first song stands on the second line.
                f"{FILES[part]} line {row + 2}, {frame.columns[k]}",
                describe(frame.iat[row, k]),
            )
            for row, k in zip(rows[:_MAX_NAMED].tolist(), columns.tolist(), strict=False)
        )
        raise DatasetError(
            "Every cell of a table of songs must be a finite number.",
            received=f"{len(rows)} that are not, first {problems[0]}",
            cure="Fill them in or leave those songs out, knowing which.",
            problems=problems,
        )
    return numbers


def _labels(frame: pd.DataFrame, numbers: pd.DataFrame, part: str) -> NDArray[np.int64]:
    labels = numbers[LABEL].to_numpy()
    if not np.isin(labels, (0, 1)).all():
        other = sorted(set(map(str, frame[LABEL])) - {"0", "1", "0.0", "1.0"})
        raise _no_tables(f"the labels {describe(other[:5])} in {FILES[part]}, not 0 and 1")
    is_prog = labels.astype(np.int64)
    counts = np.bincount(is_prog, minlength=2)
    if counts.min() < MIN_SONGS:
        raise DatasetError(
            f"Each class needs at least {MIN_SONGS} songs in each table.",
            received=f"{counts[1]} prog and {counts[0]} other songs in {FILES[part]}",
            cure="Give more songs.",
        )
    return is_prog


def _refuse_leak(values: dict[str, NDArray[np.float64]]) -> None:
    seen = {row.tobytes() for row in values["train"]}
    # In numbers as they are written: a song in both tables has both rows alike.
    both = [k for k, row in enumerate(values["test"]) if row.tobytes() in seen]
    if both:
        raise LeakError(
            "No song may stand in both tables.",
            received=f"{len(both)} that do, first line {both[0] + 2} of {FILES['test']}",
            cure="Leave them out of one.",
            problems=tuple(
                Problem(f"{FILES['test']} line {k + 2}", f"stands in {FILES['train']} too")
                for k in both[:_MAX_NAMED]
            ),
        )


def _no_tables(received: str) -> DatasetError:
    return DatasetError(
        f"Songs with people's labels are two tables, {' and '.join(FILES.values())}.",
        received=received,
        cure="Give the folder that holds both.",
    )
