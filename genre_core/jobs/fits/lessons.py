"""What teachers say of songs: each asked once, and its answer kept."""

from __future__ import annotations

import hashlib
import json
import threading
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.clip import Clip
from genre_core.config import Experiment, require, song_input
from genre_core.data.disk_cache import DiskCache
from genre_core.data.files import sha256_file
from genre_core.data.home import data_root
from genre_core.errors import CheckpointError
from genre_core.runs.bundle import find_bundle

if TYPE_CHECKING:
    from genre_core.inference.forward import Compiled
    from genre_core.inference.songs import SongClassifier

LESSONS = DiskCache("lessons", ".npz", max_bytes=2 * 10**8, what="the teachers' answers")
"""Each file holds what one teacher said of one song."""

PROG_REAL = "prog_real"
"""Folder of `GENRE_DATA` with the weights of `architectures.prog_teachers`."""

_LOADING = threading.Lock()
_VERSION = 1  # Raise it when a teacher would answer otherwise.


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What a teacher says of a song.

    start_s, end_s [shape=(n,), dtype=float64]: place of each of its segments
    values [shape=(n,), dtype=float64]: higher is more prog; on the teacher's own scale
    """

    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    values: NDArray[np.float64]


class Teacher(Protocol):
    """What a network may learn from."""

    @property
    def name(self) -> str:
        """For people."""

    @property
    def key(self) -> str:
        """Tells its weights from all others."""

    @property
    def sr(self) -> int:
        """Rate of the sound that it hears, in Hz."""

    def hear(self, clip: Clip) -> Lesson:
        """Score each segment of a song."""


class TaggerTeacher:
    """A stored network of songs: its prog scores."""

    def __init__(self, name: str) -> None:
        bundle = find_bundle(name)
        require(
            bundle.has_network and bundle.card.prog_score is not None,
            "A teacher must be a network that gives a prog score.",
            bundle.name + ("" if bundle.has_network else ", of which only the record is here"),
            "Choose another, or train that one first.",
        )
        self._bundle = bundle
        self._loaded: SongClassifier | None = None
        self.name = bundle.name
        self._spec = song_input(bundle.card.input)
        self.key = f"{bundle.card.model_sha256} {json.dumps(bundle.card.contract, sort_keys=True)}"

    @property
    def sr(self) -> int:
        """Rate of the network's features."""
        return self._spec.sr

    def hear(self, clip: Clip) -> Lesson:
        """Give the prog score of each of the network's segments."""
        from genre_core.audio.features import song_segments
        from genre_core.inference.songs import SongClassifier

        with _LOADING:
            self._loaded = self._loaded or SongClassifier.load(self._bundle)
        answer = self._loaded.classify(song_segments(clip, self._spec))
        return Lesson(answer.start_s, answer.end_s, np.asarray(answer.scores))


class ProgTeachers:
    """Networks that were trained on real prog: the mean of all runs' logits, snippet by snippet.

    A logit is that of prog less that of not prog.
    """

    sr = 22_050

    def __init__(self, names: Sequence[str]) -> None:
        root = data_root()
        if root is None:
            raise CheckpointError(
                "The teachers' weights must lie in the folder prog_real of GENRE_DATA.",
                received="no setting GENRE_DATA",
                cure="Set GENRE_DATA to the folder that holds it, or leave prog_teachers out.",
            )
        self._files = {name: root / PROG_REAL / f"{name}.npz" for name in names}
        missing = [name for name, file in self._files.items() if not file.is_file()]
        if missing:
            raise CheckpointError(
                "The teachers' weights must lie in the folder prog_real of GENRE_DATA.",
                received=f"no {', '.join(f'{name}.npz' for name in missing)} there",
                cure="Put acoustic.npz, depthwise.npz and resnet.npz there.",
            )
        self._loaded: list[Compiled] = []
        self.name = f"{', '.join(names)} of type-null/progrock"
        self.key = " ".join(sha256_file(file) for file in self._files.values())

    def hear(self, clip: Clip) -> Lesson:
        """Give the mean logit of each snippet of `audio.snippets`."""
        from genre_core.architectures.prog_teachers import read_runs
        from genre_core.audio.snippets import song_snippets
        from genre_core.inference.forward import Compiled

        with _LOADING:
            self._loaded = self._loaded or [
                Compiled(network, "float32", batch_size=64)
                for name, file in self._files.items()
                for network in read_runs(file, name)
            ]
        song = song_snippets(clip)
        logits = np.mean([network(song.inputs)[0] for network in self._loaded], axis=0)
        return Lesson(song.start_s, song.end_s, np.asarray(logits[:, 1] - logits[:, 0], np.float64))


def find_teachers(experiment: Experiment) -> list[Teacher]:
    """Find the teachers of a recipe, those that heard real prog first; none is loaded yet.

    Raises `CheckpointError` and `ParameterError`: one that is not there, or gives no prog score.
    """
    settings = experiment.training
    heard: list[Teacher] = [ProgTeachers(settings.prog_teachers)] if settings.prog_teachers else []
    return heard + ([TaggerTeacher(settings.teacher)] if settings.teacher else [])


def lesson_of(teacher: Teacher, song_key: str, make: Callable[[], Clip]) -> Lesson:
    """Ask a teacher about a song, or give what it said before.

    `song_key` tells the sound from all others; `make()` decodes it at `teacher.sr`, and is called
    only where nothing is kept.
    """
    key = hashlib.sha256(f"{_VERSION} {teacher.key} {song_key}".encode()).hexdigest()[:32]
    kept = _read(LESSONS.file(key))
    if kept is not None:
        LESSONS.mark_used(key)
        return kept
    lesson = teacher.hear(make())
    with LESSONS.new_file(key, 3 * lesson.values.nbytes) as part, part.open("wb") as file:
        np.savez(file, start_s=lesson.start_s, end_s=lesson.end_s, values=lesson.values)
    return lesson


def _read(path: Path) -> Lesson | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as parts:
            return Lesson(parts["start_s"], parts["end_s"], parts["values"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None  # Not there, or damaged: the teacher is asked again.
