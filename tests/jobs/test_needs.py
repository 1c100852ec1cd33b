"""What a training needs is checked before it starts, by kind of recipe, with advice that works."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from genre_core.config import CoverInput, Experiment, Report, Task, Training
from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.item import items_frame
from genre_core.errors import CheckpointError, DatasetError, GenreError
from genre_core.jobs.needs import need_for_measuring, need_for_training
from tests.made_songs_set import song_experiment

GENRES = ("Blue", "Green", "Red")
SPLITS = ("train", "val", "test")


def made(root: Path, rows: list[dict[str, Any]], media: str = "cover") -> Catalog:
    """A data set of empty files: nothing here opens one."""
    for k, row in enumerate(rows):
        row |= {"item_id": f"{k}.x", "path": f"{k}.x", "checksum": f"{k:064x}"}
        (root / f"{k}.x").touch()
    labels = tuple(sorted({label for row in rows for label in row["labels"]}))
    head = DatasetHead("made", "Made", "unknown", "unknown", media, labels)
    return Catalog(head, root, items_frame(rows))


def by_split(
    per_split: dict[str, dict[str, int]], *, group: str = "artist {k}"
) -> list[dict[str, Any]]:
    rows = [
        {"labels": genre.split("|"), "split": split}
        for split, counts in per_split.items()
        for genre, count in counts.items()
        for _ in range(count)
    ]
    return [row | {"group": group.format(k=k)} for k, row in enumerate(rows)]


def covers_recipe(head: str = "softmax", **fields: Any) -> Experiment:
    return Experiment(
        name="made",
        title="Made",
        study="ours",
        architecture="s3_model_1",
        tag="made",
        task=Task(genres=GENRES, head=head),
        input=CoverInput(size=64),
        training=Training(epochs=1),
        **fields,
    )


EVEN = {name: dict.fromkeys(GENRES, 6) for name in SPLITS}


def test_what_is_whole_passes_without_a_word(tmp_path: Path) -> None:
    assert need_for_training(covers_recipe(), made(tmp_path, by_split(EVEN))) == ()


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"Blue": 3, "Green": 3}, "no Red"),
        ({"Green": 3}, "no Blue, no Red"),
        ({}, "no item at all"),
    ],
)
def test_every_split_and_genre_is_named(
    split: str, counts: dict[str, int], said: str, tmp_path: Path
) -> None:
    catalog = made(tmp_path, by_split(EVEN | {split: counts}))
    with pytest.raises(DatasetError, match=f"Received split {split}: {said}\\.") as error:
        need_for_training(covers_recipe(), catalog)
    assert "new splits" in error.value.cure  # there are artists enough of every genre
    with pytest.raises(DatasetError, match=f"split {split}"):
        need_for_measuring(covers_recipe(), catalog)


def test_the_genres_that_remain_can_be_learnt_alone(tmp_path: Path) -> None:
    catalog = made(tmp_path, by_split(EVEN | {"test": {"Blue": 3, "Green": 3}}))
    with pytest.raises(DatasetError) as error:
        need_for_training(covers_recipe(), catalog)
    advice = re.search(r"--set 'task.genres=(\[.*?\])'", error.value.cure)
    assert advice is not None
    recipe = covers_recipe()
    task = dataclasses.replace(recipe.task, genres=tuple(json.loads(advice[1])))
    need_for_training(dataclasses.replace(recipe, task=task), catalog)


def test_too_few_artists_for_new_splits_are_counted(tmp_path: Path) -> None:
    rows = by_split(EVEN | {"val": {"Blue": 3, "Green": 3}})
    for row in rows:
        if row["labels"] == ["Red"]:
            row["group"] = f"one of {row['split']}"
    with pytest.raises(DatasetError, match=r"add Red \(2\) of other artists, up to 3") as error:
        need_for_training(covers_recipe(), made(tmp_path, rows))
    assert "new splits" not in error.value.cure


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"Blue": 3, "Green|Red": 3}, None),
        ({"Blue": 3, "Green": 3}, "no Red"),
        ({"Blue|Green": 3, "Blue|Red": 3}, "nothing without Blue"),
    ],
)
def test_several_genres_need_items_with_and_without(
    counts: dict[str, int], said: str | None, tmp_path: Path
) -> None:
    catalog = made(tmp_path, by_split(EVEN | {"val": counts}))
    if said is None:
        need_for_training(covers_recipe("multilabel"), catalog)
        return
    with pytest.raises(DatasetError, match=f"Received split val: {said}"):
        need_for_training(covers_recipe("multilabel"), catalog)


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    catalog = made(tmp_path, by_split(EVEN))
    (tmp_path / "7.x").unlink()
    with pytest.raises(DatasetError, match=r"Received 1 of 54 .* 7\.x: is not there any more"):
        need_for_training(covers_recipe(), catalog)


def test_few_artists_in_the_test_are_said_and_no_reason_to_refuse(tmp_path: Path) -> None:
    rows = by_split(EVEN)
    for row in rows:
        row["group"] = f"{row['labels'][0]} of {row['split']}"
    [note] = need_for_training(covers_recipe(), made(tmp_path, rows))
    assert "no interval: the test has 3 groups" in note


def test_a_further_test_without_its_covers_is_left_out(tmp_path: Path) -> None:
    report = Report(title="Elsewhere", sources=("nowhere",))
    [note] = need_for_training(covers_recipe(reports=(report,)), made(tmp_path, by_split(EVEN)))
    assert note.startswith("The further test 'Elsewhere' is left out: no item for Blue")


def songs_recipe(**training: Any) -> Experiment:
    return song_experiment(genres=GENRES, sources=(), training=training)


def test_a_head_s_own_test_needs_every_genre_where_artists_count(tmp_path: Path) -> None:
    songs = by_split({"train": dict.fromkeys(GENRES, 6), "test": {"Blue": 3, "Red": 3}})
    catalog = made(tmp_path, songs, "track")
    head = {"method": "logistic", "folds": 3}
    with pytest.raises(DatasetError, match="Received split test: no Green"):
        need_for_training(songs_recipe(**head), catalog)
    need_for_training(songs_recipe(**head, fold_groups="none"), catalog)


def test_folds_of_three_artists_have_figures_without_an_interval(tmp_path: Path) -> None:
    rows = by_split({"": dict.fromkeys(GENRES, 9)})
    for k, row in enumerate(rows):
        row["group"] = f"artist {k % 3}"
    catalog = made(tmp_path, rows, "track")
    for folds in ({"folds": 3}, {"folds": 3, "fold_groups": "none"}):
        [note] = need_for_training(songs_recipe(method="logistic", **folds), catalog)
        assert "no interval: the test has 3 groups" in note
    with pytest.raises(DatasetError, match="Set --folds 3"):
        need_for_training(songs_recipe(method="logistic", folds=5), catalog)
    for row in rows:  # the stored head learns from the other two
        row["split"] = "test" if row["group"] == "artist 2" else "train"
    need_for_training(songs_recipe(method="logistic", folds=3), made(tmp_path, rows, "track"))


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"train": {"non-prog": 3}, "val": {"non-prog": 3}}, "split test: no song"),
        ({"train": {"prog": 3}, "test": {"non-prog": 3}}, "split val: no song"),
        (
            {"train": {"prog": 3}, "val": {"prog": 3}, "test": {"prog": 3}},
            "split test: no song labelled 'non-prog'",
        ),
    ],
)
def test_a_pupil_needs_songs_in_every_split(
    counts: dict[str, dict[str, int]], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genre_core.jobs.needs.find_teachers", lambda _: [])
    pupil = song_experiment(
        genres=("non-prog", "prog"),
        head="binary",
        sources=(),
        prog_genre="prog",
        training={"teacher": "x"},
    )
    with pytest.raises(DatasetError, match=f"Received {said}"):
        need_for_training(pupil, made(tmp_path, by_split(counts), "track"))


def test_a_song_of_a_pupil_that_is_gone_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genre_core.jobs.needs.find_teachers", lambda _: [])
    pupil = song_experiment(
        genres=("non-prog", "prog"),
        head="binary",
        sources=(),
        prog_genre="prog",
        training={"teacher": "x"},
    )
    catalog = made(
        tmp_path, by_split({name: {"prog": 6, "non-prog": 6} for name in SPLITS}), "track"
    )
    assert need_for_training(pupil, catalog) == ()
    (tmp_path / "7.x").unlink()
    with pytest.raises(DatasetError, match=r"Received 1 of 36 .* 7\.x: is not there any more"):
        need_for_training(pupil, catalog)


def test_a_pupil_without_its_teacher_is_refused(tmp_path: Path) -> None:
    pupil = song_experiment(
        genres=("non-prog", "prog"),
        head="binary",
        sources=(),
        prog_genre="prog",
        training={"teacher": "msd_musicnn.nobody"},
    )
    catalog = made(tmp_path, by_split({"train": {"prog": 3}}), "track")
    with pytest.raises(CheckpointError, match=r"msd_musicnn.nobody.*Did you mean"):
        need_for_training(pupil, catalog)


def test_the_other_medium_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GenreError, match="data set of tracks"):
        need_for_training(covers_recipe(), made(tmp_path, by_split(EVEN), "track"))
