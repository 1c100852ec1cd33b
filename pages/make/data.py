"""What is it trained on: balance, lengths, duplicates and leaks of a data set; bring your own."""

import streamlit as st

from pages.ui import cached, frame, problems
from pages.ui.data import choosing, duplicates, facts, importing, running, shortcuts

frame.head(
    "What is it trained on?",
    "A network knows only what it was shown. See what that was, find duplicates in it and see "
    "which artists are in both training and test; then bring covers or songs of your own.",
)

# One's own comes last, unless a link asks to bring it
above, below = st.container(), st.container()
if is_asked_for := "bring" in st.query_params:
    above, below = below, above

# Ask
with above, problems.shown("Data"):
    shown = choosing.ask(cached.records())

    # Answer: what it holds
    if shown.bundle is not None:
        facts.of_network(shown.bundle)
        if shown.catalog is None:
            st.caption("The files themselves are not on this machine.")
        else:
            duplicates.section(shown.catalog, None)
            shortcuts.section(shown.catalog, shown.catalog.head.name)
    elif shown.catalog is not None:
        facts.of_catalog(shown.catalog, shown.stored)
        duplicates.section(shown.catalog, shown.stored)
        shortcuts.section(shown.catalog, None if shown.stored is None else shown.stored.name)
        if shown.stored is not None:
            facts.left_out(shown.stored)
            running.covers_of(shown.stored)
            running.deleting(shown.stored)
    duplicates.curve()

# What next: one's own
with below, problems.shown("Import"):
    if not is_asked_for:
        st.divider()
    running.section()
    importing.section()
    running.unfinished()

frame.in_shell(
    "python -m genre_core import COVERS.zip --name mine --near-duplicates --background",
    "python -m genre_core runs",
    "python -m genre_core duplicates --data mine",
    "python -m genre_core shortcuts --data mine",
)
frame.onwards(
    training="Train a network on it", results="How good is it, really?", about="Method and sources"
)
