"""First lessons: guess, then see, then a sentence to keep; for readers who know nothing yet."""

from genre_core.lessons.first.summary import summary_page
from pages.ui import frame, problems
from pages.ui.first_lessons import asking, place, steps

frame.head(
    "First lessons",
    "Nothing to know before: guess first, then look, then keep one sentence. A **network** is a "
    "program that has learned from many examples to name a **genre**, a kind of music.",
)

# Ask
here = place.ask()

# Answer
with problems.shown():
    if here.is_summary:
        told = steps.all_told(here)
        asking.summary(here, told, summary_page(here.course, told, here.guesses))
    else:
        steps.show(here)

frame.onwards(
    covers="Look at any cover",
    songs="Listen to any song",
    lessons="For experts: when does a good score mislead?",
)
