"""The commands patterns and remove-kernels."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from genre_core.cli import main
from genre_core.explain.patterns import Climb
from genre_core.explain.patterns_store import load_patterns
from genre_core.runs import bundle as bundles
from genre_core.runs.bundle import find_bundle
from tests.made_bundles import write_bundle, write_dataset
from tests.made_song_bundles import write_song_bundle

pytestmark = pytest.mark.usefixtures("few_resamples")


@pytest.fixture
def models(genre_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bundles, "SHIPPED_DIR", tmp_path / "shipped")
    write_bundle(genre_home / "models")
    write_song_bundle(genre_home / "models")
    return genre_home / "models"


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


def test_patterns_of_some_kernels_are_drawn(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "patterns.png"
    words = ("--layer", "conv_2", "--kernels", "3,7,1", "--steps", "6", "--out", out)
    code, text, _ = run(capsys, "patterns", "made.test", *words, "--json")
    assert code == 0
    facts = json.loads(text)
    assert [row["kernel"] for row in facts["patterns"]] == [3, 7, 1]
    assert facts["layer"] == "conv_2"
    with Image.open(out) as picture:
        assert min(picture.size) > 40
    _, text, _ = run(capsys, "patterns", "made.test", *words)
    assert text.splitlines()[-1] == "conv_2: 3 patterns"


def test_a_genre_and_a_start_and_a_sound(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wav = tmp_path / "prog.wav"
    code, text, _ = run(
        capsys, "patterns", "made.song", "--genre", "Prog", "--steps", 4, "--wav", wav, "--json"
    )
    assert code == 0
    assert json.loads(text)["patterns"][0]["group"] == "prog"
    assert soundfile.info(wav).samplerate == 22_050
    cover = tmp_path / "one.png"
    Image.fromarray(np.full((80, 80, 3), 200, np.uint8)).save(cover)
    words = ("--kernels", "0", "--start", cover, "--of", "peak", "--steps", 2)
    code, text, _ = run(capsys, "patterns", "made.test", *words, "--json")
    assert (code, json.loads(text)["of"]) == (0, "peak")


def test_all_layers_are_kept_at_home(
    models: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(Climb.__init__.__kwdefaults__, "steps", 2)
    code, text, err = run(capsys, "patterns", "made.test", "--all")
    assert code == 0, err
    assert "made.test" in text
    assert len(load_patterns(find_bundle("made.test").card)) == 4


def test_kernels_are_taken_out(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    covers = write_dataset(tmp_path / "covers", 24)
    words = ("--data", covers.root, "--split", "all", "--layer", "conv_1", "--kernels", "0,1")
    code, text, err = run(capsys, "remove-kernels", "made.test", *words)
    assert code == 0, err
    lines = text.splitlines()
    assert lines[1].startswith("whole network")
    assert "2 of 8" in lines[2]
    assert lines[-1] == "24 items in 24 groups; nothing was trained again"


def test_a_data_set_is_asked_where_kernels_answer_most(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    covers = write_dataset(tmp_path / "covers", 12)
    words = ("exciting", "made.test", "--data", covers.root, "--layer", "conv_2")
    code, text, err = run(capsys, *words, "--kernels", "3,1", "--json")
    assert code == 0, err
    told = json.loads(text)
    assert (told["n_items"], told["layer"]) == (12, "conv_2")
    places = told["places"]
    assert [row["place"] for row in places if row["kernel"] == 3] == list(range(1, 9))
    code, text, _ = run(capsys, *words)
    assert "kernels answer nowhere in 12 covers" in text.splitlines()[-1]
    code, _, err = run(capsys, *words, "--kernels", "99")
    assert code != 0
    assert "0 to 15" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("patterns", "made.test", "--kernels", "a"), "whole numbers with commas"),
        (("patterns", "made.test", "--kernels", "99"), "0 to 7"),
        (("patterns", "made.test", "--layer", "conv"), "convolutions"),
        (("patterns", "made.test", "--genre", "Jazz"), "genre must be one"),
        (("patterns", "made.test", "--wav", "x.wav", "--steps", "1"), "needs a network of songs"),
        (("patterns", "none"), "Received"),
        (("remove-kernels", "made.test", "--data", "x", "--layer", "conv_1"), "belong together"),
    ],
)
def test_bad_input_is_one_message(
    models: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    code, _, err = run(capsys, *words)
    assert code != 0
    assert said in err
