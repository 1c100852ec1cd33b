"""The page on data sets: what is seen without any upload, imports, doubles, leaks, and who may."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from mutagen.flac import FLAC, Picture
from PIL import Image
from streamlit.testing.v1 import AppTest

from genre_core.data.importers.stored import find_stored
from genre_core.jobs import run_control
from genre_core.jobs.importing import import_and_save, import_request
from genre_core.jobs.run_worker import carry_out
from genre_core.lessons.stored import load_lesson
from genre_core.runs.run_folder import Status, list_runs, new_run
from pages.ui import acting, permission
from pages.ui.permission import Visit
from tests.app_words import everything

Open = Callable[..., AppTest]
HERE = Visit(None, {"Host": "localhost:8501"})
FAR = Visit("192.168.1.7", {"Host": "localhost:8501"})


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permission, "visitor", lambda: HERE)


@pytest.fixture
def from_afar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permission, "visitor", lambda: FAR)


def write_covers(folder: Path, n: int = 8, splits: str = "") -> Path:
    """Write covers of two genres, of which the first two are one picture in two sizes."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(3)
    coarse = [rng.integers(0, 256, (6, 6, 3), dtype=np.uint8) for _ in range(n)]
    rows = []
    for k in range(n):
        side = 96 if k else 160
        picture = Image.fromarray(coarse[max(k, 1)])
        picture.resize((side, side), Image.Resampling.BICUBIC).save(folder / f"{k}.png")
        split = splits.split()[k] if splits else ""
        rows.append(f"{k}.png,{('Rock', 'Pop')[k % 2]},Band {k % 5},{split}\n")
    (folder / "labels.csv").write_text("path,genre,artist,split\n" + "".join(rows))
    return folder


def zip_of(folder: Path) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for each in sorted(folder.iterdir()):
            made.write(each, f"mine/{each.name}")
    return file.getvalue()


def test_the_first_visit_shows_what_a_network_learnt_from(
    made_home: Path, open_app: Open, from_afar: None
) -> None:
    app = open_app("data")
    assert not app.exception
    assert not app.error
    words = everything(app)
    assert [each.label for each in app.metric][:3] == [
        "Training covers",
        "Validation covers",
        "Test covers",
    ]
    assert load_lesson("near_duplicates")
    assert "How well are duplicates found?" in [each.label for each in app.expander]
    # From afar everything can be read, and nothing is offered.
    assert "change nothing" in words
    assert "another machine" in words
    keys = {each.key for each in app.button}
    assert not keys & {"data_start", "find_duplicates"}


@pytest.mark.parametrize(("media", "said"), [("Covers", "Cover: "), ("Songs", "Lengths of ")])
def test_without_any_network_the_built_in_data_is_shown(
    empty_home: Path, open_app: Open, local: None, media: str, said: str
) -> None:
    app = open_app("data", data_media=media)
    assert not app.exception
    assert not app.error
    words = everything(app)
    assert said in words
    assert words.index(said) < words.index("Bring your own")
    app.button("find_duplicates").click().run()
    assert not app.exception
    assert "No duplicates among" in everything(app)
    # Whom a link brings to bring their own finds it at the top.
    words = everything(open_app("data", data_media=media, bring="own"))
    assert words.index("Bring your own") < words.index(said)


def test_an_imported_set_shows_its_doubles_and_who_stands_in_two_splits(
    empty_home: Path, tmp_path: Path, open_app: Open, local: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_covers(tmp_path / "mine", splits="train test train train train test val test")
    (folder / "labels.csv").write_text((folder / "labels.csv").read_text() + "gone.png,Pop,X,\n")
    import_and_save(folder, {"name": "mine", "allow_leaks": True})
    app = open_app("data", data_of="Imported here", data_set="mine")
    assert not app.exception
    words = everything(app)
    assert "imported with splits that leak" in words
    assert "artists in two splits: band " in words
    assert "gone.png" in words
    app.button("find_duplicates").click().run()
    assert not app.exception
    assert not app.error
    metrics = {each.label: each.value for each in app.metric}
    assert metrics["Nearly the same"] == "1"
    assert metrics["Across splits"] == "1"
    assert "0.png · Rock · train" in everything(app)
    # What was found stays for whoever comes next, who may not search.
    monkeypatch.setattr(permission, "visitor", lambda: FAR)
    again = open_app("data", data_of="Imported here", data_set="mine")
    assert {each.label: each.value for each in again.metric}["Nearly the same"] == "1"
    assert "find_duplicates" not in {each.key for each in again.button}


def test_songs_have_lengths_and_players(
    empty_home: Path, tmp_path: Path, open_app: Open, local: None
) -> None:
    for k in range(6):
        path = tmp_path / "songs" / ("Rock", "Pop")[k % 2] / f"{k}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(k).normal(size=8_000 * (k + 1)) / 9
        soundfile.write(path, noise, 8_000)
    import_and_save(tmp_path / "songs", {"name": "songs"})
    app = open_app("data", data_of="Imported here", data_set="songs")
    assert not app.exception
    assert "Lengths of 6 songs: 0.0 to 0.1 minutes" in everything(app)
    assert len(app.get("audio")) == 1


def test_an_upload_starts_a_run_and_bad_ones_are_a_message(
    empty_home: Path, tmp_path: Path, open_app: Open, local: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    monkeypatch.setattr("genre_core.jobs.importing.launch", started.append)
    app = open_app("data")
    assert app.button("data_start").disabled
    app.file_uploader("data_upload_0").upload("mine.zip", zip_of(write_covers(tmp_path / "m")))
    app.run()
    app.text_input("data_licence_0").set_value("CC0").run()
    app.checkbox("data_merge_0").check().run()
    app.button("data_start").click().run()
    assert not app.exception
    assert not app.error
    (run,) = started
    assert run.request().settings["licence"] == "CC0"
    assert run.request().settings["near_duplicates"] is True
    assert run.request().settings["merge_spellings"] is True
    assert (run.path / "upload" / "mine.zip").is_file()
    # The same run, as its process would do it; the page finds it after a refresh.
    carry_out(run)
    after = open_app("data")
    assert not after.exception
    assert find_stored("mine") is not None
    assert "mine is among the data sets now" in everything(after)
    after.button(f"see_{run.name}").click().run()
    assert after.session_state["data_set"] == "mine"
    after.file_uploader("data_upload_0").upload("mine.zip", b"no zip").run()
    after.button("data_start").click().run()
    assert "Received 'mine', which a data set has that came from an upload" in everything(after)
    assert "mine_2" in everything(after).replace("\\", "")
    after.checkbox("data_replace_0").check().run()
    after.button("data_start").click().run()
    assert [run.request().settings.get("replace") for run in started] == [None, True]


def test_an_import_can_be_cancelled_resumed_and_forgotten(
    empty_home: Path, tmp_path: Path, open_app: Open, local: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run(import_request(write_covers(tmp_path / "mine"), {}))
    run.write_status(Status("stopped", "stopped"))
    resumed = []
    monkeypatch.setattr(run_control, "launch", lambda run, *extra: resumed.append(run.name))
    app = open_app("data")
    assert "Resume goes on from here" in everything(app)
    app.button(f"Resume_{run.name}").click().run()
    assert not app.exception
    assert resumed == [run.name]
    run.write_status(Status("failed", "no cover at all"))
    app = open_app("data")
    app.button(f"Forget_{run.name}").click().run()
    assert list_runs() == ()


def test_a_data_set_is_deleted_when_it_was_asked_for_twice(
    empty_home: Path, tmp_path: Path, open_app: Open, local: None
) -> None:
    folder = write_covers(tmp_path / "mine")
    import_and_save(folder, {"name": "mine"})
    app = open_app("data", data_of="Imported here", data_set="mine")
    app.button("delete_mine").click().run()
    assert find_stored("mine") is not None
    assert "Your own files stay" in everything(app)
    app.button("delete_really").click().run()
    assert not app.exception
    assert find_stored("mine") is None
    assert len(list(folder.glob("*.png"))) == 8


@pytest.mark.parametrize("setting", ["local", "nobody", "signed-in", "whoever"])
def test_no_action_is_done_for_whoever_may_not(
    monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv(permission.SETTING, setting)
    monkeypatch.setattr(permission, "visitor", lambda: FAR)
    done: list[str] = []
    acting.guarded(lambda: done.append("done"))
    assert done == []


def test_a_typed_folder_is_only_for_whoever_sits_here(
    empty_home: Path, tmp_path: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = Visit("10.0.0.1", {}, is_signed_in=True)
    monkeypatch.setattr(permission, "visitor", lambda: visit)
    monkeypatch.setenv(permission.SETTING, "signed-in")
    app = open_app("data")
    assert app.button_group("data_from").options == ["Upload a zip"]
    # Whoever speaks the protocol can still send the other way, and its path.
    monkeypatch.setattr(permission, "may_name_folders", lambda: True)
    app = open_app("data")
    app.button_group("data_from").set_value("A folder of this machine").run()
    app.text_input("data_path_0").set_value(str(write_covers(tmp_path / "mine"))).run()
    app.button("data_start").click().run()
    assert "Only somebody at this machine may name its folders" in everything(app)
    assert list_runs() == ()


def test_covers_in_songs_can_become_a_data_set(
    empty_home: Path, tmp_path: Path, open_app: Open, local: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for k in range(4):
        path = tmp_path / "songs" / ("Rock", "Pop")[k % 2] / f"{k}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.random.default_rng(k).normal(size=8_000) / 9, 8_000)
        song, cover, file = FLAC(path), Picture(), io.BytesIO()
        pixels = np.random.default_rng(k).integers(0, 256, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(file, "PNG")
        cover.data = file.getvalue()
        song.add_picture(cover)
        song.save()
    assert import_and_save(tmp_path / "songs", {"name": "songs"}).n_covers == 4
    started = []
    monkeypatch.setattr(run_control, "launch", started.append)
    app = open_app("data", data_of="Imported here", data_set="songs")
    app.button("covers_of_songs").click().run()
    assert not app.exception
    (run,) = started
    carry_out(run)
    found = open_app("data", data_of="Imported here", data_set="songs covers")
    assert {each.label: each.value for each in found.metric}["Covers"] == "4"
