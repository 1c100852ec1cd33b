"""How far facts of files alone tell the genres: what the network could go by instead."""

from __future__ import annotations

from typing import Any

import streamlit as st

from genre_core.data.importers.stored import find_stored
from genre_core.jobs.shortcut_audit import find_audit
from pages.ui import audited, cards, controls, frame
from pages.ui.data.choosing import IMPORTED
from pages.ui.errors import cached
from pages.ui.errors.cached import Opened


def section(evaluation: Opened) -> None:
    """Show each kind of facts alone, and whether answers hold where these are hidden."""
    if evaluation.has_facts:
        audited.show(
            cached.shortcuts(evaluation),
            evaluation.items,
            "How far each kind of facts alone tells the genres",
        )
    else:
        st.caption(
            "A model's own figures keep no facts of the files: evaluate the network below, and it "
            "is told here how far size, sharpness, loudness and the like alone would get."
        )
    if neutral := evaluation.metrics.get("neutralised"):
        _neutralised(evaluation, neutral)
    _of_data(evaluation)


def _of_data(evaluation: Opened) -> None:
    """Show what the files of the whole data set tell, where somebody had them measured."""
    catalog, digest = cached.catalog(evaluation.record)
    name = str(evaluation.record.about["data"]["name"])
    st.markdown("#### Measured on the files of the whole data set")
    audit = find_audit(digest)
    if audit is not None:
        audited.show(audit.report, evaluation.items, "What the files of the data set tell alone")
        return
    st.caption(
        "An evaluation keeps few facts. An audit of the data set measures many more on the files "
        "themselves, and may name what these miss."
    )
    if catalog is not None and find_stored(catalog.head.name) is not None:
        asked = {"data_of": IMPORTED, "data_set": catalog.head.name}
        frame.link("data", "Look for shortcuts in the data set", query_params=asked)
    controls.command(f"python -m genre_core shortcuts --data {name}")


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
