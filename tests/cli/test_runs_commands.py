"""The training desk typed: import a zip, train, list, stop, resume, promote, delete, classify."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from genre_core.cli import main
from genre_core.runs.run_folder import find_run
from tests.made_forks import fork_runs
from tests.made_training import GENRES, write_covers

pytestmark = pytest.mark.usefixtures("few_resamples")

PATIENCE_S = 180
ON_COLOURS = [
    "--repeats",
    "1",
    "--set",
    'task.genres=["Blue", "Red"]',
    "--set",
    "input.size=64",
    "--set",
    "training.batch_size=8",
    "--set",
    "tag='colours'",
]


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    code = main([*arguments, "--json"])
    told = capsys.readouterr()
    assert code == 0, told.err
    return json.loads(told.out)


@pytest.fixture
def colours(tmp_path: Path, genre_home: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    covers = write_covers(tmp_path / "made")
    path = tmp_path / "made.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for line in (covers / "labels.csv").read_text().splitlines()[1:]:
            name, genre, _ = line.split(",")
            archive.write(covers / name, f"{genre}/{name}")
    told = said(capsys, "import", str(path), "--name", "colours")
    assert (told["name"], told["n_items"]) == ("colours", 72)
    return covers


def test_from_a_zip_to_a_network_that_answers(
    colours: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = ["train", "s3_model_5", "--data", "colours", "--epochs", "2", *ON_COLOURS]
    trained = said(capsys, *train)
    assert trained["name"] == "s3_model_5.colours"
    runs = said(capsys, "runs")
    assert [(run["state"], run["result"]) for run in runs] == [("done", "s3_model_5.colours")]
    assert runs[0]["name"] == trained["run"]
    answer = said(capsys, "classify", str(colours / "00.png"), "--model", "s3_model_5.colours")
    assert set(GENRES) <= set(json.dumps(answer).replace('"', " ").split())
    said(capsys, "delete", trained["run"])
    assert said(capsys, "runs") == []


def test_in_the_background_stopped_resumed_and_finished(
    colours: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fork_runs(monkeypatch)
    train = ["train", "s3_model_5", "--data", "colours", "--epochs", "400", *ON_COLOURS]
    name = said(capsys, *train, "--background", "--tensorboard")["run"]
    deadline = time.monotonic() + PATIENCE_S
    while len(find_run(name).history()) < 2:
        assert time.monotonic() < deadline, find_run(name).log_tail()
        time.sleep(0.1)
    stopped = said(capsys, "stop", name)
    assert stopped["state"] == "stopped"
    assert stopped["val_loss"] >= 0
    assert main(["promote", name]) == 1
    assert "Only a training that is over has made a model" in capsys.readouterr().err
    done = said(capsys, "resume", name, "--finish")
    assert (done["state"], done["result"]) == ("done", "s3_model_5.colours")
    assert said(capsys, "promote", name)["name"] == "s3_model_5.colours"
    assert main(["resume", name]) == 1
    assert "which is done" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["stop", "resume", "promote", "delete", "work"])
def test_no_such_run(command: str, genre_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "gone"]) == 1
    assert "Received 'gone'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--device", "gpu:9"], "A GPU must be one that TensorFlow sees"),
        (["--device", "tpu"], "device must be auto, cpu, gpu:N or gpus"),
        (["--precision", "half"], "precision must be one of"),
        (["--data", "gone"], "A data set is named by"),
    ],
)
def test_what_cannot_begin_leaves_no_run_behind(
    options: list[str], words: str, colours: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["train", "s3_model_5", "--data", "colours", *ON_COLOURS, *options])
    assert code in (1, 2)
    assert words in capsys.readouterr().err
    assert said(capsys, "runs") == []
