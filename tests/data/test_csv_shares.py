"""Shares of labels from a table: how prog a file is, or a weight for each of its genres."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from genre_core.config import Task
from genre_core.data.importers import import_source
from genre_core.data.importers.genres import name_spellings
from genre_core.data.item import WEIGHTS

WriteCover = Callable[..., Path]


def test_how_prog_a_file_is_becomes_shares(tmp_path: Path, write_cover: WriteCover) -> None:
    for k in range(8):
        write_cover(tmp_path / f"{k}.png", seed=k)
    rows = (
        "0.png,Metal,0.7,",
        '1.png,,"0,25",',
        "2.png,Metal,1.0,",
        "3.png,Metal,,",
        "4.png,Rock|Pop,,0.75|0.25",
        "5.png,Rock|Pop,,1|0",
        "6.png,Rock|Pop,,0.5",
        "7.png,Rock,1.5,",
    )
    (tmp_path / "labels.csv").write_text("\n".join(["path,genre,prog,weights", *rows]))
    result = import_source("csv", tmp_path)
    frame = result.catalog.frame
    assert frame.set_index("item_id")[["labels", WEIGHTS]].T.to_dict("list") == {
        "0.png": [["Metal", "prog", "non-prog"], [1.0, 0.7, 0.3]],
        "1.png": [["non-prog", "prog"], [0.75, 0.25]],
        "2.png": [["Metal", "prog"], []],
        "3.png": [["Metal"], []],
        "4.png": [["Rock", "Pop"], [0.75, 0.25]],
        "5.png": [["Rock"], []],
        "6.png": [["Rock", "Pop"], []],
        "7.png": [["Rock"], []],
    }
    listed = [str(problem) for problem in result.problems if not problem.is_note]
    assert listed[:2] == [
        "row 8: weights is '0.5', not a share in 0 to 1 for each genre",
        "row 9: prog is '1.5', not 1, 0, between them or empty",
    ]
    shares = result.catalog.select(Task(genres=("non-prog", "prog")))["shares"]
    assert [share.tolist() for share in shares] == [[0.3, 0.7], [0.75, 0.25], [0, 1]]


def test_merged_spellings_add_their_shares() -> None:
    rows = [{"labels": ["Hip Hop", "hip-hop", "Pop"], WEIGHTS: [0.5, 0.25, 0.25]}]
    name_spellings([*rows, {"labels": ["Hip Hop"]}], [], merge=True)
    assert rows == [{"labels": ["Hip Hop", "Pop"], WEIGHTS: [0.75, 0.25]}]
