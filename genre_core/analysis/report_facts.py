"""The part of a report on what stands behind its figures: where it fails, and facts of files."""

from __future__ import annotations

import pandas as pd

from genre_core.analysis.markup import Markup, element, section, table
from genre_core.analysis.report_figures import written
from genre_core.analysis.selection import describe
from genre_core.analysis.shortcuts import LEVEL, MARGIN, shortcuts_of
from genre_core.analysis.slices import find_slices
from genre_core.analysis.suspects import out_of_sample
from genre_core.errors import ParameterError
from genre_core.runs.evaluations import EvaluationRecord

_N_SLICES = 12


def failing_slices(record: EvaluationRecord, rows: pd.DataFrame) -> Markup:
    """List the parts of the items not learnt from that are wrong beyond what chance explains."""
    title = "Where it fails most"
    try:
        unseen = rows.iloc[out_of_sample(rows, int(record.about["n_seen"]))]
        report = find_slices(unseen, record.genres, limit=_N_SLICES)
    except ParameterError as error:
        return section(title, element("p", f"{error.rule} Received {error.received}."))
    flagged = report.table[report.table["is_flagged"]]
    text = (
        f"{report.n_tried:,} parts of {report.n:,} items were tried, by source, decade, artist and "
        f"facts of files: {len(flagged) or 'none'} of them wrong more often than chance explains, "
        "whole artists counted as one and p corrected for how many were tried."
    )
    lines = []
    for place in flagged.index:
        own = flagged.loc[place]
        lines.append(
            (
                ", ".join(describe(report.selection(int(place))).values()),
                f"{own['n']:,}",
                written(_interval(own["error"], own["ci_low"], own["ci_high"])),
                f"{own['rest_error']:.3f}",
                f"{own['p']:.3f}",
            )
        )
    columns = ["items", "how many", "share wrong", "of the rest", "p"]
    shown = [table(columns, lines, "In brackets: 95 % interval")] if lines else []
    return section(title, element("p", text), *shown)


def told_by_facts(record: EvaluationRecord) -> Markup:
    """Say how far facts of the files alone tell the genres; nothing where none were measured."""
    try:
        report = shortcuts_of(record, n_draws=200, n_resamples=100)
    except ParameterError:
        return Markup()
    named = ", ".join(report.named) or "none"
    text = (
        f"A small model tells the genres of {report.n:,} of these items by facts of files, in "
        f"folds of whole artists. Named as a shortcut: {named} (p at most {LEVEL:g}, corrected for "
        f"the kinds, and an AUC of {0.5 + MARGIN:g} or more; chance is 0.5). A network could go by "
        "what is named; whether it does is another question."
    )
    lines = [
        (
            own.kind,
            written(_interval(own.auc, own.low, own.high)),
            f"{own.random_folds:.3f}",
            f"{own.genre}: {written(_interval(own.genre_auc, own.genre_low, own.genre_high))}",
            f"{own.p:.3f}",
        )
        for own in report.table.itertuples(index=False)
    ]
    columns = ["kind", "AUC", "without the artist filter", "best told", "p"]
    return section("What the files alone tell", element("p", text), table(columns, lines))


def _interval(value: float, low: float, high: float) -> dict[str, float]:
    return {"value": value, "low": low, "high": high} if low == low else {"value": value}
