"""Songs of a data set as inputs: in order, cut alike, computed once, stacked on disk."""

from __future__ import annotations

import dataclasses
import errno
import shutil
from pathlib import Path

import numpy as np
import pytest

from genre_core.audio.clip import Clip
from genre_core.audio.decode import decode_clip
from genre_core.audio.features import song_segments
from genre_core.audio.segments import Segments
from genre_core.config import SongInput
from genre_core.data import feature_cache, song_inputs
from genre_core.data.catalog import Catalog
from genre_core.data.cover_cache import read_rows
from genre_core.data.song_inputs import (
    cut_clip,
    describe_songs,
    extract_features,
    read_songs,
    stack_segments,
)
from genre_core.errors import DatasetError, DecodeError, JobError, ParameterError
from tests.made_songs_set import LOG_MEL


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were decoded."""
    names: list[str] = []
    decode = song_inputs.decode_clip

    def watched(path: Path, *, sr: int) -> Clip:
        names.append(path.name)
        return decode(path, sr=sr)

    monkeypatch.setattr(song_inputs, "decode_clip", watched)
    return names


def test_songs_come_in_the_table_s_order_as_they_are_served(song_set: Catalog) -> None:
    frame = song_set.frame.iloc[[20, 3, 11]]
    told: list[tuple[int, int, str]] = []
    found = list(read_songs(song_set, frame, LOG_MEL, progress=lambda *facts: told.append(facts)))
    for path, segments in zip(frame["path"], found, strict=True):
        expected = song_segments(decode_clip(song_set.root / path, sr=LOG_MEL.sr), LOG_MEL)
        np.testing.assert_array_equal(segments.inputs, expected.inputs)
        np.testing.assert_array_equal(segments.end_s, expected.end_s)
    assert told == [(k + 1, 3, path) for k, path in enumerate(frame["path"])]


def test_a_second_reading_decodes_nothing_but_another_cut_does(
    song_set: Catalog, decoded: list[str]
) -> None:
    frame = song_set.frame.iloc[:2]
    names = sorted(frame["path"])
    first = list(read_songs(song_set, frame, LOG_MEL))
    assert sorted(decoded) == names
    again = list(read_songs(song_set, frame, LOG_MEL))
    assert sorted(decoded) == names
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a.inputs, b.inputs)
    cut = list(read_songs(song_set, frame, LOG_MEL, clip_s=1.5))
    assert sorted(decoded) == sorted(names * 2)
    other = list(read_songs(song_set, frame, LOG_MEL, clip_s=1.0))
    assert sorted(decoded) == sorted(names * 3)
    for long, half, short in zip(first, cut, other, strict=True):
        assert long.end_s[-1] > half.end_s[-1] == 1.5
        assert short.end_s[-1] == 0.992  # the rest is less than half a segment


def test_a_cut_song_is_a_song_of_that_length(song_set: Catalog) -> None:
    frame = song_set.frame.iloc[:1]
    [found] = read_songs(song_set, frame, LOG_MEL, clip_s=1.5)
    clip = decode_clip(song_set.root / frame["path"].iloc[0], sr=LOG_MEL.sr)
    expected = song_segments(Clip(clip.y[: round(1.5 * LOG_MEL.sr)], LOG_MEL.sr), LOG_MEL)
    np.testing.assert_array_equal(found.inputs, expected.inputs)
    assert found.end_s[-1] == 1.5


@pytest.mark.parametrize("clip_s", [0.0, 9.0])
def test_nothing_is_cut_from_a_shorter_song(clip_s: float) -> None:
    clip = Clip(np.arange(30, dtype=np.float32), 10, ("odd",))
    kept = cut_clip(clip, clip_s)
    np.testing.assert_array_equal(kept.y, clip.y)
    assert kept.notes == ("odd",)


def test_songs_are_described_in_order_at_their_rate_and_cut(song_set: Catalog) -> None:
    frame = song_set.frame.iloc[[5, 0]]
    whole = list(describe_songs(song_set, frame, lambda clip: (clip.sr, clip.n_samples), sr=8_000))
    cut = list(describe_songs(song_set, frame, lambda clip: clip.n_samples, sr=8_000, clip_s=1.0))
    assert cut == [8_000, 8_000]
    for path, (sr, n_samples) in zip(frame["path"], whole, strict=True):
        assert sr == 8_000
        assert n_samples == decode_clip(song_set.root / path, sr=8_000).n_samples


def test_a_file_that_is_gone_is_named(song_set: Catalog) -> None:
    frame = song_set.frame.iloc[:1].assign(path="gone.ogg", checksum="f" * 64)
    with pytest.raises(DecodeError, match=r"gone\.ogg"):
        list(read_songs(song_set, frame, LOG_MEL))


def test_no_song_gives_nothing(song_set: Catalog) -> None:
    assert list(read_songs(song_set, song_set.frame.iloc[:0], LOG_MEL)) == []


def song(n: int, value: float) -> Segments:
    # A view with steps of its own, as overlapping segments are.
    inputs = np.broadcast_to(np.float32(value), (n, 3, 2))
    return Segments(inputs, np.arange(n, dtype=float), np.arange(n) + 1.0, None)


def test_rows_come_in_the_order_of_the_songs(tmp_path: Path) -> None:
    inputs, owner = stack_segments([song(2, 0.5), song(0, 9.0), song(3, 1.5)], tmp_path / "rows")
    assert inputs.shape == (5, 3, 2)
    assert owner.tolist() == [0, 0, 2, 2, 2]
    np.testing.assert_array_equal(inputs[:, 0, 0], [0.5, 0.5, 1.5, 1.5, 1.5])
    np.testing.assert_array_equal(read_rows(inputs, np.array([4, 0]))[:, 2, 1], [1.5, 0.5])


def test_no_song_cannot_be_stacked(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="Received 0"):
        stack_segments([], tmp_path / "rows")


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    def full():  # type: ignore[no-untyped-def]
        yield song(1, 0.0)
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DatasetError, match=r"Received .*No space left"):
        stack_segments(full(), tmp_path / "rows")


@pytest.fixture
def few(song_set: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """Five songs; their features are kept in an empty place."""
    monkeypatch.setenv("GENRE_HOME", str(tmp_path / "home"))
    root = tmp_path / "songs"
    shutil.copytree(song_set.root, root)
    frame = song_set.frame.iloc[:5].reset_index(drop=True)
    return dataclasses.replace(song_set, root=root, frame=frame)


@pytest.mark.parametrize("n_processes", [1, 2])
def test_what_is_kept_is_what_a_training_reads_and_broken_songs_are_listed(
    few: Catalog, tmp_path: Path, n_processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = [1, 3]
    (few.root / few.frame["path"][1]).write_bytes(b"no song")
    (few.root / few.frame["path"][3]).unlink()
    whole = few.frame.drop(index=broken)
    told: list[tuple[int, int, str]] = []
    found = extract_features(
        few,
        few.frame,
        LOG_MEL,
        clip_s=2.0,
        n_processes=n_processes,
        progress=lambda *facts: told.append(facts),
    )
    assert found.n_songs == 3
    assert [problem.where for problem in found.problems] == [few.frame["path"][k] for k in broken]
    assert all("Received" in problem.what for problem in found.problems)
    assert told == [(k + 1, 5, path) for k, path in enumerate(few.frame["path"])]

    def refuse(*_: object) -> None:
        raise AssertionError("computed again")

    with monkeypatch.context() as patch:
        patch.setattr(feature_cache, "song_features", refuse)
        kept = [np.array(e.inputs) for e in read_songs(few, whole, LOG_MEL, clip_s=2.0)]
    for path, own in zip(whole["path"], kept, strict=True):
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


def test_a_killed_process_is_told(few: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(song_inputs.ProcessPoolExecutor):
        def submit(self, *_: object) -> object:  # type: ignore[override]
            future: song_inputs.Future[str] = song_inputs.Future()
            future.set_exception(song_inputs.BrokenProcessPool("a child was terminated"))
            return future

    monkeypatch.setattr(song_inputs, "ProcessPoolExecutor", Killed)
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
