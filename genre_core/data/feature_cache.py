"""Features of songs, computed once for each file and kept on disk."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.clip import Clip
from genre_core.audio.decode import DECODER_VERSION
from genre_core.audio.features import feature_settings, feature_shape, segments_of, song_features
from genre_core.audio.segments import Segments
from genre_core.config import SongInput, require
from genre_core.data.disk_cache import DiskCache

FEATURES = DiskCache("features", ".npz", max_bytes=4 * 10**9, what="the songs' features")
"""Each file holds one song's features of one kind."""

_VERSION = 2  # Raise it when computing gives other values.
_CHECKSUM = re.compile(r"[0-9a-f]{64}")


def cached_segments(checksum: str, spec: SongInput, make: Callable[[], Clip]) -> Segments:
    """Return the inputs of a song, computing its features the first time only.

    What is kept lies in `GENRE_HOME/caches/features` under a key made from the file's checksum,
    the settings its features depend on and the versions of the code, so that a changed file or
    setting can never meet old values. Scaling is applied at reading, and so is cutting where frames
    are kept: networks that differ only there share a file. A damaged file is made again. The values
    are those of `song_segments(make(), spec)`; `make()` decodes the file at `spec.sr` and is called
    only where nothing is kept.

    Raises `ParameterError`: no such checksum, or a clip that `song_segments` refuses. Raises
    `DatasetError`: the disk has no room.

    >>> spec = SongInput(features="log_mel_96", n_frames=187, hop_frames=187, hop_length=256)
    >>> silence = Clip(np.zeros(80_000, np.float32), 16_000)
    >>> len(cached_segments("0" * 64, spec, lambda: silence))
    2
    >>> cached_segments("song.mp3", spec, lambda: silence)
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A checksum must be the SHA-256 of the file, 64 hexadecimal \
    digits. Received 'song.mp3' (str). Compute it with sha256_file.
    """
    key = _key(checksum, spec)
    kept = _read(FEATURES.file(key), spec)
    if kept is None:
        clip = make()
        kept = song_features(clip, spec), clip.n_samples
        with FEATURES.new_file(key, kept[0].nbytes) as part:
            np.savez(part, features=kept[0], n_samples=np.int64(kept[1]))
    else:
        FEATURES.mark_used(key)
    return segments_of(kept[0], spec, kept[1])


def feature_file(checksum: str, spec: SongInput) -> Path:
    """Return where the features of a file are kept, whether or not they exist yet."""
    return FEATURES.file(_key(checksum, spec))


def _key(checksum: str, spec: SongInput) -> str:
    require(
        _CHECKSUM.fullmatch(checksum) is not None,
        "A checksum must be the SHA-256 of the file, 64 hexadecimal digits.",
        checksum,
        "Compute it with sha256_file.",
    )
    settings = [
        _VERSION,
        DECODER_VERSION,
        version("librosa"),
        version("soxr"),
        feature_settings(spec),
        checksum,
    ]
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    return digest.hexdigest()[:32]


def _read(path: Path, spec: SongInput) -> tuple[NDArray[np.float32], int] | None:
    try:
        # np.load leaves a damaged file open that it opened itself. Each part has a checksum.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as parts:
            features, n_samples = parts["features"], int(parts["n_samples"])
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None  # Not there, or damaged: it is made again.
    if n_samples < 1 or features.dtype != np.float32:
        return None
    if features.shape != feature_shape(n_samples, spec):
        return None
    return features, n_samples
