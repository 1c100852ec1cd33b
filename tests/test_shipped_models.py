"""The bundles of covers in models/: sound, small, and their figures say what they do."""

from pathlib import Path

import numpy as np
import pytest

from genre_core.data.catalog import Catalog
from genre_core.data.demo import demo_covers
from genre_core.data.importers import find_dataset
from genre_core.evaluation.calibration import own_probabilities
from genre_core.inference.classifier import Classifier
from genre_core.metrics.classification import accuracy, confusion_matrix, macro_f1, roc_auc
from genre_core.runs.bundle import SHIPPED_DIR, list_bundles, open_bundle
from genre_core.runs.table import models_markdown

EVERY = sorted(path.parent.name for path in SHIPPED_DIR.glob("*/card.json"))
SHIPPED = [name for name in EVERY if open_bundle(SHIPPED_DIR / name).card.media == "cover"]
OURS = ("efficientnet_lite2.gaid5", "efficientnet_lite2.prog")
STUDIES = {
    "S1": ("s1_prog_covers.prog_vs_rock", "s1_prog_covers.prog_vs_all"),
    "S2": ("s2_resnet50.gaid5_demo",),
    "S3": (
        "s3_model_1.gaid5",
        "s3_model_3.gaid5",
        "s3_model_5.gaid5_weighted",
        "s3_model_5.gaid5_unweighted",
    ),
}
TRAINED = [name for names in STUDIES.values() for name in names]
PREDICTING = [name for name in SHIPPED if (SHIPPED_DIR / name / "model.keras").is_file()]
MAX_BYTES = 90_000_000


@pytest.fixture(scope="module")
def classifiers() -> dict[str, Classifier]:
    return {name: Classifier.load(SHIPPED_DIR / name) for name in PREDICTING}


def test_both_cover_tasks_and_every_cover_study_are_shipped() -> None:
    assert set(SHIPPED) >= {*OURS, *(name for names in STUDIES.values() for name in names)}
    for study, names in STUDIES.items():
        assert {open_bundle(SHIPPED_DIR / name).card.study for name in names} == {study}
    assert {bundle.name for bundle in list_bundles()} >= set(SHIPPED)
    # None is broken: each opens, its card checked.
    for card in SHIPPED_DIR.glob("*/card.json"):
        assert open_bundle(card.parent).name == card.parent.name


def test_they_stay_small() -> None:
    folders = [SHIPPED_DIR / name for name in SHIPPED]
    total = sum(path.stat().st_size for folder in folders for path in folder.iterdir())
    assert 1_000_000 < total < MAX_BYTES


def test_the_table_is_written_from_the_bundles() -> None:
    songs = [name for name in EVERY if name not in SHIPPED]
    bundles = [open_bundle(SHIPPED_DIR / name) for name in (*SHIPPED, *songs)]
    text = (SHIPPED_DIR / "README.md").read_text(encoding="utf-8")
    assert text == models_markdown(bundles), (
        "run: python -m genre_core models --write-table models/README.md"
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_a_card_says_what_is_needed_to_trust_it(name: str) -> None:
    card = open_bundle(SHIPPED_DIR / name).card
    assert card.confounds
    assert card.description
    if card.experiment["network"].get("weights") == "imagenet":
        assert card.sources[0]["licence"] == "Apache-2.0"
    else:
        assert card.sources == ()
    assert {"n_train", "n_val", "n_test", "split_rule", "digest"} <= set(card.data)
    assert {"versions", "seed", "n_runs", "command", "chosen_by"} <= set(card.provenance)


@pytest.mark.parametrize("name", SHIPPED)
def test_figures_agree_with_the_stored_predictions(name: str) -> None:
    bundle = open_bundle(SHIPPED_DIR / name)
    metrics, table = bundle.metrics(), bundle.predictions()
    true, chosen = table["genre_index"].to_numpy(), table["predicted"].to_numpy()
    probs = table[[f"prob_{i}" for i in range(len(bundle.card.genres))]].to_numpy()
    recomputed = {
        "accuracy": accuracy(true, chosen),
        "macro_f1": macro_f1(true, chosen),
        "roc_auc": roc_auc(true, probs if probs.shape[1] > 2 else probs[:, 1]),
    }
    for figure, value in recomputed.items():
        stated = metrics["values"][figure]
        assert stated["value"] == pytest.approx(value, abs=1e-4)
        assert stated["low"] <= stated["value"] <= stated["high"]
    matrix = confusion_matrix(true, chosen, len(bundle.card.genres))
    assert metrics["confusion"] == matrix.tolist()
    assert metrics["n"] == len(table) == bundle.card.data["n_test"]
    assert metrics["n_groups"] == table["group"].nunique()
    assert {"majority", "colour"} <= set(metrics["baselines"])
    # The aim of our own: better than colours. The studies' networks are what they are.
    if name in OURS:
        assert metrics["gain_over_colour"]["low"] > 0


@pytest.mark.parametrize("name", TRAINED)
def test_the_history_holds_every_run_and_the_chosen_epoch(name: str) -> None:
    bundle = open_bundle(SHIPPED_DIR / name)
    history, provenance = bundle.history(), bundle.card.provenance
    assert history["run"].nunique() == provenance["n_runs"]
    assert provenance["n_runs"] >= (5 if name in STUDIES["S3"] else 1)
    assert history.groupby("run")["chosen"].sum().eq(1).all()
    kept = history[(history["run"] == provenance["chosen_run"]) & history["chosen"]].iloc[0]
    assert kept["epoch"] == provenance["chosen_epoch"]
    if provenance["chosen_by"] == "last_epoch":
        assert provenance["chosen_run"] == 0
        assert kept["epoch"] == history["epoch"].max()
    else:
        best = history[provenance["chosen_by"]]
        best = best.min() if provenance["chosen_by"] == "val_loss" else best.max()
        assert kept[provenance["chosen_by"]] == best
        assert best == pytest.approx(provenance["chosen_value"], abs=1e-4)


@pytest.mark.parametrize("name", OURS)
def test_a_head_says_what_val_chose(name: str) -> None:
    bundle = open_bundle(SHIPPED_DIR / name)
    provenance = bundle.card.provenance
    # Nothing is random in such a fit: one run is all there is.
    assert bundle.history().empty
    assert provenance["n_runs"] == 1
    assert provenance["chosen_by"].endswith(" on val")
    assert provenance["strength"] > 0


@pytest.mark.parametrize("name", TRAINED)
def test_every_run_was_measured_and_the_kept_one_is_among_them(name: str) -> None:
    bundle = open_bundle(SHIPPED_DIR / name)
    metrics, rows = bundle.metrics(), bundle.repeats()["rows"]
    assert metrics["repeats"]["rows"] == rows
    assert [row["run"] for row in rows] == list(range(bundle.card.provenance["n_runs"]))
    kept = rows[bundle.card.provenance["chosen_run"]]
    for figure, value in kept["values"].items():
        # The stored network is run in another batch size than while it was fitted.
        assert metrics["values"][figure]["value"] == pytest.approx(value, abs=5e-3)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_prog_card_stands_beside_its_confound(name: str) -> None:
    metrics = open_bundle(SHIPPED_DIR / name).metrics()
    if ".prog" not in name:
        assert metrics["extra"] == []
        return
    titles = [report["title"] for report in metrics["extra"]]
    assert len(titles) == (1 if name.endswith("vs_rock") else 3)
    for report in metrics["extra"]:
        for figure in ("network", "network_neutralised", "colour", "source_probe"):
            assert report[figure]["low"] <= report[figure]["value"] <= report[figure]["high"]
    assert metrics["same_genre_sources"] or name.endswith("vs_rock")


def test_calibrated_outputs_say_more_than_how_common_each_genre_is() -> None:
    calibrated = 0
    for folder in sorted(SHIPPED_DIR.glob("*/card.json")):
        bundle = open_bundle(folder.parent)
        report, fitted = bundle.metrics().get("calibration"), bundle.card.calibration
        if fitted is None:
            assert not (report or {}).get("is_calibrated")
            continue
        calibrated += 1
        assert report["is_calibrated"]
        # Study S1's network against Rock is at chance: what it gains lies around 0.
        assert report["gain_over_shares"]["high"] > 0
        assert report["log_loss"]["value"] <= report["own"]["log_loss"] + 0.02
        table, n = bundle.predictions(), len(bundle.card.genres)
        probs = table[[f"prob_{k}" for k in range(n)]].to_numpy()
        np.testing.assert_allclose(probs.sum(axis=1), 1, atol=1e-5)
        if "fold" not in table:  # of folds each is calibrated by the others
            own = own_probabilities(table, bundle.card.head)
            np.testing.assert_allclose(probs, bundle.card.calibrated(own), atol=1e-5)
    assert calibrated


def test_built_in_covers_are_read(classifiers: dict[str, Classifier]) -> None:
    covers = demo_covers()[::2]
    assert len(covers) > 4
    for classifier in classifiers.values():
        probs = np.stack([classifier.classify(cover.path).probs for cover in covers])
        np.testing.assert_allclose(probs.sum(axis=1), 1, rtol=1e-5)
        # A network that says the same of every picture reads nothing; some studies' hardly read.
        assert probs.std(axis=0).max() > (0.02 if classifier.name in OURS else 1e-4)


@pytest.fixture(scope="module")
def catalogs(data_folder: Path) -> dict[str, Catalog]:
    """Real covers by digest: figures stand on one of two versions of their labels."""
    tables = sorted((data_folder / "covers").glob("labels*.csv"))
    versions = [find_dataset(table) for table in tables]
    return {catalog.digest: catalog for catalog in versions}


@pytest.mark.realdata
@pytest.mark.parametrize("name", PREDICTING)
def test_what_was_measured_is_what_is_served(
    name: str, classifiers: dict[str, Classifier], catalogs: dict[str, Catalog]
) -> None:
    bundle = open_bundle(SHIPPED_DIR / name)
    # Figures are stated on this data: where it changed, they are to be measured again.
    assert bundle.metrics()["data"]["digest"] in catalogs
    catalog = catalogs[bundle.metrics()["data"]["digest"]]
    predictions = bundle.predictions()
    some = predictions.iloc[:: len(predictions) // 5]
    assert len(some) >= 5
    for row in some.itertuples():
        prediction = classifiers[name].classify(catalog.path_of(row.item_id))
        stored = [getattr(row, f"prob_{i}") for i in range(len(bundle.card.genres))]
        # Another processor sums in another order.
        np.testing.assert_allclose(prediction.probs, stored, atol=2e-3)
