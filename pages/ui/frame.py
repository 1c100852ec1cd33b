"""The frame round every page: the list of pages, the menu, the head, and the way on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from genre_core.jobs.machine import keep_off_gpus
from pages.ui import controls

ROOT = Path(__file__).resolve().parents[2]
# A chart's words are coloured when it is drawn: they follow when the visitor changes the theme.
# What is switched on has words as all others: the theme's accent on its own tint is too faint.
# What a class answers with on phones is large enough for a thumb.
# What leads through a teacher's path stands at the foot of every page.
# On a phone the answer comes first: a question of three lines and a list of endings push it down.
# A switch that is off has a track that the light theme hardly shows: it gets an edge.
# What `warm_up` tells stands in the menu's bar, on a phone in a corner. The switch of `detail` lies
# in that bar too, which Streamlit leaves to itself; its place on the page would still push the rest
# down by a gap.
_STYLE = """<style>.js-plotly-plot :is(.xtick, .ytick, .g-xtitle, .g-ytitle, .legend, .annotation,
.bars) text { fill: currentColor !important; }
button[data-variant][data-selected="true"] { color: inherit !important; }
.st-key-getting_ready { position: fixed; right: 1rem; bottom: .5rem; width: auto; z-index: 9;
padding: 0 .5rem; border-radius: .5rem; backdrop-filter: blur(8px); pointer-events: none; }
@media (min-width: 60rem) { .st-key-getting_ready { top: .8rem; bottom: auto; right: 14rem;
z-index: 1000000; } }
.st-key-bar { position: fixed; top: .55rem; right: 3.6rem; width: auto; z-index: 1000000; }
[data-testid="stLayoutWrapper"]:has(> .st-key-bar) { position: absolute; }
.st-key-frame_script { display: none; }
.st-key-presenting { position: fixed; left: 1rem; bottom: .5rem; width: auto; z-index: 9;
padding: .25rem .75rem; border-radius: .5rem; background: Canvas;
border: 1px solid #7f8794; }
@media (max-width: 60rem) { .st-key-presenting { bottom: 2.5rem; } }
[data-testid="stLayoutWrapper"]:has(> .st-key-presenting) { position: absolute; }
@media (max-width: 40rem) { h1 { font-size: 1.6rem !important; padding-top: .25rem !important; }
[data-testid="stFileUploaderDropzoneInstructions"] { display: none; } }
.st-key-quiz_genres button { min-height: 3.25rem; }
[data-testid="stCheckbox"] div:has(> div:empty) {
box-shadow: inset 0 0 0 1.5px color-mix(in srgb, currentColor 60%, transparent); }
</style>"""
_LARGE = """<style>@media (min-width: 40rem) { html { font-size: 125% !important; }
h1 { font-size: 1.8rem !important; padding: 0 !important; }
[data-testid="stFileUploaderDropzoneInstructions"] { display: none; } }</style>"""
"""The simple view is for a projector: everything a quarter larger, but on a phone."""
_TO_TOP, _SCRIPT = "to_top", "frame_script"
_SHOWN, _LEFT = "page_shown", "page_left"
_in_browser = st.components.v2.component(
    "genre_explorer_frame", js=(ROOT / "pages" / "ui" / "frame.js").read_text(encoding="utf-8")
)
LOGO = str(ROOT / "assets" / "logo.svg")


@dataclass(frozen=True, slots=True)
class Listed:
    """A page: its file, what the menu shows of it, and the question it answers."""

    path: str
    title: str
    icon: str
    question: str
    try_this: str

    @property
    def help(self) -> str:
        """What the menu says under the mouse."""
        return f"{self.question} Try this: {self.try_this}."


PAGES = {
    "start": Listed(
        "inspect/start.py",
        "Start",
        ":material/home:",
        "What is this?",
        "drop a cover or a song; press play",
    ),
    "covers": Listed(
        "inspect/covers.py",
        "Covers",
        ":material/image_search:",
        "What does the network see in this cover?",
        "drop your own; compare heat maps; hide a region with the mouse",
    ),
    "songs": Listed(
        "inspect/songs.py",
        "Songs",
        ":material/graphic_eq:",
        "How progressive does this song sound, moment by moment?",
        "press play; click a segment to hear it and see what the network read",
    ),
    "library": Listed(
        "inspect/library.py",
        "Library",
        ":material/library_music:",
        "What is in your music?",
        "sort a library by prog score; play from it; take a playlist along",
    ),
    "genres": Listed(
        "inspect/genres.py",
        "Genres",
        ":material/equalizer:",
        "What do genres look like?",
        "find the passages that excite one kernel most",
    ),
    "kernels": Listed(
        "inspect/kernels.py",
        "Kernels",
        ":material/grid_view:",
        "What has it learned?",
        "see and hear what excites a kernel most; look at those that stayed blank",
    ),
    "results": Listed(
        "judge/results.py",
        "Results",
        ":material/fact_check:",
        "How good is it, really?",
        "click a cell of the confusion matrix to meet the covers behind it",
    ),
    "errors": Listed(
        "judge/errors.py",
        "Errors",
        ":material/troubleshoot:",
        "Where does it fail, and why?",
        "click a cell; hear a wrong song where it erred most; give it a new label",
    ),
    "first": Listed(
        "learn/first.py",
        "First lessons",
        ":material/lightbulb:",
        "How does a computer get from a cover or a song to a genre?",
        "guess first, then slide a kernel over a cover",
    ),
    "lessons": Listed(
        "learn/lessons.py",
        "Further reading",
        ":material/school:",
        "When does a good score mislead? (for experts)",
        "rescale one class and watch the accuracy turn over",
    ),
    "quiz": Listed(
        "learn/quiz.py",
        "Guess first",
        ":material/quiz:",
        "Can your class beat the network?",
        "open a room; let phones answer by its code; then ask the network",
    ),
    "teacher": Listed(
        "learn/teacher.py",
        "For teachers",
        ":material/co_present:",
        "What do I show my class?",
        "show the path of 20 minutes; go on by the right arrow key",
    ),
    "about": Listed(
        "learn/about.py",
        "About",
        ":material/menu_book:",
        "How does this work, and what could fool it?",
        "look up a word",
    ),
    "data": Listed(
        "make/data.py",
        "Data",
        ":material/database:",
        "What do networks learn from?",
        "import a zip of your covers; look for duplicates and leaks",
    ),
    "training": Listed(
        "make/training.py",
        "Training",
        ":material/model_training:",
        "Can you train a better one?",
        "train on the starter covers; stop it, resume it",
    ),
}
"""Every page by its address, in the menu's order."""

_GROUPS = {"inspect": "Explore", "judge": "Judge", "learn": "Learn", "make": "Make"}
"""What the menu calls the folders of pages; Start stands alone before them."""


def navigation() -> st.Page:
    """Build the menu and return the page to run; GPUs are left to the trainings."""
    keep_off_gpus()
    menu: dict[str, list[Any]] = {}
    for name, page in PAGES.items():
        group = "" if name == "start" else _GROUPS[Path(page.path).parent.name]
        listed = st.Page(
            page.path,
            title=page.title,
            icon=page.icon,
            url_path=None if name == "start" else name,
            default=name == "start",
            help=page.help,
        )
        menu.setdefault(group, []).append(listed)
    return st.navigation(menu, position="top")


def go(name: str, query: dict[str, str]) -> None:
    """Open another page with a link of its own; a step back restores the present page's."""
    own = st.query_params.to_dict()
    st.session_state[_LEFT] = (st.session_state[_SHOWN], own, query)
    st.switch_page(PAGES[name].path, query_params=query)


def come_back(page: st.Page) -> None:
    """Restore a page's link after a step back to it: `st.switch_page` wrote the other's over it."""
    st.session_state[_SHOWN] = page.url_path
    left, own, theirs = st.session_state.get(_LEFT, ("", {}, {}))
    present = st.query_params.to_dict()
    if page.url_path == left and present and present.items() <= theirs.items():
        st.query_params.from_dict(own)


def bar() -> DeltaGenerator:
    """Make the place for what all pages have: it takes no room of theirs."""
    st.html(_STYLE + (_LARGE if controls.is_simple() else ""))
    place = st.container(key="bar")
    with place:
        _in_browser(data={"top": st.session_state.get(_TO_TOP, 0)}, key=_SCRIPT)
    return place


def go_to_top() -> None:
    """Let the page begin at its top when it is drawn next; for a click that shows something else.

    Streamlit leaves a page that is drawn anew where it was scrolled to.
    """
    st.session_state[_TO_TOP] = st.session_state.get(_TO_TOP, 0) + 1


def detail() -> None:
    """Ask in the menu's bar whether pages are simple or show all there is; the link carries it."""
    controls.switch(
        "How much to show",
        [controls.EXPERT, controls.SIMPLE],
        key=controls.DETAIL_KEY,
        label_visibility="collapsed",
    )


def head(title: str, sentence: str) -> None:
    """Write a page's question as its title and what it answers in one sentence."""
    st.title(title, anchor=False)
    st.markdown(sentence)


def no_models() -> None:
    """Say what to do where there is no bundle at all."""
    st.info(
        "There is no trained network here yet. Train one, or take the shipped `models/` folder.",
        icon=PAGES["training"].icon,
    )
    controls.command("python -m genre_core train gaid5_lite2 --data FOLDER", in_sight=True)


def in_shell(*lines: str) -> None:
    """Show, at a click, what does the same as the page from the command line."""
    controls.command(*lines, label="The same from the command line")


def link(name: str, label: str, **options: Any) -> None:
    """Link to a page with its own icon; `options` goes to `st.page_link`."""
    st.page_link(PAGES[name].path, label=label, icon=PAGES[name].icon, **options)


def onwards(**links: str) -> None:
    """End a page with links to others, `onwards(covers="Try your own cover")`, and its own."""
    st.divider()
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        st.markdown("**What next?**", width="content")
        for name, label in links.items():
            link(name, label)
        st.space("stretch")
        with st.popover("Copy link", icon=":material/link:"):
            st.code(_own_address(), language=None, wrap_lines=True)
            st.caption(
                "Files that you dropped here do not travel: who opens it sees all but these."
            )


_PRIVATE = ("room", "key", "me")
"""Parameters of a link that are a teacher's or a student's own: a copied link has none of them."""


def _own_address() -> str:
    """Write the address of the page as it is now, with all that was chosen but nobody's key."""
    mine = [name for name in st.query_params if name not in _PRIVATE]
    chosen = [(name, v) for name in mine for v in st.query_params.get_all(name)]
    return f"{st.context.url or ''}{'?' if chosen else ''}{urlencode(chosen)}"
