from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from genre_core.data.audit import validate
from genre_core.errors import DatasetError, LeakError
from tests.made_imports import import_as

WriteCover = Callable[..., Path]


def test_folders_are_genres_at_any_depth(tmp_path: Path, write_cover: WriteCover) -> None:
    root = tmp_path / "mine"
    paths = ["Pop/a.png", "Pop/deep/er/b.PNG", "Rock/a.jpeg", "Rock/c.webp"]
    for seed, path in enumerate(paths):
        write_cover(root / path, seed=seed)
    (root / "Pop" / "notes.txt").write_text("passed over")
    (root / ".hidden").mkdir()
    write_cover(root / ".hidden" / "x.png", seed=7)
    write_cover(root / "Rock" / "._c.png", seed=8)
    result = import_as("folders", root)
    assert {(each.where, each.what, each.is_note) for each in result.problems} == {
        (".hidden, Rock/._c.png", "left out (hidden, or a system's own)", True),
        ("Pop/notes.txt", "left out (text)", True),
    }
    assert result.catalog.frame["item_id"].tolist() == paths
    assert result.catalog.frame["labels"].tolist() == [["Pop"], ["Pop"], ["Rock"], ["Rock"]]
    assert result.catalog.head.name == "mine"
    assert result.catalog.head.labels == ("Pop", "Rock")
    assert set(result.catalog.frame["split"]) == {"train", "val", "test"}
    assert validate(result.catalog, check_files=True) == []


def test_split_folders_above_genres_are_kept(tmp_path: Path, write_cover: WriteCover) -> None:
    root = tmp_path / "mine"
    for seed, path in enumerate(["train/Rock/a.png", "Validation/Rock/a.png", "test/Pop/a.png"]):
        write_cover(root / path, seed=seed)
    frame = import_as("folders", root).catalog.frame
    assert dict(zip(frame["item_id"], frame["split"], strict=True)) == {
        "train/Rock/a.png": "train",
        "Validation/Rock/a.png": "val",
        "test/Pop/a.png": "test",
    }
    assert frame["labels"].tolist() == [["Rock"], ["Pop"], ["Rock"]]
    write_cover(root / "test/Rock/b.png", seed=0)
    with pytest.raises(LeakError, match="Received 2 that do"):
        import_as("folders", root)


SPLIT_NAMES = [
    ("train", "val", "test"),
    ("Training", "Validation", "Testing"),
    ("training_set", "valid-set", "TEST SET"),
    ("train_data", "dev", "eval"),
]


def split_folders(
    root: Path, write_cover: WriteCover, names: tuple[str, ...], form: str
) -> dict[str, str]:
    """Write covers into folders of splits and genres; the split of each path."""
    splits = {}
    for seed, (name, split) in enumerate(zip(names, ("train", "val", "test"), strict=True)):
        for k, genre in enumerate(("Rock", "Pop")):
            path = form.format(split=name, genre=genre) + f"/{k}.png"
            write_cover(root / path, seed=10 * seed + k)
            splits[path] = split
    return splits


@pytest.mark.parametrize("names", SPLIT_NAMES)
@pytest.mark.parametrize(
    "form", ["{split}/{genre}", "{split}/{genre}/1980s", "{genre}/{split}", "all/{split}/{genre}"]
)
def test_splits_are_kept_wherever_their_folders_stand(
    tmp_path: Path, write_cover: WriteCover, names: tuple[str, ...], form: str
) -> None:
    splits = split_folders(tmp_path / "mine", write_cover, names, form)
    result = import_as("folders", tmp_path / "mine")
    frame = result.catalog.frame
    inner = "" if not form.startswith("all/") else "all/"
    found = dict(zip(inner + frame["item_id"], frame["split"], strict=True))
    assert found == splits
    assert result.catalog.head.labels == ("Pop", "Rock")
    assert result.catalog.head.name == "mine"
    assert result.problems == ()


@pytest.mark.parametrize("names", SPLIT_NAMES)
@pytest.mark.parametrize("strangers", [("sample",), ("sample", "Jazz/deep"), ("unlabelled/a/b",)])
def test_a_folder_beside_those_of_splits_is_named(
    tmp_path: Path, write_cover: WriteCover, names: tuple[str, ...], strangers: tuple[str, ...]
) -> None:
    splits = split_folders(tmp_path, write_cover, names, "{split}/{genre}")
    for seed, stranger in enumerate(strangers, start=50):
        write_cover(tmp_path / stranger / "x.png", seed=seed)
    result = import_as("folders", tmp_path)
    frame = result.catalog.frame
    assert dict(zip(frame["item_id"], frame["split"], strict=True)) == splits
    assert {problem.where: problem.what for problem in result.problems} == {
        stranger.partition("/")[
            0
        ]: f"no split, but beside {', '.join(names)}: its 1 files are left out"
        for stranger in strangers
    }


def test_some_splits_are_told_too_and_what_they_lack(
    tmp_path: Path, write_cover: WriteCover
) -> None:
    for seed, path in enumerate(("train/Rock", "train/Pop", "sample")):
        write_cover(tmp_path / path / "a.png", seed=seed)
    result = import_as("folders", tmp_path)
    assert result.catalog.splits() == {"train": 2, "val": 0, "test": 0, "": 0}
    assert any("no item in val and test" in problem.what for problem in result.problems)


@pytest.mark.parametrize(
    "others", [("Pop/live/x.png",), ("Pop/x.png",), ("Rock/x.png", "Pop/train/y.png")]
)
def test_splits_inside_some_genres_alone_are_none(
    tmp_path: Path, write_cover: WriteCover, others: tuple[str, ...]
) -> None:
    paths = ("Rock/train/a.png", "Rock/test/b.png", *others)
    for seed, path in enumerate(paths):
        write_cover(tmp_path / path, seed=seed)
    result = import_as("folders", tmp_path)
    assert not result.has_own_splits
    assert sorted(result.catalog.frame["item_id"]) == sorted(paths)
    assert result.catalog.head.labels == ("Pop", "Rock")


def test_genres_that_sound_like_splits_are_genres(tmp_path: Path, write_cover: WriteCover) -> None:
    for seed, path in enumerate(("Test/a", "Rock/a", "Rock/live/b", "Dev/a")):
        write_cover(tmp_path / f"{path}.png", seed=seed)
    result = import_as("folders", tmp_path)
    assert result.catalog.head.labels == ("Dev", "Rock", "Test")


@pytest.mark.parametrize("split", ["", "train/", "val/"])
def test_empty_genre_folders_are_named(tmp_path: Path, write_cover: WriteCover, split: str) -> None:
    for seed, path in enumerate(("train/Rock", "val/Rock", "test/Rock", "train/Pop", "val/Pop")):
        write_cover(tmp_path / (path if split else path.replace("/", "")) / "a.png", seed=seed)
    (tmp_path / split / "Empty" / "deep").mkdir(parents=True)
    (tmp_path / split / ".hidden").mkdir()
    names = [
        problem.where
        for problem in import_as("folders", tmp_path).problems
        if "no cover" in problem.what
    ]
    assert names == [f"{split}Empty"]


def test_folders_of_one_genre_are_named(tmp_path: Path, write_cover: WriteCover) -> None:
    folders = ["Caf\u00e9", "Cafe\u0301", "Rock", "Rock "]
    for seed, folder in enumerate(folders):
        write_cover(tmp_path / folder / "a.png", seed=seed)
    result = import_as("folders", tmp_path)
    assert result.catalog.head.labels == ("Caf\u00e9", "Rock")
    assert [str(problem) for problem in result.problems] == [
        f"genre 'Caf\u00e9': {folders[1]!r} and {folders[0]!r} are folders of this one genre",
        "genre 'Rock': 'Rock' and 'Rock ' are folders of this one genre",
    ]


def test_what_cannot_be_used_is_listed(tmp_path: Path, write_cover: WriteCover) -> None:
    root = tmp_path / "root"
    for seed in range(3):
        write_cover(root / f"Rock/{seed}.png", seed=seed)
    write_cover(root / "loose.png", seed=4)
    (root / "Rock" / "text.jpg").write_text("no picture")
    write_cover(tmp_path / "other" / "x.png", seed=5)
    write_cover(tmp_path / "other" / "y.png", seed=6)
    (root / "Linked").symlink_to(tmp_path / "other")
    (root / "Rock" / "out.png").symlink_to(write_cover(tmp_path / "z.png", seed=7))
    (root / "Rock" / "gone.png").symlink_to(root / "nowhere.png")
    result = import_as("folders", root)
    linked = ["Linked/x.png", "Linked/y.png", "Rock/out.png"]
    rock = [f"Rock/{seed}.png" for seed in range(3)]
    assert result.catalog.frame["item_id"].tolist() == sorted([*linked, *rock])
    assert validate(result.catalog, check_files=True) == []
    found = {each.where: each.what for each in result.problems}
    assert found.pop("Rock/text.jpg").startswith("not a readable picture")
    assert found == {
        "loose.png": "lies in no genre folder",
        "Rock/gone.png": "a link that leads nowhere: No such file or directory",
    }


def test_folder_without_permission_is_listed(
    tmp_path: Path, write_cover: WriteCover, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_cover(tmp_path / "Rock/a.png")
    (tmp_path / "Shut").mkdir()
    scandir = os.scandir

    def refusing(path: str) -> object:
        # Root may open every folder, so the refusal is played.
        if Path(path).name == "Shut":
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    result = import_as("folders", tmp_path)
    assert [each.what for each in result.problems if "Shut" in each.where] == [
        "cannot be opened: Permission denied"
    ]


def test_no_layout(tmp_path: Path, write_cover: WriteCover) -> None:
    with pytest.raises(DatasetError, match="Received no folder"):
        import_as("folders", tmp_path / "nowhere")
    with pytest.raises(DatasetError, match=r"Received no cover and no song in"):
        import_as("folders", tmp_path)
    write_cover(tmp_path / "loose.png")
    with pytest.raises(DatasetError, match=r"Received 1 directly in .*folder of its own"):
        import_as("folders", tmp_path)
    (tmp_path / "Rock").mkdir()
    (tmp_path / "Rock" / "a.jpg").write_text("no picture")
    with pytest.raises(DatasetError, match="Received none, and 2 problems"):
        import_as("folders", tmp_path)
