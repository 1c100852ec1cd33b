"""A library of songs: places among references, and nothing judged without a threshold."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from genre_core.inference import song_reading
from genre_core.inference.songs import SongClassifier
from genre_core.jobs.library import score_library
from genre_core.metrics.references import places
from genre_core.runs.card import ProgScore
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
    first = score_library(songs, classifiers, out=out).frame
    assert not [name for name in first if ":above:" in name]
    # Nobody set a threshold: nothing is judged, and the columns stay.
    assert first["tiny.a:prog"].notna().all()
    assert (first["tiny.a:most_prog_s"] == 0).all()
    assert first[["tiny.a:share", "tiny.a:majority"]].isna().all(axis=None)
    monkeypatch.setattr(song_reading, "read_song", None)  # no song is read again
    placed = score_library(songs, classifiers, out=out, references={"tiny.a": made}).frame
    column = "tiny.a:above:Rock and Pop"
    for row in placed.to_dict("records"):
        [place, *_] = places(made, row["tiny.a:prog"])
        assert row[column] == place.higher_than
    assert "tiny.a:above:Jazz" not in placed  # four songs
    assert pd.read_parquet(out)[column].tolist() == placed[column].tolist()
    # References that are gone leave no place behind.
    assert column not in score_library(songs, classifiers, out=out).frame
