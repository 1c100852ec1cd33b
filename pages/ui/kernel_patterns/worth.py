"""What kernels are worth: figures of the network with some of them taken out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from genre_core.jobs import run_control
from genre_core.jobs.patterns import patterns_request
from genre_core.runs.bundle import Bundle
from pages.ui import acting, controls, data_sets, permission, running
from pages.ui.kernel_patterns import cached, words
from pages.ui.problems import plain

_SPLITS = {"test": "its test items", "all": "all its items"}


def section(bundle: Bundle, layer: str, kernel: int) -> None:
    """Show what was measured with kernels taken out, and offer to measure on one's own data."""
    results = cached.removed(bundle)
    if controls.is_simple() and not results:
        return
    st.subheader("What are they worth? Kernels taken out", anchor=False)
    for place, result in enumerate(results):
        _measured(bundle, result, place)
    if results:
        st.caption(
            "Nothing was trained again: a fall says that the network as it is uses these kernels, "
            "not that another could not do without. Recipe *s5_cnn_single* trains study S5's "
            "network with single layers."
        )
    else:
        st.caption(
            "Nothing was measured of this network yet. Whole groups of kernels, and the second of "
            "two equal layers, are taken out, and the same items are asked again."
        )
    if controls.is_simple():
        return
    with st.expander(
        "Measure it on a data set",
        icon=":material/play_circle:",
        key="remove",
        on_change="rerun",
    ) as form:
        if form.open:
            _ask(bundle, layer, kernel)
    controls.command(f"python -m genre_core remove-kernels {bundle.name} --data SET")


def _measured(bundle: Bundle, result: dict[str, Any], place: int) -> None:
    source = f", source {plain(result['source'])}" if result["source"] else ""
    balanced = f", balanced {words.figure_text(result['whole']['balanced_accuracy'])}"
    if sum(count > 0 for count in result["n_per_genre"]) < 2:
        balanced = ""  # of one genre alone it is the accuracy again
    st.markdown(
        f"On {result['n']:,} items of *{plain(result['data']['name'])}*{source} "
        f"({result['n_groups']:,} groups): accuracy "
        f"{words.figure_text(result['whole']['accuracy'])}{balanced} as it is. "
        f"{words.removed_sentence(result, bundle.card)}"
    )
    if result.get("note"):
        st.caption(plain(result["note"]))
    with st.expander(
        "Every part that was taken out",
        icon=":material/table:",
        key=f"removed_{place}",
        on_change="rerun",
    ) as opened:
        if opened.open:
            _every_part(result)


def _every_part(result: dict[str, Any]) -> None:
    rows, whole = result["rows"], result["whole"]
    table = {
        "taken out": [words.row_name(row) for row in rows],
        "kernels": [f"{row['n_kernels']} of {row['n_filters']}" for row in rows],
        "answers changed": [row["n_changed"] for row in rows],
        "accuracy": [words.in_table(row["figures"]["accuracy"]) for row in rows],
        "change": [words.change_in_table(row, whole, "accuracy") for row in rows],
        "balanced accuracy": [words.in_table(row["figures"]["balanced_accuracy"]) for row in rows],
        "change of it": [words.change_in_table(row, whole, "balanced_accuracy") for row in rows],
        "macro F1": [words.in_table(row["figures"]["macro_f1"]) for row in rows],
    }
    controls.long_table(table, "Figures of the network without some of its kernels")
    if reason := whole["accuracy"].get("no_interval"):
        st.caption(f"Figures stand without intervals ({reason}): a small change may be chance.")


def _ask(bundle: Bundle, layer: str, kernel: int) -> None:
    datasets = data_sets.names()
    if not datasets:
        st.caption("It needs a data set: import one under Data.")
        return
    one, two = st.columns(2)
    data = data_sets.ask(one, datasets, key="remove_data")
    split = two.selectbox(
        "Items", list(_SPLITS), format_func=_SPLITS.__getitem__, key="remove_split"
    )
    too = st.checkbox(f"Kernel {kernel} of {plain(layer)} by itself, too", key="remove_chosen")
    st.button(
        "Measure",
        icon=":material/play_arrow:",
        key="remove_start",
        disabled=data is None or not permission.may_change(),
        on_click=acting.guarded,
        args=(_start, bundle, data, split, {layer: [kernel]} if too else {}),
    )
    permission.show_why_not()


def _start(bundle: Bundle, data: str, split: str, kernels: dict[str, list[int]]) -> None:
    from genre_core.jobs.removing import removal_request  # reads data sets: half a second to load

    run_control.start(removal_request(bundle.name, data, split=split, kernels=kernels))


def offer_patterns(bundle: Bundle) -> None:
    """Offer to seek the patterns of every layer of a network that has none stored."""
    st.info(
        "What excites these kernels was not sought yet. It is done once, layer by layer, and kept: "
        "some minutes for a small network, up to an hour for a large one.",
        icon=":material/trending_up:",
    )
    st.button(
        "Seek what excites every kernel",
        icon=":material/play_arrow:",
        key="patterns_start",
        disabled=not permission.may_change(),
        on_click=acting.guarded,
        args=(_seek, bundle.name),
    )
    permission.show_why_not()
    controls.command(f"python -m genre_core patterns {bundle.name} --all")


def _seek(name: str) -> None:
    run_control.start(patterns_request(name))


def runs() -> None:
    """Follow what was asked for here."""
    running.section("patterns", "Patterns", "has its patterns.", _see)
    running.section("excite", "Data sets asked", "was asked about every kernel.", _see)
    running.section("remove", "Kernels taken out", "was measured.", _see)


def _see(name: str) -> None:
    st.session_state["network"] = name
