"""How far facts of files alone tell the genres: what the network could go by instead."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from genre_core.analysis.shortcuts import LEVEL, MARGIN, ShortcutReport
from pages.ui import cards, controls
from pages.ui.errors import cached
from pages.ui.errors.cached import Opened
from pages.ui.problems import plain


def section(evaluation: Opened) -> None:
    """Show each kind of facts alone, and whether answers hold where these are hidden."""
    if not evaluation.has_facts:
        st.caption(
            "A model's own figures keep no facts of the files: evaluate the network below, and it "
            "is told here how far size, sharpness, loudness and the like alone would get."
        )
        return
    report = cached.shortcuts(evaluation)
    named = ", ".join(report.named)
    st.markdown(
        f"**{f'Shortcuts: {plain(named)}' if named else 'No shortcut is named'}.** A small model "
        f"that sees only such facts, never the {evaluation.items} themselves, tells "
        f"{', '.join(map(plain, report.genres))} apart with these areas under the ROC curve "
        f"(chance 0.5), on {report.n:,} {evaluation.items} of {report.n_groups:,} groups."
    )
    controls.long_table(_shown(report), "How far each kind of facts alone tells the genres")
    st.caption(
        f"Named is what chance does not explain (p at most {LEVEL:g}, labels dealt anew between "
        f"whole groups, corrected for all kinds and genres) and what helps (at least "
        f"{0.5 + MARGIN:g}). A named kind may be what the music does: long songs are prog. "
        "*Random folds* know each artist: what they are higher by is what knowing the artist is "
        "worth."
    )
    st.caption(
        "Tried are the few facts that an evaluation keeps. The command below measures many more on "
        "the files themselves, and may name what these miss."
    )
    controls.command(
        f"python -m genre_core shortcuts --data {evaluation.record.about['data']['name']}"
    )
    if neutral := evaluation.metrics.get("neutralised"):
        _neutralised(evaluation, neutral)


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


def _neutralised(evaluation: Opened, neutral: dict[str, Any]) -> None:
    name = cards.label(neutral["figure"])
    before, after, change = (
        cards.written(cards.entry(neutral[key])) for key in ("plain", "neutralised", "change")
    )
    st.markdown(
        f"**With how their files were made hidden** (on {neutral['n']:,} {evaluation.items}), "
        f"its {name} goes from {before} to **{after}**: {change}. A fall means that it goes by how "
        "files were made, or by something of the music that the change takes too."
    )
