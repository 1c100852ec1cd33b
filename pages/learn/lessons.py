"""When a good score misleads: lessons that anybody can run again."""

import streamlit as st

from pages.ui import cached, frame, length, lessons, problems
from pages.ui.media import choosing

SCALING, BLANK, LENGTH = "How the files were scaled", "Blank heat maps", "How long is it?"

frame.head(
    "When a good score misleads",
    "Three ways a network can look clever without recognising genre. You can rerun each one.",
)

# Ask
lesson = st.segmented_control(
    "Lesson",
    [SCALING, BLANK, LENGTH],
    default=SCALING,
    required=True,
    key="lesson",
    bind="query-params",
)

if lesson == SCALING:
    with problems.shown("the scaling question"):
        result = cached.lesson("scaling_question")
        if result:
            # Answer
            lessons.scaling_answer(result)
            # How
            lessons.scaling_maps(result)
            lessons.scaling_method(result)
        else:
            st.info(
                "No stored result yet. The command below makes it.",
                icon=":material/help:",
            )
            st.code("python -m genre_core scaling --data FOLDER", language="bash")
    frame.onwards(
        covers="Scale a cover down and up yourself (What if)",
        results="What else could explain the prog networks?",
    )
elif lesson == LENGTH:
    with problems.shown("the question of length"):
        result = cached.lesson("song_length")
        if result:
            # Answer
            length.answer(result)
            # How
            length.same_in_study(result)
            length.method(result)
        else:
            st.info(
                "No stored result yet. The command below makes it.",
                icon=":material/help:",
            )
            st.code("python -m genre_core song-length --data FOLDER", language="bash")
    frame.onwards(
        songs="Hear where a song turns prog, piece by piece",
        results="What else could explain the prog networks?",
    )
else:
    # Ask
    chosen = choosing.pick(choosing.COVER, choosing.built_in(choosing.COVER))
    with problems.shown(chosen.file):
        # Answer and how, one fault after the other
        for found in cached.blank_maps(chosen.checksum, chosen.source):
            lessons.blank_map(found)
    st.subheader("The same from the command line", anchor=False)
    st.code(f"python -m genre_core blank-maps {chosen.shell_path}", language="bash")
    frame.onwards(
        covers="See where the trained networks look",
        about="How Grad-CAM works",
    )
