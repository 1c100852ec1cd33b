"""The part of a report that compares two networks on the same items."""

from __future__ import annotations

import pandas as pd

from genre_core.analysis.markup import Markup, element, section, table
from genre_core.analysis.pairs import compare
from genre_core.analysis.report_figures import matrix
from genre_core.analysis.report_items import name_of
from genre_core.metrics.intervals import Interval
from genre_core.runs.evaluations import EvaluationRecord

_N_NAMED = 12


def compared(record: EvaluationRecord, rows: pd.DataFrame, other: EvaluationRecord) -> Markup:
    """Compare two evaluations on the items that both have: A is the report's, B the other one.

    Raises `ParameterError` where they share none.
    """
    a, b = (own.about["model"].get("title") or own.name for own in (record, other))
    both = compare((rows, record.genres), (other.predictions(), other.genres))
    test, n, n_right = both.mcnemar, len(both.shared.ids), int(both.matrices[0].trace())
    lines = [
        ("both right", f"{n_right - test.n_only_a:,}"),
        ("only A right", f"{test.n_only_a:,}"),
        ("only B right", f"{test.n_only_b:,}"),
        ("both wrong", f"{n - n_right - test.n_only_b:,}"),
    ]
    left_out = both.shared.n_conflicting
    conflict = (
        f" {left_out:,} that they hold for different genres are left out." if left_out else ""
    )
    seen = [
        f"{name} may have learnt from {own.about['n_seen']:,} of its items."
        for name, own in (("A", record), ("B", other))
        if own.about["n_seen"]
    ]
    gains = [
        f"Gain of A over B in {name}: {_written(gain)}."
        for name, gain in (("accuracy", both.accuracy_gain), ("macro-F1", both.macro_f1_gain))
    ]
    return section(
        "Beside another network",
        element("p", f"A is {a} ({record.name}), B is {b} ({other.name}).{conflict}"),
        *(element("p", line) for line in (*gains, *seen)),
        table(["", "items"], lines, f"{n:,} items that both have"),
        element(
            "p",
            f"McNemar's test by items: p {_of(test.p)}. It takes items to be independent; where "
            "they come in groups, the intervals count, which draw whole groups.",
            class_="soft",
        ),
        element("p", element("b", f"A: {a}")),
        matrix(both.matrices[0].tolist(), both.shared.genres),
        element("p", element("b", f"B: {b}")),
        matrix(both.matrices[1].tolist(), both.shared.genres),
        *(
            element("p", f"{title}: {', '.join(name_of(rows, row) for row in own[:_N_NAMED])}.")
            for title, own in (("Only A has right", both.only_a), ("Only B has right", both.only_b))
            if len(own)
        ),
    )


def _of(p: float) -> str:
    return f"= {p:.3f}" if p >= 0.001 else "below 0.001"


def _written(gain: Interval | None) -> str:
    if gain is None:
        return "no interval, too few groups"
    return f"{gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f}), paired"
