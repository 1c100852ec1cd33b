"""Weights for the teachers that heard real prog, made up, and files as they come."""

from __future__ import annotations

from pathlib import Path

import numpy as np

Weights = dict[str, np.ndarray]
CHANNELS = {"acoustic": (64, 128, 64, 32), "depthwise": (86, 172, 344)}


def made_weights(name: str, seed: int = 0) -> Weights:
    """Weights of one run as the file lays them out, of a size that keeps logits near 1."""
    rng = np.random.default_rng(seed)
    weights: Weights = {}

    def conv(layer: str, n_out: int, n_in: int, width: int, *, bias: bool = True) -> None:
        shape = (n_out, n_in, width)
        weights[f"{layer}.weight"] = rng.normal(0, (n_in * width) ** -0.5, shape)
        if bias:
            weights[f"{layer}.bias"] = rng.normal(0, 0.1, n_out)

    def norm(layer: str, n: int) -> None:
        for part in ("bias", "running_mean"):
            weights[f"{layer}.{part}"] = rng.normal(0, 0.3, n)
        for part in ("weight", "running_var"):
            weights[f"{layer}.{part}"] = rng.uniform(0.5, 2, n)
        weights[f"{layer}.num_batches_tracked"] = np.int64(7)

    def dense(layer: str, n_in: int) -> None:
        weights[f"{layer}.weight"] = rng.normal(0, n_in**-0.5, (2, n_in))
        weights[f"{layer}.bias"] = rng.normal(0, 0.1, 2)

    n_in = 43
    if name == "resnet":
        conv("conv1", 64, 43, 3)
        for k, (n_from, n_to) in enumerate(((64, 64), (64, 64), (64, 128)), start=1):
            for place, n in ((1, n_from), (2, n_to)):
                conv(f"layer{k}.0.conv{place}", n_to, n, 3, bias=False)
                norm(f"layer{k}.0.bn{place}", n_to)
            if n_from != n_to:
                conv(f"layer{k}.0.downsample.0", n_to, n_from, 1, bias=False)
                norm(f"layer{k}.0.downsample.1", n_to)
        conv("conv2", 128, 128, 3)
        dense("fc", 128 * 55)
    else:
        for k, n_out in enumerate(CHANNELS[name], start=1):
            conv(f"layer{k}.0", n_out, n_in, 3)
            norm(f"layer{k}.1", n_out)
            n_in = n_out
        dense("fc1.0", n_in * (431 >> len(CHANNELS[name])))
    return {key: np.asarray(value, np.float32) for key, value in weights.items()}


def write_runs(file: Path, *runs: Weights) -> Path:
    named = {f"{run}/{key}": w[key] for run, w in enumerate(runs) for key in w}
    np.savez(file, **named)
    return file


def write_prog_real(root: Path, names: tuple[str, ...], n_runs: int = 2) -> Path:
    """Store made teachers where the setting GENRE_DATA finds them; gives what it must be."""
    folder = root / "prog_real"
    folder.mkdir(parents=True)
    for place, name in enumerate(names):
        runs = [made_weights(name, 10 * place + run) for run in range(n_runs)]
        write_runs(folder / f"{name}.npz", *runs)
    return root
