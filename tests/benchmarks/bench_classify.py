"""One cover with one model: the compiled forward pass against `keras.Model.predict`.

Run `python tests/benchmarks/bench_classify.py`; `measure()` gives the same figures to a runner.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.timing import interleaved, print_rows, row  # noqa: E402

AIMS = {"s1_prog_covers": 5.0, "efficientnet_lite2": 2.0}
MAX_DIFFERENCE = 1e-4


def measure(rounds: int = 25) -> list[dict[str, Any]]:
    """Measure S1's network and Lite2 at their own sizes, with random weights.

    Parameters
    ----------
    rounds : int
        Interleaved rounds after one to warm up.

    Returns
    -------
    list of dict
        name, value, aim (as text) and holds.
    """
    from genre_core.architectures import build, find_architecture
    from genre_core.config import CoverInput, Experiment, Task, Training
    from genre_core.inference.classifier import Classifier
    from tests.made_bundles import make_card

    rows = []
    for name, aim in AIMS.items():
        size = find_architecture(name).input_shape[0]
        experiment = Experiment(
            name=name,
            title=name,
            study="ours",
            architecture=name,
            tag="bench",
            task=Task(genres=("other", "prog"), head="binary"),
            input=CoverInput(size=size),
            training=Training(epochs=1),
        )
        network = build(name, n_logits=1)
        classifier = Classifier(network, make_card(experiment, f"{name}.bench"))
        cover = np.random.default_rng(0).integers(0, 256, (1, size, size, 3), dtype=np.uint8)
        floats = cover.astype(np.float32)
        seconds = interleaved(
            {
                "compiled": lambda c=classifier, x=cover: c.logits(x),
                "predict": lambda n=network, x=floats: n.predict(x, verbose=0),
            },
            rounds,
        )
        ratio = seconds["predict"] / seconds["compiled"]
        difference = float(
            np.abs(classifier.logits(cover) - network.predict(floats, verbose=0)).max()
        )
        rows += [
            row(f"{name}: compiled, ms", seconds["compiled"] * 1e3),
            row(f"{name}: predict, ms", seconds["predict"] * 1e3),
            row(f"{name}: predict / compiled", ratio, at_least=aim),
            row(f"{name}: largest difference of the logits", difference, at_most=MAX_DIFFERENCE),
        ]
    return rows


if __name__ == "__main__":
    sys.exit(print_rows(measure()))
