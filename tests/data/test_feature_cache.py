"""Features kept on disk: the same values, computed once, never those of another song or setting."""

from __future__ import annotations

import dataclasses
import os
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genre_core.audio.clip import Clip
from genre_core.audio.features import song_segments
from genre_core.audio.segments import Segments
from genre_core.config import SongInput
from genre_core.data import feature_cache
from genre_core.data.feature_cache import cached_segments, feature_file
from genre_core.errors import DatasetError, ParameterError

SPECS = {
    "frames_205": SongInput(features="frames_205", n_frames=40, hop_frames=20),
    "statistics_423": SongInput(features="statistics_423", n_frames=60, hop_frames=60),
    "mel_128": SongInput(features="mel_128", n_frames=43, hop_frames=43),
    "stft_db": SongInput(features="stft_db", n_frames=50, hop_frames=50, hop_length=267),
    "log_mel_96": SongInput(features="log_mel_96", n_frames=187, hop_frames=94, hop_length=256),
}
MEL = SPECS["mel_128"]
SONG, OTHER, THIRD = (digit * 64 for digit in "abc")


def _clip(spec: SongInput, seed: int = 0) -> Clip:
    noise = np.random.default_rng(seed).normal(0, 0.1, round(2.6 * spec.sr))
    return Clip(noise.astype(np.float32), spec.sr)


def _never() -> Clip:
    raise AssertionError("computed again")


def _assert_same(a: Segments, b: Segments) -> None:
    for field in dataclasses.fields(Segments):
        np.testing.assert_array_equal(getattr(a, field.name), getattr(b, field.name))


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_kept_segments_are_those_of_the_song(spec: SongInput) -> None:
    spec = dataclasses.replace(spec, skip_s=0.5, skip_if_longer_s=1.0)
    straight = song_segments(_clip(spec), spec)
    _assert_same(cached_segments(SONG, spec, lambda: _clip(spec)), straight)
    _assert_same(cached_segments(SONG, spec, _never), straight)


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_another_scaling_needs_no_computing(spec: SongInput) -> None:
    cached_segments(SONG, spec, lambda: _clip(spec))
    n = spec.n_bins
    scaled = dataclasses.replace(spec, offsets=(1.0,) * n, scales=(3.0,) * n, bound=2.0)
    found = cached_segments(SONG, scaled, _never)
    _assert_same(found, song_segments(_clip(spec), scaled))


def test_lstm_and_mlp_share_their_frames() -> None:
    lstm, mlp = SPECS["frames_205"], SPECS["statistics_423"]
    cached_segments(SONG, lstm, lambda: _clip(lstm))
    _assert_same(cached_segments(SONG, mlp, _never), song_segments(_clip(mlp), mlp))


def test_other_files_settings_and_versions_are_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [
        feature_file(SONG, MEL),
        feature_file(OTHER, MEL),
        *(feature_file(SONG, spec) for spec in SPECS.values() if spec is not MEL),
        *(
            feature_file(SONG, dataclasses.replace(MEL, **change))
            for change in (
                {"hop_frames": 20},
                {"n_frames": 44},
                {"min_frames": 20},
                {"hop_length": 441},
                {"skip_s": 3.0},
                {"skip_if_longer_s": 91.0},
            )
        ),
    ]
    monkeypatch.setattr(feature_cache, "_VERSION", -1)
    names.append(feature_file(SONG, MEL))
    # frames_205 and statistics_423 are one file.
    assert len(set(names)) == len(names) - 1


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:5_000])


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 255
    file.write_bytes(bytes(content))


def _other_shape(file: Path) -> None:
    np.savez(file, features=np.zeros((2, 9, 128), np.float32), n_samples=np.int64(57_330))


def _other_dtype(file: Path) -> None:
    with np.load(file) as kept:
        np.savez(file, features=kept["features"].astype(np.float64), n_samples=kept["n_samples"])


def _one_part(file: Path) -> None:
    np.savez(file, features=np.zeros((3, 43, 128), np.float32))


def _no_length(file: Path) -> None:
    np.savez(file, features=np.zeros((1, 43, 128), np.float32), n_samples=np.int64(0))


def _pickle(file: Path) -> None:
    np.savez(file, features=np.array([{}], dtype=object), n_samples=np.int64(57_330))


@pytest.mark.parametrize(
    "damage",
    [_cut, _empty, _flip, _other_shape, _other_dtype, _one_part, _no_length, _pickle],
)
def test_a_damaged_file_is_made_again(damage: Callable[[Path], None]) -> None:
    made = cached_segments(SONG, MEL, lambda: _clip(MEL))
    damage(feature_file(SONG, MEL))
    calls: list[Clip] = []

    def make() -> Clip:
        calls.append(_clip(MEL))
        return calls[-1]

    again = cached_segments(SONG, MEL, make)
    assert len(calls) == 1
    _assert_same(again, made)
    _assert_same(cached_segments(SONG, MEL, _never), made)


def test_nothing_stays_where_decoding_fails() -> None:
    with pytest.raises(ParameterError, match="Received a clip at 8000"):
        cached_segments(SONG, MEL, lambda: Clip(np.zeros(9, np.float32), 8_000))
    assert not feature_file(SONG, MEL).exists()


def test_oldest_go_first_and_leftovers_too(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    for k, checksum in enumerate((SONG, OTHER)):
        cached_segments(checksum, MEL, lambda: _clip(MEL))
        os.utime(feature_file(checksum, MEL), (now - 1_000 + k, now - 1_000 + k))
    size = feature_file(SONG, MEL).stat().st_size
    folder = feature_file(SONG, MEL).parent
    leftover, fresh = folder / ".x-0.part.npz", folder / ".y-0.part.npz"
    for path in (leftover, fresh):
        path.write_bytes(b"half")
    os.utime(leftover, (now - 90_000, now - 90_000))
    os.utime(fresh, (now - 5_000, now - 5_000))  # still being written by another process
    cached_segments(SONG, MEL, _never)  # used: now the younger one
    small = replace(feature_cache.FEATURES, max_bytes=2 * size + 100)
    monkeypatch.setattr(feature_cache, "FEATURES", small)
    cached_segments(THIRD, MEL, lambda: _clip(MEL))
    there = [feature_file(checksum, MEL).exists() for checksum in (SONG, OTHER, THIRD)]
    assert there == [True, False, True]
    assert not leftover.exists()
    assert fresh.exists()


def test_threads_may_ask_for_the_same_song() -> None:
    found: list[Segments] = []
    threads = [
        threading.Thread(
            target=lambda: found.append(cached_segments(SONG, MEL, lambda: _clip(MEL)))
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    for each in found[1:]:
        _assert_same(each, found[0])
    assert [path.name for path in feature_file(SONG, MEL).parent.iterdir()] == [
        feature_file(SONG, MEL).name
    ]


def test_a_full_disk_is_said_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=10)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(DatasetError, match=r"Received 0\.0 GB free"):
        cached_segments(SONG, MEL, lambda: _clip(MEL))
    assert not list(feature_file(SONG, MEL).parent.iterdir())


@pytest.mark.parametrize("checksum", ["", "a" * 63, "../" + "a" * 61, "A" * 64, "song.mp3"])
def test_what_is_no_checksum_is_refused(checksum: str) -> None:
    with pytest.raises(ParameterError, match="Received"):
        cached_segments(checksum, MEL, _never)
