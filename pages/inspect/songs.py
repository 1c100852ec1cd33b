"""How progressive does this song sound: its place among known songs, a player, scores over time."""

import streamlit as st

from pages.ui import controls, dialog, frame, problems
from pages.ui.media import choosing, linked
from pages.ui.player import song_player
from pages.ui.songs import (
    cached,
    cover,
    explaining,
    heard_soon,
    how_good,
    listing,
    standing,
    timeline,
    verdicts,
    whatif,
)
from pages.ui.songs.asked import By
from pages.ui.walk import section as walk

frame.head(
    "How progressive does this song sound, moment by moment?",
    "Play it, or click a segment to hear it alone.",
)

bundles = cached.bundles()
if not bundles:
    frame.no_models()
    st.stop()

# Ask
link = linked.ask(choosing.SONG, bundles)
ask, choose = st.columns(2, gap="medium", vertical_alignment="bottom")
with ask, st.container(horizontal=True, vertical_alignment="bottom"):
    mine = [*choosing.upload(choosing.SONG), *choosing.record()]
with choose:
    every = [*([link.choice] if link else []), *mine, *choosing.built_in(choosing.SONG)]
    chosen = choosing.pick(choosing.SONG, every)

with problems.shown(chosen.file):
    if link is not None and link.choice == chosen:
        link.show()
    tags = cached.tags(chosen)
    if hearing := cached.hearing(chosen, bundles):
        # It plays at once; curves come into the same player as networks have heard it.
        heard_soon.section(chosen, tags, bundles, hearing)
        st.stop()
    song, shown = cached.read(chosen, bundles)

    # Answer: its place among songs people know, and the song itself
    st.subheader(listing.heading(chosen, tags, song.duration_s), anchor=False)
    with st.container():  # one place, also without notes: the player plays on only where it was
        for note in (*song.notes, *tags.notes):
            st.warning(problems.plain(note), icon=":material/warning:")
    if song.no_music:
        st.audio(chosen.source)
        st.stop()
    thresholds = verdicts.thresholds(bundles)
    standings = standing.of(bundles, song)
    rule = verdicts.MEAN
    stage = st.container()
    lead = standing.lead(standings, song.most_prog()) if standings else standing.NO_SCORE
    stage.markdown(lead)
    # Within one more, as a fragment is: so the player that networks heard it in plays on.
    stage, beside = stage.container().columns([7, 2], gap="medium")
    if standings:
        with beside:
            rule = verdicts.ask(bundles, song.predictions, thresholds)
            st.caption(standing.trust(standings))
    focus, named, field, method = explaining.ask(bundles)
    by = By(method, linked.wrong_answer(link, chosen))
    strip, note = explaining.strip(chosen, focus, song, by)
    segments = song.predictions[focus.name]
    worst = linked.worst(link, chosen, segments)
    asked = explaining.asked(chosen, focus, len(segments))
    with stage:
        selected = song_player(
            chosen.source,
            timeline.lanes(song, shown, bundles, named, thresholds.get(focus.name), strip),
            duration_s=song.duration_s,
            segments=list(zip(segments.start_s, segments.end_s, strict=True)),
            selected=worst if asked is None else asked,
            moment=standing.moment(song),
            name=chosen.label,
            key="player",
        )
        if chosen.note != chosen.label:
            st.caption(problems.plain(chosen.note))
    st.caption(" ".join(filter(None, (timeline.late(song, bundles), note))))

    # How it got there: only what is behind the open tab is computed and drawn
    explaining.open_with(selected, field)
    parts = {
        explaining.TAB: lambda: explaining.segment(
            chosen, focus, song, bundles, selected, linked.why_worst(link, worst, selected), by
        ),
        "What if": lambda: whatif.section(chosen, focus, bundles, song, selected, by),
        "Walk through it": lambda: walk.of_segment(chosen, focus, bundles, song, selected),
        "Among songs people know": lambda: listing.among(
            standings, bundles, song.predictions, thresholds, rule
        ),
        "Genres": lambda: verdicts.genres(bundles, song.predictions),
        "Its cover": lambda: cover.section(chosen, tags, lead if standings else ""),
    }
    if not controls.is_simple():
        parts["Every score"] = lambda: listing.every_score(
            chosen, focus, bundles, song, shown, thresholds
        )
    tabs = st.tabs(list(parts), key=explaining.TABS, bind="query-params")
    for tab, show in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab, problems.shown(chosen.file):
                show()
    explaining.strip_comes(chosen, focus, song, by)

# How far to trust it
st.subheader("How far to trust this", anchor=False)
how_good.section(bundles)
dialog.show_if_asked(bundles)

# The same elsewhere
frame.in_shell(f"python -m genre_core classify {chosen.shell_path} --json")
frame.onwards(kernels="What have these networks learned?", results="How good are they, really?")
