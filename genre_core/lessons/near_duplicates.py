"""The lesson of duplicates: how far a hash alone goes, and how far with a second look."""

from __future__ import annotations

import datetime
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from genre_core import __version__
from genre_core.data.files import relative_posix, sha256_file
from genre_core.data.media_files import MediaFile
from genre_core.data.near_pairs import (
    MIN_SCORE,
    CoverPrints,
    NearPairs,
    cover_pairs,
    cover_prints,
)
from genre_core.errors import DatasetError, Problem
from genre_core.evaluation.duplicates import Judged, Known, known_pairs, on_halves
from genre_core.image.cover_hash import RADIUS, close_hashes
from genre_core.progress import Log, Progress

LIMIT = 0.01
"""Share of other covers that may be falsely paired."""

_THRESHOLDS = tuple(round(0.95 - 0.025 * k, 3) for k in range(30))
_ALL = -2.0  # below every score
_N_DIVISIONS = 100


def near_duplicates(
    tables: Sequence[str | Path],
    *,
    command: str,
    log: Log,
    looked_at: str | Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Measure a hash alone, with the second check, and with the thorough one, on known duplicates.

    Parameters
    ----------
    tables : sequence of str or Path
        CSV files with the columns `path`, relative to the table's folder, and `dup_group`: covers
        that share one are the same. All rows of all tables count as covers.
    command : str
        How this was started, for the record.
    log : callable
        Takes one line at a time.
    looked_at : str or Path, optional
        CSV with the columns `path`, `other_path` and `same` (yes or no): pairs that are not listed
        in `tables`, and what somebody saw. They are counted apart, never left out.
    progress : callable, optional
        `progress(done, total, text)`.

    Returns
    -------
    dict
        JSON values: `data` (counts), `methods` (one each: `curve`; figures with intervals
        `at_limit`, where a hundredth of the others is falsely paired, and as `shipped`; `held_out`:
        chosen on one half of groups and others, measured on the other half, for the first of 100
        divisions and over all), `speed` (seconds of one processor).

    Raises
    ------
    ParameterError, DatasetError
        No known pair, a table without these columns, or a cover that cannot be read.
    """
    frame = _read_tables(tables)
    known = known_pairs(frame["path"].tolist(), frame["dup_group"].tolist())
    files = [MediaFile(p, Path(p), "") for p in frame["path"]]
    same, n_looked_at = _read_looked_at(looked_at, frame["path"].tolist(), Path(tables[0]).parent)
    started = time.process_time()
    prints, problems = cover_prints(files, progress=progress)
    plain_s = time.process_time() - started
    if problems:
        raise DatasetError(
            "Every cover of the tables must be readable.",
            received=f"{len(problems)} that are not, first {problems[0]}",
            cure="Correct the tables.",
            problems=tuple(problems),
        )
    started = time.process_time()
    checked = cover_pairs(prints, min_score=_ALL)
    check_s = time.process_time() - started
    started = time.process_time()
    thorough_prints, _ = cover_prints(files, thorough=True, progress=progress)
    thorough = cover_pairs(thorough_prints, min_score=_ALL)
    thorough_s = time.process_time() - started
    methods: list[dict[str, Any]] = []
    for name, pairs, thresholds in (
        ("hash alone", _hash_alone(prints), tuple(-float(bits) for bits in range(RADIUS + 1))),
        ("hash and check", checked, _THRESHOLDS),
        ("hash and thorough check", thorough, _THRESHOLDS),
    ):
        judged = Judged(known, pairs, same)
        methods.append({"name": name, "n_proposed": len(pairs)} | _figures(judged, thresholds))
        last = methods[-1]["at_limit"]
        log(f"{name}: recall {last['recall']['value']} at {LIMIT:.0%} falsely paired")
    return {
        "created": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "command": command,
        "version": __version__,
        "limit": LIMIT,
        "min_score": MIN_SCORE,
        "data": _facts(frame, known, same, n_looked_at),
        "interval": "recall: 95 % bootstrap over groups of duplicates, 2,000 resamples; "
        "falsely paired: exact 95 %",
        "methods": methods,
        "speed": {
            "n_covers": len(files),
            "reading_cpu_s": round(plain_s, 2),
            "comparing_cpu_s": round(check_s, 2),
            "thorough_cpu_s": round(thorough_s, 2),
        },
    }


def _figures(judged: Judged, thresholds: Sequence[float]) -> dict[str, Any]:
    curve = [{k: round(v, 4) for k, v in judged.at(threshold).items()} for threshold in thresholds]
    divisions = [on_halves(judged, LIMIT, seed=seed) for seed in range(_N_DIVISIONS)]
    held_out = {}
    for name in ("threshold", "recall", "falsely"):
        values = np.array([division[name] for division in divisions])
        low, middle, high = np.quantile(values, (0.025, 0.5, 0.975))
        held_out[name] = {
            "first": round(float(values[0]), 4),
            "median": round(float(middle), 4),
            "low": round(float(low), 4),
            "high": round(float(high), 4),
        }
    at_limit = judged.with_intervals(judged.lowest_threshold(LIMIT))
    figures = {"curve": curve, "at_limit": at_limit, "held_out": held_out}
    if thresholds is _THRESHOLDS:
        figures["shipped"] = judged.with_intervals(MIN_SCORE)
    return figures


def _hash_alone(prints: CoverPrints) -> NearPairs:
    """Score pairs by their hashes alone: minus the bits that differ."""
    blocks = list(close_hashes(prints.hashes[0], radius=RADIUS))
    first, second, distance = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    return NearPairs(prints.rows[first], prints.rows[second], -distance.astype(np.float32))


def _read_tables(tables: Sequence[str | Path]) -> pd.DataFrame:
    parts = []
    for table in map(Path, tables):
        part = _read_columns(table, ("path", "dup_group"))
        split = part["split"] if "split" in part else pd.Series("", index=part.index)
        paths = [str(table.parent / relative_posix(path)) for path in part["path"]]
        parts.append(part[["dup_group"]].assign(path=paths, split=split, table=table.name))
    return pd.concat(parts, ignore_index=True)


def _read_columns(table: Path, columns: Sequence[str]) -> pd.DataFrame:
    try:
        frame = pd.read_csv(table, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise _no_table(columns, f"{table.name}: {error}") from error
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise _no_table(columns, f"{table.name} without {', '.join(missing)}")
    return frame


def _no_table(columns: Sequence[str], received: str) -> DatasetError:
    return DatasetError(
        f"A table of known duplicates must be a CSV file with the columns {', '.join(columns)}.",
        received=received,
        cure="Give another file.",
    )


def _read_looked_at(
    table: str | Path | None, paths: Sequence[str], root: Path
) -> tuple[frozenset[tuple[int, int]], int]:
    """Return the pairs of rows that were found to be the same, and how many were looked at."""
    if table is None:
        return frozenset(), 0
    frame = _read_columns(Path(table), ("path", "other_path", "same"))
    rows_of: dict[str, list[int]] = {}
    for row, path in enumerate(paths):
        rows_of.setdefault(path, []).append(row)
    pairs, strange = set(), []
    for one, other, same in zip(frame["path"], frame["other_path"], frame["same"], strict=True):
        rows_of_pair = [rows_of.get(str(root / path), []) for path in (one, other)]
        if not all(rows_of_pair):
            strange.append(Problem(f"{one}, {other}", "not both are in the tables"))
        if same == "yes":
            pairs |= {(min(a, b), max(a, b)) for a in rows_of_pair[0] for b in rows_of_pair[1]}
    if strange:
        raise DatasetError(
            "Every pair that was looked at must be of covers in the tables.",
            received=f"{len(strange)} that are not, first {strange[0].where}",
            cure="Give the tables that the list belongs to.",
            problems=tuple(strange),
        )
    return frozenset(pairs), len(frame)


def _facts(
    frame: pd.DataFrame, known: Known, same: frozenset[tuple[int, int]], n_looked_at: int
) -> dict[str, Any]:
    paths = frame["path"].tolist()
    two = known.is_two_files
    checksums = {
        row: sha256_file(paths[row])
        for row in np.unique(np.concatenate([known.first[two], known.second[two]]))
    }
    files = {(paths[one], paths[other]) for one, other in same}
    splits = dict(zip(paths, frame["split"], strict=True))
    return {
        "tables": frame["table"].unique().tolist(),
        "n_covers": len(frame),
        "n_others": int(known.is_other.sum()),
        "n_pairs": len(known.first),
        "n_groups": len(set(known.groups[known.first])),
        "n_pairs_of_one_file": int((~two).sum()),
        "n_pairs_exact": sum(
            checksums[one] == checksums[other]
            for one, other in zip(known.first[two], known.second[two], strict=True)
        ),
        "n_looked_at": n_looked_at,
        "n_found_same": len(files),
        "n_found_across_splits": sum(
            len({splits[one], splits[other]} - {""}) > 1 for one, other in files
        ),
    }
