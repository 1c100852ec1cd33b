"""A model, its figures and a training's data are not replaced without a word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genre_core.config import to_dict
from genre_core.data.importers import find_dataset
from genre_core.errors import GenreError, ParameterError, StoppedError
from genre_core.jobs import run_control
from genre_core.jobs.measure import measure
from genre_core.jobs.run_worker import carry_out
from genre_core.runs.bundle import METRICS_FILE, find_bundle, free_tag, is_taken
from genre_core.runs.run_folder import LIVE_FILE, STOP_FILE, RunFolder, new_run
from tests.made_training import small_recipe, small_request, write_covers

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_resamples", "made_networks")]


@pytest.fixture
def covers(tmp_path: Path, genre_home: Path) -> Path:
    return write_covers(tmp_path / "covers")


def trained(covers: Path, **training: object) -> RunFolder:
    run = new_run(small_request(covers, training={"epochs": 1} | training))
    carry_out(run)
    return run


def test_a_second_training_of_a_name_waits_until_it_is_promoted(
    covers: Path, tmp_path: Path
) -> None:
    name = small_recipe().bundle_name
    assert not is_taken(name)
    trained(covers)
    assert is_taken(name)
    assert free_tag(name) == "small-2"
    first = find_bundle(name).card
    second = trained(covers, seed=1)
    assert find_bundle(name).card == first
    assert "the older one of this name stays" in second.status().text
    run_control.promote(second)
    assert find_bundle(name).card.provenance["seed"] == 1

    bundle = find_bundle(name)
    before = (bundle.folder / METRICS_FILE).read_bytes()
    other = write_covers(tmp_path / "other", n=64)
    lines: list[str] = []
    metrics = measure(bundle, other, log=lines.append)
    assert metrics["data"]["digest"] == find_dataset(other).digest
    assert (bundle.folder / METRICS_FILE).read_bytes() == before
    assert "its own figures stay" in lines[-1]
    out = tmp_path / "out"
    measure(bundle, other, log=str, out=out)
    assert json.loads((out / METRICS_FILE).read_text(encoding="utf-8"))["n"] == metrics["n"]
    assert (bundle.folder / METRICS_FILE).read_bytes() == before
    with pytest.raises(ParameterError, match="must not hold others"):
        measure(bundle, other, log=str, out=out)
    measure(bundle, covers, log=str)
    assert json.loads((bundle.folder / METRICS_FILE).read_bytes()) == json.loads(before)


def test_a_training_that_resumes_names_what_changed(covers: Path) -> None:
    run = new_run(small_request(covers, training={"epochs": 3}))

    def stop_after_an_epoch(_: str) -> None:
        if (run.path / LIVE_FILE).exists():
            (run.path / STOP_FILE).touch()

    assert to_dict(small_recipe(epochs=3)) == run.request().settings["experiment"]
    with pytest.raises(StoppedError):
        carry_out(run, echo=stop_after_an_epoch)

    def resumed(said: str) -> None:
        run_control.forget_stop(run)
        with pytest.raises(GenreError, match=said):
            carry_out(run)
        assert run.status().state == "failed"
        assert run.history().shape[0] >= 1  # nothing is lost

    (covers / "03.png").unlink()
    resumed(r"03\.png: is not there any more")
    (covers / "03.png").write_bytes((covers / "05.png").read_bytes())
    resumed(r"03\.png is another file")
