"""The command what-if: before and after of every network, the changed cover, wrong calls."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genre_core.cli import main
from genre_core.image.edits import CoverEdit, edit_cover
from genre_core.runs import bundle as bundles
from tests.made_bundles import write_bundle


@pytest.fixture
def cover(genre_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cover, and two made networks as the only ones."""
    monkeypatch.setattr(bundles, "SHIPPED_DIR", tmp_path / "shipped")
    write_bundle(genre_home / "models", name="made.one")
    write_bundle(genre_home / "models", name="made.two", genres=("other", "prog"), head="binary")
    pixels = np.random.default_rng(0).integers(0, 256, (90, 90, 3), dtype=np.uint8)
    pixels[:40] = (200, 10, 10)
    Image.fromarray(pixels).save(tmp_path / "cover.png")
    return tmp_path / "cover.png"


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(["what-if", *(str(word) for word in words)])
    out, err = capsys.readouterr()
    return code, out, err


def test_every_network_says_before_and_after_as_classify_does(
    cover: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out_file = tmp_path / "changed.png"
    words = (
        "--hide", "0.1,0.1,0.4,0.4", "--blur", 3, "--mirror", "--rescale", 0.5, "--jpeg", 30,
    )  # fmt: skip
    code, out, err = run(capsys, cover, *words, "--out", out_file, "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert found["edit"]["hide"] == [0.1, 0.1, 0.4, 0.4]
    assert len(found["steps"]) == 5
    assert [each["model"] for each in found["models"]] == ["made.one", "made.two"]
    edit = CoverEdit(hide=(0.1, 0.1, 0.4, 0.4), blur=3, mirror=True, rescale=0.5, jpeg=30)
    with Image.open(cover) as before, Image.open(out_file) as after:
        np.testing.assert_array_equal(np.asarray(after), edit_cover(np.asarray(before), edit))
    for path, when in ((cover, "before"), (out_file, "after")):
        assert main(["classify", str(path), "--json"]) == 0
        said = json.loads(capsys.readouterr().out)[0]["predictions"]
        for mine, theirs in zip(found["models"], said, strict=True):
            assert mine[when] == pytest.approx(theirs["probs"])
    assert found["models"][0]["before"] != found["models"][0]["after"]


def test_an_empty_edit_changes_nothing(cover: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, cover, "--model", "made.two")
    lines = [line.split() for line in out.splitlines()]
    assert code == 0
    assert "nothing is changed" in err
    assert lines[0] == ["model", "genre", "kind", "before", "after", "change"]
    assert [line[1] for line in lines[1:]] == ["other", "prog"]
    assert {line[-1] for line in lines[1:]} == {"+0.000"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nowhere.png",), 1, "nowhere.png"),
        (("COVER", "--model", "made.oen"), 1, "made.one"),
        (("COVER", "--hide", "0.1,0.2"), 2, "four numbers"),
        (("COVER", "--hide", "a,b,c,d"), 2, "four numbers"),
        (("COVER", "--hide", "0.5,0.1,0.2,0.4"), 2, "left < right"),
        (("COVER", "--crop", "0.1,0.1,0.1,0.4"), 2, "crop must be"),
        (("COVER", "--hide-with", "black"), 2, "mean, grey, blur"),
        (("COVER", "--blur", "11"), 2, "per cent"),
        (("COVER", "--blur", "nan"), 2, "per cent"),
        (("COVER", "--rescale", "0"), 2, "part of each side"),
        (("COVER", "--jpeg", "0"), 2, "quality"),
        (("COVER", "--rotate", "400"), 2, "degrees"),
        (("COVER", "--mirror", "--out", "COVER"), 2, "another file than the cover"),
    ],
)
def test_wrong_calls(
    cover: Path,
    words: tuple[str, ...],
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found, out, err = run(capsys, *(str(cover) if word == "COVER" else word for word in words))
    assert found == code
    assert said in err
    assert "Received" in err
    assert out == ""
