"""Two networks on the same items: where only one is right, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from genre_core.analysis.pairs import Comparison, McNemar
from genre_core.analysis.selection import Selection
from genre_core.metrics.intervals import Interval
from genre_core.runs.evaluations import EvaluationRecord
from pages.ui import controls, figures
from pages.ui.confusion import CELLS
from pages.ui.errors import cached, choosing, state
from pages.ui.errors.cached import Opened
from pages.ui.problems import plain


def section(evaluation: Opened, others: Sequence[EvaluationRecord]) -> None:
    """Ask for the second network and set both side by side."""
    other = choosing.ask_beside(others)
    if other is None:
        st.caption("Choose a second network: only items that both were asked about are compared.")
        return
    second = cached.opened(other)
    pair = cached.comparison(evaluation, second)
    names = [str(one.record.about["model"]["title"]) for one in (evaluation, second)]
    if names[0] == names[1]:
        names = [one.record.name for one in (evaluation, second)]
    one, two = map(plain, names)
    n = len(pair.shared.ids)
    rights = [int(np.trace(matrix)) for matrix in pair.matrices]
    st.markdown(
        f"On **{n:,}** shared {evaluation.items}, A (*{one}*) is right for **{rights[0]:,}**, B "
        f"(*{two}*) for **{rights[1]:,}**. {_gain(pair.accuracy_gain, 'accuracy')} "
        f"{_gain(pair.macro_f1_gain, 'macro-F1')}"
    )
    st.caption(_mcnemar(pair.mcnemar))
    with st.container(horizontal=True):
        _look("A right, B wrong", evaluation, pair.only_a, "only_a")
        _look("B right, A wrong", evaluation, pair.only_b, "only_b")
    how = controls.switch("Each cell shows", list(CELLS), key="beside_cells", wrap=True)
    for place, column in enumerate(st.columns(2, gap="medium")):
        with column:
            st.markdown(f"**{'AB'[place]}: {plain(names[place])}**")
            figures.confusion(
                pair.matrices[place].tolist(),
                pair.shared.genres,
                cells=CELLS[how],
                items=evaluation.items,
            ).show(key=f"beside_matrix_{place}")
    _reliabilities(evaluation, second)
    _conflicts(pair, evaluation)


def _gain(gain: Interval | None, figure: str) -> str:
    if gain is None:
        return f"Of its {figure} no interval can be given: fewer than 5 groups."
    sure = gain.low > 0 or gain.high < 0
    return (
        f"A's {figure} is higher by **{gain.value:+.3f}** ({gain.low:+.3f} to {gain.high:+.3f})"
        f"{', more than chance explains' if sure else ', which chance alone may explain'}."
    )


def _mcnemar(test: McNemar) -> str:
    how = "exact" if test.statistic is None else f"chi-squared {test.statistic:.2f}"
    return (
        f"McNemar's test by single items: {test.n_only_a:,} only A has right, {test.n_only_b:,} "
        f"only B; p = {test.p:.3g} ({how}). Where items come in groups, the intervals above count: "
        "they draw whole groups."
    )


def _look(label: str, evaluation: Opened, rows: np.ndarray, key: str) -> None:
    ids = tuple(evaluation.predictions["item_id"].to_numpy()[rows])
    st.button(
        f"{label}: {len(ids):,}",
        icon=":material/checklist:",
        key=key,
        disabled=not ids,
        help="Selects them in the list above.",
        on_click=state.choose,
        args=(Selection(lasso=ids),),
    )


def _reliabilities(*both: Opened) -> None:
    reports = [one.metrics.get("calibration", {}) for one in both]
    if not all(report.get("reliability") for report in reports):
        return
    st.markdown("**Can their per cent be taken at their word?**")
    for place, column in enumerate(st.columns(2, gap="medium")):
        with column:
            figures.reliability(reports[place]["reliability"], "said", "share that came true").show(
                key=f"beside_reliability_{place}"
            )


def _conflicts(pair: Comparison, evaluation: Opened) -> None:
    if n := pair.shared.n_conflicting:
        st.caption(f"{n:,} {evaluation.items} are left out: the two hold them for other genres.")
