"""Several genres a cover, from import to card: trained, measured, beside its baselines."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genre_core.config import CoverInput, Experiment, Task, Training
from genre_core.data.importers import find_dataset
from genre_core.jobs.train import train

pytestmark = pytest.mark.usefixtures("few_resamples", "made_networks")

GENRES = ("Blue", "Green", "Red")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Covers whose channels are lifted for each genre they have."""
    root = tmp_path / "several"
    root.mkdir()
    lines = ["path,genre,split"]
    rng = np.random.default_rng(0)
    for k in range(90):
        hits = rng.random(3) < 0.5
        if not hits.any():
            hits[k % 3] = True
        pixels = rng.integers(0, 100, (64, 64, 3))
        pixels[..., ::-1][..., hits] += 150
        Image.fromarray(pixels.astype(np.uint8)).save(root / f"{k:02d}.png")
        split = "train" if k < 50 else ("val", "test")[k % 2]
        labels = "|".join(np.array(GENRES)[hits])
        lines.append(f"{k:02d}.png,{labels},{split}")
    (root / "labels.csv").write_text("\n".join(lines))
    return root


def recipe(**training: object) -> Experiment:
    return Experiment(
        name="tiny_multilabel",
        title="Several genres",
        study="ours",
        architecture="s3_model_5",
        tag="tiny_multilabel",
        task=Task(genres=GENRES, head="multilabel"),
        input=CoverInput(size=64),
        training=Training(
            **{"epochs": 3, "batch_size": 8, "select": "val_roc_auc", "repeats": 2} | training
        ),
    )


def test_from_import_to_figures(folder: Path, tmp_path: Path, genre_home: Path) -> None:
    bundle = train(recipe(), folder, command="a test", log=lambda _: None, out=tmp_path / "out")
    metrics = bundle.metrics()
    assert json.dumps(metrics)
    assert "confusion" not in metrics
    assert metrics["headline"] == "roc_auc"
    assert metrics["genres_per_cover"] > 1
    assert set(metrics["values"]) == {"roc_auc", "macro_f1", "top_hit"}
    for value in metrics["values"].values():
        assert 0 <= value["low"] <= value["value"] <= value["high"] <= 1
    # Channels are what colour statistics see best: the baseline must find them.
    assert metrics["baselines"]["colour"]["roc_auc"]["value"] > 0.95
    assert metrics["baselines"]["majority"]["roc_auc"]["value"] == 0.5
    assert [row["genre"] for row in metrics["per_genre"]] == list(GENRES)
    catalog = find_dataset(folder)
    test = catalog.frame[catalog.frame["split"] == "test"]
    support = {row["genre"]: row["support"] for row in metrics["per_genre"]}
    assert support == {g: sum(g in labels for labels in test["labels"]) for g in GENRES}
    assert bundle.card.data["per_genre"]["test"] == support
    history = bundle.history()
    assert {"val_roc_auc", "val_macro_f1", "val_top_hit"} <= set(history.columns)
    assert len(history) == 6
    assert bundle.repeats() == {}


def test_train_and_val_together_leave_nothing_to_choose_on(
    folder: Path, tmp_path: Path, genre_home: Path
) -> None:
    made = recipe(epochs=1, select="last_epoch", train_on="train+val", repeats=1)
    bundle = train(made, folder, command="a test", log=lambda _: None, out=tmp_path / "out")
    assert not [name for name in bundle.history().columns if name.startswith("val_")]
    assert bundle.card.data["trained_on"] == "train+val"
    assert bundle.card.provenance["chosen_by"] == "last_epoch"
    assert "chosen_value" not in bundle.card.provenance
