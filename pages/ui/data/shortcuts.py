"""Shortcuts in a data set: what its files alone tell of the genres, measured by a run."""

from __future__ import annotations

import streamlit as st

from genre_core.data.catalog import Catalog
from genre_core.data.importers.stored import find_stored
from genre_core.jobs import run_control
from genre_core.jobs.shortcut_audit import LIMIT, audit_request, find_audit
from pages.ui import acting, audited, frame, permission, running
from pages.ui.data import choosing
from pages.ui.problems import bullets

_LISTED = 20


def section(catalog: Catalog, name: str | None) -> None:
    """Show the audit of a data set where there is one, and offer to make it.

    `name` is what a run finds it by; None of what comes with the app.
    """
    st.subheader("Are there shortcuts?", anchor=False)
    items = "songs" if catalog.head.media == "track" else "covers"
    facts = (
        "length, loudness, bandwidth, silence"
        if items == "songs"
        else "size, compression, sharpness, border, colour"
    )
    if name is None:
        st.caption(
            f"What comes with the app is too little to tell whether {facts} give a genre away."
        )
    else:
        _ask(catalog, name, items, facts)
    running.section("audit", "Audits", "was audited.", _see)


def _ask(catalog: Catalog, name: str, items: str, facts: str) -> None:
    audit = find_audit(catalog.digest)
    if audit is not None:
        audited.show(audit.report, items, "How far each kind of facts alone tells the genres")
        if audit.left_out:
            with st.expander(f"{len(audit.left_out):,} files could not be read"):
                st.markdown(bullets(audit.left_out[:_LISTED]))
    st.button(
        "Look for shortcuts" if audit is None else "Look again",
        icon=":material/policy:",
        key="find_shortcuts",
        disabled=not permission.may_change(),
        on_click=acting.guarded,
        args=(_start, name, catalog.digest),
    )
    if audit is None:
        st.caption(
            f"Measures {facts} of at most {LIMIT:,} {items} and tells how far these alone would "
            "get: what a network could go by instead of the music. It goes on when you leave."
        )


def _start(name: str, digest: str) -> None:
    run_control.start(audit_request(name, digest=digest))


def _see(name: str) -> None:
    if find_stored(name) is not None:
        st.session_state["data_of"], st.session_state["data_set"] = choosing.IMPORTED, name
    frame.go_to_top()
