"""From a data set to references: which songs, and what is stored of them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from genre_core.data.catalog import Catalog
from genre_core.errors import DatasetError, ParameterError
from genre_core.inference.songs import SongClassifier
from genre_core.jobs import references
from genre_core.jobs.references import need_references, reference_songs, write_references
from genre_core.runs.bundle import REFERENCES_FILE, Bundle
from genre_core.runs.card import ProgScore
from genre_core.runs.references import load_references
from tests.made_bundles import write_dataset
from tests.made_songs_set import GENRES, write_song_bundle

TONES = ProgScore(genre="Tones")


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return write_song_bundle(tmp_path, "tiny.prog", prog_score=TONES)


def catalog_of(rows: list[dict[str, object]]) -> SimpleNamespace:
    plain = {"labels": ["Jazz"], "source": "made", "split": "test", "artist": "A", "group": "a"}
    frame = pd.DataFrame([plain | {"item_id": f"{k:03d}"} | row for k, row in enumerate(rows)])
    return SimpleNamespace(frame=frame, digest="d", head=SimpleNamespace(name="made"))


def card_of(digest: str = "d", **training: object) -> SimpleNamespace:
    settings = {"train_on": "train", "method": "gradient", "folds": 0} | training
    recipe = {"training": settings, "task": {"sources": ["made"]}}
    return SimpleNamespace(experiment=recipe, data={"digest": digest})


def test_covers_are_refused_before_any_is_opened(bundle: Bundle, tmp_path: Path) -> None:
    covers = write_dataset(tmp_path / "covers", 6)
    with pytest.raises(ParameterError, match="a data set of covers"):
        write_references(bundle, covers, command="a test", log=str)


def test_every_song_with_a_genre_is_scored_as_it_is_served(
    bundle: Bundle, song_set: Catalog
) -> None:
    stored = write_references(bundle, song_set, command="a test", log=str)
    assert stored is not None
    read = load_references(bundle)
    assert read is not None
    assert sorted(np.unique(read.songs.genres)) == sorted(GENRES)
    assert len(read.songs) == len(song_set.frame)
    assert read.songs.n_artists == len(song_set.frame)
    assert (read.songs.prog == 0).all()
    classifier = SongClassifier.load(bundle)
    for k, row in enumerate(song_set.frame.sort_values("item_id").to_dict("records")[:3]):
        said = classifier.classify(song_set.root / row["path"]).prog_score
        assert read.songs.scores[k] == pytest.approx(said, abs=1e-3)
        assert read.songs.genres[k] == row["labels"][0]
    text = (bundle.folder / REFERENCES_FILE).read_text(encoding="utf-8")
    for word in ("Artist", "Title", ".ogg", str(song_set.root)):
        assert word not in text


def test_words_for_prog_are_no_genre_and_songs_without_a_split_no_references() -> None:
    frame = reference_songs(
        catalog_of(
            [
                {"labels": ["Rock", "prog"]},
                {"labels": ["non-prog (presumed)", "Pop"]},
                {"labels": ["prog-leaning", "Rock"]},
                {"labels": ["prog"]},
                {"labels": ["unknown", "non-prog"]},
                {"labels": ["Rock"], "split": ""},
            ]
        ),
        card_of(),
    )
    assert frame["genre"].tolist() == ["Rock", "Pop", "Rock"]
    assert frame["prog"].tolist() == [1, 0, -1]


@pytest.mark.parametrize(
    ("card", "n_heard"),
    [
        (card_of(), 4),
        (card_of(train_on="train+val"), 8),
        (card_of(method="none"), 0),
        (card_of(folds=5, fold_groups="none"), 12),
        (card_of(folds=5, fold_groups="group"), 4),
        (card_of(digest="other"), 0),
    ],
)
def test_what_a_network_learned_from_follows_from_its_card(
    card: SimpleNamespace, n_heard: int
) -> None:
    rows = [
        {"split": split, "labels": [f"{split} {k}"], "source": source}
        for split in ("train", "val", "test")
        for k in range(4)
        for source in ("made", "other")
    ]
    frame = reference_songs(catalog_of(rows), card)
    assert frame["heard"].sum() == n_heard
    assert not frame.loc[frame["source"] == "other", "heard"].any()


def test_heard_songs_are_taken_only_where_a_genre_has_too_few_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [
        {"split": split, "labels": [genre], "artist": f"{genre}{k}", "group": f"{genre}{k}"}
        for genre, n in (("Rock", 12), ("Jazz", 4))
        for split in ("train", "test")
        for k in range(n)
    ]
    frame = reference_songs(catalog_of(rows), card_of())
    counts = frame.groupby("genre")["heard"].agg(["size", "sum"])
    assert counts.loc["Rock"].tolist() == [12, 0]
    assert counts.loc["Jazz"].tolist() == [8, 4]
    # Many are thinned out evenly.
    monkeypatch.setattr(references, "MAX_SONGS", 4)
    kept = reference_songs(catalog_of(rows), card_of())
    assert kept.groupby("genre").size().to_dict() == {"Jazz": 4, "Rock": 4}
    rock = kept.loc[kept["genre"] == "Rock", "artist"].tolist()
    assert (rock[0], rock[-1]) == ("Rock0", "Rock11")


def test_an_artist_has_one_number_and_an_unknown_one_a_number_below_0() -> None:
    rows = [{"group": "b", "artist": "B"}, {}, {"group": "002", "artist": ""}, {}, {"artist": ""}]
    frame = reference_songs(catalog_of(rows), card_of())
    numbers = references._numbers(frame)
    assert numbers[1] == numbers[3] >= 0
    assert numbers[0] not in (numbers[1], -1)
    assert (numbers[[2, 4]] < 0).all()
    assert len(set(numbers)) == 4


def test_without_genres_there_are_none_and_the_command_says_so(
    bundle: Bundle, song_set: Catalog
) -> None:
    frame = song_set.frame.assign(labels=[["prog"]] * len(song_set.frame))
    bare = dataclasses.replace(song_set, frame=frame)
    said: list[str] = []
    assert write_references(bundle, bare, command="a test", log=said.append) is None
    assert "no references" in said[0]
    assert not (bundle.folder / REFERENCES_FILE).exists()
    with pytest.raises(DatasetError, match="Received made_songs, which has none"):
        need_references(None, bare)


def test_a_network_without_a_prog_score_is_refused(tmp_path: Path, song_set: Catalog) -> None:
    with pytest.raises(ParameterError, match=r"Received 'tiny\.genres'"):
        write_references(
            write_song_bundle(tmp_path, "tiny.genres"), song_set, command="a test", log=str
        )


def test_the_stored_figures_are_plain_json(bundle: Bundle, song_set: Catalog) -> None:
    write_references(bundle, song_set, command="a test", log=str)
    plain = json.loads((bundle.folder / REFERENCES_FILE).read_text(encoding="utf-8"))
    assert plain["data"]["name"] == "made_songs"
    assert plain["data"]["is_own"] is False
    assert plain["told_apart"] == {}  # no song is known to be prog
    shortest, longest = plain["data"]["seconds"]
    assert 1 < shortest <= longest < 4
