"""A library of songs: read once, kept whatever happens, sorted, and listed for a player."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from genre_core.data import scores_growing
from genre_core.data.playlists import write_playlist
from genre_core.data.table_rows import GROUP_ROWS
from genre_core.errors import DatasetError
from genre_core.inference import song_reading
from genre_core.inference.songs import SongClassifier
from genre_core.jobs import library
from genre_core.jobs.library import score_library
from genre_core.runs.card import ProgScore
from tests.made_libraries import whole
from tests.made_songs_set import GENRES, LOG_MEL, song_card, tiny_network, write_song

TONES = ProgScore(genre="Tones")


def classifier_of(name: str, seed: int = 0, score: ProgScore | None = TONES) -> SongClassifier:
    card = dataclasses.replace(song_card(name, prog_score=score), model_sha256=f"{seed:064x}"[::-1])
    network = tiny_network(LOG_MEL, 3, seed)
    kernel, bias = network.get_layer("logits").get_weights()
    network.get_layer("logits").set_weights([0.1 * kernel, bias])  # no score at 0 or 1
    return SongClassifier(network, card)


@pytest.fixture(scope="module")
def classifiers() -> list[SongClassifier]:
    return [classifier_of("tiny.a"), classifier_of("tiny.b", 1), classifier_of("tiny.c", 2, None)]


@pytest.fixture
def songs(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "songs"
    return [
        write_song(folder / f"{genre}.ogg", genre, k, duration_s=1.2)
        for k, genre in enumerate(GENRES)
    ]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the songs that were read."""
    names: list[str] = []
    real = song_reading.read_song

    def watched(path: Path, some: list[SongClassifier]) -> object:
        names.append(path.name)
        return real(path, some)

    monkeypatch.setattr(song_reading, "read_song", watched)
    return names


def test_a_row_holds_what_every_network_says(
    classifiers: list[SongClassifier], songs: list[Path]
) -> None:
    told: list[tuple[int, int, str]] = []
    scored = score_library(
        songs, classifiers, threshold=0.5, progress=lambda *facts: told.append(facts)
    )
    assert scored.n_new == 3
    assert scored.n_broken == 0
    assert told == [(k + 1, 3, path.name) for k, path in enumerate(songs)]
    frame = whole(scored)
    assert frame["prog_score"].is_monotonic_decreasing
    assert sorted(frame["path"]) == sorted(map(str, songs))
    for row in frame.to_dict("records"):
        means = []
        for each in classifiers:
            said = each.classify(row["path"])
            genre, prob = said.ranking()[0]
            assert row[f"{each.name}:genre"] == genre
            assert row[f"{each.name}:prob"] == pytest.approx(prob, abs=1e-4)
            verdict = said.verdict(0.5)
            assert (verdict is None) == (each.name == "tiny.c")
            if verdict is not None:
                means.append(verdict.mean)
                assert row[f"{each.name}:prog"] == pytest.approx(verdict.mean, abs=1e-4)
                assert row[f"{each.name}:share"] == pytest.approx(verdict.share, abs=1e-4)
                assert row[f"{each.name}:majority"] == verdict.by_majority
        assert row["prog_score"] == pytest.approx(np.mean(means), abs=1e-4)
        assert row["duration_s"] == pytest.approx(1.2, abs=0.01)
    assert "tiny.c:prog" not in frame


def test_a_second_run_reads_nothing_and_says_the_same(
    classifiers: list[SongClassifier], songs: list[Path], tmp_path: Path, read: list[str]
) -> None:
    out = tmp_path / "scores.parquet"
    first = score_library(songs, classifiers, out=out)
    assert len(read) == 3
    again = score_library(songs, classifiers, out=out)
    assert len(read) == 3
    assert (first.n_new, again.n_new) == (3, 0)
    pd.testing.assert_frame_equal(whole(again), whole(first), check_dtype=False)
    assert set(pd.read_parquet(out)["path"]) == set(map(str, songs))


def touched(songs: list[Path], classifiers: list[SongClassifier]) -> dict[str, object]:
    write_song(songs[1], "Tones", 9, duration_s=1.5)
    return {}


def same_size_later(songs: list[Path], classifiers: list[SongClassifier]) -> dict[str, object]:
    os.utime(songs[1], ns=(1, 1))
    return {}


def threshold(songs: list[Path], classifiers: list[SongClassifier]) -> dict[str, object]:
    return {"threshold": 0.25}


def another_network(songs: list[Path], classifiers: list[SongClassifier]) -> dict[str, object]:
    return {"classifiers": classifiers[:1]}


def same_name_other_weights(
    songs: list[Path], classifiers: list[SongClassifier]
) -> dict[str, object]:
    return {"classifiers": [classifier_of("tiny.a", 7), *classifiers[1:]]}


@pytest.mark.parametrize(
    ("change", "n_read"),
    [
        (touched, 1),
        (same_size_later, 1),
        (threshold, 3),
        (another_network, 3),
        (same_name_other_weights, 3),
    ],
)
def test_what_changed_is_read_again(
    change: Callable[..., dict[str, object]],
    n_read: int,
    classifiers: list[SongClassifier],
    songs: list[Path],
    tmp_path: Path,
    read: list[str],
) -> None:
    out = tmp_path / "scores.parquet"
    score_library(songs, classifiers, out=out)
    read.clear()
    asked: dict[str, object] = {"classifiers": classifiers} | change(songs, classifiers)
    scored = score_library(songs, out=out, **asked)
    assert len(read) == scored.n_new == n_read
    assert len(whole(scored)) == 3


class KilledError(Exception):
    """Somebody ended the run."""


def killed_at(n: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let the `n`-th song read from now on end the run; gives what lets it live again."""
    real, left = song_reading.read_song, [n]

    def dies(path: Path, some: list[SongClassifier]) -> object:
        left[0] -= 1
        if left[0] == 0:
            raise KilledError
        return real(path, some)

    monkeypatch.setattr(song_reading, "read_song", dies)
    return lambda: monkeypatch.setattr(song_reading, "read_song", real)


@pytest.mark.parametrize("share", [1e9, 1e-9])
def test_a_killed_run_keeps_what_was_saved(
    share: float,
    classifiers: list[SongClassifier],
    songs: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scores_growing, "SAVE_EVERY_S", -1.0)
    monkeypatch.setattr(scores_growing, "WRITING_SHARE", share)
    out = tmp_path / "scores.parquet"
    revive = killed_at(3, monkeypatch)
    with pytest.raises(KilledError):
        score_library(songs, classifiers, out=out)
    # What did not come into the table waits beside it.
    parts = list(tmp_path.glob(".scores.parquet.parts/*.parquet"))
    assert (len(pd.read_parquet(out)), len(parts)) == ((2, 0) if share > 1 else (1, 1))
    revive()
    scored = score_library(songs, classifiers, out=out)
    assert scored.n_new == 1
    assert len(whole(scored)) == len(pd.read_parquet(out)) == 3
    assert list(tmp_path.glob(".scores*")) == []


def test_a_killed_run_loses_nothing_of_an_earlier_one(
    classifiers: list[SongClassifier],
    songs: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scores_growing, "SAVE_EVERY_S", -1.0)
    out = tmp_path / "scores.parquet"
    score_library(songs, classifiers, out=out)
    new = [
        write_song(tmp_path / "songs" / f"0-{k}.ogg", "Noise", 9 + k, duration_s=1.2)
        for k in range(2)
    ]
    revive = killed_at(2, monkeypatch)
    with pytest.raises(KilledError):  # after one new song, before any known one
        score_library([*new, *songs], classifiers, out=out)
    revive()
    scored = score_library([*new, *songs], classifiers, out=out)
    assert scored.n_new == 1
    assert len(whole(scored)) == 5


@pytest.mark.parametrize("what", ["the table", "a part of it"])
def test_nothing_is_left_half_written(
    what: str,
    classifiers: list[SongClassifier],
    songs: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "scores.parquet"
    score_library(songs[:1], classifiers, out=out)
    before = out.read_bytes()
    write = pq.ParquetWriter.write_table

    def fails(self: pq.ParquetWriter, table: object, row_group_size: int | None = None) -> None:
        write(self, table, row_group_size)
        if (row_group_size == GROUP_ROWS) == (what == "the table"):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", fails)
    with pytest.raises(OSError, match="No space"):
        score_library(songs, classifiers, out=out)
    assert out.read_bytes() == before
    assert sorted(path.name for path in tmp_path.glob("*scores*.parquet")) == ["scores.parquet"]


def test_a_broken_file_becomes_a_row_that_sorts_last(
    classifiers: list[SongClassifier], songs: list[Path], tmp_path: Path, read: list[str]
) -> None:
    songs[0].write_bytes(b"no song")
    gone = tmp_path / "gone.ogg"
    out = tmp_path / "scores.parquet"
    scored = score_library([gone, *songs], classifiers, out=out)
    assert scored.n_broken == 2
    last = whole(scored).iloc[-2:]
    assert set(last["path"]) == {str(gone), str(songs[0])}
    assert last["error"].str.contains("Received").all()
    assert last["prog_score"].isna().all()
    assert (whole(scored)["error"].iloc[:2] == "").all()
    # What was broken is tried again each time.
    again = score_library([gone, *songs], classifiers, out=out)
    assert (again.n_new, again.n_broken) == (0, 2)
    assert read.count(songs[0].name) == read.count(gone.name) == 2
    write_song(songs[0], "Beats", duration_s=1.2)
    assert score_library([gone, *songs], classifiers, out=out).n_broken == 1


def test_only_broken_files_are_a_table_too(
    classifiers: list[SongClassifier], tmp_path: Path
) -> None:
    out = tmp_path / "scores.parquet"
    for _ in range(2):
        scored = score_library([tmp_path / "gone.ogg"], classifiers, out=out)
        assert (scored.n_broken, scored.n_new) == (1, 0)
    write_playlist(scored.frames(), tmp_path / "list.m3u")
    assert (tmp_path / "list.m3u").read_text() == "#EXTM3U\n"


def foreign_parquet(path: Path) -> None:
    pd.DataFrame({"path": ["a.ogg"], "note": ["mine"]}).to_parquet(path)


@pytest.mark.parametrize(
    "make",
    [
        foreign_parquet,
        lambda path: path.write_text("no table"),
        lambda path: path.write_bytes(b""),
        lambda path: path.mkdir(),
    ],
)
def test_what_this_never_wrote_is_not_written_over(
    make: Callable[[Path], object],
    classifiers: list[SongClassifier],
    songs: list[Path],
    tmp_path: Path,
    read: list[str],
) -> None:
    out = tmp_path / "mine.parquet"
    make(out)
    before = out.read_bytes() if out.is_file() else None
    with pytest.raises(DatasetError, match="Received"):
        score_library(songs, classifiers, out=out)
    assert read == []  # said before the work
    assert before is None or out.read_bytes() == before


def test_no_song_and_no_network(
    classifiers: list[SongClassifier], songs: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "scores.parquet"
    for _ in range(2):
        scored = score_library([], classifiers, out=out)
        assert len(whole(scored)) == scored.n_new == scored.n_broken == 0
    write_playlist(scored.frames(), tmp_path / "list.m3u")
    assert (tmp_path / "list.m3u").read_text() == "#EXTM3U\n"
    unscored = whole(score_library(songs, classifiers[2:]))
    assert unscored["prog_score"].isna().all()
    assert list(unscored["path"]) == list(map(str, songs))


def test_rows_of_other_folders_stay_and_what_is_gone_goes(
    classifiers: list[SongClassifier], songs: list[Path], tmp_path: Path, read: list[str]
) -> None:
    out = tmp_path / "scores.parquet"
    more = [
        write_song(tmp_path / folder / "a.ogg", "Tones", k, duration_s=1.0)
        for k, folder in enumerate(("more", "disk"))
    ]
    score_library([*more, *songs[:2]], classifiers[:1], out=out)
    songs[0].unlink()
    more[1].parent.rename(tmp_path / "elsewhere")  # a disk that is not there today
    scored = score_library(songs[2:], classifiers[:1], out=out)
    assert list(whole(scored)["path"]) == [str(songs[2])]
    assert set(pd.read_parquet(out)["path"]) == set(map(str, (*more, *songs[1:])))
    read.clear()
    score_library(more[:1], classifiers[:1], out=out)
    assert read == []


def test_a_song_is_one_row_however_it_is_named(
    classifiers: list[SongClassifier],
    songs: list[Path],
    tmp_path: Path,
    read: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "scores.parquet"
    (tmp_path / "linked").symlink_to(songs[0].parent)
    monkeypatch.chdir(tmp_path)
    for folder in ("songs", "linked", str(tmp_path / "songs")):
        scored = score_library([Path(folder) / "Tones.ogg"], classifiers[:1], out=out)
        assert list(whole(scored)["path"]) == [f"{folder}/Tones.ogg"]
    assert read == ["Tones.ogg"]
    assert list(pd.read_parquet(out)["path"]) == [str(tmp_path / "songs" / "Tones.ogg")]


def test_another_decoder_reads_again(
    classifiers: list[SongClassifier],
    songs: list[Path],
    tmp_path: Path,
    read: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "scores.parquet"
    for version in (1_000, 1_001):
        monkeypatch.setattr(library, "DECODER_VERSION", version)
        score_library(songs, classifiers[:1], out=out)
    assert len(read) == 6
    assert len(pd.read_parquet(out)) == 3


@pytest.mark.parametrize("name", ["Ünïcødé 日本語 🎸.ogg", "with\nline.ogg", "#first.ogg"])
def test_strange_names_go_through(
    name: str, classifiers: list[SongClassifier], tmp_path: Path
) -> None:
    song = write_song(tmp_path / name, "Tones", duration_s=1.0)
    out = tmp_path / "scores.parquet"
    assert score_library([song], classifiers[:1], out=out).n_broken == 0
    again = score_library([song], classifiers[:1], out=out)
    assert again.n_new == 0
    assert list(whole(again)["path"]) == [str(song)]
    write_playlist(again.frames(), tmp_path / "list.m3u")
