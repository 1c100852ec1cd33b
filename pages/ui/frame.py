"""The frame round every page: menu, head, and the way on."""

from __future__ import annotations

import runpy
from pathlib import Path

import streamlit as st

from genre_core.jobs.machine import keep_off_gpus

ROOT = Path(__file__).resolve().parents[2]
LOGO = str(ROOT / "assets" / "logo.svg")

START = "pages/inspect/start.py"
COVERS = "pages/inspect/covers.py"
SONGS = "pages/inspect/songs.py"
KERNELS = "pages/inspect/kernels.py"
RESULTS = "pages/judge/results.py"
GENRES = "pages/learn/genres.py"
LESSONS = "pages/learn/lessons.py"
DATA = "pages/make/data.py"
TRAINING = "pages/make/training.py"
ABOUT = "pages/learn/about.py"


def navigation() -> st.Page:
    """Build the menu and return the page to run.

    Page files lie one folder down: a file directly in `pages/` is taken by Streamlit for a page of
    its own and, on a fresh server's first deep link, run without this frame. A folder
    becomes a section of the menu as soon as it holds two pages: a menu that opens to show one
    page only costs a click. GPUs are left to the trainings.
    """
    keep_off_gpus()
    return st.navigation(
        [
            st.Page(
                START,
                title="Start",
                icon=":material/home:",
                default=True,
                help="What this is, with one cover already read by a network.",
            ),
            st.Page(
                COVERS,
                title="Covers",
                icon=":material/image_search:",
                url_path="covers",
                help="What does the network see in this cover? Upload your own.",
            ),
            st.Page(
                SONGS,
                title="Songs",
                icon=":material/graphic_eq:",
                url_path="songs",
                help="Where does this song turn prog? Play it, and upload your own.",
            ),
            st.Page(
                KERNELS,
                title="Kernels",
                icon=":material/grid_view:",
                url_path="kernels",
                help="What has it learned? The kernels of every convolution.",
            ),
            st.Page(
                RESULTS,
                title="Results",
                icon=":material/fact_check:",
                url_path="results",
                help="How good is it, really? Confusions, baselines, learning curves.",
            ),
            st.Page(
                GENRES,
                title="Genres",
                icon=":material/equalizer:",
                url_path="genres",
                help="What do genres look like? Songs side by side, and what excites each kernel.",
            ),
            st.Page(
                LESSONS,
                title="Lessons",
                icon=":material/school:",
                url_path="lessons",
                help="What can a number hide? The scaling question, and blank heat maps.",
            ),
            st.Page(
                DATA,
                title="Data",
                icon=":material/database:",
                url_path="data",
                help="What is it trained on? Balance, doubles and leaks; bring your own.",
            ),
            st.Page(
                TRAINING,
                title="Training",
                icon=":material/model_training:",
                url_path="training",
                help="Make one: start, watch, stop, resume and compare trainings.",
            ),
            st.Page(
                ABOUT,
                title="About",
                icon=":material/menu_book:",
                url_path="about",
                help="Method, glossary, sources, limits and licences.",
            ),
        ],
        position="top",
    )


def hand_over() -> None:
    """Run app.py for a page's address that is the very first request to a fresh server.

    Until app.py has called `st.navigation` once, Streamlit knows no pages but the files directly in
    `pages/`, and shows "Page not found" over the right page for any other address. So each address
    of the menu has such a file, which does nothing but this; afterwards it is never run again.
    """
    runpy.run_path(str(ROOT / "app.py"), run_name="__main__")


def head(title: str, sentence: str) -> None:
    """Write a page's question as its title and what it answers in one sentence."""
    st.title(title, anchor=False)
    st.markdown(sentence)


def no_models() -> None:
    """Say what to do where there is no bundle at all."""
    st.info(
        "There is no trained network here yet. Train one, or take the shipped `models/` folder.",
        icon=":material/model_training:",
    )
    st.code("python -m genre_core train gaid5_lite2 --data FOLDER", language="bash")


def onwards(**links: str) -> None:
    """End a page with links to others: `onwards(covers="Try your own cover")`."""
    st.divider()
    pages = {
        "start": START,
        "covers": COVERS,
        "songs": SONGS,
        "kernels": KERNELS,
        "results": RESULTS,
        "genres": GENRES,
        "lessons": LESSONS,
        "data": DATA,
        "training": TRAINING,
        "about": ABOUT,
    }
    icons = {
        "start": ":material/home:",
        "covers": ":material/image_search:",
        "songs": ":material/graphic_eq:",
        "kernels": ":material/grid_view:",
        "results": ":material/fact_check:",
        "genres": ":material/equalizer:",
        "lessons": ":material/school:",
        "data": ":material/database:",
        "training": ":material/model_training:",
        "about": ":material/menu_book:",
    }
    with st.container(horizontal=True, gap="medium"):
        st.markdown("**What next?**", width="content")
        for name, label in links.items():
            st.page_link(pages[name], label=label, icon=icons[name])
