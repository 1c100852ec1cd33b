"""Imports as runs: started, watched, stopped, resumed; deleted only at rest."""

from __future__ import annotations

import io
import os
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genre_core.data.audit import validate
from genre_core.data.demo import demo_covers
from genre_core.data.importers import find_dataset
from genre_core.data.importers.stored import find_stored
from genre_core.errors import DatasetError, GenreError, JobError, ParameterError, StoppedError
from genre_core.jobs import importing, run_control
from genre_core.jobs.importing import (
    check_name_is_free,
    delete_dataset,
    import_drawn_covers,
    import_request,
    start_import,
)
from genre_core.jobs.run_worker import carry_out
from genre_core.runs.run_folder import RunFolder, Status, list_runs, new_run


def write_covers(folder: Path, n: int, side: int = 8) -> Path:
    for k in range(n):
        path = folder / ("Rock", "Pop")[k % 2] / f"{k:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(k).integers(0, 256, (side, side, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return folder


def zipped(folder: Path) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for each in sorted(folder.rglob("*.png")):
            made.write(each, f"mine/{each.relative_to(folder)}")
        made.writestr("mine/Rock/broken.jpg", b"no picture")
        made.writestr("mine/virus.exe", b"MZ")
    return file


def wait(run: RunFolder, seconds: float = 90.0) -> str:
    deadline = time.monotonic() + seconds
    while run.status().state in run_control.ACTIVE and time.monotonic() < deadline:
        time.sleep(0.1)
    return run.status().state


@pytest.mark.slow
def test_an_upload_becomes_a_data_set_in_a_process_of_its_own(
    genre_home: Path, tmp_path: Path
) -> None:
    upload = zipped(write_covers(tmp_path / "mine", 20))
    request = import_request("My covers.zip", {"licence": "CC0", "layout": "auto"})
    run = start_import(request, upload)
    with pytest.raises(DatasetError, match="Received 'My covers', which an import has"):
        check_name_is_free("My covers")
    assert wait(run) == "done", run.log_tail()
    status = run.status()
    assert (status.result, status.done, status.total) == ("My covers", 21, 21)
    catalog = find_dataset("My covers")
    assert len(catalog) == 20
    assert catalog.head.licence == "CC0"
    listed = (run.path / "left_out.csv").read_text()
    assert 'mine/virus.exe,"neither a cover' in listed
    assert "Rock/broken.jpg,not a readable picture" in listed
    assert "virus.exe" in run.log_tail()
    assert not (run.path / "upload").exists()
    with pytest.raises(DatasetError, match="which a data set has"):
        start_import(import_request("My covers.zip", {}), upload)
    delete_dataset("My covers")
    assert find_stored("My covers") is None


@pytest.mark.slow
def test_an_import_that_was_stopped_goes_on_without_reading_again(
    genre_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_covers(tmp_path / "mine", 400)
    run = new_run(import_request(folder, {}))

    def stop_soon(self: object, done: int, total: int, text: str) -> None:
        if done >= 150:
            raise StoppedError("A run goes on.", received="a stop", cure="Resume it.")

    with monkeypatch.context() as patched:
        patched.setattr("genre_core.jobs.run_worker.RunWorker.progress", stop_soon)
        with pytest.raises(StoppedError):
            carry_out(run)
    assert run.status().state == "stopped"
    assert find_stored("mine") is None
    run_control.resume(run)
    assert wait(run) == "done", run.log_tail()
    known = [line for line in run.log_tail().splitlines() if "were known from before" in line]
    n_known = int(known[0].split()[1])
    assert n_known >= 150
    assert f"{n_known} files were known from before, {400 - n_known} were read" in known[0]
    assert len(find_dataset("mine")) == 400


def test_a_stop_is_heard(genre_home: Path, tmp_path: Path) -> None:
    run = new_run(import_request(write_covers(tmp_path / "mine", 60), {}))
    (run.path / "stop").write_text("")
    with pytest.raises(StoppedError, match="Received a stop"):
        carry_out(run)
    assert run.status().state == "stopped"


def test_what_goes_wrong_is_listed_and_can_be_resumed(genre_home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    (folder / "Rock").mkdir(parents=True)
    (folder / "Rock" / "a.png").write_bytes(b"no picture")
    run = new_run(import_request(folder, {}))
    with pytest.raises(GenreError, match="Received none, and 1 problems"):
        carry_out(run)
    assert run.status().state == "failed"
    assert "Rock/a.png,not a readable picture" in (run.path / "left_out.csv").read_text()
    write_covers(folder, 6)
    carry_out(run)
    assert run.status().state == "done"
    stored = find_stored("mine")
    assert stored is not None
    assert [each.where for each in stored.left_out] == ["Rock/a.png"]


@pytest.mark.parametrize(
    ("source", "settings"),
    [("", {}), ("  ", {}), ("a.zip", {"name": "../up"}), ("a.zip", {"name": "a/b"})],
)
def test_a_request_needs_a_source_and_a_plain_name(source: str, settings: dict[str, str]) -> None:
    with pytest.raises(ParameterError, match="Received"):
        import_request(source, settings)


def test_only_a_zip_can_be_uploaded_and_only_so_much(
    genre_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ParameterError, match=r"Received 'mine\.7z'"):
        start_import(import_request("mine.7z", {}), io.BytesIO(b"x"))
    monkeypatch.setattr(importing, "MAX_UPLOAD_BYTES", 10)
    with pytest.raises(ParameterError, match="Received more"):
        start_import(import_request("mine.zip", {}), io.BytesIO(bytes(11)))
    assert list_runs() == ()


def test_a_name_is_taken_by_another_source_alone(genre_home: Path, tmp_path: Path) -> None:
    folder = write_covers(tmp_path / "mine", 6)
    carry_out(new_run(import_request(folder, {})))
    check_name_is_free("mine", str(folder))
    with pytest.raises(DatasetError, match="Received 'mine', which a data set has"):
        check_name_is_free("mine", str(tmp_path / "other"))
    check_name_is_free("other")


def test_a_data_set_at_work_is_not_deleted(genre_home: Path, tmp_path: Path) -> None:
    carry_out(new_run(import_request(write_covers(tmp_path / "mine", 6), {})))
    training = new_run(run_control.training_request({}, "mine", title="t", command=""))
    with pytest.raises(JobError, match="works with"):
        delete_dataset("mine")
    training.write_status(Status("stopped"))
    delete_dataset("mine")
    assert find_stored("mine") is None


def test_drawn_covers_are_a_sound_data_set_of_every_style(genre_home: Path, monkeypatch) -> None:
    catalog = import_drawn_covers()
    assert validate(catalog, check_files=True) == []
    assert catalog.root.is_relative_to(genre_home)
    assert len(catalog) == 240
    assert set(catalog.head.labels) == {cover.style for cover in demo_covers()}
    assert set(catalog.frame["split"]) == {"train", "val", "test"}
    assert catalog.frame["checksum"].is_unique
    # The second time it is found and not imported again.
    monkeypatch.setattr(importing, "import_source", None)
    assert import_drawn_covers().digest == catalog.digest
