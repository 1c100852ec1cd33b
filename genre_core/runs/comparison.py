"""Runs side by side: their figures, what differs between them, and when to worry about one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from genre_core.runs.run_folder import RunFolder

ALARM_AFTER = 3
"""Epochs without a better validation loss, training still falling, before the alarm."""

ALARM_RISE = 0.05
"""Least rise of the validation loss over its best, as a share of it, before the alarm."""


def summary(run: RunFolder) -> dict[str, Any]:
    """Sum a run up in one row.

    Gives name, title, state, data, n_epochs, best and best_figure (of validation, or None; empty
    for an import),
    minutes, device, tags, result, text.
    """
    request, status, history = run.request(), run.status(), run.history()
    figure, best = best_value(history, _select(request.settings))
    if request.kind != "train":  # an import has no epochs
        figure = ""
    return {
        "name": run.name,
        "title": request.title,
        "state": status.state,
        "data": str(request.settings.get("data", request.settings.get("source", ""))),
        "n_epochs": len(history),
        "best_figure": figure,
        "best": best,
        "minutes": round(max(0.0, status.updated - status.started) / 60, 1)
        if status.started
        else 0.0,
        "device": status.device,
        "tags": list(run.tags()),
        "result": status.result,
        "text": status.text,
    }


def best_value(history: pd.DataFrame, select: str = "val_loss") -> tuple[str, float | None]:
    """Find the best value of a training so far: its figure's name and value, None before an epoch.

    `select` is the figure that chooses ("last_epoch" chooses nothing, and the loss is told); best
    is the lowest of a loss and the highest of others.

    Examples
    --------
    >>> best_value(pd.DataFrame({"val_loss": [0.9, 0.7, 0.8]}))
    ('val_loss', 0.7)
    """
    figure = select if select in history else "val_loss" if "val_loss" in history else "loss"
    if figure not in history or history[figure].isna().all():
        return figure, None
    values = history[figure]
    return figure, float(values.min() if figure.endswith("loss") else values.max())


def what_differs(runs: Sequence[RunFolder]) -> list[dict[str, Any]]:
    """List the settings in which runs (at least one) differ, and only these.

    One row a setting: "setting" and, by each run's name, its value as text; "-" where a run has no
    such setting.
    """
    flat = {run.name: _flat(run.request().settings) for run in runs}
    for run in runs:
        flat[run.name]["device"] = run.request().device
    paths = dict.fromkeys(path for settings in flat.values() for path in settings)
    rows = []
    for path in paths:
        values = {name: _text(settings.get(path)) for name, settings in flat.items()}
        if path not in ("command", "out") and len(set(values.values())) > 1:
            rows.append({"setting": path.removeprefix("experiment."), **values})
    return rows


def side_by_side(runs: Sequence[RunFolder]) -> pd.DataFrame:
    """Stack the histories of runs for one chart.

    Each run of each history becomes a run of its own (column run), named in the column of.
    """
    tables = []
    n_before = 0
    for run in runs:
        history = as_one_batch(run.history())
        if history.empty:
            continue
        tables.append(history.assign(run=history["run"] + n_before, of=run.name))
        n_before = int(tables[-1]["run"].max()) + 1
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def as_one_batch(history: pd.DataFrame) -> pd.DataFrame:
    """Give the runs of all parts numbers of their own, so that folds are runs of one batch.

    Examples
    --------
    >>> history = pd.DataFrame({"part": ["fold-1", "fold-2"], "run": [0, 0], "epoch": [1, 1]})
    >>> as_one_batch(history)["run"].tolist()
    [0, 1]
    """
    if history.empty:
        return history
    if "part" not in history:
        history = history.assign(part="")
    number = history.groupby(["part", "run"], sort=False).ngroup()
    return history.assign(run=number)


def best_of_each(history: pd.DataFrame, figure: str) -> list[dict[str, Any]]:
    """Find the best value of each fold and repeat, for dots: name ("fold 2", "run 1") and value."""
    if figure not in history:
        return []
    batch = as_one_batch(history)
    rows = []
    for (part, _), own in batch.groupby(["part", "run"], sort=False):
        _, value = best_value(own, figure)
        if value is not None:
            number = int(history.loc[own.index[0], "run"]) + 1
            name = str(part).replace("-", " ") if part else f"run {number}"
            rows.append({"name": name, "value": value})
    return rows


def overfitting_alarm(history: pd.DataFrame) -> str:
    """Say since when a network learns by heart, for a warning; empty where it does not.

    Overfitting is told where the training loss keeps falling while the validation loss has been
    above its best for `ALARM_AFTER` epochs and by `ALARM_RISE`, in the history's last part and run.

    Examples
    --------
    >>> losses = {"loss": [0.9, 0.6, 0.4, 0.3, 0.2], "val_loss": [0.8, 0.7, 0.75, 0.8, 0.9]}
    >>> overfitting_alarm(pd.DataFrame(losses | {"run": 0, "epoch": range(1, 6)}))
    'Since epoch 2 the validation loss has risen from 0.700 to 0.900 while the training loss fell \
    from 0.600 to 0.200: from there on it learns by heart.'
    """
    if not {"loss", "val_loss"} <= set(history):
        return ""
    batch = as_one_batch(history)
    last = batch[batch["run"] == batch["run"].iloc[-1]]
    val, train = last["val_loss"].to_numpy(float), last["loss"].to_numpy(float)
    if not np.isfinite(val).all():
        return ""
    best = int(val.argmin())
    has_overfitted = (
        len(val) - 1 - best >= ALARM_AFTER
        and val[-1] > (1 + ALARM_RISE) * val[best]
        and train[-1] < train[best]
    )
    if not has_overfitted:
        return ""
    epoch = int(last["epoch"].iloc[best])
    return (
        f"Since epoch {epoch} the validation loss has risen from {val[best]:.3f} to "
        f"{val[-1]:.3f} while the training loss fell from {train[best]:.3f} to {train[-1]:.3f}: "
        "from there on it learns by heart."
    )


def _select(settings: Mapping[str, Any]) -> str:
    training = settings.get("experiment", {}).get("training", {})
    return str(training.get("select", "val_loss"))


def _flat(settings: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        path = f"{before}{key}"
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{path}.")
        else:
            flat[path] = value
    return flat


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
