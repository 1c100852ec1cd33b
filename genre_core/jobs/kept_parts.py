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
Made = Iterator[tuple[int, Arrays]]
"""Parts of some rows, each with the row that it starts at."""

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
    ) -> Made:
        """Make every part that is not there yet, then give each with the row that it starts at."""
        for rows in self._rows(frame):
            if not self._file(name, rows.start).is_file():
                tell = self._teller(rows.start, len(frame), what)
                values = make(frame.iloc[rows.start : rows.stop], tell)
                self.keep(name, frame, rows.start, values, what)
            else:
                self._progress(rows.stop, len(frame), what)
        for rows in self._rows(frame):
            with (
                self._file(name, rows.start).open("rb") as opened,
                np.load(opened, allow_pickle=False) as arrays,
            ):
                yield rows.start, dict(arrays)

    def left(self, name: str, frame: pd.DataFrame) -> list[range]:
        """List the rows of every part that is not there yet."""
        return [own for own in self._rows(frame) if not self._file(name, own.start).is_file()]

    def keep(self, name: str, frame: pd.DataFrame, start: int, values: Arrays, what: str) -> None:
        """Keep the part that starts at a row, wherever it was made."""
        with atomic_path(self._file(name, start)) as path:
            np.savez(path, **values)  # type: ignore[arg-type]
        self._progress(min(start + self._size, len(frame)), len(frame), what)

    def _rows(self, frame: pd.DataFrame) -> list[range]:
        n = len(frame)
        return [range(start, min(start + self._size, n)) for start in range(0, n, self._size)]

    def _file(self, name: str, start: int) -> Path:
        return self._folder / f"{name}-{start:07d}.npz"

    def _teller(self, done: int, total: int, what: str) -> Each:
        def tell(_: str) -> None:
            nonlocal done
            done += 1
            self._progress(done, total, what)

        return tell
