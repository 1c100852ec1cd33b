"""Which layout is seen in a folder or a table, and what each takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from genre_core.data.importers import LAYOUTS, find_dataset, list_datasets
from genre_core.data.importers.kaggle_covers import GENRES
from genre_core.data.importers.layouts import detect_layout
from genre_core.errors import DatasetError, ParameterError
from tests.made_imports import import_as

WriteCover = Callable[..., Path]

MUMU = "amazon_id,artist_mbid,genres\n" + "".join(f"B{k},a{k},Jazz\n" for k in range(6))
MSD_I = "msd_track_id\tgenre\talbum_index\tset\n" + "".join(
    f"T{k}\tJazz\t{k}\t{split}\n" for k, split in enumerate(("train", "val", "test"))
)


@pytest.mark.parametrize(
    ("files", "source", "layout"),
    [
        ({"Rock/a.jpg": ""}, ".", "folders"),
        ({"labels.csv": "path,genre\n"}, ".", "csv"),
        ({"any.csv": "path,genre,amazon_id\n"}, "any.csv", "csv"),
        ({"any.csv": "\xff"}, "any.csv", "csv"),
        ({"MuMu_dataset_single-label.csv": MUMU}, ".", "mumu"),
        ({"MuMu_dataset_multi-label.csv": MUMU}, ".", "mumu-multilabel"),
        ({"renamed.csv": MUMU}, "renamed.csv", "mumu"),
        ({"MuMu_dataset_multi-label.csv": MUMU}, "MuMu_dataset_multi-label.csv", "mumu-multilabel"),
        ({"MSD-I_dataset.tsv": MSD_I}, ".", "msd-i"),
        ({"renamed.tsv": MSD_I}, "renamed.tsv", "msd-i"),
        ({"msdi_mapping.csv": MSD_I, "labels.csv": "Jazz\n"}, ".", "msd-i"),
        ({f"GAID/{genre}/0.jpg": "" for genre in GENRES}, ".", "kaggle"),
        ({f"{genre}/0.jpg": "" for genre in GENRES}, ".", "kaggle"),
        ({f"{genre}/0.jpg": "" for genre in GENRES[:19]}, ".", "folders"),
        ({"album_covers_512/0.jpg": ""}, ".", "kaggle"),
        ({"album_covers_512/0.jpg": "", "Rock/0.jpg": ""}, ".", "folders"),
        ({"tracks.csv": "path,genre\n"}, ".", "folders"),
        ({"train_labels.txt": "Id\tGenre\n"}, ".", "fma-contest"),
        ({"data/fma_genre_spectrograms/train_labels.txt": ""}, ".", "fma-contest"),
        ({"Prog/a.mp3": "", "NonProg/b.mp3": ""}, ".", "prog-songs"),
        ({"Prog/a.jpg": "", "NonProg/b.jpg": ""}, ".", "folders"),
    ],
)
def test_layouts_are_told_by_names(
    tmp_path: Path, files: dict[str, str], source: str, layout: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text.encode("latin-1"))
    assert detect_layout(tmp_path / source) == layout
    assert layout in LAYOUTS


def test_two_tables_are_never_guessed_between(tmp_path: Path) -> None:
    (tmp_path / "MuMu_dataset_single-label.csv").write_text(MUMU)
    (tmp_path / "MuMu_dataset_multi-label.csv").write_text(MUMU)
    with pytest.raises(DatasetError, match="Received tables of mumu and mumu-multilabel"):
        import_as("auto", tmp_path)


@pytest.mark.parametrize(
    ("layout", "options", "received"),
    [
        ("mumy", {}, "'mumy'"),
        ("folders", {"images": "x"}, "'images'"),
        ("mumu-s3", {"genres": ("Jazz",)}, "'genres'"),
        ("prog", {}, "None"),
        ("auto", {"others": "x", "label": "y"}, "'label'"),
        ("csv", {"subset": "small"}, "'subset'"),
        ("prog-songs", {"images": "x"}, "'images'"),
    ],
)
def test_options_of_another_layout(
    tmp_path: Path, layout: str, options: dict[str, object], received: str
) -> None:
    with pytest.raises(ParameterError, match=f"Received {received}"):
        import_as(layout, tmp_path, **options)


def test_an_option_names_its_layout(tmp_path: Path, write_cover: WriteCover) -> None:
    for k in range(3):
        write_cover(tmp_path / "a" / f"{k}.jpg", seed=k)
        write_cover(tmp_path / "b" / f"{k}.jpg", seed=9 + k)
    other = import_as("auto", tmp_path / "a", label="other").catalog
    assert other.head.labels == ("other",)
    prog = import_as("auto", tmp_path / "a", others=tmp_path / "b", limits={"prog": 2}).catalog
    assert prog.head.labels == ("non-prog", "prog")
    assert len(prog) == 5


def test_find_dataset_knows_the_studies_tables(
    tmp_path: Path, write_cover: WriteCover, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    for name, table, text, stem in (
        ("mumu", "MuMu_dataset_single-label.csv", MUMU, "B{}"),
        ("msd", "MSD-I_dataset.tsv", MSD_I, "T{}"),
    ):
        for k in range(6):
            write_cover(data / name / "covers" / f"{stem.format(k)}.jpg", seed=k)
        (data / name / table).write_text(text)
    (data / "both").mkdir()
    for table in ("MuMu_dataset_single-label.csv", "MuMu_dataset_multi-label.csv"):
        (data / "both" / table).write_text(MUMU)
    monkeypatch.setenv("GENRE_DATA", str(data))
    assert list_datasets() == ("msd", "mumu")
    assert find_dataset("msd").splits() == {"train": 1, "val": 1, "test": 1, "": 0}
    first = find_dataset("mumu")
    assert first.head.name == "MuMu_dataset_single-label"
    assert "Oramas" in first.head.citation
    calls: list[str] = []

    def note(done: int, total: int, text: str) -> None:
        calls.append(text)

    assert find_dataset("mumu", progress=note).digest == first.digest
    assert calls == []
    # These covers are found, not named by the table: another one must be noticed.
    write_cover(data / "mumu" / "covers" / "B0.jpg", seed=50)
    assert find_dataset("mumu", progress=note).digest != first.digest
    assert len(calls) == 1
