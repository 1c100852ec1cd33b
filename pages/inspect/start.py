"""What this is, and that it works: drop a file, or see a cover and a song already read."""

import streamlit as st

from pages.ui import cached, cards, compare, first_sight, frame, problems
from pages.ui.media import choosing
from pages.ui.songs import cached as songs

frame.head(
    "Genre Explorer",
    "See which genre neural networks hear in a song or see in an album cover, what they paid "
    "attention to, and how far you can trust them.",
)

bundles = cached.bundles()
covers = choosing.built_in(choosing.COVER)
if not bundles or not covers:
    frame.no_models()
    st.stop()

# Ask
choosing.drop()

# Answer: what they make of a cover and of a song that come with the app
seen, heard = st.columns(2, gap="medium")
with seen, st.container(border=True), problems.shown(covers[0].file):
    [leader, *_], _ = compare.leading(bundles)
    first_sight.cover(covers[0], leader)
playable = choosing.built_in(choosing.SONG)
if playable and songs.bundles():
    with heard, st.container(border=True), problems.shown(playable[0].file):
        first_sight.song(playable[0])

# What then
st.subheader("What you can do here", anchor=False)
with st.grid(5, min_column_width=200):
    for page, label, text in (
        (
            "songs",
            "**Listen to songs**",
            "Play a song and see, moment by moment, how progressive networks find it; click a "
            "segment to hear it alone. Drop your own, in any format.",
        ),
        (
            "covers",
            "**Inspect covers**",
            "Drop your own, one or many. Compare what every network says, see where it looked, "
            "and hide a part to see whether the answer stays.",
        ),
        (
            "results",
            "**Judge the networks**",
            "Which genres does each confuse, and is it better than guessing? Every score stands "
            "beside baselines and with its interval.",
        ),
        (
            "errors",
            "**Look into their errors**",
            "See the covers and hear the songs that they got wrong, where they erred most; note "
            "and correct labels.",
        ),
        (
            "training",
            "**Train your own**",
            "Import your covers or songs, choose a recipe, and watch it learn beside a guess "
            "that needs no network.",
        ),
    ):
        with st.container(border=True):
            frame.link(page, label)
            st.markdown(text)

# How far to trust it
st.subheader("How good are these networks?", anchor=False)
st.markdown(
    "The best network for each task, measured on covers or songs that it never met; the arrow "
    "shows how much better it is than a plain baseline. Expect modest scores: a cover only hints "
    "at a genre, and genres have no sharp borders."
)
with st.grid(3, min_column_width=280):
    for bundle in compare.best_of_each_task((*bundles, *songs.bundles())):
        with problems.shown(bundle.name), st.container(border=True):
            cards.figure(bundle)
            frame.link("results", "Its results", query_params={"network": bundle.name})

st.subheader("Start from one of these", anchor=False)
with st.grid(6, min_column_width=choosing.GALLERY_PX):
    for cover in covers:
        with st.container(gap="xxsmall"), problems.shown(cover.file):
            st.image(cached.gallery_picture(cover), width="stretch", alt=cover.alt)
            frame.link("covers", cover.label, query_params={choosing.COVER.name: cover.label})
st.caption("Drawn for this app by a program: no artist, no true genre.")

frame.onwards(
    about="How does this work?",
    lessons="For experts: when does a good score mislead?",
)
