"""Evaluation, features and a library's songs as steps of a Ray cluster: the tables are equal."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genre_core.config import to_dict
from genre_core.data.catalog import Catalog
from genre_core.data.feature_cache import FEATURES
from genre_core.data.song_inputs import extract_features
from genre_core.errors import JobError
from genre_core.inference.songs import SongClassifier
from genre_core.jobs import evaluating, evaluation_steps, feature_steps, library_steps
from genre_core.jobs.cluster import ClusterEngine
from genre_core.jobs.evaluating import carry_out_evaluation, evaluation_request
from genre_core.jobs.feature_steps import extract_on, extract_some
from genre_core.jobs.library import score_library
from genre_core.jobs.library_steps import scorer_on
from genre_core.jobs.steps import LocalEngine, Step, StepPlace
from genre_core.runs.card import ProgScore
from genre_core.runs.evaluations import EvaluationRecord
from genre_core.runs.run_folder import new_run
from genre_core.training.training_state import NoWatcher
from tests.made_bundles import write_bundle, write_dataset
from tests.made_cluster import Nodes
from tests.made_libraries import whole
from tests.made_songs_set import LOG_MEL, write_song_bundle

pytestmark = pytest.mark.usefixtures("few_resamples")


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluating, "AT_ONCE", {"cover": 8, "song": 2})
    monkeypatch.setattr(library_steps, "AT_ONCE", 5)
    monkeypatch.setattr(feature_steps, "AT_ONCE", 5)


def no_log(_: str) -> None:
    pass


def no_progress(*_: object) -> None:
    pass


def evaluated(model: str, data: Path, engine: object) -> EvaluationRecord:
    run = new_run(evaluation_request(model, str(data), split="all", neutralise=4, command="test"))
    return carry_out_evaluation(run, no_progress, no_log, engine=engine)


def test_on_two_nodes_evaluation_features_and_library_are_those_of_one_machine(
    song_set: Catalog, tmp_path: Path, genre_home: Path, two_nodes: Nodes, small_steps: None
) -> None:
    bundle = write_bundle(genre_home / "models")
    covers = write_dataset(tmp_path / "covers", 36)
    tones = write_song_bundle(genre_home / "models", prog_score=ProgScore(genre="Tones"))
    songs = [song_set.root / path for path in song_set.frame["path"]]
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(b"no song")
    files = [*songs[:11], broken]
    with ClusterEngine(two_nodes.address, memory_mb=100) as engine:
        far = evaluated(bundle.name, covers.root, engine)
        scored = score_library(
            files,
            [SongClassifier.load(tones)],
            out=tmp_path / "far.parquet",
            threshold=0.5,
            scorer=scorer_on(engine, [tones], 0.5, no_log),
        )
        extracted = extract_on(
            engine, song_set, song_set.frame[:7], LOG_MEL, data=str(song_set.root), log=no_log
        )
    near = evaluated(bundle.name, covers.root, LocalEngine())
    assert far.metrics() | {"made": ""} == near.metrics() | {"made": ""}
    pd.testing.assert_frame_equal(far.predictions(), near.predictions(), atol=1e-6)
    own = score_library(
        files, [SongClassifier.load(tones)], out=tmp_path / "near.parquet", threshold=0.5
    )
    assert (scored.n_songs, scored.n_new, scored.n_broken) == (12, 11, 1)
    key = ["path"]
    pd.testing.assert_frame_equal(
        whole(scored).sort_values(key, ignore_index=True),
        whole(own).sort_values(key, ignore_index=True),
        atol=1e-4,  # scores are rounded to four places
    )
    assert (extracted.n_songs, extracted.problems) == (7, ())
    kept = {path.name: path.read_bytes() for path in FEATURES.file("").parent.glob("*.npz")}
    for name in kept:
        FEATURES.file(name.removesuffix(".npz")).unlink()
    extract_features(song_set, song_set.frame[:7], LOG_MEL, n_processes=1)
    again = [path.name for path in FEATURES.file("").parent.glob("*.npz")]
    assert set(again) <= set(kept)
    for name in again:
        with np.load(FEATURES.file(name.removesuffix(".npz"))) as computed:
            (tmp_path / name).write_bytes(kept[name])
            with np.load(tmp_path / name) as sent:
                np.testing.assert_array_equal(computed["features"], sent["features"])


class InAnotherHome:
    """Does steps in this process, with another home folder, as another machine would."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(
        self, steps: list[Step], place: StepPlace, *, what: str
    ) -> Iterator[tuple[Step, object]]:
        for step in steps:
            before = os.environ["GENRE_HOME"]
            os.environ["GENRE_HOME"] = str(self.home)
            try:
                value = step.function()(step.settings, place)
            finally:
                os.environ["GENRE_HOME"] = before
            yield step, value


def test_features_of_a_machine_with_a_home_of_its_own_are_sent_here(
    song_set: Catalog, tmp_path: Path, small_steps: None
) -> None:
    root = tmp_path / "songs"
    shutil.copytree(song_set.root, root)
    (root / song_set.frame["path"][1]).write_bytes(b"no song")
    told: list[tuple[int, int, str]] = []
    for n_told in (6, 1):  # the second time only the broken one is asked for
        extracted = extract_on(
            InAnotherHome(tmp_path / "other"),
            song_set,
            song_set.frame[:6],
            LOG_MEL,
            data=str(root),
            progress=lambda *own: told.append(own),
            log=no_log,
        )
        assert extracted.n_songs == 5
        assert [problem.where for problem in extracted.problems] == [song_set.frame["path"][1]]
        assert len(told) == n_told
        assert told[-1][:2] == (6, 6)
        told.clear()
    assert len(list(FEATURES.file("").parent.glob("*.npz"))) == 5
    assert not list(FEATURES.file("").parent.glob("seen-*"))
    # Whoever has our home sends nothing.
    mark = FEATURES.file("").parent / "seen-here"
    mark.touch()
    settings = {
        "data": str(root),
        "spec": to_dict(LOG_MEL),
        "clip_s": 0.0,
        "mark": mark.name,
        "digest": song_set.digest,
        "songs": list(zip(song_set.frame["path"][:1], song_set.frame["checksum"][:1], strict=True)),
    }
    assert extract_some(settings, StepPlace(tmp_path, NoWatcher(), no_log)) == [("", b"")]


def test_another_network_or_data_set_is_noticed(tmp_path: Path, genre_home: Path) -> None:
    bundle = write_bundle(genre_home / "models")
    covers = write_dataset(tmp_path / "covers")
    settings = {
        "what": "answers",
        "model": bundle.name,
        "model_sha256": bundle.card.model_sha256,
        "data": str(covers.root),
        "digest": covers.digest,
        "clip_s": 0.0,
        "start": 0,
        "ids": covers.frame["item_id"][[3, 1]].tolist(),
    }
    place = StepPlace(tmp_path, NoWatcher(), no_log)
    arrays = evaluation_steps.ask_some(settings, place)
    assert arrays["place"].tolist() == [0, 1]
    for changed in ({"digest": "0" * 64}, {"model_sha256": "0" * 64}):
        with pytest.raises(JobError, match="Every machine must see"):
            evaluation_steps.ask_some(settings | changed, place)


def test_songs_of_another_data_set_or_network_are_not_heard(
    tmp_path: Path, genre_home: Path
) -> None:
    covers = write_dataset(tmp_path / "covers")
    place = StepPlace(tmp_path, NoWatcher(), no_log)
    settings = {"data": str(covers.root), "spec": to_dict(LOG_MEL), "clip_s": 0.0}
    settings |= {"mark": "none", "songs": [], "digest": "0" * 64}
    with pytest.raises(JobError, match="Every machine must see the data set"):
        feature_steps.extract_some(settings, place)
    bundle = write_song_bundle(genre_home / "models")
    asked = {"paths": [], "networks": {str(bundle.folder): "0" * 64}, "threshold": None}
    with pytest.raises(JobError, match="Every machine must see the networks"):
        library_steps.score_some(asked, place)
