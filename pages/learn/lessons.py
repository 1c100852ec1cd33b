"""When a good score misleads: lessons that anybody can run again."""

from pages.ui import cached, controls, frame, length, lessons, problems, votes
from pages.ui.media import choosing

SCALING, BLANK, LENGTH = "How the files were scaled", "Blank heat maps", "How long is it?"
VOTES = "A real prog score"

frame.head(
    "When a good score misleads",
    "Ways a network can look clever without recognising genre, and what is left without them. You "
    "can rerun each one.",
)

# Ask
lesson = controls.switch("Lesson", [SCALING, BLANK, LENGTH, VOTES], key="lesson")

# Answer, then how
if lesson == SCALING:
    with problems.shown("the scaling question"):
        if result := lessons.stored("scaling_question", "scaling"):
            lessons.scaling_answer(result)
            lessons.scaling_maps(result)
            lessons.scaling_method(result)
    frame.onwards(
        covers="Scale a cover down and up yourself (What if)",
        results="What else could explain the prog networks?",
    )
elif lesson == LENGTH:
    with problems.shown("the question of length"):
        if result := lessons.stored("song_length", "song-length"):
            length.answer(result)
            length.same_in_study(result)
            length.method(result)
    frame.onwards(
        songs="Hear where a song turns prog, segment by segment",
        results="What else could explain the prog networks?",
    )
elif lesson == VOTES:
    with problems.shown("the lesson on votes"):
        if result := lessons.stored("song_votes", "song-votes"):
            votes.answer(result)
            votes.rule(result)
            votes.method(result)
    frame.onwards(
        songs="Where does your song stand?", results="How good are the networks here, really?"
    )
else:
    # Ask
    chosen = choosing.pick(choosing.COVER, choosing.built_in(choosing.COVER))
    with problems.shown(chosen.file):
        for fault in cached.blank_maps(chosen):
            lessons.blank_map(fault)
    frame.in_shell(f"python -m genre_core blank-maps {chosen.shell_path}")
    frame.onwards(covers="See where the trained networks look", about="How Grad-CAM works")
