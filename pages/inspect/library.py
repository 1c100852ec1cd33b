"""What is in one's own music: a library after classify --out, sorted, filtered, played, listed."""

import streamlit as st

from pages.ui import frame, problems
from pages.ui.library import cached, filters, found, listing

frame.head(
    "What is in your music?",
    "A whole folder of songs as networks heard it: sort it by prog score or genre, filter it, play "
    "it, and take a playlist along.",
)

# Ask
library = filters.choose(found.libraries())
if library.name == found.EXAMPLE:
    st.info(
        "This is an example made of the built-in songs. How to make a library of your own music "
        "stands at the end of the page.",
        icon=":material/library_music:",
    )
with problems.shown(library.name):
    wanted = filters.ask(library)

    # Answer: the songs that fit
    rows = cached.rows(library, wanted)
    st.markdown(filters.answer(library, wanted, len(rows)))
    listing.section(library, wanted, rows)
    listing.playlist(library, rows)

# What next: one's own
listing.how_to_make()
frame.onwards(
    songs="How progressive does one song sound, moment by moment?",
    results="How good are these networks, really?",
)
