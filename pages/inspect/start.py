"""What this is, and that it works: one cover, already read."""

import streamlit as st

from pages.ui import cached, cards, explained, figures, frame, problems
from pages.ui.media import choosing

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
shown = covers[0]

# The answer comes last: the network takes seconds to load, the rest of the page does not.
answer_place = st.container(border=True)

st.subheader("How good are these networks?", anchor=False)
st.markdown(
    "A cover only hints at a genre, so expect modest scores. They were measured on covers that the "
    "networks never saw; the arrow shows how much better they are than a model that sees only "
    "colours."
)
with st.grid(len(bundles) if len(bundles) < 4 else 3, min_column_width=280):
    for bundle in bundles:
        with problems.shown(bundle.name), st.container(border=True):
            cards.figure(bundle)
            frame.link("results", "Its results", query_params={"result": bundle.name})

st.subheader("What you can do here", anchor=False)
with st.grid(4, min_column_width=230):
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
            "Drop your own, one or many. Compare what every network says, and see where it "
            "looked: five methods, any layer, any genre.",
        ),
        (
            "results",
            "**Judge the networks**",
            "Click a cell of the confusion matrix and see or hear what is behind it. Every score "
            "stands beside baselines and with its interval.",
        ),
        (
            "about",
            "**Learn how it works**",
            "The method in plain words, a glossary, what could fool these networks, and whose "
            "data and weights are inside.",
        ),
    ):
        with st.container(border=True):
            frame.link(page, label)
            st.markdown(text)

st.subheader("Start from one of these", anchor=False)
with st.grid(6, min_column_width=choosing.GALLERY_PX):
    for cover in covers:
        with st.container(gap="xxsmall"), problems.shown(cover.file):
            st.image(cached.cover_picture(cover), width="stretch", alt=cover.alt)
            frame.link("covers", cover.label, query_params={choosing.COVER.name: cover.label})
st.caption("Made for this app by a seeded generator: no artist, no true genre.")

with answer_place, problems.shown(shown.file):
    picture, looked, ranked = st.columns([1, 1, 2], gap="medium", vertical_alignment="center")
    picture.image(
        cached.cover_picture(shown),
        width="stretch",
        caption=problems.plain(shown.note),
        alt=shown.alt,
    )
    space = looked.container()
    with ranked:
        answer = cached.predict(shown, bundles[0])
        genre, given = answer.ranking()[0]
        share = figures.share_text(given, calibrated=answer.is_calibrated)
        st.markdown(
            f"**{problems.plain(bundles[0].card.title)}**: most probably "
            f"**{problems.plain(genre)}**, with {share}."
        )
        figures.ranking(answer.genres, answer.probs, calibrated=answer.is_calibrated).show(
            key="start_ranking"
        )
        frame.link(
            "covers",
            "Look closer, or try your own cover",
            query_params={choosing.COVER.name: shown.label},
        )
    with space:
        explained.glance(shown, bundles[0], answer)
