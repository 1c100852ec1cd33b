"""Study S1's two folders, made small: which cover counts as what, and how many of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from genre_core.config import Task
from genre_core.data.audit import validate
from genre_core.data.importers.prog_folder import S1_LIMITS
from genre_core.errors import DatasetError, ParameterError
from tests.made_imports import import_as

WriteCover = Callable[..., Path]


@pytest.fixture
def both(tmp_path: Path, write_cover: WriteCover) -> tuple[Path, Path]:
    prog, others = tmp_path / "data" / "prog", tmp_path / "data" / "genreless"
    for k in range(8):
        write_cover(prog / f"{k}.jpg", seed=k, side=26)
    for k in range(40):
        write_cover(others / "album_covers_512" / f"{k}.jpg", seed=100 + k, side=52)
    return prog, others


def test_two_labels_with_the_collection_as_source(both: tuple[Path, Path]) -> None:
    prog, others = both
    result = import_as("prog", prog, others=others)
    assert result.problems == ()
    catalog = result.catalog
    assert validate(catalog, check_files=True) == []
    assert catalog.root == prog.parent
    assert catalog.head.name == "prog"
    counts = catalog.frame.groupby(["source", catalog.frame["labels"].str[0]]).size().to_dict()
    assert counts == {("prog", "prog"): 8, ("genreless", "non-prog"): 40}
    assert catalog.frame.loc[0, "path"] == "genreless/album_covers_512/0.jpg"
    task = Task(genres=("non-prog", "prog"), head="binary")
    assert catalog.select(task)["genre_index"].value_counts().to_dict() == {0: 40, 1: 8}
    assert import_as("prog", prog, others=others).catalog.digest == catalog.digest


def test_the_studys_class_sizes_make_its_majority() -> None:
    assert S1_LIMITS["non-prog"] / sum(S1_LIMITS.values()) == pytest.approx(0.972, abs=5e-4)


def test_limits_draw_by_seed_and_grow_by_adding(both: tuple[Path, Path]) -> None:
    prog, others = both

    def drawn(n: int, seed: int = 0) -> set[str]:
        limits = {"non-prog": n}
        frame = import_as("prog", prog, others=others, limits=limits, seed=seed).catalog.frame
        assert (frame["source"] == "prog").sum() == 8
        return set(frame.loc[frame["source"] == "genreless", "item_id"])

    assert len(drawn(10)) == 10
    assert drawn(10) < drawn(20) < drawn(100)
    assert len(drawn(100)) == 40
    assert drawn(10) == drawn(10) != drawn(10, seed=1)
    # Not simply the first: names often follow the order in which covers were fetched.
    assert drawn(10) != {f"genreless/album_covers_512/{k}.jpg" for k in range(10)}


def test_a_picture_in_both_folders_is_left_out_of_both(
    both: tuple[Path, Path], write_cover: WriteCover
) -> None:
    prog, others = both
    write_cover(others / "copy.jpg", seed=3, side=26)
    (prog / "5.jpg").write_text("no picture")
    result = import_as("prog", prog, others=others)
    assert len(result.catalog) == 46
    listed = {each.where: each.what for each in result.problems}
    assert listed.pop("prog/5.jpg").startswith("not a readable picture")
    assert listed == {
        "prog/3.jpg": "the same picture lies in both folders",
        "genreless/copy.jpg": "the same picture lies in both folders",
    }


@pytest.mark.parametrize("limits", [{"prog": 0}, {"jazz": 3}, {"prog": 3, "other": 3}])
def test_bad_limits(both: tuple[Path, Path], limits: dict[str, int]) -> None:
    with pytest.raises(ParameterError, match="Received"):
        import_as("prog", both[0], others=both[1], limits=limits)


def test_bad_folders(both: tuple[Path, Path], tmp_path: Path) -> None:
    prog, others = both
    (tmp_path / "empty").mkdir()
    for first, second, received in (
        (prog, tmp_path / "nowhere", "no folder"),
        (prog, tmp_path / "empty", "no cover in"),
        (prog, prog.parent, "one in the other"),
        (others, others / "album_covers_512", "one in the other"),
        (prog, prog, "one in the other"),
        (prog, Path("/usr"), "no folder in common"),
    ):
        with pytest.raises(DatasetError, match=f"Received .*{received}"):
            import_as("prog", first, others=second)
