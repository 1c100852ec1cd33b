"""A shortcut audit in words and figures: of an evaluation, or of the files of a data set."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from genre_core.analysis.shortcuts import LEVEL, MARGIN, ShortcutReport
from pages.ui import controls
from pages.ui.problems import plain


def show(report: ShortcutReport, items: str, alt: str) -> None:
    """Say which kinds of facts are shortcuts, and how far each alone tells the genres."""
    named = ", ".join(report.named)
    st.markdown(
        f"**{f'Shortcuts: {plain(named)}' if named else 'No shortcut is named'}.** A small model "
        f"that sees only such facts, never the {items} themselves, tells "
        f"{', '.join(map(plain, report.genres))} apart with these areas under the ROC curve "
        f"(chance 0.5), on {report.n:,} {items} of {report.n_groups:,} groups."
    )
    controls.long_table(_shown(report), alt)
    st.caption(
        f"Named is what chance does not explain (p at most {LEVEL:g}, labels dealt anew between "
        f"whole groups, corrected for all kinds and genres) and what helps (at least "
        f"{0.5 + MARGIN:g}). A named kind may be what the music does: long songs are prog. "
        "*Random folds* know each artist: what they are higher by is what knowing the artist is "
        "worth."
    )


def _shown(report: ShortcutReport) -> pd.DataFrame:
    table = report.table
    return pd.DataFrame(
        {
            "named": table["is_named"],
            "facts": table["kind"],
            "AUC": table["auc"].round(3),
            "from": table["low"].round(3),
            "to": table["high"].round(3),
            "random folds": table["random_folds"].round(3),
            "told best": table["genre"],
            "its AUC": table["genre_auc"].round(3),
            "p": table["p"].round(3),
            "which": table["facts"],
        }
    )
