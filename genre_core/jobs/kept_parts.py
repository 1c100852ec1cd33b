"""What a run made of a table's rows, some at a time, kept so that it need not be made again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.data.files import atomic_path, atomic_write
from genre_core.data.media_files import Each
from genre_core.progress import Log, Progress

Arrays = dict[str, NDArray[Any]]
_KEY_FILE = "key.json"


class KeptParts:
    """Parts of `size` rows each in a run's folder; a run that is resumed finds those that are done.

    `key` says by JSON values alone what they depend on: where it is another than before, all are
    made anew.
    """

    def __init__(
        self, folder: Path, key: list[Any], size: int, progress: Progress, log: Log
    ) -> None:
        self._folder, self._size, self._progress = folder, size, progress
        text, file = json.dumps([*key, size]), folder / _KEY_FILE
        if file.is_file() and file.read_text(encoding="utf-8") != text:
            log("the network or the data has changed since it was stopped: all is read anew")
            shutil.rmtree(folder)
        atomic_write(file, text)

    def make(
        self,
        name: str,
        frame: pd.DataFrame,
        make: Callable[[pd.DataFrame, Each], Arrays],
        what: str,
    ) -> Iterator[tuple[int, Arrays]]:
        """Make every part that is not there yet, then give each with the row that it starts at."""
        starts = range(0, len(frame), self._size)
        files = {start: self._folder / f"{name}-{start:07d}.npz" for start in starts}
        for start, file in files.items():
            some = frame.iloc[start : start + self._size]
            if not file.is_file():
                values = make(some, self._teller(start, len(frame), what))
                with atomic_path(file) as path:
                    np.savez(path, **values)  # type: ignore[arg-type]
            self._progress(start + len(some), len(frame), what)
        for start, file in files.items():
            with file.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
                yield start, dict(arrays)

    def _teller(self, done: int, total: int, what: str) -> Each:
        def tell(_: str) -> None:
            nonlocal done
            done += 1
            self._progress(done, total, what)

        return tell
