"""`python -m genre_core import` for every layout, told by name or by what lies there."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from genre_core.cli import main
from genre_core.cli.parser import make_parser
from genre_core.data.audit import validate
from genre_core.data.importers import LAYOUTS, find_dataset
from genre_core.data.importers.kaggle_covers import GENRES
from tests.made_fma import write_table


def write_covers(folder: Path, names: list[str], first: int = 0) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(names, start=first):
        pixels = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / name, "PNG")


def write_songs(folder: Path, names: list[str], first: int = 0) -> None:
    for seed, name in enumerate(names, start=first):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, np.random.default_rng(seed).normal(size=400) / 9, 8_000)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Each layout once, with six covers or 20."""
    ids = [f"B{k}.jpg" for k in range(6)]
    write_covers(tmp_path / "folders" / "Rock", ids)
    write_covers(tmp_path / "csv", ids)
    (tmp_path / "csv" / "labels.csv").write_text(
        "path,genre\n" + "".join(f"{name},Jazz\n" for name in ids)
    )
    write_covers(tmp_path / "mumu" / "covers", ids)
    for kind, genres in (("single", "Jazz"), ("multi", '"Rock,Jazz"')):
        (tmp_path / "mumu" / f"MuMu_dataset_{kind}-label.csv").write_text(
            "amazon_id,artist_mbid,genres\n" + "".join(f"B{k},a{k},{genres}\n" for k in range(6))
        )
    write_covers(tmp_path / "msd-i" / "covers", ids)
    (tmp_path / "msd-i" / "MSD-I_dataset.tsv").write_text(
        "msd_track_id\tgenre\talbum_index\tset\n"
        + "".join(f"B{k}\tJazz\t{k}\t{('train', 'val', 'test')[k % 3]}\n" for k in range(6))
    )
    write_covers(tmp_path / "kaggle" / "GAID", [f"{genre}/0.jpg" for genre in GENRES])
    write_covers(tmp_path / "two" / "prog", ids)
    write_covers(tmp_path / "two" / "others", ids, first=10)
    numbers = [f"000/{k:06d}.flac" for k in range(20)]
    write_table(tmp_path / "fma" / "fma_metadata")
    write_songs(tmp_path / "fma" / "fma_medium", numbers)
    (tmp_path / "contest").mkdir()
    for name, rows in (("train", range(14)), ("test", range(14, 20))):
        lines = "".join(f"{k}.fused.full.npy.gz\tJazz\n" for k in rows)
        (tmp_path / "contest" / f"{name}_labels.txt").write_text("Id\tGenre\n" + lines)
    write_table(tmp_path / "contest" / "fma_metadata")
    write_songs(tmp_path / "contest", numbers)
    for seed, name in enumerate(("Progressive_Rock_Songs", "Not_Progressive_Rock")):
        bands = [f"Band {seed}{k} - Song.flac" for k in range(6)]
        write_songs(tmp_path / "course" / name, bands, first=10 * seed)
    return tmp_path


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(
    ("layout", "source", "more", "n_items"),
    [
        ("folders", "folders", (), 6),
        ("csv", "csv", (), 6),
        ("mumu", "mumu/MuMu_dataset_single-label.csv", (), 6),
        ("mumu-multilabel", "mumu/MuMu_dataset_multi-label.csv", (), 6),
        ("msd-i", "msd-i", (), 6),
        ("msd-i", "msd-i", ("--images", "msd-i/covers", "--new-splits"), 6),
        ("kaggle", "kaggle", (), 20),
        ("kaggle", "folders", ("--label", "other"), 6),
        ("prog", "two/prog", ("--others", "two/others"), 12),
        ("prog", "two/prog", ("--others", "two/others", "--limits", "2", "4"), 6),
        ("fma", "fma", (), 20),
        ("fma", "fma/fma_metadata/tracks.csv", ("--subset", "small"), 16),
        ("fma", "fma", ("--images", "fma/fma_medium", "--new-splits"), 20),
        ("fma-contest", "contest/train_labels.txt", ("--new-splits",), 20),
        ("prog-songs", "course", (), 12),
    ],
)
def test_every_layout(
    data: Path,
    layout: str,
    source: str,
    more: tuple[str, ...],
    n_items: int,
    named: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(data)
    words = ["import", source, *more, "--name", "mine", "--json"]
    assert main(words + (["--layout", layout] if named else [])) == 0
    out, err = capsys.readouterr()
    facts = json.loads(out)
    assert (facts["name"], facts["n_items"], facts["n_problems"]) == ("mine", n_items, 0)
    assert f"{n_items} of {n_items}" in err  # The progress goes to its end.


def test_study_s3_of_the_folder_with_both_tables(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = str(data / "mumu")
    assert main(["import", source]) == 1
    assert "Received tables of mumu and mumu-multilabel" in capsys.readouterr().err
    assert main(["import", source, "--layout", "mumu-s3", "--name", "s3", "--json"]) == 0
    head = (Path(json.loads(capsys.readouterr().out)["folder"]) / "dataset.toml").read_text()
    assert 'labels = ["Jazz"]' in head
    assert "Oramas" in head


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("two/prog", "--layout", "prog"), 2, "second folder"),
        (("folders", "--images", "csv"), 2, "'images'"),
        (("two/prog", "--others", "two/others", "--limits", "0", "4"), 2, "1 or more"),
        (("nowhere", "--layout", "msd-i"), 1, "MSD-I_dataset.tsv"),
        (("folders", "--layout", "kaggle"), 1, "without Blues, Classical"),
        (("contest",), 1, "tables of fma and fma-contest"),
        (("fma", "--layout", "prog-songs"), 1, "no prog song"),
        (("course", "--subset", "small", "--layout", "prog-songs"), 2, "'subset'"),
    ],
)
def test_wrong_calls(
    data: Path,
    words: tuple[str, ...],
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(data)
    assert main(["import", *words]) == code
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err


def test_the_help_names_every_layout(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        make_parser().parse_args(["import", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    for name, layout in LAYOUTS.items():
        # argparse may break a line at a hyphen.
        assert f"{name}: {layout.text}" in said.replace("- ", "-"), name


def test_a_zip_is_imported_like_its_folder(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = shutil.make_archive(str(tmp_path / "packed"), "zip", data / "csv")
    assert main(["import", archive, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["name"], facts["n_items"]) == ("packed", 6)
    assert Path(facts["folder"], "files", "labels.csv").is_file()


def test_leaks_are_refused_unless_one_insists(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = data / "csv" / "labels.csv"
    rows = [f"B{k}.jpg,Jazz,Yes,{('train', 'test')[k % 2]}\n" for k in range(6)]
    table.write_text("path,genre,artist,split\n" + "".join(rows))
    assert main(["import", str(table)]) == 1
    assert "No group and no file may stand in two splits" in capsys.readouterr().err
    assert main(["import", str(table), "--allow-leaks", "--json"]) == 1  # and a note on it
    facts = json.loads(capsys.readouterr().out)
    assert facts["n_items"] == 6
    assert facts["problems"] == [{"where": "split", "what": "leaks, as was insisted on: 1 cross"}]


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["import", *words, "--json"])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("others", ["csv", "csv/labels.csv", "mumu/MuMu_dataset_single-label.csv"])
def test_a_name_that_is_taken_is_refused_with_a_fresh_one(
    data: Path, others: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source, other = str(data / "folders"), str(data / others)
    assert run(capsys, source, "--name", "my own")[0] == 0
    before = find_dataset("my own").digest
    code, _, err = run(capsys, other, "--name", "my own")
    assert code == 1
    assert f"'my own', which a data set has that came from {source}" in err
    assert "(--name 'my own_2')" in err
    assert "0 of" not in err  # no file was read for it
    assert find_dataset("my own").digest == before
    # The same source may come again, whatever it is called, and so may another under the name told.
    assert run(capsys, f"{source}/../folders", "--name", "my own")[0] == 0
    assert run(capsys, other, "--name", "my own_2")[0] == 0
    assert "my own_3" in run(capsys, str(data / "kaggle"), "--name", "my own")[2]
    assert run(capsys, other, "--name", "my own", "--replace")[0] == 0
    assert find_dataset("my own").digest == find_dataset("my own_2").digest != before


def test_a_name_by_default_is_not_taken_from_another(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(data / "csv", data / "copy" / "folders")
    assert run(capsys, str(data / "folders"))[0] == 0
    code, _, err = run(capsys, str(data / "copy" / "folders"))
    assert (code, "(--name folders_2)" in err) == (1, True)


def test_a_zip_takes_the_place_of_another_only_when_it_is_sound(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("folders", "csv"):
        shutil.make_archive(str(tmp_path / name), "zip", data / name)
    assert run(capsys, str(tmp_path / "folders.zip"), "--name", "mine")[0] == 0
    before = find_dataset("mine")
    assert "(--name mine_2)" in run(capsys, str(tmp_path / "csv.zip"), "--name", "mine")[2]
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad:
        bad.writestr("Rock/a.png", b"no picture")
    assert run(capsys, str(tmp_path / "bad.zip"), "--name", "mine", "--replace")[0] == 1
    assert validate(find_dataset("mine"), check_files=True) == []
    assert find_dataset("mine").digest == before.digest
    # A zip that changed is the same source.
    shutil.copy(tmp_path / "csv.zip", tmp_path / "folders.zip")
    for words in (("folders.zip",), ("csv.zip", "--replace")):
        assert run(capsys, str(tmp_path / words[0]), "--name", "mine", *words[1:])[0] == 0
        assert find_dataset("mine").head.labels == ("Jazz",)
        assert validate(find_dataset("mine"), check_files=True) == []
    assert [path.name for path in before.root.parents[1].iterdir()] == ["mine"]


def test_what_was_asked_for_by_hand_is_asked_for_again(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_covers(data / "folders" / "rock", ["x.jpg"], first=30)
    assert run(capsys, str(data / "folders"), "--merge-spellings", "--title", "T")[0] == 0
    write_covers(data / "folders" / "Pop", ["y.jpg"], first=40)
    catalog = find_dataset(data / "folders")
    assert (catalog.head.labels, catalog.head.title) == (("Pop", "Rock"), "T")


def test_a_cover_that_is_cut_short_is_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cut = data / "folders" / "Rock" / "B0.jpg"
    cut.write_bytes(cut.read_bytes()[:-40])
    code, out, err = run(capsys, str(data / "folders"))
    facts = json.loads(out)
    assert (code, facts["n_items"], facts["n_problems"]) == (1, 5, 1)
    assert facts["problems"][0]["where"] == "Rock/B0.jpg"
    assert "problem: Rock/B0.jpg: not a readable picture" in err


def test_an_import_in_the_background_is_a_run(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    monkeypatch.setattr("genre_core.jobs.run_control.launch", started.append)
    words = ["import", str(data / "folders"), "--name", "mine", "--near-duplicates"]
    assert main([*words, "--background", "--json"]) == 0
    (run,) = started
    assert json.loads(capsys.readouterr().out)["run"] == run.name
    settings = run.request().settings
    assert settings["source"] == str(data / "folders")
    assert (settings["name"], settings["near_duplicates"]) == ("mine", True)
