"""What do genres look like: songs side by side, and what excites each kernel."""

import streamlit as st

from pages.ui import board, cards, frame, problems
from pages.ui.media import choosing

frame.head(
    "What do genres look like?",
    "Songs as a network reads them, side by side: seconds to the right, low tones at the bottom. "
    "Below, the passages of these songs that excite each of its kernels most.",
)

networks = board.networks()
if not networks:
    frame.no_models()
    st.stop()

# Ask
bundle = choosing.model("reader", networks)
if told := cards.studies_told([bundle]):
    st.caption(told)
songs = board.songs(bundle)
if not songs:
    st.info("Choose a song, or drop one of yours.", icon=":material/graphic_eq:")
    st.stop()

# Answer: the songs beside each other
with problems.shown(bundle.name):
    board.spectrograms(bundle, songs)

    # How a network takes them apart
    st.subheader("Which passages excite which kernel?", anchor=False)
    board.kernels(bundle, songs)

with st.expander("What study S5 (prog rock from audio) saw", icon=":material/history_edu:"):
    st.markdown(board.STUDY)

frame.onwards(
    kernels="Every kernel of every layer",
    songs="How progressive does a song sound, moment by moment?",
    results="How good is it, really?",
)
