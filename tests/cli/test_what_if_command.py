"""The command what-if: before and after of every network, the changed cover, wrong calls."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from genre_core.cli import main
from genre_core.image.edits import CoverEdit, edit_cover
from genre_core.runs import bundle as bundles
from tests.made_bundles import write_bundle
from tests.made_song_bundles import write_song_bundle


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


@pytest.fixture
def song(genre_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two tones, and a made network of songs as the only one."""
    monkeypatch.setattr(bundles, "SHIPPED_DIR", tmp_path / "shipped")
    write_song_bundle(genre_home / "models")
    t = np.arange(4 * 44_100) / 44_100
    tones = 0.2 * (np.sin(2 * np.pi * 440 * t) + np.sin(2 * np.pi * 6_000 * t))
    soundfile.write(tmp_path / "song.wav", tones, 44_100)
    return tmp_path / "song.wav"


def test_a_song_is_heard_before_and_after(
    song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out_file = tmp_path / "changed.wav"
    words = ("--band", "0,2000", "--gain=-6", "--out", out_file, "--json")
    code, out, err = run(capsys, song, *words)
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert found["steps"] == ["0 to 2,000 Hz kept alone", "6 dB softer"]
    [said] = found["models"]
    assert said["before"] != said["after"]
    for path, when in ((song, "before"), (out_file, "after")):
        assert main(["classify", str(path), "--json"]) == 0
        [theirs] = json.loads(capsys.readouterr().out)[0]["predictions"]
        # The command resamples what was decoded at 44,100 Hz, and the file has 16 bits.
        probs = {genre: said[when][genre] for genre in theirs["probs"]}
        assert probs == pytest.approx(theirs["probs"], abs=0.01)


@pytest.mark.parametrize(
    ("option", "rule"),
    [
        (("--mirror",), "A song is changed by the options for songs. Received '--mirror'"),
        (("--band", "200"), "--band must be two numbers"),
        (("--tempo", "2"), "tempo must lie"),
        (("--trim", "3,2"), "At least 1 s of the song must stay"),
        (("--out", "SONG"), "--out must be another file than the song"),
    ],
)
def test_a_wrong_call_for_a_song_is_one_line(
    song: Path, capsys: pytest.CaptureFixture[str], option: tuple[str, ...], rule: str
) -> None:
    before = song.read_bytes()
    code, out, err = run(capsys, song, *(word.replace("SONG", str(song)) for word in option))
    assert (code, out) == (2, "")
    assert rule in err
    assert song.read_bytes() == before


def test_a_cover_takes_no_options_for_songs(
    cover: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, cover, "--tempo", 1.03)
    assert code == 2
    assert "A cover is changed by the options for covers. Received '--tempo'" in err


@pytest.mark.parametrize("content", [None, b"", b"text"])
def test_what_is_called_a_song_is_told_what_a_song_must_be(
    song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "bad.mp3").write_bytes(content)
    code, out, err = run(capsys, tmp_path / "bad.mp3", "--tempo", 1.03)
    assert (code, out) == (1, "")
    assert "A song must be" in err
