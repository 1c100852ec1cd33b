"""The sound of a data set's songs, and of changed copies of them, at any rate."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import soxr

from genre_core.audio.clip import Clip
from genre_core.audio.copies import changed_copy
from genre_core.audio.decode import decode_clip
from genre_core.data.catalog import Catalog
from genre_core.data.song_inputs import cut_clip, song_key

_COPY_SR = 22_050
_COPIES = 1  # Raise it when copies of the same seed would sound otherwise.


@dataclass(slots=True)
class Sound:
    """A song, or a changed copy of one, decoded when it is asked for.

    key: 64 hexadecimal digits that tell its samples from those of all others
    """

    key: str
    _file: Path
    _clip_s: float
    _other: Path | None = None
    _seed: tuple[int, ...] = ()
    _copy: Clip | None = field(default=None, repr=False)

    def at(self, sr: int) -> Clip:
        """Decode it at `sr` Hz; a copy is made at 22,050 Hz, once, and brought to that rate."""
        if self._other is None:
            return self._decode(self._file, sr)
        if self._copy is None:
            own, other = (self._decode(file, _COPY_SR) for file in (self._file, self._other))
            self._copy = changed_copy(own, other, np.random.default_rng(self._seed))
        if sr == _COPY_SR:
            return self._copy
        return replace(self._copy, y=soxr.resample(self._copy.y, _COPY_SR, sr), sr=sr)

    def forget(self) -> None:
        """Let go of the samples; they are made again where they are asked for."""
        self._copy = None

    def _decode(self, file: Path, sr: int) -> Clip:
        return cut_clip(decode_clip(file, sr=sr), self._clip_s)


def sounds_of(
    catalog: Catalog, frame: pd.DataFrame, *, clip_s: float, copies: int = 0, seed: int = 0
) -> Iterator[Sound]:
    """Give each song of a table as it is, then so many changed copies of each.

    Copies are mixed with other songs of the table alone, so none of another split is ever heard.
    Their chance comes from seed, song and copy; `clip_s` as for `data.song_inputs.read_songs`.
    """
    files = [catalog.root / path for path in frame["path"]]
    checksums = list(frame["checksum"])
    for file, checksum in zip(files, checksums, strict=True):
        yield Sound(song_key(checksum, clip_s), file, clip_s)
    for copy in range(copies):
        for file, checksum in zip(files, checksums, strict=True):
            state = (seed, copy, int(checksum[:8], 16))
            other = int(np.random.default_rng(state).integers(len(files)))
            name = f"{_COPIES}/{checksum}/{clip_s}/{seed}/{copy}/{checksums[other]}"
            key = hashlib.sha256(name.encode()).hexdigest()
            yield Sound(key, file, clip_s, files[other], (*state, 1))
