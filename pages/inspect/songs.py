"""How progressive does this song sound: its place among known songs, a player, scores over time."""

import streamlit as st

from pages.ui import cards, dialog, frame, problems
from pages.ui.media import choosing
from pages.ui.player import song_player
from pages.ui.songs import cached, cover, explaining, linked, listing, standing, timeline, verdicts

frame.head(
    "How progressive does this song sound, moment by moment?",
    "Choose a song or drop your own. Several networks score it, one short segment after another. "
    "Play it and follow their scores; click a segment to hear it and see what the network saw.",
)

bundles = cached.bundles()
if not bundles:
    frame.no_models()
    st.stop()

# Ask
link = linked.ask(bundles)
ask, choose = st.columns([2, 3], gap="medium")
with ask:
    mine = [*choosing.upload(choosing.SONG), *choosing.record()]
with choose:
    others = [] if link is None else [link.choice]
    chosen = choosing.pick(choosing.SONG, [*others, *mine, *choosing.built_in(choosing.SONG)])
    st.caption(problems.plain(chosen.note))

with problems.shown(chosen.file):
    song, shown = cached.read(chosen, bundles)
    tags = cached.tags(chosen)

    # Answer: its place among songs people know, then the song itself
    st.subheader(listing.heading(chosen, tags, song.duration_s), anchor=False)
    for note in (*song.notes, *tags.notes):
        st.warning(problems.plain(note), icon=":material/warning:")
    if song.no_music:
        st.audio(chosen.source)
        st.stop()
    thresholds = verdicts.thresholds(bundles)
    standings = standing.of(bundles, song)
    if standings:
        st.markdown(standing.lead(standings))
        st.markdown(standing.trust(standings))
        standing.cards(standings)
        standing.strip(standings, thresholds)
        verdicts.section(bundles, song.predictions, thresholds)

    focus, named = explaining.ask(bundles)
    strip, note = explaining.strip(chosen, focus, song)
    segments = song.predictions[focus.name]
    worst = linked.worst(link, chosen, segments)
    selected = song_player(
        chosen.source,
        timeline.lanes(song, shown, bundles, named, thresholds.get(focus.name), strip),
        duration_s=song.duration_s,
        segments=list(zip(segments.start_s, segments.end_s, strict=True)),
        selected=worst,
        name=chosen.label,
        key="player",
    )
    st.caption(note)

    # How it got there
    st.subheader("One segment", anchor=False)
    if link is not None and worst is not None and selected == worst:
        st.caption(f"The segment that speaks most for *{problems.plain(link.wrong)}*.")
    explaining.segment(chosen, focus, song, bundles, selected)
    st.subheader("Which genres?", anchor=False)
    verdicts.genres(bundles, song.predictions)
    if tags.cover:
        st.subheader("Its cover: one album, seen and heard", anchor=False)
        cover.section(chosen, tags, standing.lead(standings) if standings else "")
    st.subheader("Every segment, and every network", anchor=False)
    listing.section(focus, song, verdicts.table(bundles, song.predictions, thresholds))
    listing.downloads(chosen, bundles, song, shown, thresholds)

# How far to trust it
st.subheader("How far to trust this", anchor=False)
for bundle in bundles:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{problems.plain(bundle.card.title)}** · {cards.honest_line(bundle)}")
        dialog.button(bundle)
dialog.show_if_asked(bundles)

# The same elsewhere
frame.in_shell(f"python -m genre_core classify {chosen.shell_path} --json")
frame.onwards(kernels="What have these networks learned?", results="How good are they, really?")
