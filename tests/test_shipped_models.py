"""The bundles in models/: sound, small, and what their figures say is what they do."""

from pathlib import Path

import numpy as np
import pytest

from genre_core.data.demo import demo_covers
from genre_core.data.importers import find_dataset
from genre_core.inference.classifier import Classifier
from genre_core.metrics.classification import accuracy, confusion_matrix, macro_f1, roc_auc
from genre_core.runs.bundle import SHIPPED_DIR, broken_bundles, list_bundles, open_bundle
from genre_core.runs.table import models_markdown

SHIPPED = sorted(path.parent.name for path in SHIPPED_DIR.glob("*/card.json"))
MAX_BYTES = 90_000_000


@pytest.fixture(scope="module")
def classifiers() -> dict[str, Classifier]:
    return {name: Classifier.load(SHIPPED_DIR / name) for name in SHIPPED}


def test_both_cover_tasks_are_shipped() -> None:
    assert set(SHIPPED) >= {"efficientnet_lite2.gaid5", "efficientnet_lite2.prog"}
    assert {bundle.name for bundle in list_bundles()} >= set(SHIPPED)
    assert broken_bundles() == {}


def test_they_stay_small() -> None:
    total = sum(path.stat().st_size for path in SHIPPED_DIR.rglob("*") if path.is_file())
    assert 1_000_000 < total < MAX_BYTES


def test_the_table_is_written_from_the_bundles() -> None:
    bundles = [open_bundle(SHIPPED_DIR / name) for name in SHIPPED]
    text = (SHIPPED_DIR / "README.md").read_text(encoding="utf-8")
    assert text == models_markdown(bundles), (
        "run: python -m genre_core models --write-table models/README.md"
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_a_card_says_what_is_needed_to_trust_it(name: str) -> None:
    card = open_bundle(SHIPPED_DIR / name).card
    assert card.confounds
    assert card.description
    assert card.sources[0]["licence"] == "Apache-2.0"
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
    # The aim: better than colours on every task.
    assert metrics["gain_over_colour"]["low"] > 0


@pytest.mark.parametrize("name", SHIPPED)
def test_the_history_holds_every_run_and_the_chosen_epoch(name: str) -> None:
    bundle = open_bundle(SHIPPED_DIR / name)
    history, provenance = bundle.history(), bundle.card.provenance
    assert history["run"].nunique() == provenance["n_runs"] >= 3
    assert history.groupby("run")["chosen"].sum().eq(1).all()
    kept = history[(history["run"] == provenance["chosen_run"]) & history["chosen"]].iloc[0]
    assert kept["epoch"] == provenance["chosen_epoch"]
    assert kept[provenance["chosen_by"]] == pytest.approx(provenance["chosen_value"], abs=1e-4)
    assert kept[provenance["chosen_by"]] == history[provenance["chosen_by"]].max()


@pytest.mark.parametrize("name", SHIPPED)
def test_the_prog_card_stands_beside_its_confound(name: str) -> None:
    metrics = open_bundle(SHIPPED_DIR / name).metrics()
    if not name.endswith(".prog"):
        assert metrics["extra"] == []
        return
    titles = [report["title"] for report in metrics["extra"]]
    assert len(titles) == 3
    for report in metrics["extra"]:
        for figure in ("network", "network_neutralised", "colour", "source_probe"):
            assert report[figure]["low"] <= report[figure]["value"] <= report[figure]["high"]
    assert metrics["same_genre_sources"]


def test_built_in_covers_are_read(classifiers: dict[str, Classifier]) -> None:
    covers = demo_covers()
    assert covers
    for classifier in classifiers.values():
        probs = np.stack([classifier.classify(cover.path).probs for cover in covers])
        np.testing.assert_allclose(probs.sum(axis=1), 1, rtol=1e-5)
        # A network that says the same of every picture reads nothing.
        assert probs.std(axis=0).max() > 0.02


@pytest.mark.realdata
@pytest.mark.parametrize("name", SHIPPED)
def test_what_was_measured_is_what_is_served(
    name: str, classifiers: dict[str, Classifier], data_folder: Path
) -> None:
    catalog = find_dataset(data_folder / "covers")
    bundle = open_bundle(SHIPPED_DIR / name)
    assert catalog.digest == bundle.metrics()["data"]["digest"]
    some = bundle.predictions().iloc[::40]
    assert len(some) > 10
    for row in some.itertuples():
        prediction = classifiers[name].classify(catalog.path_of(row.item_id))
        stored = [getattr(row, f"prob_{i}") for i in range(len(bundle.card.genres))]
        # Another processor sums in another order.
        np.testing.assert_allclose(prediction.probs, stored, atol=2e-3)
