"""A network on any data set: what is answered, kept through a stop, measured and written down."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from genre_core.audio.clip import Clip
from genre_core.audio.neutralise import neutralise_clip
from genre_core.data.catalog import Catalog
from genre_core.data.files import sha256_file
from genre_core.errors import DatasetError, JobError, ParameterError
from genre_core.evaluation import item_answers
from genre_core.image.augment import neutralise_cover
from genre_core.image.decode import decode_cover
from genre_core.inference.classifier import Classifier
from genre_core.inference.songs import SongClassifier
from genre_core.jobs import evaluating, run_control
from genre_core.jobs.evaluating import carry_out_evaluation, evaluation_request
from genre_core.jobs.measure import measure
from genre_core.jobs.run_worker import carry_out
from genre_core.metrics.calibration import Calibration
from genre_core.runs import bundle as bundles
from genre_core.runs.bundle import Bundle
from genre_core.runs.evaluations import EvaluationRecord, find_evaluation, list_evaluations
from genre_core.runs.run_folder import new_run
from tests.made_bundles import write_bundle, write_dataset
from tests.made_forks import fork_runs
from tests.made_songs_set import write_song_bundle

pytestmark = pytest.mark.usefixtures("few_resamples")

TEMPERED = Calibration(temperature=2.0, n=9, fitted_on="made")


@pytest.fixture(autouse=True)
def nothing_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "SHIPPED_DIR", tmp_path / "shipped")


@pytest.fixture
def covers(tmp_path: Path) -> Catalog:
    return write_dataset(tmp_path / "covers", 36)


@pytest.fixture
def bundle(genre_home: Path) -> Bundle:
    return write_bundle(genre_home / "models", calibration=TEMPERED)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluating, "AT_ONCE", {"cover": 4, "song": 2})


def evaluated(model: str, data: Path, **options: object) -> EvaluationRecord:
    run = new_run(evaluation_request(model, str(data), command="a test", **options))
    assert carry_out(run) is None
    status = run.status()
    assert (status.state, run.states.exists()) == ("done", False)
    assert status.done == status.total > 0
    return find_evaluation(status.result)


def test_covers_are_measured_as_the_model_measures_itself(
    bundle: Bundle, covers: Catalog, tmp_path: Path, small_parts: None
) -> None:
    record = evaluated(bundle.name, covers.root)
    own = measure(bundle, covers, log=str, out=tmp_path / "own")
    metrics = record.metrics()
    for name in ("values", "baselines", "confusion", "per_genre", "gain_over_colour"):
        assert metrics[name] == own[name], name
    assert metrics["calibration"] == own["calibration"]
    assert not bundle.metrics()  # its own figures are never touched
    rows, theirs = record.predictions(), pd.read_parquet(tmp_path / "own" / "predictions.parquet")
    pd.testing.assert_frame_equal(rows[list(theirs)], theirs, rtol=1e-5)
    assert rows["year"].isna().all()
    assert rows["fact_width"].tolist() == [64.0] * len(rows)
    test = covers.frame[covers.frame["split"] == "test"]
    assert rows["fact_n_bytes"].tolist() == [
        covers.path_of(name).stat().st_size for name in test["item_id"]
    ]
    embeddings = record.embeddings()
    assert embeddings is not None
    classifier = Classifier.load(bundle)
    vector = classifier.embed(classifier.prepare(covers.path_of(test["item_id"].iloc[3]))[None])[0]
    np.testing.assert_allclose(embeddings[3], vector / np.linalg.norm(vector), atol=1e-3)
    about = record.about
    assert about["mapping"] == {"Blue": "Blue", "Red": "Red"}
    assert about["command"] == "a test"
    assert about["versions"]["genre_core"]


def test_stopped_between_parts_it_goes_on_and_ends_the_same(
    bundle: Bundle, covers: Catalog, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = evaluated(bundle.name, covers.root, split="all")
    before = undisturbed.predictions(), undisturbed.embeddings(), undisturbed.metrics()
    answer, asked = item_answers.answer_covers, []

    def breaks_at_the_third(*words: object, **named: object) -> object:
        asked.append(len(words[2]))  # type: ignore[arg-type]
        if len(asked) == 3:
            raise OSError(5, "a disk that is gone")
        return answer(*words, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(item_answers, "answer_covers", breaks_at_the_third)
    run = new_run(evaluation_request(bundle.name, str(covers.root), split="all"))
    with pytest.raises(JobError, match="gone"):
        carry_out(run)
    assert run.status().state == "failed"
    run_control.forget_stop(run)
    carry_out(run)
    assert asked == [4] * 10  # nine parts, one of them asked again
    record = find_evaluation(run.status().result)
    pd.testing.assert_frame_equal(record.predictions(), before[0])
    np.testing.assert_array_equal(record.embeddings(), before[1])
    assert record.metrics() == before[2]


def test_a_stop_is_seen_amid_a_part(bundle: Bundle, covers: Catalog, small_parts: None) -> None:
    run = new_run(evaluation_request(bundle.name, str(covers.root), split="all"))
    counts: list[int] = []

    def stop_at_ten(done: int, total: int, text: str) -> None:
        counts.append(done)
        assert (total, text) == (36, "covers")
        if done == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out_evaluation(run, stop_at_ten, str)
    assert len(list(run.states.glob("*.npz"))) == 2
    counts.clear()

    def until_all(done: int, total: int, text: str) -> None:
        counts.append(done)

    carry_out_evaluation(run, until_all, str)
    assert counts[:3] == [4, 8, 9]  # two parts are there, the third begins


def test_what_changed_since_a_stop_is_read_anew(
    bundle: Bundle, covers: Catalog, small_parts: None
) -> None:
    run = new_run(evaluation_request(bundle.name, str(covers.root), split="all"))

    def stop(done: int, total: int, text: str) -> None:
        if done == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out_evaluation(run, stop, str)
    frame = covers.frame.assign(artist="Another")
    Catalog(covers.head, covers.root, frame).save(covers.root)
    lines: list[str] = []
    counts: list[int] = []
    carry_out_evaluation(run, lambda done, *_: counts.append(done), lines.append)
    assert any("read anew" in line for line in lines)
    assert counts[0] == 1


def test_one_unreadable_file_is_left_out_with_its_reason(bundle: Bundle, covers: Catalog) -> None:
    names = covers.frame.loc[covers.frame["split"] == "test", "item_id"].tolist()
    covers.path_of(names[0]).write_bytes(b"no picture")
    covers.path_of(names[1]).unlink()
    record = evaluated(bundle.name, covers.root)
    assert record.predictions()["item_id"].tolist() == names[2:]
    assert record.about["n_left_out"] == 2
    assert [own["where"] for own in record.about["left_out"]] == names[:2]
    assert "2 could not be read and take no part." in record.metrics()["notes"]
    for name in names[2:]:
        covers.path_of(name).unlink()
    with pytest.raises(DatasetError, match="At least one item must be readable"):
        carry_out(new_run(evaluation_request(bundle.name, str(covers.root))))


def test_items_that_it_may_have_learnt_from_are_counted(
    genre_home: Path, covers: Catalog, tmp_path: Path
) -> None:
    data = {"name": "made", "digest": covers.digest}
    learnt = write_bundle(genre_home / "models", data=data)
    assert evaluated(learnt.name, covers.root).about["n_seen"] == 0
    everything = evaluated(learnt.name, covers.root, split="all", neutralise=20)
    neutralised = everything.metrics()["neutralised"]
    assert (neutralised["n"], neutralised["is_seen"]) == (6, False)
    is_seen = everything.predictions()["seen"]
    assert everything.about["n_seen"] == int(is_seen.sum()) == 30
    assert everything.metrics()["unseen"]["n"] == 6
    assert any("may have learnt from 30" in note for note in everything.metrics()["notes"])
    # The same files in another data set: its own lies in the home folder, or is not known.
    frame = covers.frame.assign(split="test")
    other = Catalog(covers.head, tmp_path / "other", frame)
    shutil.copytree(covers.root, other.root)
    other.save(other.root)
    unknown = evaluated(learnt.name, other.root)
    assert (unknown.about["n_seen"], unknown.about["is_seen_known"]) == (0, False)
    assert "No plain baseline" in unknown.metrics()["notes"][0]
    covers.save(genre_home / "datasets" / "made")
    assert evaluated(learnt.name, other.root).about["n_seen"] == 30


def test_labels_are_mapped_and_what_is_not_is_said(bundle: Bundle, covers: Catalog) -> None:
    labels = [["RED"] if own == ["Red"] else ["Azure"] for own in covers.frame["labels"]]
    labels[-1] = ["Green"]
    head = dataclasses.replace(covers.head, labels=("Azure", "Green", "RED"))
    Catalog(head, covers.root, covers.frame.assign(labels=labels)).save(covers.root)
    record = evaluated(bundle.name, covers.root, mapping={"Azure": "Blue"})
    assert record.about["mapping"] == {"Azure": "Blue", "RED": "Red"}
    assert record.about["n_unmapped"] == 1
    assert set(record.predictions()["genre_index"]) == {0, 1}
    alone = evaluated(bundle.name, covers.root)  # of one genre: no order to be measured
    assert set(alone.predictions()["genre_index"]) == {1}
    assert alone.metrics()["values"]["roc_auc"]["value"] is None


def test_a_split_that_is_empty_says_so(bundle: Bundle, covers: Catalog) -> None:
    Catalog(covers.head, covers.root, covers.frame.assign(split="train")).save(covers.root)
    with pytest.raises(DatasetError, match="--split all"):
        carry_out(new_run(evaluation_request(bundle.name, str(covers.root))))


def test_what_cannot_be_evaluated_is_refused(genre_home: Path) -> None:
    models = genre_home / "models"
    record = write_bundle(models, name="made.record")
    record.model_path.unlink()
    with pytest.raises(ParameterError, match="only the record"):
        evaluation_request("made.record", "x")
    with pytest.raises(ParameterError, match="needs a data set"):
        evaluation_request(write_bundle(models).name, " ")


@pytest.fixture
def heard(genre_home: Path) -> Bundle:
    return write_song_bundle(genre_home / "models", "tiny.genres", seed=1)


def test_songs_with_segments_and_facts(heard: Bundle, song_set: Catalog, small_parts: None) -> None:
    record = evaluated(heard.name, song_set.root)
    rows = record.predictions()
    assert len(rows) == 6
    assert record.about["n_seen"] == 0
    hearing = SongClassifier.load(heard)
    embeddings = record.embeddings()
    assert embeddings is not None
    assert rows["fact_duration_s"].between(2, 4).all()
    for place, row in rows.iterrows():
        prepared = hearing.prepare(song_set.path_of(row["item_id"]))
        answer = hearing.classify(prepared)
        segments = record.segments(row["item_id"])
        assert segments is not None
        np.testing.assert_allclose(segments["start_s"], answer.start_s)
        np.testing.assert_allclose(
            segments[["prob_0", "prob_1", "prob_2"]], answer.probs, atol=1e-6
        )
        assert row["predicted"] == answer.probs.mean(axis=0).argmax()
        vector = hearing.embed(hearing.prepare(song_set.path_of(row["item_id"])).inputs).mean(
            axis=0
        )
        np.testing.assert_allclose(embeddings[place], vector / np.linalg.norm(vector), atol=1e-3)
    metrics = record.metrics()
    assert metrics["segments"]["n"] > len(rows)
    assert "No plain baseline: of songs none is cheap." in metrics["notes"]
    assert set(metrics["baselines"]) == {"majority"}


def test_what_is_no_music_is_left_out(heard: Bundle, song_set: Catalog, tmp_path: Path) -> None:
    import soundfile

    root = tmp_path / "songs"
    shutil.copytree(song_set.root, root)
    name = song_set.frame.loc[song_set.frame["split"] == "test", "item_id"].iloc[0]
    soundfile.write(root / name, np.zeros(40_000), 22_050)
    frame = song_set.frame.copy()
    frame.loc[frame["item_id"] == name, "checksum"] = sha256_file(root / name)
    Catalog(song_set.head, root, frame).save(root)
    record = evaluated(heard.name, root)
    assert record.about["left_out"] == [
        {"where": name, "what": "not readable: No verdict: nothing is to be heard in it"}
    ]


def test_whether_answers_hold_on_neutralised_covers(
    bundle: Bundle, covers: Catalog, small_parts: None
) -> None:
    plain = evaluated(bundle.name, covers.root, split="all")
    rows, metrics = plain.predictions(), plain.metrics()
    record = evaluated(bundle.name, covers.root, split="all", neutralise=20)
    pd.testing.assert_frame_equal(record.predictions(), rows)
    own = record.metrics().pop("neutralised")
    assert record.metrics() == metrics | {"neutralised": own}
    assert (own["n"], own["figure"]) == (20, "roc_auc")
    checksums = covers.frame.set_index("item_id")["checksum"]
    rows = rows.iloc[np.sort(np.random.default_rng(0).permutation(36)[:20])]
    classifier, logits = Classifier.load(bundle), []
    for item_id in rows["item_id"]:
        chance = np.random.default_rng(int(checksums[item_id][:16], 16))
        picture = neutralise_cover(decode_cover(covers.path_of(item_id)), chance)
        logits.append(classifier.logits(classifier.prepare(picture)[None])[0])
    true, after = rows["genre_index"].to_numpy(), np.array(logits)
    before = rows[["logit_0", "logit_1"]].to_numpy()
    areas = [roc_auc_score(true, scores[:, 1] - scores[:, 0]) for scores in (before, after)]
    hits = [(scores.argmax(axis=1) == true).mean() for scores in (before, after)]
    assert areas[0] != areas[1]
    for part, (one, two) in ((own, areas), (own["accuracy"], hits)):
        given = [part[name]["value"] for name in ("plain", "neutralised", "change")]
        assert given == pytest.approx([one, two, two - one], abs=1e-3)


def test_songs_are_neutralised_too_and_what_cannot_be_is_left_out(
    heard: Bundle, song_set: Catalog, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels: list[float] = []

    def neutralise(clip: Clip, chance: np.random.Generator) -> Clip:
        made = neutralise_clip(clip, chance)
        levels.append(float(np.sqrt(np.mean(made.y**2))))
        return made

    monkeypatch.setattr(item_answers, "neutralise_clip", neutralise)
    own = evaluated(heard.name, song_set.root, neutralise=4).metrics()["neutralised"]
    assert own["n"] == len(levels) == 4
    assert levels == pytest.approx([0.1] * 4, rel=1e-3)
    assert own["change"]["value"] is not None


def test_a_number_of_items_below_0_is_refused(bundle: Bundle) -> None:
    with pytest.raises(ParameterError, match="0 or more"):
        evaluation_request(bundle.name, "x", neutralise=-1)


def test_another_medium_is_refused(heard: Bundle, covers: Catalog) -> None:
    with pytest.raises(ParameterError, match="learns from songs"):
        carry_out(new_run(evaluation_request(heard.name, str(covers.root))))


@pytest.mark.slow
def test_killed_amid_an_evaluation_it_loses_one_part_at_most(
    heard: Bundle, song_set: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    fork_runs(monkeypatch)
    undisturbed = evaluated(heard.name, song_set.root, split="all")
    before = undisturbed.predictions()
    run = run_control.start(evaluation_request(heard.name, str(song_set.root), split="all"))
    first = run.states / "answers-0000000.npz"
    for _ in _patiently():
        if first.exists():
            break
    written = first.stat().st_mtime_ns
    os.kill(run.status().pid, signal.SIGKILL)
    for _ in _patiently():
        if run.status().state == "interrupted":
            break
    assert first.stat().st_mtime_ns == written
    run_control.resume(run)
    for _ in _patiently():
        if run.status().state not in run_control.ACTIVE:
            break
    assert run.status().state == "done", run.log_tail()
    pd.testing.assert_frame_equal(find_evaluation(run.status().result).predictions(), before)
    assert len(list_evaluations()) == 1


def _patiently() -> Iterator[None]:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        yield
        time.sleep(0.01)
    raise AssertionError("it took too long")
