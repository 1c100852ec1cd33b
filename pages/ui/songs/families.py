"""Which kinds of features spoke for prog, and which are needed, for networks that read features."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from genre_core.runs.bundle import Bundle
from genre_core.runs.family_importance import FamilyImportance
from pages.ui import controls, figures, problems
from pages.ui.evidence.cached import stored_families
from pages.ui.media.choice import Choice
from pages.ui.problems import plain
from pages.ui.songs import cached
from pages.ui.songs.asked import genre_shown

if TYPE_CHECKING:
    from genre_core.runs.answers import SongReading

FIGURES = {"roc_auc": "AUC", "macro_f1": "macro F1"}


@st.fragment
def section(choice: Choice, bundle: Bundle, song: SongReading, index: int, asked: str = "") -> None:
    """Ask the network on demand: each family's share here, and what it is worth over many songs."""
    if not cached.has_families(bundle):
        return
    if not st.toggle("Which kinds of features spoke for it?", key="families"):
        return
    genre_index = genre_shown(bundle, song.predictions[bundle.name], index, asked)
    genre = bundle.card.genres[genre_index]
    with problems.shown(bundle.name):
        shares = cached.families(choice, bundle, index, genre_index, song)
        st.markdown("**In this segment**")
        figures.families(shares.names, shares.values, genre).show("families_chart")
        st.caption(
            f"What each family of features adds to what speaks for *{plain(genre)}*, against an "
            f"average song (integrated gradients). Together {shares.difference:+.2f} in units of "
            f"the logit; the bars are off it by {100 * shares.gap:.0f} %. Families share what they "
            "know: a small bar does not say that a family knows nothing."
        )
        _over_many_songs(bundle)
        if shares.over_time is not None:
            st.markdown("**In this segment, second by second**")
            figures.families_over_time(shares.names, shares.over_time, shares.start_s, genre).show(
                "families_over_time"
            )


def _over_many_songs(bundle: Bundle) -> None:
    """Show what was measured over a data set, or how it is."""
    stored = stored_families(bundle)
    st.markdown("**Over many songs: what is lost without a family**")
    if stored is None:
        st.caption("Nobody has measured yet which families this network needs.")
    else:
        _measured(stored)
    controls.command(f"python -m genre_core families {bundle.name} --data SET")


def _measured(stored: FamilyImportance) -> None:
    figure = FIGURES.get(stored.figure, stored.figure)
    drops = [
        (row["drop"]["value"] or 0.0, row["drop"].get("low"), row["drop"].get("high"))
        for row in stored.rows
    ]
    lines = "Lines are 95 % intervals over groups: a bar whose line reaches 0 may be chance."
    if reason := stored.whole.get("no_interval"):
        lines = f"There are no intervals ({reason}): a small bar may be chance."
    names = [row["family"] for row in stored.rows]
    figures.family_importance(names, drops, figure).show("family_importance")
    folds = len(stored.folds)
    source = f", source {plain(stored.data['source'])}" if stored.data["source"] else ""
    st.caption(
        f"{stored.n:,} songs of *{plain(stored.data['title'])}*{source}, in {stored.n_groups:,} "
        f"groups: {figure} {stored.whole['value']:.3f} as they are. Each family was taken from a "
        f"song of another group, {stored.n_repeats} times, "
        + (f"within {folds} folds that split no group" if folds > 1 else "never from its own group")
        + f"; nothing was trained again (permutation importance). {lines} What two families both "
        "know is lost with neither."
    )
    if stored.note:
        st.caption(plain(stored.note))
