"""Votes of networks on ten-second snippets of real songs with people's labels: read and checked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.data.home import data_root
from genre_core.errors import DatasetError

FILE = "test_votes_snippets.csv.gz"
COLUMNS = ("name", "snippet", "p", "y")
SNIPPET_S = 10
N_RUNS = 20
"""Trained networks that voted on each snippet: votes are twentieths."""

MIN_SONGS = 20
"""Songs of each kind that folds need."""


@dataclass(frozen=True, slots=True, eq=False)
class VoteTable:
    """Songs with the votes on each of their snippets, in the songs' order.

    name: of the folder
    digest: SHA-256 of the file, 64 digits
    votes: of each song [shape=(n_snippets,), dtype=float64], 0 to 1, in time
    is_prog [shape=(n_songs,), dtype=int64]: 1 for prog, 0 for not
    """

    name: str
    digest: str
    votes: tuple[NDArray[np.float64], ...]
    is_prog: NDArray[np.int64]

    @property
    def n_snippets(self) -> NDArray[np.int64]:
        """Length of each song, in snippets."""
        return np.array([len(votes) for votes in self.votes])


def read_votes(data: str | Path) -> VoteTable:
    """Read `test_votes_snippets.csv.gz`: a row a snippet with `name`, `snippet`, `p` and `y`.

    `data` is its folder, or that folder's path below `GENRE_DATA`. `p` is the share of networks
    that call the snippet prog, `y` the song's label.

    **Source**: votes on the test songs of github.com/type-null/progrock (MIT), a project of the
    course that study S5 comes from.

    Examples
    --------
    >>> read_votes("no-such-folder")
    Traceback (most recent call last):
        ...
    genre_core.errors.DatasetError: Votes on songs are a table test_votes_snippets.csv.gz with \
name, snippet, p and y. Received no test_votes_snippets.csv.gz in no-such-folder. Give its folder.
    """
    folder, root = Path(data).expanduser(), data_root()
    if not folder.is_dir() and root is not None and (root / data).is_dir():
        folder = root / data
    path = folder / FILE
    if not path.is_file():
        raise _no_votes(f"no {FILE} in {data}")
    content = path.read_bytes()
    try:
        frame = pd.read_csv(path)
    except (OSError, ValueError, EOFError) as error:  # pandas' own errors are ValueErrors
        raise _no_votes(f"a file that is no table: {str(error).partition(chr(10))[0]}") from error
    if lacking := [name for name in COLUMNS if name not in frame]:
        raise _no_votes(f"no column {lacking[0]}")
    p, y = (pd.to_numeric(frame[name], errors="coerce") for name in ("p", "y"))
    wrong = ~(p.between(0, 1) & y.isin((0, 1)))
    if wrong.any():
        raise _no_votes(f"a row without p in [0, 1] and y of 0 or 1, line {wrong.argmax() + 2}")
    by_song = frame.assign(p=p, y=y).sort_values("snippet", kind="stable").groupby("name")
    if (by_song["y"].nunique() > 1).any():
        raise _no_votes("a song with both labels")
    is_prog = by_song["y"].first().to_numpy(np.int64)
    if min(counts := np.bincount(is_prog, minlength=2)) < MIN_SONGS:
        raise DatasetError(
            f"Each kind needs at least {MIN_SONGS} songs.",
            received=f"{counts[1]} prog and {counts[0]} other songs",
            cure="Give more songs.",
        )
    votes = tuple(own.to_numpy(np.float64) for _, own in by_song["p"])
    return VoteTable(Path(data).name, hashlib.sha256(content).hexdigest(), votes, is_prog)


def _no_votes(received: str) -> DatasetError:
    return DatasetError(
        f"Votes on songs are a table {FILE} with {', '.join(COLUMNS[:-1])} and {COLUMNS[-1]}.",
        received=received,
        cure="Give its folder.",
    )
