"""The training covers nearest to a cover: pictures where their data set is here, else words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from genre_core.errors import GenreError
from genre_core.runs.bundle import NEIGHBOURS_FILE, Bundle
from pages.ui import cached, problems
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
        st.code(
            f"python -m genre_core neighbours {bundles[0].name} --data "
            f"{bundles[0].card.data.get('name') or 'NAME'}",
            language="bash",
        )
        return
    bundle = choosing.model("near_model", having)
    with problems.shown(bundle.name):
        changed = (bundle.folder / NEIGHBOURS_FILE).stat().st_mtime
        sha = bundle.card.model_sha256
        near = cached.neighbours(str(bundle.folder), sha, changed)
        embedding = cached.embedding(chosen.checksum, chosen.source, bundle.name, sha)
        found = near.nearest(embedding, k=N_NEAREST, checksum=chosen.checksum)
        genres = Counter(bundle.card.genres[each.genre_index] for each in found)
        counted = ", ".join(f"{n} {plain(genre)}" for genre, n in genres.most_common())
        st.markdown(
            f"For *{plain(bundle.card.title)}*, these {len(found)} of its {len(near):,} training "
            f"covers are most like this one: **{counted}**."
        )
        if any(each.is_duplicate for each in found):
            st.warning(
                "The network cannot tell this cover from one that it was trained on: its answer "
                "is remembered, not guessed.",
                icon=":material/content_copy:",
            )
        catalog = cached.dataset_of(near.data_digest, near.data_name)
        if catalog is None:
            st.caption(
                f"Their pictures are not shown: the data set *{plain(near.data_name)}* is not "
                "imported on this machine, and no picture of it is shipped."
            )
            _table(found, bundle)
        else:
            _gallery(found, bundle, catalog, near.data_digest)
        st.caption(
            "Similarity is the cosine between the inputs of the last layer (1: the same "
            "direction). Near means alike to this network: often in colours and layout, not in "
            "music."
        )
        st.code(
            f"python -m genre_core classify {chosen.shell_path} --model {bundle.name} "
            f"--neighbours {N_NEAREST}",
            language="bash",
            wrap_lines=True,
        )


def _gallery(found: Sequence[Neighbour], bundle: Bundle, catalog: Catalog, digest: str) -> None:
    with st.grid(4, min_column_width=140):
        for each in found:
            genre = bundle.card.genres[each.genre_index]
            with st.container(gap="xxsmall"):
                try:
                    st.image(
                        cached.item_picture(digest, each.item_id, catalog),
                        width="stretch",
                        alt=f"Training cover: {_name(each)}, {genre}",
                    )
                except GenreError:
                    st.caption("Its file is gone or damaged.")
                st.markdown(
                    f"**{plain(genre)}** · {each.similarity:.2f}"
                    + (" · the same" if each.is_duplicate else "")
                )
                st.caption(plain(_name(each)))


def _table(found: Sequence[Neighbour], bundle: Bundle) -> None:
    rows = [
        {
            "similarity": each.similarity,
            "genre": bundle.card.genres[each.genre_index],
            "labels": ", ".join(each.labels),
            "title": each.title,
            "artist": each.artist,
            "source": each.source,
            "item": each.item_id,
            "the same": each.is_duplicate,
        }
        for each in found
    ]
    table = pd.DataFrame(rows)
    # Some data sets know neither title nor artist: a column without a word says nothing.
    empty = [name for name in ("title", "artist") if not table[name].any()]
    st.dataframe(
        table.drop(columns=empty),
        hide_index=True,
        column_config={"similarity": st.column_config.NumberColumn(format="%.3f")},
        alt="The nearest training covers: similarity, genre, title and artist",
    )


def _name(each: Neighbour) -> str:
    known = ", ".join(part for part in (each.title, each.artist) if part)
    return known or each.item_id.rsplit("/", 1)[-1]
