"""A small bundle with everything that the pages show: figures, curves and predictions."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from keras import layers

from genre_core.runs.bundle import Bundle, open_bundle
from genre_core.runs.card import save_card
from tests.made_bundles import SIZE, write_bundle

GENRES = ("Jazz", "Pop")
CONFUSION = [[3, 1], [2, 4]]
"""Rows = true. Every cell differs, so that a turned matrix is seen."""


def make_trap(n_logits: int = len(GENRES)) -> keras.Model:
    """Three convolutions with maps of 64, 6 and 1: fine, too small, and S1's single cell."""
    keras.utils.set_random_seed(0)
    image = keras.Input((SIZE, SIZE, 3), name="image")
    x = layers.Rescaling(1 / 255, name="rescale")(image)
    x = layers.Conv2D(4, 3, activation="relu", padding="same", name="wide")(x)
    x = layers.MaxPooling2D(10, name="pool_1")(x)
    x = layers.Conv2D(4, 3, activation="relu", padding="same", name="small")(x)
    x = layers.MaxPooling2D(6, name="pool_2")(x)
    x = layers.Conv2D(4, 1, activation="relu", padding="same", name="single")(x)
    x = layers.Flatten(name="flatten")(x)
    network = keras.Model(image, layers.Dense(n_logits, name="logits")(x), name="trap")
    # Without a negative weight every place speaks for every genre: each map has a location but
    # the single cell's, whatever the cover.
    network.set_weights([np.abs(weight) for weight in network.get_weights()])
    return network


def write_results(bundle: Bundle) -> Bundle:
    """Write metrics, history and predictions beside a bundle's network."""
    figure = {"value": 0.6952, "low": 0.41, "high": 0.93}
    metrics = {
        "split": "test",
        "n": 10,
        "n_groups": 9,
        "n_runs": 2,
        "headline": "roc_auc",
        "values": {"roc_auc": figure, "accuracy": {"value": 0.7, "low": 0.4, "high": 0.9}},
        "baselines": {
            "majority": {"genre": "Pop", "roc_auc": {"value": 0.5}, "accuracy": {"value": 0.6}},
            "colour": {"roc_auc": {"value": 0.55, "low": 0.3, "high": 0.8}},
        },
        "gain_over_colour": {"value": 0.1452, "low": -0.1, "high": 0.4},
        "confusion": CONFUSION,
        "per_genre": [
            {"genre": "Jazz", "precision": 0.6, "recall": 0.75, "f1": 0.667, "support": 4},
            {"genre": "Pop", "precision": 0.8, "recall": 0.667, "f1": 0.727, "support": 6},
        ],
        "extra": [
            {
                "title": "jazz against pop",
                "note": "Painted by one hand.",
                "n": 10,
                "n_groups": 9,
                "figure": "roc_auc",
                "network": figure,
                "source_probe": {"value": 0.52},
            }
        ],
        "same_genre_sources": [],
    }
    (bundle.folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    steps = [
        {"run": run, "epoch": epoch, "loss": 1 / epoch, "val_loss": 1 / epoch + 0.1 * run}
        for run in (0, 1)
        for epoch in (1, 2, 3)
    ]
    pd.DataFrame(steps).to_csv(bundle.folder / "history.csv", index=False)
    pairs = [(t, p) for t in (0, 1) for p in (0, 1) for _ in range(CONFUSION[t][p])]
    styles = [GENRES[t].lower() for t, _ in pairs]
    sure = np.linspace(0.55, 0.95, len(pairs))
    pd.DataFrame(
        {
            "item_id": [f"{style}/{style}-{k:03d}.jpg" for k, style in enumerate(styles)],
            "title": [f"Cover {k}" for k in range(len(pairs))],
            "artist": "",
            "split": "test",
            "genre_index": [true for true, _ in pairs],
            "predicted": [said for _, said in pairs],
            "prob_0": [s if said == 0 else 1 - s for s, (_, said) in zip(sure, pairs, strict=True)],
            "prob_1": [s if said == 1 else 1 - s for s, (_, said) in zip(sure, pairs, strict=True)],
        }
    ).to_parquet(bundle.folder / "predictions.parquet")
    return bundle


def write_evaluated(models: Path, name: str = "made.test") -> Bundle:
    """Store the trap network with its results in the folder `models`."""
    return write_results(write_bundle(models, genres=GENRES, name=name, make=make_trap))


def write_batch(
    models: Path, name: str = "made.batch", *, stuck: bool = False, watched: bool = True
) -> Bundle:
    """Store a bundle that rebuilds study S3: three runs, curves, counts of its genres.

    With `stuck` every run answers Pop for every cover; without `watched` its recipe trained on the
    validation covers too, so that its history has no validation columns.
    """
    bundle = with_card(
        write_evaluated(models, name),
        study="S3",
        data={
            "name": "made",
            "title": "Made covers",
            "split_rule": "by hand",
            "n_train": 100,
            "n_val": 20,
            "n_test": 10,
            "per_genre": {
                "train": {"Jazz": 40, "Pop": 60},
                "val": {"Jazz": 7, "Pop": 13},
                "test": {"Jazz": 4, "Pop": 6},
            },
        },
        provenance={
            "n_runs": 3,
            "versions": {},
            "command": "a test",
            "seed": 0,
            "chosen_run": 1,
            "chosen_epoch": 2,
            "chosen_by": "val_loss" if watched else "last_epoch",
        },
    )
    figures = bundle.metrics()
    figures["values"] |= {
        "balanced_accuracy": {"value": 0.5833, "low": 0.4, "high": 0.8},
        "macro_f1": {"value": 0.5604, "low": 0.3, "high": 0.8},
    }
    figures["baselines"]["majority"] |= {
        "balanced_accuracy": {"value": 0.5},
        "macro_f1": {"value": 0.375},
    }
    shares = [1.0, 1.0, 1.0] if stuck else [0.6, 0.7, 1.0]
    figures["repeats"] = {
        "rule": "Each run on the same test covers.",
        "rows": [
            {
                "run": run,
                "seed": run,
                "epoch": 2,
                "n_predicted_genres": 1 if share == 1 else 2,
                "most_predicted": "Pop",
                "most_predicted_share": share,
                "values": {
                    "accuracy": 0.6 + (1 - share) / 4,
                    "balanced_accuracy": 0.5 + (1 - share) / 4,
                    "macro_f1": 0.375 + (1 - share) / 2,
                    "roc_auc": None,
                },
            }
            for run, share in enumerate(shares)
        ],
    }
    (bundle.folder / "metrics.json").write_text(json.dumps(figures), encoding="utf-8")
    steps = [
        {
            "run": run,
            "epoch": epoch,
            "loss": 0.7 / epoch + 0.02 * run,
            "accuracy": 0.6 + 0.1 * epoch,
            "val_loss": 0.7 - 0.02 * epoch * run,
            "val_accuracy": 0.62 + 0.03 * run,
            "val_balanced_accuracy": 0.5 + 0.02 * epoch,
            "val_macro_f1": 0.4 + 0.02 * epoch,
            "val_roc_auc": 0.5 + 0.01 * epoch,
        }
        for run in range(3)
        for epoch in (1, 2, 3, 4)
    ]
    history = pd.DataFrame(steps)
    if not watched:
        history = history[[c for c in history.columns if not c.startswith("val_")]]
    history.to_csv(bundle.folder / "history.csv", index=False)
    return bundle


def write_multilabel(models: Path, name: str = "made.several") -> Bundle:
    """Store a bundle whose covers may have several genres: no confusion matrix, other figures."""
    bundle = write_bundle(models, genres=GENRES, head="multilabel", name=name, network=make_trap())
    figures = {
        "split": "test",
        "n": 10,
        "n_runs": 1,
        "headline": "macro_auc",
        "values": {
            "macro_auc": {"value": 0.61, "low": 0.5, "high": 0.7},
            "micro_f1": {"value": None},
        },
    }
    (bundle.folder / "metrics.json").write_text(json.dumps(figures), encoding="utf-8")
    steps = [{"run": 0, "epoch": epoch, "loss": 1 / epoch, "val_top_hit": 0.5} for epoch in (1, 2)]
    pd.DataFrame(steps).to_csv(bundle.folder / "history.csv", index=False)
    return bundle


def with_card(bundle: Bundle, **changes: Any) -> Bundle:
    """Change fields of a bundle's card that its network does not repeat."""
    save_card(dataclasses.replace(bundle.card, **changes), bundle.folder)
    return open_bundle(bundle.folder)
