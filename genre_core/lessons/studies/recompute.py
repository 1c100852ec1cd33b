"""Everything of a study that follows from what it printed, by the metrics of this project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from genre_core.errors import ParameterError, describe, did_you_mean
from genre_core.lessons.studies.layers import trace
from genre_core.lessons.studies.printed import Matrix, Network, ScoreCurve
from genre_core.lessons.studies.share_matrix import ShareMatrix
from genre_core.lessons.studies.study import Study
from genre_core.metrics import accuracy, balanced_accuracy, exact_interval, macro_f1
from genre_core.metrics.priors import majority_share, prior_entropy
from genre_core.metrics.votes import judge


def recompute(study: Study) -> dict[str, float]:
    """Compute every value that the study's file names a rule for, in its order.

    Refused: an unknown rule, an `of` that names nothing (the nearest is given), or values that the
    rule does not take.
    """
    known: dict[str, Any] = dict(study.numbers)
    known |= {f"matrix {matrix.network}": matrix for matrix in study.matrices}
    known |= {f"network {network.name}": network for network in study.networks}
    known |= {f"table {table.name}": table for table in study.tables}
    known |= {f"shares {matrix.network}": matrix for matrix in study.shares}
    known |= {f"song {song.song}": song for song in study.songs}
    if study.epochs is not None:
        known |= {f"epochs {name}": getattr(study.epochs, name) for name in study.epochs.columns}
    values: dict[str, float] = {}
    for value in study.recomputed:
        rule = _look_up(RULES, value.rule, "rule")
        given = [_look_up(known | values, name, "input") for name in value.of]
        try:
            values[value.name] = float(rule(*given))
        except (TypeError, AttributeError, ZeroDivisionError) as error:
            raise ParameterError(
                f"{study.name}: rule {value.rule!r} must fit what it is given for {value.name!r}.",
                received=f"{', '.join(value.of)} ({error})",
                cure="Correct `of` in the study's file.",
            ) from error
    return values


def _look_up(known: dict[str, Any], name: str, kind: str) -> Any:
    if name not in known:
        raise ParameterError(
            f"A recomputation's {kind} must be known.",
            received=describe(name),
            cure=did_you_mean(name, known),
        )
    return known[name]


def _of_matrix(metric: Callable[..., float]) -> Callable[[Matrix], float]:
    return lambda matrix: metric(*matrix.answers())


def _misread(matrix: Matrix) -> float:
    """Balanced accuracy for somebody who takes the rows for the columns."""
    true, predicted = matrix.answers()
    return balanced_accuracy(predicted, true)


def _by_chance(matrix: Matrix) -> float:
    """Accuracy if answers and truth kept their shares and had nothing to do with each other."""
    counts = matrix.by_truth() / matrix.by_truth().sum()
    return float(counts.sum(axis=0) @ counts.sum(axis=1))


def _share(values: tuple[float, ...] | np.ndarray) -> float:
    return majority_share([int(value) for value in values])


def _bound(end: str) -> Callable[[float, float], float]:
    # The study gives a share; so many of n is the whole number nearest to it.
    return lambda share, n: getattr(exact_interval(round(share * n), int(n)), end)


def _last_map(network: Network) -> int:
    layers = trace(network.layers, network.input, network.n_outputs)
    return [layer.side for layer in layers if layer.word.startswith("C")][-1]


def _recall(place: int) -> Callable[[Matrix], float]:
    return lambda matrix: float(
        matrix.by_truth()[place, place] / max(1, matrix.by_truth()[place].sum())
    )


def _said(matrix: Matrix) -> float:
    """Share of everything that is called the first genre."""
    return float(matrix.by_truth()[:, 0].sum() / matrix.by_truth().sum())


def _first(column: tuple[float, ...]) -> float:
    return column[0]


def _above(part: int | None) -> Callable[[ScoreCurve], float]:
    def count(curve: ScoreCurve) -> float:
        scores = curve.scores if part is None else curve.thirds()[part]
        return judge(np.array(scores)).n_above

    return count


def _cell(matrix: ShareMatrix, true: float, predicted: float) -> float:
    # Genres by their place in the study's list, from 1.
    return matrix.shares[int(true) - 1][int(predicted) - 1]


def _lowest(column: tuple[float, ...], first_epoch: float = 1) -> float:
    return min(column[int(first_epoch) - 1 :])


def _highest(column: tuple[float, ...], first_epoch: float = 1) -> float:
    return max(column[int(first_epoch) - 1 :])


RULES: dict[str, Callable[..., float]] = {
    # Numbers.
    "sum": lambda *terms: sum(terms),
    "difference": lambda whole, part: whole - part,
    "product": lambda *factors: float(np.prod(factors)),
    "ratio": lambda part, whole: part / whole,
    "chance": lambda n_genres: 1 / n_genres,
    "links": lambda *depths: sum(depth * (depth + 1) / 2 for depth in depths),
    "interval low": _bound("low"),
    "interval high": _bound("high"),
    "majority of counts": lambda *counts: _share(counts),
    "entropy of counts": lambda *counts: prior_entropy(counts),
    "chance loss": lambda n_genres: float(np.log(n_genres)),
    # Printed confusion matrices.
    "n judged": lambda matrix: matrix.by_truth().sum(),
    "n majority": lambda matrix: matrix.by_truth().sum(axis=1).max(),
    "majority": lambda matrix: _share(matrix.by_truth().sum(axis=1)),
    "prior entropy": lambda matrix: prior_entropy(matrix.by_truth().sum(axis=1)),
    "accuracy": _of_matrix(accuracy),
    "balanced accuracy": _of_matrix(balanced_accuracy),
    "macro f1": _of_matrix(macro_f1),
    "balanced accuracy misread": _misread,
    "agreement by chance": _by_chance,
    "most predicted": lambda matrix: _share(matrix.by_truth().sum(axis=0)),
    "n predicted": lambda matrix: (matrix.by_truth().sum(axis=0) > 0).sum(),
    "recall": _recall(0),
    "recall of the second": _recall(1),
    "called the first": _said,
    "n right": lambda matrix: matrix.by_truth().trace(),
    # Printed matrices of shares.
    "n inferred": lambda matrix: sum(matrix.n_songs()),
    "mean of the diagonal": lambda matrix: matrix.balanced_accuracy(),
    "weighted diagonal": lambda matrix: matrix.accuracy()[0],
    "weighted diagonal low": lambda matrix: matrix.accuracy()[1],
    "weighted diagonal high": lambda matrix: matrix.accuracy()[2],
    "cell": _cell,
    "precision": lambda matrix, genre: matrix.precisions()[int(genre) - 1],
    # Printed scores of a song.
    "n segments": lambda curve: len(curve.scores),
    "n above": _above(None),
    "n above, first third": _above(0),
    "n above, last third": _above(2),
    "n last third": lambda curve: len(curve.thirds()[2]),
    "mean score": lambda curve: float(np.mean(curve.scores)),
    # Networks and epoch logs.
    "parameters": lambda network: network.n_parameters,
    "last map": _last_map,
    "first": _first,
    "lowest": _lowest,
    "highest": _highest,
    "n epochs": len,
}
"""What a study's file may ask for; each takes what `Recomputation.of` names."""
