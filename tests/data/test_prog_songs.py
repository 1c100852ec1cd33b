"""Prog songs beside others, on made miniatures of the course's folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from genre_core.data.audit import validate
from genre_core.data.importers import find_dataset
from genre_core.data.importers.layouts import detect_layout
from genre_core.data.importers.prog_songs import Place, read_place
from genre_core.errors import DatasetError, LeakError
from tests.made_imports import import_as

WriteSong = Callable[..., Path]

PROG = "Progressive_Rock_Songs"
POPS, OTHERS = "Not_Progressive_Rock/Top_Of_The_Pops", "Not_Progressive_Rock/Other_Songs"


@pytest.fixture
def course(tmp_path: Path, write_song: WriteSong) -> Path:
    """A training and a test set of the course; artists known by name or by tag."""
    root = tmp_path / "course"
    seed = 0
    for part, artists in (("Training_Set", range(14)), ("CAP6610sp21_Test_Set", range(20, 26))):
        for artist in artists:
            for place in (PROG, POPS if artist % 2 else OTHERS):
                name = f"{place[:4]} Band {artist} - Song {seed}.flac"
                write_song(root / part / place / name, seed=seed)
                seed += 1
    return root


def test_labels_splits_and_artists_come_from_the_names(course: Path) -> None:
    result = import_as("prog-songs", course)
    assert result.problems == ()
    catalog = result.catalog
    assert validate(catalog, check_files=True) == []
    assert (catalog.head.name, catalog.head.media) == ("course", "track")
    assert catalog.head.labels == ("non-prog", "prog")
    assert catalog.splits() == {"train": 24, "val": 4, "test": 12, "": 0}
    item = catalog.frame.set_index("title").loc["Song 1"]
    assert (item["artist"], item["group"]) == ("Not_ Band 0", "artist:not_ band 0")
    assert (item["labels"], item["source"]) == (["non-prog"], "Other_Songs")
    assert set(catalog.frame["source"]) == {PROG, "Top_Of_The_Pops", "Other_Songs"}
    # The val part that was cut off shares no artist with what is left.
    assert catalog.frame.groupby("group")["split"].nunique().max() == 1


@pytest.mark.parametrize(
    ("prog", "other"),
    [
        ("Prog", "NonProg"),
        ("prog-rock", "non-prog-rock"),
        (PROG, "Not_Progressive_Rock"),
        ("Progressive Rock/Progressive_Rock_Songs", POPS),
        ("prog", "Other"),
    ],
)
def test_folders_by_any_of_their_names(
    tmp_path: Path, write_song: WriteSong, prog: str, other: str
) -> None:
    for k in range(6):
        write_song(tmp_path / prog / f"P{k} - a.flac", seed=k)
        write_song(tmp_path / other / f"O{k} - a.flac", seed=10 + k)
    assert detect_layout(tmp_path) == "prog-songs"
    result = import_as("auto", tmp_path)
    assert result.problems == ()
    assert sorted(set(map(tuple, result.catalog.frame["labels"]))) == [("non-prog",), ("prog",)]
    assert all(result.catalog.splits()[name] for name in ("train", "val", "test"))


def test_folders_of_covers_or_of_genres_are_no_prog_songs(
    tmp_path: Path, write_song: WriteSong
) -> None:
    for name in ("prog", "other"):
        (tmp_path / "covers" / name).mkdir(parents=True)
        (tmp_path / "covers" / name / "a.jpg").write_bytes(b"")
    assert detect_layout(tmp_path / "covers") == "folders"
    write_song(tmp_path / "genres" / "Prog" / "a.flac")
    write_song(tmp_path / "genres" / "Jazz" / "a.flac")
    assert detect_layout(tmp_path / "genres") == "folders"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("Prog/a.mp3", Place("prog", "", "Prog")),
        ("CIS4930fa21_training_set/Progressive_Rock_Songs/a.mp3", Place("prog", "train", PROG)),
        (f"valid/{POPS}/a.mp3", Place("non-prog", "val", "Top_Of_The_Pops")),
        ("Test_Set/Other/a.mp3", Place("non-prog", "test", "Other")),
        ("NonProg/test/a.mp3", Place("non-prog", "test", "NonProg")),
        # An album's name is no split, whatever it says.
        ("Prog/Rush/Test For Echo/a.mp3", Place("prog", "", "Prog")),
        ("Prog/Test For Echo/a.mp3", Place("prog", "", "Prog")),
        ("Training_Set/Prog/Djent/a.mp3", Place("excluded", "", "Djent")),
        ("Contest/Prog/a.mp3", Place("prog", "", "Prog")),
        ("Jazz/a.mp3", Place("", "", "")),
        ("Prog.mp3", Place("", "", "")),
    ],
)
def test_what_a_song_s_folders_say(path: str, place: Place) -> None:
    assert read_place(path) == place


@pytest.mark.parametrize(
    ("name", "tags", "artist", "title"),
    [
        ("Yes - Heart of the Sunrise", {}, "Yes", "Heart of the Sunrise"),
        ("07 - Rush - Xanadu", {}, "Rush", "Xanadu"),
        ("03. Camel - Lady Fantasy", {}, "Camel", "Lady Fantasy"),
        ("02 Xanadu", {}, "", "02 Xanadu"),
        ("02 - Xanadu", {}, "", "Xanadu"),
        ("Various Artists - Hits", {}, "", "Hits"),
        ("Jean-Michel", {}, "", "Jean-Michel"),
        ("x - y", {"artist": "King Crimson", "title": "Starless"}, "King Crimson", "Starless"),
        ("Gong - Om Riff", {"artist": "Various Artists"}, "Gong", "Om Riff"),
    ],
)
def test_artists_from_tags_and_from_names(
    tmp_path: Path,
    write_song: WriteSong,
    name: str,
    tags: dict[str, str],
    artist: str,
    title: str,
) -> None:
    for k in range(3):
        write_song(tmp_path / "NonProg" / f"Band {k} - a.flac", seed=k)
    write_song(tmp_path / "Prog" / f"{name}.flac", seed=9, **tags)
    result = import_as("prog-songs", tmp_path)
    item = result.catalog.frame.set_index("item_id").loc[f"Prog/{name}.flac"]
    assert (item["artist"], item["title"]) == (artist, title)
    assert item["group"] == (f"artist:{artist.casefold()}" if artist else item["group"])
    unknown = ["artist: unknown for 1 of 4 songs: each of these stands alone"]
    assert list(map(str, result.problems)) == ([] if artist else unknown)


def test_what_cannot_be_used_is_listed_and_the_rest_imports(
    course: Path, write_song: WriteSong
) -> None:
    train, test = course / "Training_Set", course / "CAP6610sp21_Test_Set"
    (train / PROG / "broken.mp3").write_bytes(b"ID3 and nothing else")
    write_song(course / "Djent" / "x - y.flac", seed=200)
    write_song(train / "Jazz" / "x - y.flac", seed=201)
    write_song(train / PROG / "Copy - a.flac", seed=0)  # The first song again.
    write_song(test / PROG / "Copy - b.flac", seed=0)  # And again, in test: this one stays.
    write_song(train / PROG / "Both - a.flac", seed=300)
    write_song(train / POPS / "Both - b.flac", seed=300)
    (train / PROG / "notes.ods").write_bytes(b"")
    result = import_as("prog-songs", course)
    told = {each.where: each.what for each in result.problems}
    assert told.pop(f"Training_Set/{PROG}/broken.mp3").startswith("not a readable song")
    first = f"Training_Set/{PROG}/Prog Band 0 - Song 0.flac"
    kept = f"CAP6610sp21_Test_Set/{PROG}/Copy - b.flac"
    both = [f"Training_Set/{PROG}/Both - a.flac", f"Training_Set/{POPS}/Both - b.flac"]
    what = f"the same file under two labels ({', '.join(sorted(both))}): left out of both"
    assert told == {
        "Djent/x - y.flac": "lies in Djent, left out",
        "Training_Set/Jazz/x - y.flac": "lies in no such folder",
        first: f"the same file as {kept}",
        f"Training_Set/{PROG}/Copy - a.flac": f"the same file as {kept}",
        both[0]: what,
        both[1]: what,
        f"Training_Set/{PROG}/notes.ods": "left out (an empty file (0 bytes))",
    }
    assert validate(result.catalog) == []
    assert len(result.catalog) == 40
    assert kept in set(result.catalog.frame["item_id"])


def test_an_artist_in_training_and_test_is_refused_and_the_way_out_named(
    course: Path, write_song: WriteSong
) -> None:
    write_song(course / "CAP6610sp21_Test_Set" / PROG / "Prog Band 3 - New.flac", seed=400)
    with pytest.raises(LeakError, match=r"Received 1 that do.*'artist:prog band 3'.*--new-splits"):
        import_as("prog-songs", course)
    catalog = import_as("prog-songs", course, new_splits=True).catalog
    assert len(catalog) == 41
    assert catalog.frame.groupby("group")["split"].nunique().max() == 1
    assert set(catalog.frame["split"]) == {"train", "val", "test"}


@pytest.mark.parametrize(
    ("folders", "received"),
    [
        ((), "no folder"),
        (("Jazz",), "no prog song"),
        (("Prog",), "no non-prog song"),
        (("NonProg", "Djent"), "no prog song"),
    ],
)
def test_other_layouts(
    tmp_path: Path, write_song: WriteSong, folders: tuple[str, ...], received: str
) -> None:
    for name in folders:
        write_song(tmp_path / "songs" / name / "a.flac")
    with pytest.raises(DatasetError, match=f"Received {received}"):
        import_as("prog-songs", tmp_path / "songs")


def test_find_dataset_notices_another_song(
    course: Path, write_song: WriteSong, own_home: Path
) -> None:
    first = find_dataset(course)
    seen: list[tuple[int, int]] = []

    def note(done: int, total: int, text: str) -> None:
        seen.append((done, total))

    assert find_dataset(course, progress=note).digest == first.digest
    assert seen == []
    write_song(course / "Training_Set" / PROG / "New - Song.flac", seed=500)
    assert len(find_dataset(course, progress=note)) == len(first) + 1
    assert seen[-1] == (41, 41)
