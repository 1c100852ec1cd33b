"""Networks that give tags or a prog score, evaluated as all others are."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from genre_core.analysis.working_points import genre_curves
from genre_core.config import to_dict
from genre_core.data.catalog import Catalog
from genre_core.errors import DatasetError
from genre_core.evaluation import item_answers
from genre_core.inference.checkpoint import save_network
from genre_core.inference.classifier import Classifier
from genre_core.inference.songs import SongClassifier
from genre_core.jobs.evaluating import evaluation_request
from genre_core.jobs.run_worker import carry_out
from genre_core.metrics.calibration import Calibration
from genre_core.runs import bundle as bundles
from genre_core.runs.card import ProgScore
from genre_core.runs.evaluations import EvaluationRecord, find_evaluation
from genre_core.runs.run_folder import new_run
from tests.made_bundles import write_bundle, write_dataset
from tests.made_results import with_card
from tests.made_songs_set import LOG_MEL, pupil_recipe, song_card, tiny_network, write_song_bundle

pytestmark = pytest.mark.usefixtures("few_resamples")

TAGS = ("loud", "tones", "Noise", "sad", "drums")
"""Two of them are names of the made songs' genres; "drums" is one by hand alone."""


@pytest.fixture(autouse=True)
def nothing_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "SHIPPED_DIR", tmp_path / "shipped")


def evaluated(model: str, data: Path, **options: object) -> EvaluationRecord:
    run = new_run(evaluation_request(model, str(data), **options))
    carry_out(run)
    return find_evaluation(run.status().result)


def one_against_all(true: np.ndarray, scores: np.ndarray) -> list[float]:
    return [roc_auc_score(true == k, column) for k, column in enumerate(scores.T)]


def test_a_tagger_answers_by_the_tags_that_labels_mean(genre_home: Path, song_set: Catalog) -> None:
    score = ProgScore(genre="sad", half_at=0.1)
    tagger = write_song_bundle(
        genre_home / "models", "tiny.tags", genres=TAGS, head="multilabel", prog_score=score
    )
    # Its recipe's data too: whoever wrote its weights had others.
    with_card(tagger, data=tagger.card.data | {"digest": song_set.digest})
    files = {path.name: path.read_bytes() for path in tagger.folder.iterdir()}
    record = evaluated("tiny.tags", song_set.root, split="all", mapping={"Beats": "drums"})
    assert record.genres == ("tones", "Noise", "drums")
    assert record.about["mapping"] == {"Beats": "drums", "Noise": "Noise", "Tones": "tones"}
    assert "gives 5 tags; its answer is the highest of the 3" in record.about["tags_rule"]
    rows, metrics = record.predictions(), record.metrics()
    assert metrics["notes"][0] == record.about["tags_rule"]
    assert (record.about["n_seen"], record.about["is_seen_known"]) == (0, False)

    # A second source: the network asked song by song, its tags picked by hand
    hearing, places = SongClassifier.load(tagger), [1, 2, 4]
    raw = []
    for place, row in rows.iterrows():
        tags = hearing.classify(hearing.prepare(song_set.path_of(row["item_id"]))).probs[:, places]
        own = record.segments(row["item_id"])
        assert own is not None
        shares = tags / tags.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(own[["prob_0", "prob_1", "prob_2"]], shares, atol=1e-6)
        raw.append(tags.mean(axis=0))
        assert row["predicted"] == raw[place].argmax()
    scores, true = np.array(raw), rows["genre_index"].to_numpy()
    probs = rows[["prob_0", "prob_1", "prob_2"]]
    np.testing.assert_allclose(probs, scores / scores.sum(axis=1, keepdims=True), atol=1e-6)
    of_shares, areas = one_against_all(true, probs.to_numpy()), one_against_all(true, scores)
    assert of_shares != pytest.approx(areas, abs=1e-3)  # else this test could not tell them apart
    assert [row["roc_auc"] for row in metrics["per_genre"]] == pytest.approx(areas, abs=1e-4)
    assert metrics["values"]["roc_auc"]["value"] == pytest.approx(np.mean(areas), abs=1e-4)
    curves = genre_curves(rows, record.genres, ranked_by=record.ranked_by)
    assert [curve.roc_auc for curve in curves] == pytest.approx(areas)
    right = (scores.argmax(axis=1) == true).mean()
    assert metrics["values"]["accuracy"]["value"] == pytest.approx(right, abs=1e-4)
    assert metrics["segments"]["n"] > len(rows)
    assert not metrics["calibration"]["is_calibrated"]
    assert {path.name: path.read_bytes() for path in tagger.folder.iterdir()} == files
    about = json.loads((record.folder / "evaluation.json").read_text())
    assert about["tags_rule"] == record.about["tags_rule"]


def test_tags_of_covers_with_a_baseline_and_neutralised(
    genre_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(item_answers, "neutralise_cover", lambda cover, _: cover)
    covers = write_dataset(tmp_path / "covers", 36)
    labels = covers.frame["labels"].tolist()
    test = np.flatnonzero(covers.frame["split"] == "test")
    labels[test[0]] = ["Blue", "Red"]
    Catalog(covers.head, covers.root, covers.frame.assign(labels=labels)).save(covers.root)
    network = write_bundle(
        genre_home / "models",
        name="made.tags",
        genres=("Sad", "Red", "Blue"),
        head="multilabel",
        calibration=Calibration(temperature=2.0, n=9, fitted_on="made"),
    )
    record = evaluated("made.tags", covers.root, neutralise=5)
    assert record.genres == ("Red", "Blue")
    rows, metrics = record.predictions(), record.metrics()
    assert len(rows) == len(test) - 1
    assert "1 item takes no part: labels mean two genres or more." in metrics["notes"]
    assert set(metrics["baselines"]) == {"majority", "colour"}
    assert metrics["gain_over_colour"]["value"] is not None
    neutralised = metrics["neutralised"]
    assert neutralised["n"] == 5
    for own in (neutralised, neutralised["accuracy"]):  # nothing was changed, so nothing changes
        assert own["neutralised"] == own["plain"]
        assert own["change"]["value"] == 0
    seeing = Classifier.load(network)
    covered = [seeing.prepare(covers.path_of(name)) for name in rows["item_id"]]
    own = seeing.probs(np.array(covered))[:, 1:]
    logits = rows[["logit_0", "logit_1"]].to_numpy()
    np.testing.assert_allclose(1 / (1 + np.exp(-logits / 2)), own, atol=1e-5)
    shares = own / own.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(rows[["prob_0", "prob_1"]], shares, atol=1e-5)
    true = rows["genre_index"].to_numpy()
    areas = one_against_all(true, own)  # of two tags too each has its own
    assert metrics["values"]["roc_auc"]["value"] == pytest.approx(np.mean(areas), abs=1e-4)


def test_fewer_than_two_tags_that_labels_mean_are_refused(
    genre_home: Path, song_set: Catalog
) -> None:
    write_song_bundle(
        genre_home / "models", "tiny.tags", genres=("sad", "tones"), head="multilabel"
    )
    run = new_run(evaluation_request("tiny.tags", str(song_set.root)))
    with pytest.raises(DatasetError, match="must mean two or more"):
        carry_out(run)


def test_a_pupil_is_asked_whether_songs_are_prog(genre_home: Path, song_set: Catalog) -> None:
    recipe = dataclasses.replace(pupil_recipe(teacher="tiny.tagger"), input=LOG_MEL)
    score = ProgScore(genre="prog", rule="A rank score, no probability.")
    card = song_card(
        "tiny.pupil", LOG_MEL, genres=recipe.task.genres, head="binary", prog_score=score
    )
    folder = genre_home / "models" / "tiny.pupil"
    network = tiny_network(LOG_MEL, card.n_logits)
    save_network(network, dataclasses.replace(card, experiment=to_dict(recipe)), folder)
    by_hand = {"Beats": "prog", "non-prog": "", "Noise": "non-prog"}
    record = evaluated("tiny.pupil", song_set.root, mapping=by_hand)
    rows = record.predictions()
    assert record.genres == ("non-prog", "prog")
    assert rows["predicted"].tolist() == (rows["prob_1"] > 0.5).astype(int).tolist()
    assert record.metrics()["notes"][0].endswith("A rank score, no probability.")
    assert "says prog from .5 on" in record.metrics()["notes"][0]
    assert not (folder / "metrics.json").exists()
