"""A library of songs: places among references, and nothing judged without a threshold."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from genre_core.data.playlists import write_playlist
from genre_core.inference import song_reading
from genre_core.inference.songs import SongClassifier
from genre_core.jobs.library import score_library
from genre_core.metrics.references import places
from genre_core.runs.card import ProgScore
from tests.made_libraries import whole
from tests.made_references import made_references
from tests.made_songs_set import GENRES, write_song, write_song_bundle


@pytest.fixture
def classifiers(tmp_path: Path) -> list[SongClassifier]:
    bundle = write_song_bundle(tmp_path / "models", "tiny.a", prog_score=ProgScore(genre="Tones"))
    return [SongClassifier.load(bundle)]


@pytest.fixture
def songs(tmp_path: Path) -> list[Path]:
    return [
        write_song(tmp_path / f"{genre}.ogg", genre, k, duration_s=1.2)
        for k, genre in enumerate(GENRES)
    ]


def test_places_follow_the_references_also_of_songs_read_before(
    classifiers: list[SongClassifier],
    songs: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, made = tmp_path / "scores.parquet", made_references()
    first = whole(score_library(songs, classifiers, out=out))
    assert not [name for name in first if ":above:" in name]
    # Nobody set a threshold: nothing is judged, and the columns stay.
    assert first["tiny.a:prog"].notna().all()
    assert (first["tiny.a:most_prog_s"] == 0).all()
    assert first[["tiny.a:share", "tiny.a:majority"]].isna().all(axis=None)
    monkeypatch.setattr(song_reading, "read_song", None)  # no song is read again
    placed = whole(score_library(songs, classifiers, out=out, references={"tiny.a": made}))
    column = "tiny.a:above:Rock and Pop"
    for row in placed.to_dict("records"):
        [place, *_] = places(made, row["tiny.a:prog"])
        assert row[column] == place.higher_than
    assert "tiny.a:above:Jazz" not in placed  # four songs
    assert pd.read_parquet(out)[column].tolist() == placed[column].tolist()
    # References that are gone leave no place behind.
    assert column not in whole(score_library(songs, classifiers, out=out))


def test_a_song_that_is_given_twice_is_read_once(
    classifiers: list[SongClassifier], songs: list[Path]
) -> None:
    told: list[str] = []
    scored = score_library(
        [songs[0], songs[1], songs[0]], classifiers, progress=lambda *facts: told.append(facts[2])
    )
    assert told == [songs[0].name, songs[1].name]
    assert (scored.n_songs, scored.n_new) == (2, 2)
    assert sorted(whole(scored)["path"]) == sorted(map(str, songs[:2]))


def test_a_name_that_is_no_text_spoils_no_library(
    classifiers: list[SongClassifier], songs: list[Path], tmp_path: Path
) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.ogg"))
    write_song(tmp_path / "cafe.ogg", "Tones", duration_s=1.0).rename(odd)
    out = tmp_path / "scores.parquet"
    for n_new in (3, 0):
        scored = score_library([odd, *songs], classifiers[:1], out=out)
        assert (scored.n_new, scored.n_broken) == (n_new, 1)
        last = whole(scored).iloc[-1]
        assert last["path"].endswith("caf\\xe9.ogg")
        assert "Rename" in last["error"]
    write_playlist(scored.frames(), tmp_path / "list.m3u")
    assert len((tmp_path / "list.m3u").read_text().splitlines()) == 1 + 2 * 3
