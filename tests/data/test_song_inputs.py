"""Songs of a data set as inputs: in the table's order, cut alike, kept on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genre_core.audio.clip import Clip
from genre_core.audio.decode import decode_clip
from genre_core.audio.features import song_segments
from genre_core.data import song_inputs
from genre_core.data.catalog import Catalog
from genre_core.data.song_inputs import cut_clip, describe_songs, read_songs
from genre_core.errors import DecodeError
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
