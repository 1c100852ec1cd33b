"""Features of songs computed on a cluster, some songs a step, and kept on this machine too."""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from genre_core.config import SongInput, from_dict, require, to_dict
from genre_core.data.catalog import Catalog
from genre_core.data.feature_cache import FEATURES, feature_file
from genre_core.data.song_inputs import Extracted, read_song_file, song_key
from genre_core.data.song_pictures import is_picture
from genre_core.errors import GenreError, Problem
from genre_core.jobs.same_data import data_of_step
from genre_core.jobs.steps import Engine, Needs, Step, StepPlace
from genre_core.progress import Log, Progress
from genre_core.training.training_state import NoWatcher

AT_ONCE = 8
"""Songs of a step: so many at most are computed again where a machine is lost."""


def extract_on(
    engine: Engine,
    catalog: Catalog,
    frame: pd.DataFrame,
    spec: SongInput,
    *,
    data: str,
    clip_s: float = 0.0,
    progress: Progress | None = None,
    log: Log = print,
) -> Extracted:
    """Compute features as `data.song_inputs.extract_features`, as an engine's steps.

    `data` is what `find_dataset` takes on every machine. What is kept here already is not asked
    for; what others computed whose home folder is another is sent and kept here.
    """
    require(
        catalog.head.media == "track",
        "Features are computed of songs.",
        f"the data set {catalog.head.name} of {catalog.head.media}s",
        "Name a data set of songs.",
    )
    songs = list(zip(frame["path"], frame["checksum"], strict=True))
    left = [(path, sha) for path, sha in songs if not _is_here(Path(path), sha, spec, clip_s)]
    # Whoever sees this file has our home folder: nothing need be sent.
    mark = FEATURES.file("").parent / f"seen-{secrets.token_hex(8)}"
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    same = {"data": data, "spec": to_dict(spec), "clip_s": clip_s, "mark": mark.name}
    steps = [
        Step(
            f"songs-{start:06d}",
            "genre_core.jobs.feature_steps:extract_some",
            same | {"songs": left[start : start + AT_ONCE], "digest": catalog.digest},
            needs=Needs(cpus=1.0, memory_mb=1_000),
        )
        for start in range(0, len(left), AT_ONCE)
    ]
    done, problems = len(songs) - len(left), []
    try:
        with tempfile.TemporaryDirectory(prefix="features-") as folder:
            place = StepPlace(Path(folder), NoWatcher(), log)
            for step, results in engine.run(steps, place, what="parts of the songs"):
                for (path, sha), (reason, content) in zip(
                    step.settings["songs"], results, strict=True
                ):
                    if reason:
                        problems.append(Problem(Path(path).name, reason))
                    elif content:
                        kept = feature_file(song_key(sha, clip_s), spec)
                        with FEATURES.new_file(kept.stem, len(content)) as part:
                            part.write_bytes(content)
                    done += 1
                    if progress is not None:
                        progress(done, len(songs), Path(path).name)
    finally:
        mark.unlink(missing_ok=True)
    order = {Path(path).name: place for place, (path, _) in enumerate(songs)}
    problems.sort(key=lambda problem: order.get(problem.where, 0))
    return Extracted(len(songs) - len(problems), tuple(problems))


def extract_some(settings: dict[str, Any], place: StepPlace) -> list[tuple[str, bytes]]:
    """Do one step of `extract_on`: of each song what is wrong, and its file where that is sent."""
    spec: SongInput = from_dict(SongInput, settings["spec"])
    clip_s = float(settings["clip_s"])
    root = data_of_step(settings["data"], settings["digest"]).root
    is_shared = (FEATURES.file("").parent / settings["mark"]).is_file()
    results = []
    for path, sha in settings["songs"]:
        try:
            read_song_file(root / path, sha, spec, clip_s=clip_s)
        except GenreError as error:
            results.append((str(error), b""))
            continue
        file = feature_file(song_key(sha, clip_s), spec)
        is_sent = not is_shared and not is_picture(root / path) and file.is_file()
        results.append(("", file.read_bytes() if is_sent else b""))
    return results


def _is_here(path: Path, sha: str, spec: SongInput, clip_s: float) -> bool:
    return is_picture(path) or feature_file(song_key(sha, clip_s), spec).is_file()
