"""Two paths through the app, of 20 and of 45 minutes: stops with links, notes and answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of a path.

    title, minutes: What it is about, and how long it takes.
    page, query: Where it is: the page's address and what its link says.
    show: What the teacher does there.
    say: The sentence to leave behind.
    asked: What students usually ask, each with an answer that is true of this tool.
    """

    title: str
    minutes: int
    page: str
    show: str
    say: str
    query: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    asked: tuple[tuple[str, str], ...] = ()


_MUST_NAME_ONE = (
    "Why does it call a reggae cover Electronic?",
    "It was trained on a few genres and must name one of them: the per cent compare those only. "
    "Shown a cat, it still names a genre.",
)
_WHO_IS_RIGHT = (
    "Who decides what is right?",
    "Nobody, for the built-in covers: they were painted for this app and have no true genre. For a "
    "data set, people who labelled it, and they may differ.",
)
_LEARNS_FROM_US = (
    "Does it learn from our answers?",
    "No. A network changes only when somebody trains it, on the page Training. Answers of the quiz "
    "stay in their room, and uploads in memory while the tab is open.",
)
_IS_IT_SURE = (
    "Is 60 % how sure it is?",
    "Where the page says per cent, the network was checked on covers that it had not seen: of "
    "those given about 60 %, about 60 % were right. For other kinds of pictures that need not "
    "hold. What was not checked is called a score.",
)
_READS_WORDS = (
    "Does it read the words on the cover?",
    "Nobody taught it letters. It learnt to see from photographs, then from covers with their "
    "genres; lettering is a shape to it. Hide the words, and see whether the answer changes.",
)
_IS_MAP_A_REASON = (
    "So that is why it says so?",
    "The map is a claim about where it looked, not a reason. Hide the place and ask again: beside "
    "the choice of the method stands how far such maps held in tests.",
)

_QUIZ_SHOW = (
    "Open a room on the built-in covers, project *View for the projector*, and let everybody in by "
    "the code. Right, or Page Down, asks, closes, and asks the network."
)
_KERNEL = Stop(
    "A kernel slides over the cover",
    4,
    "first",
    "Let the class guess first. Then paint the nine numbers of the kernel, and slide it.",
    "A kernel is a small pattern of numbers: large results show where the picture fits it.",
    {"course": "pictures", "step": "2"},
    (
        (
            "Who chose these numbers?",
            "Here you did. In a network they begin by chance, and training changes them a little "
            "after each batch of covers.",
        ),
    ),
)
_LOOKED = Stop(
    "Where did it look?",
    5,
    "covers",
    "Read the answers of several networks, then the map. Ask which place the class would hide, and "
    "hide it under *What if it were different?*",
    "A heat map is a claim; hiding the place is the test.",
    {"cover": "Concrete Psalms"},
    (_IS_MAP_A_REASON, _READS_WORDS, _IS_IT_SURE),
)
_RESULTS = Stop(
    "How good is it, really?",
    4,
    "results",
    "Before you scroll: how many of 100 would somebody get right who always says the commonest "
    "genre? Then compare with the baselines, and look for the genre that is mixed up most.",
    "A figure means nothing without what one gets by not looking.",
    {"network": "efficientnet_lite2.gaid5"},
    (
        (
            "Is that good?",
            "Compare with the two baselines beside it: always the commonest genre, and a plain "
            "model that sees only colours. A picture only hints at how music sounds.",
        ),
        (
            "Why not 100 %?",
            "People do not agree on genres either: look at how far your class agreed with itself.",
        ),
    ),
)

PATHS: Mapping[str, tuple[Stop, ...]] = MappingProxyType(
    {
        "20": (
            Stop(
                "What is this?",
                2,
                "start",
                "One cover with its answer and where a network looked; one song that plays under "
                "its curves. Let it play for half a minute.",
                "A program names genres; today we find out what it goes by.",
                asked=(_LEARNS_FROM_US,),
            ),
            Stop(
                "Guess before the network does",
                6,
                "quiz",
                f"{_QUIZ_SHOW} Four questions are enough.",
                "We do not agree either, and who agrees with the network is not thereby right.",
                asked=(_WHO_IS_RIGHT, _MUST_NAME_ONE),
            ),
            _KERNEL,
            replace(_LOOKED, minutes=4),
            _RESULTS,
        ),
        "45": (
            Stop(
                "Guess before the network does",
                8,
                "quiz",
                f"{_QUIZ_SHOW} Six questions; look at the scoreboard after each.",
                "We do not agree either, and who agrees with the network is not thereby right.",
                asked=(_WHO_IS_RIGHT, _MUST_NAME_ONE, _LEARNS_FROM_US),
            ),
            Stop(
                "A picture is numbers",
                4,
                "first",
                "Let the class guess, then look at the table of numbers behind a small cover.",
                "For a computer a picture is a table of numbers, three for each pixel.",
                {"course": "pictures", "step": "1"},
            ),
            _KERNEL,
            Stop(
                "Smaller maps that see more",
                4,
                "first",
                "Guess how much of the cover one cell of the last map depends on, then look.",
                "From layer to layer maps get smaller, and each cell sees more: first edges, then "
                "larger shapes.",
                {"course": "pictures", "step": "3"},
                (
                    (
                        "Does it know what a guitar is?",
                        "It has no words but its genres. A kernel deep inside may respond to "
                        "shapes like one: the page Kernels shows what excites each most.",
                    ),
                ),
            ),
            _LOOKED,
            Stop(
                "How progressive does this song sound?",
                7,
                "songs",
                "Play *Seventh Tide* and watch the lines: each is one network, second by second. "
                "Let the class say when it turns prog, then click a segment to hear it alone.",
                "A song has no single score: it has a curve, and each network a scale of its own.",
                {"song": "Seventh Tide"},
                (
                    (
                        "Is .7 per cent?",
                        "No. A prog score only orders songs on that network's own scale. What it "
                        "means is said by its place among songs people know.",
                    ),
                    (
                        "Why do the lines differ?",
                        "The networks read different things (a second, ten seconds, a whole song) "
                        "and learnt from different teachers.",
                    ),
                ),
            ),
            _RESULTS,
            Stop(
                "When not to trust it",
                5,
                "first",
                "Guess how often the program is right, then find what could fool it.",
                "Ask what one gets without looking, what else could betray it, and what was "
                "seen before.",
                {"course": "pictures", "step": "6"},
            ),
            Stop(
                "97 per cent after one round (study S1)",
                4,
                "first",
                "Let the class guess. Add ever more other covers and watch the number rise, then "
                "choose *prog covers found*; only then ask for what is wrong.",
                "Where one answer is common, a high share of right answers is no news.",
                {"course": "studies", "step": "1"},
                (
                    (
                        "Did nobody notice?",
                        "One cannot, from that number alone: it is as high as that of a program "
                        "which never looks. One has to ask how many of the rare ones were found.",
                    ),
                ),
            ),
        ),
    }
)
"""The paths by their minutes."""
