"""Features of many songs, ahead of time: the same as those read later, once, and resumable."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest

from genre_core.audio.decode import decode_clip
from genre_core.audio.features import song_segments
from genre_core.config import SongInput
from genre_core.data import extraction, feature_cache
from genre_core.data.catalog import Catalog
from genre_core.data.extraction import Extracted, extract_features
from genre_core.data.song_inputs import cut_clip, read_songs
from genre_core.errors import JobError, ParameterError
from tests.made_songs_set import LOG_MEL


@pytest.fixture
def few(song_set: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """Five songs; their features are kept in an empty place."""
    monkeypatch.setenv("GENRE_HOME", str(tmp_path / "home"))
    root = tmp_path / "songs"
    shutil.copytree(song_set.root, root)
    frame = song_set.frame.iloc[:5].reset_index(drop=True)
    return dataclasses.replace(song_set, root=root, frame=frame)


@pytest.mark.parametrize("n_processes", [1, 2])
def test_what_is_kept_is_what_a_training_reads(
    few: Catalog, tmp_path: Path, n_processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int, str]] = []
    found = extract_features(
        few,
        few.frame,
        LOG_MEL,
        clip_s=2.0,
        n_processes=n_processes,
        progress=lambda *told: seen.append(told),
    )
    assert found == Extracted(5, ())
    assert seen == [(k + 1, 5, path) for k, path in enumerate(few.frame["path"])]

    def refuse(*_: object) -> None:
        raise AssertionError("computed again")

    with monkeypatch.context() as patch:
        patch.setattr(feature_cache, "song_features", refuse)
        kept = [np.array(e.inputs) for e in read_songs(few, few.frame, LOG_MEL, clip_s=2.0)]
    for path, own in zip(few.frame["path"], kept, strict=True):
        clip = cut_clip(decode_clip(few.root / path, sr=LOG_MEL.sr), 2.0)
        np.testing.assert_array_equal(own, song_segments(clip, LOG_MEL).inputs)


def test_a_second_run_computes_nothing(few: Catalog, tmp_path: Path) -> None:
    extract_features(few, few.frame.iloc[:3], LOG_MEL, n_processes=1)
    first = {path.name: path.read_bytes() for path in tmp_path.rglob("*.npz")}
    assert len(first) == 3
    extract_features(few, few.frame, LOG_MEL, n_processes=1)
    second = {path.name: path.read_bytes() for path in tmp_path.rglob("*.npz")}
    assert len(second) == 5
    assert first.items() <= second.items()


@pytest.mark.parametrize("n_processes", [1, 2])
def test_broken_songs_are_listed_and_the_rest_is_kept(few: Catalog, n_processes: int) -> None:
    (few.root / few.frame["path"][1]).write_bytes(b"no song")
    (few.root / few.frame["path"][3]).unlink()
    found = extract_features(few, few.frame, LOG_MEL, n_processes=n_processes)
    assert found.n_songs == 3
    assert [problem.where for problem in found.problems] == [few.frame["path"][k] for k in (1, 3)]
    assert all("Received" in problem.what for problem in found.problems)


def test_a_killed_process_is_told(few: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(extraction.ProcessPoolExecutor):
        def submit(self, *_: object) -> object:  # type: ignore[override]
            future: extraction.Future[str] = extraction.Future()
            future.set_exception(extraction.BrokenProcessPool("a child was terminated"))
            return future

    monkeypatch.setattr(extraction, "ProcessPoolExecutor", Killed)
    with pytest.raises(JobError, match="Received a child was terminated"):
        extract_features(few, few.frame, LOG_MEL, n_processes=2)


def test_no_process_is_refused(few: Catalog) -> None:
    with pytest.raises(ParameterError, match="Received 0"):
        extract_features(few, few.frame, LOG_MEL, n_processes=0)


def test_covers_are_refused(few: Catalog) -> None:
    covers = dataclasses.replace(few, head=dataclasses.replace(few.head, media="cover"))
    with pytest.raises(ParameterError, match="Received 'the data set made_songs of covers'"):
        extract_features(covers, few.frame, LOG_MEL, n_processes=1)


def test_settings_of_other_features_are_kept_apart(few: Catalog, tmp_path: Path) -> None:
    other = SongInput(features="log_mel_96", n_frames=62, hop_frames=62, hop_length=512)
    for spec in (LOG_MEL, other):
        extract_features(few, few.frame.iloc[:1], spec, n_processes=1)
    assert len(list(tmp_path.rglob("*.npz"))) == 2
