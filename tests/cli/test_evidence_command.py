"""The command evidence, and explain --evidence."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genre_core.cli import evidence as cli_evidence
from genre_core.cli import main
from genre_core.data.importers import find_dataset
from genre_core.jobs import evidence
from genre_core.runs import bundle as bundles
from genre_core.runs.evidence import load_evidence
from tests.made_bundles import write_bundle, write_dataset
from tests.made_song_bundles import write_song_bundle
from tests.made_songs_set import write_song

pytestmark = pytest.mark.usefixtures("few_resamples")


@pytest.fixture(autouse=True)
def nothing_shipped(genre_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "SHIPPED_DIR", tmp_path / "shipped")


def test_evidence_is_stored_and_more_items_are_added_to_it(
    genre_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evidence, "METHODS", ("gradcam", "occlusion"))
    monkeypatch.setattr(evidence, "N_POINTED", 2)
    bundle = write_bundle(genre_home / "models")
    write_dataset(tmp_path / "covers", 36)
    words = ("--n", "5", "--dear", "1", "--shuffled", "1", "--json")
    assert main(["evidence", bundle.name, "--data", str(tmp_path / "covers"), *words]) == 0
    found = json.loads(capsys.readouterr().out)
    stored = load_evidence(bundle)
    assert stored is not None
    assert found["methods"]["gradcam"]["n"] == stored.methods["gradcam"].n == 5
    assert stored.methods["gradcam"].pointing is not None
    assert stored.command.startswith("python -m genre_core")
    assert str(tmp_path) not in (bundle.folder / "evidence.json").read_text()
    read: list[str] = []
    real = evidence._Reader.read

    def noted(self, row):
        read.append(str(row["item_id"].iloc[0]))
        return real(self, row)

    monkeypatch.setattr(evidence._Reader, "read", noted)
    words = ("--n", "6", "--items", "occlusion=2", *words[2:])
    assert main(["evidence", bundle.name, "--data", str(tmp_path / "covers"), *words]) == 0
    more = load_evidence(bundle)
    assert more is not None
    assert (more.methods["gradcam"].n, more.methods["occlusion"].n) == (6, 2)
    frame, _ = evidence._items(bundle, find_dataset(str(tmp_path / "covers")))
    assert more.data["n_items"] == len(frame)
    assert set(read) == set(frame["item_id"].tolist()[5:])


@pytest.mark.parametrize("command", ["evidence", "families"])
def test_a_folder_that_cannot_be_is_told_before_the_work(
    command: str,
    genre_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cli_evidence, "load_tensorflow", lambda: pytest.fail("it began"))
    bundle = write_bundle(genre_home / "models")
    write_dataset(tmp_path / "covers", 6)
    (tmp_path / "taken").write_text("a file")
    words = ["--data", str(tmp_path / "covers"), "--out", str(tmp_path / "taken")]
    assert main([command, bundle.name, *words]) == 2
    assert "must be one that can be written to" in capsys.readouterr().err


def test_explain_gives_the_evidence_for_one_map(
    genre_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_bundle(genre_home / "models")
    pixels = np.random.default_rng(0).integers(0, 256, (80, 80, 3), dtype=np.uint8)
    cover, out = tmp_path / "cover.png", tmp_path / "heat.png"
    Image.fromarray(pixels).save(cover)
    words = ["explain", str(cover), "--method", "occlusion", "--out", str(out), "--evidence"]
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["method"], found["stage"], found["map_size"]) == ("occlusion", "", [10, 10])
    told = found["evidence"]
    areas = {row["map"]: row["insertion"] - row["deletion"] for row in told["maps"]}
    assert set(areas) == {"occlusion", "random", "edges", "centre"}
    assert told["parts"] == 144
    rest = [name for name in areas if name != "occlusion"]
    assert told["better_than"] == [one for one in rest if areas["occlusion"] > areas[one]]
    assert told["shuffled_layers"][0] == {"layers": 0, "last": "", "correlation": 1.0}
    assert "mean colour" in told["deleted_by"]
    assert main(words) == 0
    assert "better_than_edges" in capsys.readouterr().out


def test_explain_tells_over_a_song_s_time_what_mattered(
    genre_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_song_bundle(genre_home / "models")
    song, out = write_song(tmp_path / "song.ogg", "Beats"), tmp_path / "strip.png"
    told = {}
    for method, more in (("gradcam", []), ("occlusion", ["--evidence"])):
        words = ["explain", str(song), "--method", method, "--out", str(out), "--json", *more]
        assert main(words) == 0
        found = told[method] = json.loads(capsys.readouterr().out)
        assert (found["model"], found["explained_genre"]) == ("made.song", "prog")
        assert found["method"] == method
        assert len(found["values"]) == len(found["start_s"]) == len(found["end_s"]) > 10
        assert max(found["values"]) == 1
        start_s, end_s = found["strongest_s"]
        assert found["values"][found["start_s"].index(round(start_s, 3))] == 1
        assert 0 <= start_s < end_s <= 3
        with Image.open(out) as drawn:
            assert drawn.width == len(found["values"])
    assert told["gradcam"]["values"] != told["occlusion"]["values"]
    assert "evidence" not in told["gradcam"]
    assert told["occlusion"]["evidence"]["parts"] == 16
    assert "silence" in told["occlusion"]["evidence"]["deleted_by"]


def test_a_layer_or_an_unknown_genre_of_a_song_is_refused(
    genre_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_song_bundle(genre_home / "models")
    song = write_song(tmp_path / "song.ogg", "Beats")
    assert main(["explain", str(song), "--stage", "conv_1"]) == 2
    assert "conv_1" in capsys.readouterr().err
    assert main(["explain", str(song), "--genre", "polka"]) == 2
    assert "polka" in capsys.readouterr().err
