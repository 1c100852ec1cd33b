"""Labels that every network contradicts, and copies of one cover or song with different labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from genre_core.analysis.columns import need_columns, true_and_predicted
from genre_core.analysis.shared_items import joined_by_item


def always_wrong(evaluations: Sequence[tuple[pd.DataFrame, Sequence[str]]]) -> pd.DataFrame:
    """List the items that every one of several networks gets wrong, those they agree on first.

    `evaluations` are two or more pairs of predictions and genres; items are joined by item_id and
    genres by name. A row has `row` in the first predictions, `item_id`, `label`, `proposed` (what
    most say, of equally many the first network's), `n_agree` that say so, `n_networks`, and
    `p_label`, the mean probability of the label.

    Examples
    --------
    >>> one = pd.DataFrame({"item_id": ["a", "b"], "genre_index": [0, 0], "predicted": [1, 1],
    ...                     "prob_0": [0.2, 0.4], "prob_1": [0.8, 0.6]})
    >>> two = one.assign(predicted=[1, 0], prob_0=[0.4, 0.9], prob_1=[0.6, 0.1])
    >>> always_wrong([(one, ["Rock", "Pop"]), (two, ["Rock", "Pop"])]).drop(columns="p_label")
       row item_id label proposed  n_agree  n_networks
    0    0       a  Rock      Pop        2           2
    """
    shared = joined_by_item(evaluations)
    answers = np.stack(shared.predicted)  # (n_networks, n)
    wrong = np.flatnonzero((answers != shared.true).all(axis=0))
    votes = np.stack([(answers[:, wrong] == k).sum(axis=0) for k in range(len(shared.genres))])
    # Of equally many votes the first network's: its answer weighs a little more.
    votes = votes + 0.5 * (answers[0, wrong] == np.arange(len(shared.genres))[:, None])
    proposed = votes.argmax(axis=0)
    table = pd.DataFrame(
        {
            "row": shared.rows[0][wrong],
            "item_id": shared.ids[wrong],
            "label": [shared.genres[k] for k in shared.true[wrong]],
            "proposed": [shared.genres[k] for k in proposed],
            "n_agree": (answers[:, wrong] == proposed).sum(axis=0),
            "n_networks": len(answers),
            "p_label": np.mean([own[wrong] for own in shared.p_true], axis=0),
        }
    )
    order = ["n_agree", "p_label", "item_id"]
    return table.sort_values(order, ascending=[False, True, True], ignore_index=True)


def conflicting_copies(
    predictions: pd.DataFrame, genres: Sequence[str], groups: Iterable[Sequence[str]]
) -> pd.DataFrame:
    """List the copies of a cover or song that have different labels.

    `groups` are item_ids that are (nearly) the same, such as `DuplicateReport.groups`; those with
    one label, or one item in these predictions, are left out. A row an item: `copies` (number of
    its group, from 0), `row`, `item_id`, `label`, `predicted`.

    Examples
    --------
    >>> rows = pd.DataFrame({"item_id": ["a", "b", "c"], "genre_index": [0, 1, 1],
    ...                      "predicted": [0, 0, 1]})
    >>> conflicting_copies(rows, ["Rock", "Pop"], [("a", "b"), ("c", "x")]).values.tolist()
    [[0, 0, 'a', 'Rock', 'Rock'], [0, 1, 'b', 'Pop', 'Rock']]
    """
    need_columns(predictions, ("item_id",))
    true, predicted = true_and_predicted(predictions)
    row_of = {item: row for row, item in enumerate(predictions["item_id"])}
    rows: list[int] = []
    numbers: list[int] = []
    for group in groups:
        own = [row_of[item] for item in group if item in row_of]
        if len(set(true[own])) > 1:
            numbers += [numbers[-1] + 1 if numbers else 0] * len(own)
            rows += own
    at = np.array(rows, np.int64)
    return pd.DataFrame(
        {
            "copies": np.array(numbers, np.int64),
            "row": at,
            "item_id": predictions["item_id"].to_numpy()[at],
            "label": [genres[k] for k in true[at]],
            "predicted": [genres[k] for k in predicted[at]],
        }
    )
