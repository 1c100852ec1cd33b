"""The training covers nearest to a cover: pictures where their data set is here, else words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from genre_core.errors import GenreError
from genre_core.runs.bundle import NEIGHBOURS_FILE, Bundle
from pages.ui import cached, controls, problems
from pages.ui.media import choosing
from pages.ui.media.choice import Choice
from pages.ui.problems import plain

if TYPE_CHECKING:
    from genre_core.data.catalog import Catalog
    from genre_core.inference.neighbours import Neighbour

N_NEAREST = 8


@st.fragment
def section(chosen: Choice, bundles: Sequence[Bundle]) -> None:
    """Ask for a network; show the training covers that it takes for most like this one."""
    having = [bundle for bundle in bundles if bundle.has_neighbours]
    if not having:
        st.info(
            "No network here has stored its training covers. If you have its data set, run:",
            icon=":material/image_search:",
        )
        controls.command(
            f"python -m genre_core neighbours {bundles[0].name} --data "
            f"{bundles[0].card.data.get('name') or 'NAME'}"
        )
        return
    bundle = choosing.model("near_model", having)
    with problems.shown(bundle.name):
        changed = (bundle.folder / NEIGHBOURS_FILE).stat().st_mtime
        stored = cached.neighbours(bundle, changed)
        embedding = cached.embedding(chosen, bundle)
        nearest = stored.nearest(embedding, k=N_NEAREST, checksum=chosen.checksum)
        genres = Counter(bundle.card.genres[cover.genre_index] for cover in nearest)
        counted = ", ".join(f"{n} {plain(genre)}" for genre, n in genres.most_common())
        st.markdown(
            f"For *{plain(bundle.card.title)}*, these {len(nearest)} of its {len(stored):,} "
            f"training covers are most like this one: **{counted}**."
        )
        if any(cover.is_duplicate for cover in nearest):
            st.warning(
                "The network cannot tell this cover from one that it was trained on: its answer "
                "is remembered, not guessed.",
                icon=":material/content_copy:",
            )
        catalog = cached.dataset_of(stored.data_digest, stored.data_name)
        if catalog is None:
            st.caption(
                f"Their pictures are not shown: the data set *{plain(stored.data_name)}* is not "
                "imported on this machine, and no picture of it is shipped."
            )
            _table(nearest, bundle)
        else:
            _gallery(nearest, bundle, catalog)
        st.caption(
            "Similarity is the cosine between the inputs of the last layer (1: the same "
            "direction). Near means alike to this network: often in colours and layout, not in "
            "music."
        )
        controls.command(
            f"python -m genre_core classify {chosen.shell_path} --model {bundle.name} "
            f"--neighbours {N_NEAREST}"
        )


def _gallery(nearest: Sequence[Neighbour], bundle: Bundle, catalog: Catalog) -> None:
    with st.grid(4, min_column_width=140):
        for cover in nearest:
            genre = bundle.card.genres[cover.genre_index]
            with st.container(gap="xxsmall"):
                try:
                    picture = cached.item_picture(catalog, cover.item_id)
                    st.image(
                        picture,
                        width=cached.shown_width(picture),
                        alt=f"Training cover: {_name(cover)}, {genre}",
                    )
                except GenreError:
                    st.caption("Its file is gone or damaged.")
                st.markdown(
                    f"**{plain(genre)}** · {cover.similarity:.2f}"
                    + (" · the same" if cover.is_duplicate else "")
                )
                st.caption(plain(_name(cover)))


def _table(nearest: Sequence[Neighbour], bundle: Bundle) -> None:
    import pandas as pd

    rows = [
        {
            "similarity": cover.similarity,
            "genre": bundle.card.genres[cover.genre_index],
            "labels": ", ".join(cover.labels),
            "title": cover.title,
            "artist": cover.artist,
            "source": cover.source,
            "item": cover.item_id,
            "the same": cover.is_duplicate,
        }
        for cover in nearest
    ]
    table = pd.DataFrame(rows)
    # Some data sets know neither title nor artist: a column without a word says nothing.
    empty = [name for name in ("title", "artist") if not table[name].any()]
    controls.long_table(
        table.drop(columns=empty),
        "The nearest training covers: similarity, genre, title and artist",
        similarity=st.column_config.NumberColumn(format="%.3f"),
    )


def _name(cover: Neighbour) -> str:
    known = ", ".join(part for part in (cover.title, cover.artist) if part)
    return known or cover.item_id.rsplit("/", 1)[-1]
