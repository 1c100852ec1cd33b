"""The command line: JSON alone on stdout, errors on stderr, exit codes 0, 1 and 2."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genre_core.cli import main
from genre_core.runs import bundle as bundles
from genre_core.runs.bundle import find_bundle
from tests.made_bundles import write_bundle

pytestmark = pytest.mark.usefixtures("few_resamples")

TINY = """
name = "tiny"
title = "Tiny"
study = "ours"
architecture = "s3_model_5"
tag = "tiny"
[task]
genres = ["Blue", "Red"]
[input]
size = 64
[training]
epochs = 1
batch_size = 16
"""


@pytest.fixture(autouse=True)
def no_shipped_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "SHIPPED_DIR", tmp_path / "shipped")


@pytest.fixture
def models(genre_home: Path) -> Path:
    write_bundle(genre_home / "models", name="made.one")
    write_bundle(genre_home / "models", name="made.two", genres=("other", "prog"), head="binary")
    return genre_home / "models"


@pytest.fixture
def covers(tmp_path: Path) -> Path:
    """Sixty covers of two colours as genre folders."""
    rng = np.random.default_rng(0)
    for genre, channel in (("Blue", 2), ("Red", 0)):
        (tmp_path / "covers" / genre).mkdir(parents=True)
        for i in range(30):
            pixels = rng.integers(0, 100, (40, 40, 3), dtype=np.uint8)
            pixels[..., channel] += 120
            Image.fromarray(pixels).save(tmp_path / "covers" / genre / f"{i}.png")
    return tmp_path / "covers"


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


def run_json(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, object]:
    code, out, _ = run(capsys, *words, "--json")
    return code, json.loads(out)


def test_classify_a_folder_with_every_model(
    models: Path, covers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = run_json(capsys, "classify", covers / "Blue")
    assert code == 0
    assert len(found) == 30
    assert [p["model"] for p in found[0]["predictions"]] == ["made.one", "made.two"]
    assert sum(found[0]["predictions"][0]["probs"].values()) == pytest.approx(1, abs=1e-5)


def test_classify_names_broken_files_and_reads_the_rest(
    models: Path, covers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = covers / "Blue" / "0.png"
    broken.write_text("no picture")
    code, out, err = run(capsys, "classify", covers / "Blue", "--model", "made.one", "--json")
    found = json.loads(out)
    assert code == 1
    assert [Path(each["path"]).name for each in found if "error" in each] == ["0.png"]
    assert len(found) == 30
    assert "0.png" in err


def test_classify_names_what_is_no_cover_in_its_json_too(
    models: Path, covers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strange = covers / "notes.txt"
    strange.write_text("no picture")
    names = (covers / "Red" / "1.png", strange, covers / "nosuch.png")
    code, found = run_json(capsys, "classify", *names, "--model", "made.one")
    assert code == 1
    assert [Path(each["path"]).name for each in found] == ["1.png", "notes.txt", "nosuch.png"]
    assert ["error" in each for each in found] == [False, True, True]


def test_classify_says_what_is_damaged(
    models: Path, covers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = covers / "Blue" / "0.jpg"
    Image.open(covers / "Blue" / "0.png").save(cut)
    cut.write_bytes(cut.read_bytes()[:-2])
    code, out, err = run(capsys, "classify", cut, "--model", "made.one", "--json")
    assert code == 0
    [note] = json.loads(out)[0]["notes"]
    assert note.startswith("The picture's file is cut short")
    assert f"note: {cut}: {note}" in err


def test_classify_says_that_a_cover_is_far_from_square(
    models: Path, covers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tall = covers / "tall.png"
    Image.new("RGB", (8, 4_000), "red").save(tall)
    code, out, err = run(capsys, "classify", tall, "--model", "made.one", "--json")
    assert code == 0
    [note] = json.loads(out)[0]["notes"]
    assert note.startswith("far from square")
    assert f"note: {tall}: {note}" in err


def test_a_training_that_cannot_start_says_so_once_and_names_what_is_missing(
    covers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for genre in ("Blue", "Red"):
        for split, numbers in (("train", range(8)), ("test", range(8, 12))):
            folder = tmp_path / "parts" / split / genre
            folder.mkdir(parents=True)
            for n in numbers:
                (covers / genre / f"{n}.png").rename(folder / f"{n}.png")
    (tmp_path / "tiny.toml").write_text(TINY)
    run(capsys, "import", tmp_path / "parts")
    code, _, err = run(capsys, "train", tmp_path / "tiny.toml", "--data", "parts")
    assert code == 1
    assert err.count("Every genre needs items in each of the splits") == 1
    assert err.count("split val: no item at all") == 1
    assert "--cut-val" in err


def test_classify_as_a_table(
    models: Path, covers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "classify", covers / "Red" / "1.png", "--model", "made.one")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].split() == ["path", "model", "genre", "prob", "kind", "next"]
    assert len(lines) == 2
    assert " score " in lines[1]  # nobody calibrated it


def test_explain_writes_a_picture(
    models: Path, covers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "map.png"
    code, facts = run_json(
        capsys, "explain", covers / "Red" / "1.png", "--model", "made.one", "--genre", "rEd",
        "--out", out,
    )  # fmt: skip
    assert code == 0
    assert facts["explained_genre"] == "Red"
    with Image.open(out) as picture:
        assert picture.size == (64, 64)


def test_import_train_evaluate_classify(
    covers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (covers / "Blue" / "broken.png").write_bytes(b"")
    code, facts = run_json(
        capsys, "import", covers, "--name", "colours", "--licence", "CC0", "--title", "Two colours"
    )
    assert code == 1  # one file could not be used, and says so
    assert facts["n_items"] == 60
    assert [each["where"] for each in facts["problems"]] == ["Blue/broken.png"]
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(TINY)
    code, row = run_json(
        capsys, "train", recipe, "--data", "colours", "--epochs", 2, "--repeats", 2
    )
    assert code == 0
    bundle = find_bundle("s3_model_5.tiny")
    assert Path(row["folder"]) == bundle.folder
    assert {path.name for path in bundle.folder.iterdir()} == {
        "model.keras", "card.json", "metrics.json", "history.csv", "predictions.parquet",
        "repeats.json",
        "neighbours.parquet",
        "neighbours.npy",
    }  # fmt: skip
    assert bundle.card.data["licence"] == "CC0"
    assert bundle.card.data["title"] == "Two colours"
    assert bundle.card.experiment["training"]["epochs"] == 2 == len(bundle.history()) / 2
    assert str(tmp_path) not in (bundle.folder / "card.json").read_text()
    measured = bundle.metrics()
    assert measured["n"] == len(bundle.predictions()) == bundle.card.data["n_test"]
    answers = np.array(bundle.repeats()["answers"])  # (2, n): on which do the runs differ
    said = bundle.predictions()["predicted"].to_numpy()
    assert (answers == said).all(axis=1).any()  # one of them was kept
    expected = (answers != said).mean(axis=0)
    np.testing.assert_allclose(bundle.predictions()["spread"], expected)
    code, again = run_json(capsys, "evaluate", bundle.name, "--data", "colours")
    assert code == 0
    assert again["values"] == measured["values"]
    code, found = run_json(capsys, "classify", covers / "Red" / "3.png")
    assert found[0]["predictions"][0]["model"] == bundle.name


@pytest.mark.parametrize("command", ["models", "architectures", "experiments"])
def test_lists(models: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, rows = run_json(capsys, command)
    assert code == 0
    assert {"name", "study"} <= set(rows[0])
    code, out, _ = run(capsys, command)
    assert code == 0
    assert len(out.splitlines()) == len(rows) + 1


def test_architectures_state_shape_and_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    _, rows = run_json(capsys, "architectures")
    s1 = next(row for row in rows if row["name"] == "s1_prog_covers")
    assert s1["input_shape"] == [260, 260, 3]
    assert s1["n_parameters"] == 447_593


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("classify", "nowhere.jpg"), 1, "nowhere.jpg"),
        (("classify", "x.jpg", "--model", "made.oen"), 1, "made.one"),
        (("explain", "COVER", "--genre", "Green"), 2, "Blue, Red"),
        (("explain", "COVER", "--method", "gradcamm"), 2, "gradcam"),
        (("explain", "COVER", "--opacity", "3"), 2, "opacity"),
        (("train", "gaid5_lite", "--data", "x"), 2, "gaid5_lite2"),
        (("train", "gaid5_lite2", "--data", "nowhere"), 1, "nowhere"),
        (("train", "gaid5_lite2", "--data", "x", "--epochs", "0"), 2, "epochs"),
        (("evaluate", "none", "--data", "x"), 1, "Received"),
        # Places that cannot be written to: a file where a folder should be, and the reverse.
        (("explain", "COVER", "--out", "COVER/map.png"), 1, "Received"),
        (("explain", "COVER", "--out", "FOLDER"), 1, "Received"),
        (("what-if", "COVER", "--grey", "--out", "COVER/grey.png"), 1, "Received"),
        (("models", "--write-table", "FOLDER"), 1, "Received"),
        # Where the work is long, before it.
        (("train", "gaid5_lite2", "--data", "x", "--out", "COVER"), 2, "written to"),
        (("scaling", "--data", "x", "--out", "COVER"), 2, "written to"),
        (("import", "FOLDER", "--seed", "-1"), 2, "seed"),
    ],
)
def test_wrong_calls(
    models: Path,
    covers: Path,
    words: tuple[str, ...],
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cover = str(covers / "Red" / "1.png")
    typed = [word.replace("COVER", cover).replace("FOLDER", str(covers)) for word in words]
    found, _, err = run(capsys, *typed)
    assert found == code
    assert said in err
    assert err.count("Received") == 1
    assert "Traceback" not in err


def test_an_unknown_command_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["clasify"])
    assert stop.value.code == 2


def test_no_model_says_what_to_do(covers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "classify", covers / "Red" / "1.png")
    assert code == 2
    assert "Train one" in err
