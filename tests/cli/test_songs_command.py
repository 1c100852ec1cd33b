"""Songs on the command line: segments as JSON, a library as a table and a playlist."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from PIL import Image

from genre_core.cli import classify, main
from genre_core.data.catalog import Catalog
from genre_core.inference import song_reading
from genre_core.runs import bundle as bundles
from genre_core.runs.bundle import open_bundle
from genre_core.runs.card import ProgScore
from tests.made_bundles import write_bundle
from tests.made_references import write_made_references
from tests.made_songs_set import GENRES, write_song, write_song_bundle


@pytest.fixture(autouse=True)
def no_shipped_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "SHIPPED_DIR", tmp_path / "shipped")


@pytest.fixture(scope="module")
def made_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_song_bundle(folder, "tiny.prog", prog_score=ProgScore(genre="Tones"))
    write_song_bundle(folder, "tiny.genres", seed=1)
    write_bundle(folder, name="made.covers")
    return folder


@pytest.fixture
def models(made_models: Path, genre_home: Path) -> Path:
    """Networks of songs and of covers side by side."""
    return Path(shutil.copytree(made_models, genre_home / "models"))


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    """A folder with songs, one of them deeper, and a cover."""
    folder = tmp_path / "music"
    for k, genre in enumerate(GENRES):
        name = f"deeper/{genre}.flac" if k == 2 else f"{genre}.ogg"
        write_song(folder / name, genre, k, duration_s=1.2)
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(folder / "cover.png")
    return folder


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


def test_segments_of_a_folder_as_json(
    models: Path, songs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "classify", songs, "--json", "--threshold", 0.2)
    found = json.loads(out)
    assert code == 0
    assert [Path(each["path"]).name for each in found] == ["Beats.ogg", "Noise.ogg", "Tones.flac"]
    for each in found:
        assert each["duration_s"] == pytest.approx(1.2, abs=0.01)
        assert each["notes"] == []
        genres, prog = each["predictions"]
        assert [genres["model"], prog["model"]] == ["tiny.genres", "tiny.prog"]
        assert genres["verdict"] is None
        assert prog["verdict"]["threshold"] == 0.2
        assert set(prog["probs"]) == set(GENRES)
        assert [segment["start_s"] for segment in prog["segments"]] == [0.0]


def test_places_among_references_stand_in_json_and_under_the_table(
    models: Path, songs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_made_references(open_bundle(models / "tiny.prog"))
    code, out, _ = run(capsys, "classify", songs, "--json")
    assert code == 0
    for each in json.loads(out):
        genres, prog = each["predictions"]
        assert (genres["percentiles"], genres["most_prog"]) == ([], None)
        assert prog["percentiles"][0]["genre"] == "Rock and Pop"
        assert prog["most_prog"]["start_s"] == 0.0
        # Nobody set a threshold: nothing is called prog or not.
        assert prog["verdict"]["by_mean"] is None
    code, out, _ = run(capsys, "classify", songs / "Beats.ogg")
    [head, row] = out.split("\n\n")[1].splitlines()
    assert head.split() == ["path", "model", "score", "most_prog_at", "higher_than"]
    assert "0:00" in row
    assert " % of Rock and Pop, " in row
    assert "Jazz" not in row  # four songs are too few


def test_references_are_made_by_a_command(
    models: Path, song_set: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "references", "--data", song_set.root, "--json")
    assert code == 0
    [row] = json.loads(out)  # of the network that gives a prog score
    assert (row["name"], row["songs"], row["learned_from"]) == ("tiny.prog", 24, 0)
    assert (models / "tiny.prog" / "references.json").is_file()
    code, _, err = run(capsys, "references", "tiny.genres", "--data", song_set.root)
    assert code == 2
    assert "Received 'tiny.genres'" in err


def test_one_model_and_one_file(
    models: Path, songs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "classify", songs / "Beats.ogg", "--model", "tiny.prog", "--json")
    [found] = json.loads(out)
    assert code == 0
    assert [each["model"] for each in found["predictions"]] == ["tiny.prog"]


def test_a_library_as_a_table(
    models: Path, songs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "classify", songs)
    lines = out.splitlines()
    assert code == 0
    assert lines[0].split() == ["path", "title", "prog_score", "duration_s"]
    assert len(lines) == 4
    assert "songs read: 3, 3 of them now, 0 could not be read" in err


def test_a_library_goes_on_where_it_was(
    models: Path, songs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new folder" / "scores.parquet"
    playlist = tmp_path / "lists" / "prog.m3u"
    words = ("classify", songs, "--out", out, "--m3u", playlist)
    code, _, err = run(capsys, *words)
    assert code == 0
    assert "songs read: 3, 3 of them now" in err
    code, text, err = run(capsys, *words, "--json")
    rows = json.loads(text)
    assert code == 0
    assert "songs read: 3, 0 of them now" in err
    scores = [row["prog_score"] for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert {"tiny.prog:prog", "tiny.prog:majority", "tiny.genres:genre"} <= set(rows[0])
    assert list(pd.read_parquet(out)["path"]) == [row["path"] for row in rows]
    assert playlist.read_text().splitlines()[2::2] == [row["path"] for row in rows]


@pytest.mark.parametrize(
    ("media", "model", "n_found"),
    [("auto", "tiny.prog", 3), ("song", "tiny.prog", 3), ("cover", "made.covers", 1)],
)
def test_a_folder_of_both(
    media: str,
    model: str,
    n_found: int,
    models: Path,
    songs: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = run(capsys, "classify", songs, "--media", media, "--model", model, "--json")
    found = json.loads(out)
    assert code == 0
    assert len(found) == n_found
    assert {p["model"] for each in found for p in each["predictions"]} == {model}


def test_covers_alone_are_no_songs(
    models: Path, songs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    covers = songs / "covers"
    covers.mkdir()
    (songs / "cover.png").rename(covers / "cover.png")
    code, out, _ = run(capsys, "classify", covers, "--json")
    assert code == 0
    assert json.loads(out)[0]["predictions"][0]["model"] == "made.covers"
    code, out, err = run(capsys, "classify", covers, "--media", "song", "--json")
    assert code == 2
    assert out == ""
    assert "at least one" in err


def test_an_empty_folder_is_said(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    code, out, err = run(capsys, "classify", tmp_path / "empty")
    assert code == 2
    assert out == ""
    assert "Received" in err
    assert ".mp3" in err


def picture_named_mp3(songs: Path) -> Path:
    path = songs / "picture.mp3"
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(path, "PNG")
    return path


@pytest.mark.parametrize("as_library", [False, True])
def test_a_picture_that_is_called_a_song_is_an_error_among_songs(
    as_library: bool,
    models: Path,
    songs: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    picture = picture_named_mp3(songs)
    more = ("--out", tmp_path / "scores.parquet") if as_library else ()
    code, out, err = run(capsys, "classify", songs, "--model", "tiny.prog", "--json", *more)
    found = json.loads(out)
    assert code == 1
    assert len(found) == 4
    broken = [each for each in found if each.get("error")]
    assert [each["path"] for each in broken] == [str(picture)]
    assert "picture.mp3" in err
    if as_library:
        assert found[-1] is broken[0]


def test_a_named_song_may_be_called_anything(
    models: Path, songs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strange = (songs / "Beats.ogg").rename(songs / "beats.dat")
    code, out, _ = run(capsys, "classify", strange, "--media", "song", "--json")
    assert code == 0
    assert len(json.loads(out)[0]["predictions"]) == 2


@pytest.mark.parametrize("as_json", [False, True])
def test_every_named_file_is_told_of(
    as_json: bool, models: Path, songs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = songs / "broken.mp3"
    broken.write_bytes(b"no song")
    names = (songs / "Beats.ogg", broken, songs / "cover.png", songs / "nosuch.txt")
    words = ("--model", "tiny.prog", *(["--json"] if as_json else []))
    code, out, err = run(capsys, "classify", *names, *words)
    assert code == 1
    assert "None" not in out
    for name in names[1:]:
        assert out.count(str(name)) == 1
        assert len([line for line in err.splitlines() if f"error: {name}: " in line]) == 1
    now = "" if as_json else ", 1 of them now"
    assert f"songs read: 1{now}, 3 could not be read" in err


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_a_named_file_that_is_not_used_is_no_success(
    words: tuple[str, ...], models: Path, songs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = (songs / "Beats.ogg", songs / "nosuch.txt")
    assert run(capsys, "classify", *names, "--model", "tiny.prog", *words)[0] == 1
    assert run(capsys, "classify", names[0], "--model", "tiny.prog", *words)[0] == 0


@pytest.mark.parametrize("threshold", ["-0.1", "1.1", "nan"])
def test_a_threshold_out_of_range(
    threshold: str, models: Path, songs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "classify", songs, f"--threshold={threshold}")
    assert code == 2
    assert out == ""
    assert "--threshold must lie in [0, 1]" in err


def test_a_table_that_is_somebody_else_s_stays(
    models: Path, songs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine.parquet"
    pd.DataFrame({"mine": [1]}).to_parquet(out)
    code, _, err = run(capsys, "classify", songs, "--out", out)
    assert code == 1
    assert "--out must be a new file" in err
    assert list(pd.read_parquet(out)) == ["mine"]


@pytest.mark.parametrize("name", ["t.csv", "t.TSV", "t.xlsx", "t.json"])
def test_a_table_is_not_called_what_it_is_not(
    name: str,
    models: Path,
    songs: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(classify, "find_sources", None)  # before anything is read
    code, out, err = run(capsys, "classify", songs, "--out", songs / "new" / name)
    assert (code, out) == (2, "")
    assert "--out must be a Parquet table" in err
    assert f"Received '{songs / 'new' / name}' (str). Name it NAME.parquet" in err
    assert not (songs / "new").exists()


@pytest.mark.parametrize("name", ["scores", "my.songs", "t.parquet"])
def test_a_table_may_be_called_anything_else(
    name: str, models: Path, songs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = songs / "new" / name
    run(capsys, "classify", songs / "Beats.ogg", "--model", "tiny.prog", "--out", out)
    assert len(pd.read_parquet(out)) == 1


def test_a_playlist_is_not_written_over_a_song(
    models: Path, songs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    song = songs / "Beats.ogg"
    content = song.read_bytes()
    code, _, err = run(capsys, "classify", songs, "--m3u", song)
    assert code == 2
    assert "--m3u must be a new file" in err
    assert song.read_bytes() == content


def test_no_model_of_songs(
    genre_home: Path, songs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_bundle(genre_home / "models", name="made.covers")
    code, _, err = run(capsys, "classify", songs)
    assert code == 2
    assert "There must be a trained model" in err
    code, _, err = run(capsys, "classify", songs, "--model", "made.covers")
    assert code == 2
    assert "Received one of covers" in err


def test_what_cannot_be_done_with_a_network_of_songs_is_said(
    models: Path, songs: Path, song_set: object, capsys: pytest.CaptureFixture[str]
) -> None:
    root = song_set.root  # type: ignore[attr-defined]
    code, out, err = run(capsys, "evaluate", "tiny.genres", "--data", root, "--out", songs / "out")
    assert code == 2
    assert out == ""
    assert "measured while they are fitted" in err
    assert "Traceback" not in err
    code, _, err = run(capsys, "explain", songs / "cover.png", "--model", "tiny.prog")
    assert code == 2
    assert "Received one of songs" in err


def test_a_prog_score_is_measured_again(
    models: Path, song_set: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, out = song_set.root, tmp_path / "figures"  # type: ignore[attr-defined]
    code, text, _ = run(capsys, "evaluate", "tiny.prog", "--data", root, "--out", out, "--json")
    assert code == 0
    metrics = json.loads(text)
    assert metrics["headline"] == "specificity"
    assert metrics["false_alarms"]["n"] == 5
    assert json.loads((out / "metrics.json").read_text()) == metrics


def test_a_stopped_run_ends_quietly(
    models: Path,
    songs: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(song_reading, "read_song", stopped)
    code, _, err = run(capsys, "classify", songs)
    assert code == 1
    assert "stopped" in err


@pytest.mark.parametrize("words", [("--json",), (), ("--json", "--out", "table.parquet")])
def test_what_is_no_music_gets_a_note_and_no_genre(
    models: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    soundfile.write("silence.wav", np.zeros(30_000), 8_000)
    code, out, err = run(capsys, "classify", "silence.wav", *words)
    assert code == 0
    said = out + err
    assert "No verdict: nothing is to be heard in it." in said
    assert not any(genre in said for genre in GENRES)
    if words == ("--json",):
        assert json.loads(out)[0]["predictions"] == []
    elif words:
        assert json.loads(out)[0]["prog_score"] is None
