"""A made data set and a recipe so small that a training takes seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from genre_core.config import Augment, CoverInput, Experiment, Task, Training, to_dict
from genre_core.jobs.run_control import made_by, training_request
from genre_core.runs.run_folder import Request, RunFolder

GENRES = ("Blue", "Red")
N_TRAIN, SIZE = 40, 64


def write_covers(root: Path, *, n: int = 72) -> Path:
    """Write noise with more blue or more red, half of it for training."""
    root.mkdir(parents=True)
    lines = ["path,genre,split"]
    rng = np.random.default_rng(0)
    for k in range(n):
        pixels = rng.integers(0, 120, (SIZE, SIZE, 3))
        pixels[..., 2 * (1 - k % 2)] += 110
        Image.fromarray(pixels.astype(np.uint8)).save(root / f"{k:02d}.png")
        split = "train" if k < N_TRAIN else ("val", "test")[k // 2 % 2]
        lines.append(f"{k:02d}.png,{GENRES[k % 2]},{split}")
    (root / "labels.csv").write_text("\n".join(lines), encoding="utf-8")
    return root


def small_recipe(**training: object) -> Experiment:
    """Return study S3's smallest network on 64 px, with dropout and augmentation."""
    return Experiment(
        name="small",
        title="Blue or red",
        study="ours",
        architecture="s3_model_5",
        tag="small",
        task=Task(genres=GENRES),
        input=CoverInput(size=SIZE),
        training=Training(**{"epochs": 4, "batch_size": 8} | training),
        augment=Augment(flip=True, brightness=0.1),
    )


def small_request(data: Path, *, title: str = "small", **settings: Any) -> Request:
    """Return the request of a training of `small_recipe` on a folder."""
    recipe = small_recipe(**settings.pop("training", {}))
    return training_request(to_dict(recipe), str(data), title=title, command="a test", **settings)


def weights(run: RunFolder) -> list[np.ndarray]:
    """Return the weights of the network that a run has made."""
    from genre_core.inference.checkpoint import load_network  # loads TensorFlow

    bundle = made_by(run)
    assert bundle is not None, run.log_tail()
    return load_network(bundle).get_weights()
