"""Where in a song a network erred."""

from __future__ import annotations

import numpy as np
import pandas as pd

from genre_core.analysis.columns import need_columns


def erred_most(segments: pd.DataFrame, true: int, predicted: int) -> float:
    """Give the start (s) of the segment that speaks most for the answer, against the true genre.

    Of a right answer it is the one that speaks most for it. `segments` are one song's, as
    `EvaluationRecord.segments` gives them; `true` and `predicted` are indices of genres.

    Examples
    --------
    >>> rows = pd.DataFrame({"start_s": [0.0, 3.0], "prob_0": [0.6, 0.1], "prob_1": [0.4, 0.9]})
    >>> erred_most(rows, 0, 1), erred_most(rows, 0, 0)
    (3.0, 0.0)
    """
    need_columns(segments, ("start_s", f"prob_{true}", f"prob_{predicted}"))
    against = segments[f"prob_{true}"].to_numpy() if true != predicted else 0.0
    margin = segments[f"prob_{predicted}"].to_numpy() - against
    return float(segments["start_s"].iloc[int(np.argmax(margin))])
