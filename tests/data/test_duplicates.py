"""What is double is found, told by kind, and kept on one side of every split made afterwards."""

from __future__ import annotations

import os
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genre_core.data import near_pairs
from genre_core.data.catalog import Catalog
from genre_core.data.duplicates import DuplicateReport, find_duplicates, regroup
from genre_core.data.importers import find_dataset
from genre_core.data.near_pairs import CoverPrints, cover_pairs, song_pairs
from genre_core.data.splits import make_splits
from genre_core.errors import ParameterError
from genre_core.image.cover_hash import SIDE
from tests.data.made_doubles import as_catalog, write_covers, write_tunes


@pytest.fixture
def covers(tmp_path: Path) -> Catalog:
    return as_catalog(tmp_path / "covers", write_covers(tmp_path / "covers"))


@pytest.fixture
def tunes(tmp_path: Path) -> Catalog:
    return as_catalog(tmp_path / "tunes", write_tunes(tmp_path / "tunes"), "track")


def found(report: DuplicateReport) -> set[tuple[str, str, str]]:
    return {(pair.first, pair.second, pair.kind) for pair in report.pairs}


COVER_PAIRS = {("0.png", "copy of 0.png", "exact"), ("1.png", "again 1.jpg", "near")}


def test_covers_the_same_file_and_another_file_of_one(covers: Catalog) -> None:
    told: list[tuple[int, int, str]] = []
    report = find_duplicates(covers, progress=lambda *each: told.append(each))
    assert found(report) == COVER_PAIRS
    assert report.n_items == len(covers)
    assert report.pairs[0].score == 1
    assert 0.6 <= report.pairs[1].score < 1
    assert report.groups == (("0.png", "copy of 0.png"), ("1.png", "again 1.jpg"))
    assert report.problems == ()
    assert told[-1] == (10, 10, "covers read")  # the copy need not be read


def test_a_thorough_look_finds_the_mirrored_one(covers: Catalog) -> None:
    report = find_duplicates(covers, thorough=True)
    assert found(report) == COVER_PAIRS | {("2.png", "mirrored 2.png", "near")}


def test_songs_in_another_format_cut_and_quieter(tunes: Catalog, genre_home: Path) -> None:
    report = find_duplicates(tunes)
    assert found(report) == {
        ("0.wav", "copy of 0.wav", "exact"),
        ("1.wav", "again 1.mp3", "near"),
        ("2.wav", "part of 2.ogg", "near"),
    }
    kept = list((genre_home / "caches" / "fingerprints").iterdir())
    assert len(kept) == 7
    assert max(path.stat().st_size for path in kept) < 3_000  # 12 s


def test_fingerprints_are_kept_and_made_anew_where_damaged(
    tunes: Catalog, genre_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = find_duplicates(tunes)
    kept = sorted((genre_home / "caches" / "fingerprints").iterdir())
    kept[0].write_bytes(b"damaged")
    computed = []
    whole = near_pairs.fingerprint
    monkeypatch.setattr(near_pairs, "fingerprint", lambda y: computed.append(len(y)) or whole(y))
    assert find_duplicates(tunes) == first
    assert len(computed) == 1


def test_a_group_across_splits_is_a_leak(covers: Catalog) -> None:
    report = find_duplicates(covers)
    split = dict(zip(covers.frame["item_id"], covers.frame["split"], strict=True))
    expected = [group for group in report.groups if len({split[item] for item in group}) > 1]
    assert report.crossing == tuple(expected)
    assert report.crossing == (("1.png", "again 1.jpg"),)
    # An item without a split leaks nowhere.
    split = covers.frame["split"].where(covers.frame["item_id"] != "again 1.jpg", "")
    assert find_duplicates(replace(covers, frame=covers.frame.assign(split=split))).crossing == ()


def test_broken_files_are_listed_and_the_rest_is_found(covers: Catalog) -> None:
    (covers.root / "3.png").write_bytes(b"broken")
    (covers.root / "4.png").unlink()
    frame = covers.frame.copy()
    frame.loc[frame["item_id"] == "5.png", "path"] = "../5.png"
    frame.loc[frame["item_id"] == "3.png", "checksum"] = ""
    (covers.root / "6.png").write_bytes((covers.root / "7.png").read_bytes())
    report = find_duplicates(replace(covers, frame=frame))
    assert found(report) == COVER_PAIRS
    reasons = {each.where: each.what for each in report.problems}
    assert set(reasons) == {"3.png", "4.png", "5.png", "6.png"}
    assert reasons["3.png"].startswith("not readable: ")
    assert reasons["4.png"].startswith("cannot be read: ")
    assert reasons["5.png"].startswith("leaves the data set's folder")
    assert reasons["6.png"] == "is not the file that was imported"


def test_a_file_that_is_too_large_is_not_even_read(
    tunes: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_pairs, "MAX_SONG_BYTES", 200_000)
    report = find_duplicates(tunes)
    assert len(report.problems) == 5
    assert "more than 200,000" in report.problems[0].what


def test_copies_of_one_file_make_no_square_of_pairs(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"no picture")
    catalog = as_catalog(tmp_path, ["a"])
    many = pd.concat([catalog.frame] * 400, ignore_index=True)
    many["item_id"] = [f"{row:03d}" for row in range(400)]
    report = find_duplicates(replace(catalog, frame=many))
    assert report.n_pairs("exact") == 399
    assert [len(group) for group in report.groups] == [400]
    assert len(report.problems) == 1


def test_nothing_in_nothing_out(covers: Catalog, tunes: Catalog) -> None:
    for catalog in (covers, tunes):
        report = find_duplicates(replace(catalog, frame=catalog.frame[:0]))
        assert report == DuplicateReport(0, (), (), (), ())


@pytest.mark.parametrize("score", [-2.1, 1.1, float("nan")])
def test_a_score_must_be_one(covers: Catalog, score: float) -> None:
    with pytest.raises(ParameterError, match="Received"):
        find_duplicates(covers, min_score=score)


def test_the_score_asked_for_counts(covers: Catalog) -> None:
    score = find_duplicates(covers).pairs[1].score
    assert found(find_duplicates(covers, min_score=score - 1e-4)) == COVER_PAIRS
    assert found(find_duplicates(covers, min_score=score + 1e-4)) == COVER_PAIRS - {
        ("1.png", "again 1.jpg", "near")
    }


def test_no_split_made_afterwards_parts_duplicates(covers: Catalog) -> None:
    report = find_duplicates(covers, thorough=True)
    frame = covers.frame.assign(group=regroup(covers.frame, report))
    assert frame["group"].nunique() == len(frame) - 3
    for seed in range(5):
        split = make_splits(["Rock"] * len(frame), frame["group"], seed=seed)
        of = dict(zip(frame["item_id"], split, strict=True))
        assert all(of[pair.first] == of[pair.second] for pair in report.pairs)


def test_regroup_joins_through_others_and_keeps_the_rest(covers: Catalog) -> None:
    frame = covers.frame.copy()
    frame["group"] = ["a", "b", "b", "", "", "c", "d", "e", "", "f", "g"]
    pairs = (("0.png", "1.png"), ("2.png", "3.png"))
    joined = regroup(frame, DuplicateReport(11, (), pairs, (), ())).tolist()
    assert joined[:4] == ["a"] * 4
    assert joined[8] == "a"  # the same file as 0.png, with or without a report
    assert joined[4].startswith("file:")
    assert joined[5:8] + joined[9:] == ["c", "d", "e", "f", "g"]
    without = frame.assign(checksum="", group="")
    nameless = regroup(without, DuplicateReport(11, (), pairs, (), ())).tolist()
    assert nameless[0] == nameless[1] != nameless[2] == nameless[3]
    assert len(set(nameless)) == 9


def test_progress_may_stop_it(covers: Catalog) -> None:
    def stop(done: int, total: int, text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        find_duplicates(covers, progress=stop)


def test_very_many_covers_need_little_memory() -> None:
    # Hashes at random: 15,000 covers are 112 million pairs, of which a handful is proposed.
    n = 15_000
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**64, (1, n), dtype=np.uint64)
    hashes[0, 1] = hashes[0, 0]
    thumbs = np.zeros((1, n, SIDE, SIDE), np.int8)
    thumbs[0, :, 0, 0] = 1
    thumbs[0, :2] = rng.integers(-99, 99, (SIDE, SIDE))
    prints = CoverPrints(hashes, thumbs, np.arange(n))
    tracemalloc.start()
    pairs = cover_pairs(prints)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (0, 1) in set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    assert peak < 150e6


def test_a_pair_s_score_is_its_best_view_s() -> None:
    thumbs = np.zeros((3, 2, SIDE, SIDE), np.int8)
    thumbs[:] = np.random.default_rng(0).integers(-99, 99, (SIDE, SIDE))
    hashes = np.array([[0, 0b1111], [0b111, 0], [0b11, 0b11]], np.uint64)  # 4, 0 and 2 bits apart
    pairs = cover_pairs(CoverPrints(hashes, thumbs, np.array([5, 9])))
    assert (pairs.first.tolist(), pairs.second.tolist()) == ([5], [9])
    assert pairs.score.tolist() == [1]


@pytest.mark.parametrize("limit", [200, 1 << 23])
def test_songs_are_proposed_from_a_part_of_their_words_too(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genre_core.data.near_pairs._MAX_WORDS", limit)
    rng = np.random.default_rng(0)
    songs = list(rng.integers(1, 2**32, (30, 400), dtype=np.uint32))
    songs.append(songs[7][50:350])
    pairs = song_pairs(songs)
    assert list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == [(7, 30)]


def test_a_song_proposes_only_a_few_others() -> None:
    rng = np.random.default_rng(0)
    song = rng.integers(1, 2**32, 300, dtype=np.uint32)
    told: list[int] = []
    pairs = song_pairs([song] * 60, progress=lambda done, total, text: told.append(total))
    assert told[0] <= 60 * 10
    joined = {0}
    for _ in range(60):
        for one, two in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True):
            joined |= {one, two} if joined & {one, two} else set()
    assert len(joined) == 60


_SETTING = os.environ.get("GENRE_DATA", "")  # Read once: other tests change it.


@pytest.mark.realdata
@pytest.mark.slow
def test_real_songs_known_to_be_double_are_found_and_no_others_of_their_artists() -> None:
    catalog = find_dataset(Path(_SETTING) / "audio")
    emotify = catalog.frame[catalog.frame["source"] == "emotify"]
    emotify = emotify[emotify["item_id"].str.contains("rock_0[5-9]")]
    assert len(emotify) > 15
    report = find_duplicates(replace(catalog, frame=emotify))
    assert found(report) == {("emotify/rock/rock_072.ogg", "emotify/rock/rock_075.ogg", "near")}
