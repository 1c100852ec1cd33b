"""Duplicates in a data set: found on request, shown in pairs, and how well they are found."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from genre_core.data.catalog import Catalog
from genre_core.data.duplicates import find_duplicates
from genre_core.data.importers.stored import StoredDataset
from genre_core.lessons.stored import load_lesson
from pages.ui import controls, figures, permission, problems
from pages.ui.data import cached as data_cached
from pages.ui.media.item import show
from pages.ui.problems import plain

_PER_PAGE = 6


def section(catalog: Catalog, stored: StoredDataset | None) -> None:
    """Find duplicates where somebody asks, and show what was found."""
    st.subheader("Are there duplicates?", anchor=False)
    name = None if stored is None else stored.name
    report = data_cached.found_duplicates(catalog, name)
    label = "Find duplicates" if report is None else "Search again"
    # What comes with the app is small; a search in a large set keeps the machine busy.
    may = stored is None or permission.may_change()
    if may and st.button(label, icon=":material/content_copy:", key="find_duplicates"):
        with problems.shown("Duplicates"):
            if stored is not None:
                permission.need_permission()
            report = _search(catalog)
            data_cached.keep_duplicates(catalog, name, report)
    if report is None:
        st.caption(
            "The same file under two names, and the same cover or recording in another size, "
            "colour or encoding. Large sets of songs take minutes: keep this page open meanwhile."
        )
        return
    _show(catalog, report)


def curve() -> None:
    """Show how many known duplicates are found, and how many others are falsely paired."""
    lesson = load_lesson("near_duplicates")
    if not lesson:
        return
    data, methods = lesson["data"], lesson["methods"]
    with st.expander("How well are duplicates found?", icon=":material/query_stats:"):
        figures.found_and_false(methods, lesson["limit"]).show(key="duplicates_curve")
        at = next((method["shipped"] for method in methods if "shipped" in method), None)
        words = f"Measured on {data['n_covers']:,} real covers with {data['n_pairs']:,} known pairs"
        if at is not None:
            words += (
                f": at the threshold used here {100 * at['recall']['value']:.1f} % of the known "
                f"pairs are found (95 % interval {100 * at['recall']['low']:.1f} to "
                f"{100 * at['recall']['high']:.1f}), and {100 * at['falsely']['value']:.2f} % of "
                "the other covers are paired with one that is not listed as the same"
            )
        st.caption(f"{words}. {lesson['interval'][:1].upper()}{lesson['interval'][1:]}.")


def _search(catalog: Catalog) -> dict[str, Any]:
    bar = st.progress(0.0, "Looking for duplicates")

    def tell(done: int, total: int, text: str) -> None:
        bar.progress(done / max(1, total), f"{plain(text)}: {done:,} of {total:,}")

    try:
        return find_duplicates(catalog, progress=tell).to_dict()
    finally:
        bar.empty()


def _show(catalog: Catalog, report: dict[str, Any]) -> None:
    items = "songs" if catalog.head.media == "track" else "covers"
    across = "Groups with items in two splits: the test is not new to the network."
    controls.metrics(
        (
            ("Same files", f"{report['n_exact']:,}", "Pairs of equal content."),
            (
                "Nearly the same",
                f"{report['n_near']:,}",
                "Pairs that differ in size, colour or encoding.",
            ),
            ("Groups", f"{report['n_groups']:,}", f"Of {items} that belong together."),
            ("Across splits", f"{report['n_crossing']:,}", across),
        )
    )
    if report["n_crossing"]:
        st.warning(
            f"{report['n_crossing']:,} groups have items in two splits. Import the data again and "
            "keep near-duplicates together.",
            icon=":material/warning:",
        )
    if report["broken"]:
        st.caption(f"{len(report['broken']):,} files could not be read.")
    if not report["pairs"]:
        st.markdown(f"No duplicates among {report['n_items']:,} {items}.")
        return
    _pairs(catalog, report)


def _pairs(catalog: Catalog, report: dict[str, Any]) -> None:
    named = {pair[side] for pair in report["pairs"] for side in ("first", "second")}
    rows = catalog.items_named(named).set_index("item_id")
    crossing = {item for group in report["crossing"] for item in group}
    pairs = [pair for pair in report["pairs"] if pair["first"] in rows.index]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        if crossing and st.toggle("Only across splits", key="duplicates_crossing"):
            pairs = [pair for pair in pairs if {pair["first"], pair["second"]} <= crossing]
        n_pages = max(1, -(-len(pairs) // _PER_PAGE))
        page = 1
        if n_pages > 1:
            page = st.number_input(
                f"Page, of {n_pages:,}", 1, n_pages, key="duplicates_page", width=160
            )
    with st.grid(3, min_column_width=280):
        for place, pair in enumerate(pairs[(page - 1) * _PER_PAGE : page * _PER_PAGE]):
            _pair(catalog, rows, pair, place)


def _pair(catalog: Catalog, rows: pd.DataFrame, pair: dict[str, Any], place: int) -> None:
    kind = "the same file" if pair["kind"] == "exact" else f"score {pair['score']:.2f}"
    with st.container(border=True, key=f"pair_{place}", gap="xsmall"):
        st.caption(kind)
        with st.grid(2, min_column_width=100, gap="xsmall"):
            for item_id in (pair["first"], pair["second"]):
                with st.container(gap="xsmall"):
                    row = rows.loc[item_id]
                    labels = ", ".join(row["labels"])
                    show(catalog, item_id, f"{item_id} · {labels} · {row['split'] or 'no split'}")
