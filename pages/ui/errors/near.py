"""What an item is near to: what the network learnt from, or else what it was asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from genre_core.analysis.embedding_map import nearest
from genre_core.runs.bundle import NEIGHBOURS_FILE
from pages.ui import cached as shared
from pages.ui import controls
from pages.ui.errors import cached
from pages.ui.errors.cached import Opened
from pages.ui.media import item
from pages.ui.problems import plain

N_NEAREST = 6


def section(evaluation: Opened, place: int, row: Mapping[str, object]) -> None:
    """List the nearest items by the network's embedding, and what they share with this one."""
    embeddings = evaluation.record.embeddings()
    if embeddings is None:
        return
    bundle = cached.network(evaluation.record)
    if bundle is not None and bundle.has_neighbours:
        changed = (bundle.folder / NEIGHBOURS_FILE).stat().st_mtime
        stored = shared.neighbours(bundle, changed)
        genre = evaluation.genres[int(str(row["genre_index"]))]
        near = stored.nearest(embeddings[place].astype("float32"), k=N_NEAREST)
        rows = [
            {
                "name": item.name_of(one.to_dict(), longest=40),
                "genre": bundle.card.genres[one.genre_index],
                "similarity": one.similarity,
                "shares": _shared(
                    artist=one.artist != "" and one.artist == row.get("artist"),
                    genre=bundle.card.genres[one.genre_index] == genre,
                ),
            }
            for one in near
        ]
        _show(rows, f"{len(stored):,} {evaluation.items} it learnt from")
        return
    learnt = np.flatnonzero(evaluation.predictions["split"] == "train")
    learnt = learnt[learnt != place]
    table = nearest(
        embeddings,
        evaluation.predictions,
        place,
        N_NEAREST,
        among=learnt if len(learnt) else None,
    )
    names = evaluation.predictions.iloc[table["row"]].to_dict("records")
    rows = [
        {
            "name": item.name_of(about, longest=40),
            "genre": evaluation.genres[int(about["genre_index"])],
            "similarity": one["cosine"],
            "shares": _shared(
                artist=one["same_artist"], album=one["same_album"], genre=one["same_genre"]
            ),
        }
        for one, about in zip(table.to_dict("records"), names, strict=True)
    ]
    if len(learnt):
        _show(rows, f"{len(learnt):,} {evaluation.items} of the split train")
        return
    _show(rows, f"{evaluation.items} of this evaluation")
    st.caption("Evaluated on all splits, it is compared with what the network learnt from.")


def _shared(**same: bool) -> str:
    return ", ".join(f"same {name}" for name, is_same in same.items() if is_same)


def _show(rows: Sequence[Mapping[str, object]], among: str) -> None:
    st.markdown(f"**Nearest to it, among the {plain(among)}**")
    # What they share comes first: on a phone only the first columns are seen.
    table = pd.DataFrame(rows, columns=["shares", "name", "genre", "similarity"])
    controls.long_table(table, "The nearest items", similarity=controls.share("%.2f"))
    st.caption(
        "Near means alike to this network (cosine of what its last layer reads), not in music. "
        "Many of another genre: the error was to be expected. The same artist or album: look for a "
        "leak."
    )
